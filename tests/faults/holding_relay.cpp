#include "tests/faults/holding_relay.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <deque>
#include <stdexcept>

namespace chiploc::faults {
namespace {

sockaddr_in address_of(const UdpAddress& at) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_addr.s_addr = htonl(at.address);
  out.sin_port = htons(at.port);
  return out;
}

struct Held {
  Nanoseconds due;
  std::size_t from;
  std::size_t to;
  std::vector<char> bytes;
};

}  // namespace

Nanoseconds raw_clock() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC_RAW, &t);
  return std::chrono::seconds{t.tv_sec} + Nanoseconds{t.tv_nsec};
}

HoldingRelay::HoldingRelay(std::vector<Front> fronts, Nanoseconds hold)
    : fronts_{std::move(fronts)}, hold_{hold} {
  for (const Front& front : fronts_) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const sockaddr_in at = address_of(front.front);
    if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
      throw std::runtime_error{"cannot bind " + front.front.text() + ": " + std::strerror(errno)};
    sockets_.push_back(fd);
  }
  thread_ = std::thread{[this] { run(); }};
}

HoldingRelay::~HoldingRelay() {
  ends_ = true;
  thread_.join();
  for (const int fd : sockets_) ::close(fd);
}

void HoldingRelay::run() {
  std::vector<pollfd> watched;
  for (const int fd : sockets_) watched.push_back({fd, POLLIN, 0});
  std::deque<Held> queue;  // one hold for all: the first to come is the first to go
  std::array<char, 2048> buffer{};
  while (!ends_) {
    Nanoseconds wait = std::chrono::milliseconds{100};
    if (!queue.empty()) wait = std::clamp(queue.front().due - raw_clock(), Nanoseconds{0}, wait);
    const timespec limit{0, wait.count()};
    ::ppoll(watched.data(), watched.size(), &limit, nullptr);
    for (std::size_t to = 0; to < sockets_.size(); ++to) {
      if (watched[to].revents == 0) continue;
      sockaddr_in source{};
      socklen_t size = sizeof source;
      const ssize_t got = ::recvfrom(sockets_[to], buffer.data(), buffer.size(), 0,
                                     reinterpret_cast<sockaddr*>(&source), &size);
      if (got < 0) continue;
      const UdpAddress sender{ntohl(source.sin_addr.s_addr), ntohs(source.sin_port)};
      const auto from = std::find_if(fronts_.begin(), fronts_.end(),
                                     [&](const Front& front) { return front.real == sender; });
      if (from == fronts_.end()) continue;
      const Nanoseconds due = fronts_[to].hold ? raw_clock() + hold_ : Nanoseconds{0};
      Held held{
          due, static_cast<std::size_t>(from - fronts_.begin()), to, {buffer.data(), buffer.data() + got}};
      if (fronts_[to].hold) {
        queue.push_back(std::move(held));
      } else {
        queue.push_front(std::move(held));
      }
    }
    while (!queue.empty() && queue.front().due <= raw_clock()) {
      const Held& held = queue.front();
      const sockaddr_in target = address_of(fronts_[held.to].real);
      ::sendto(sockets_[held.from], held.bytes.data(), held.bytes.size(), 0,
               reinterpret_cast<const sockaddr*>(&target), sizeof target);
      queue.pop_front();
    }
  }
}

}  // namespace chiploc::faults
