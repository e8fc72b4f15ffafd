#include "tests/adversary/gun.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "server/net/endpoint.hpp"

namespace chiploc::adversary {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

std::uint64_t unix_now() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

}  // namespace

Gun::Gun(Outsider& known, GunOptions options)
    : known_{known},
      options_{options},
      forge_{known, options.seed},
      sockets_(known.targets.size() * kKinds, -1),
      counts_(known.targets.size() * kKinds) {}

Gun::~Gun() {
  for (const int socket : sockets_) {
    if (socket >= 0) ::close(socket);
  }
  if (epoll_ >= 0) ::close(epoll_);
}

Result<std::unique_ptr<Gun>, std::string> Gun::open(Outsider& known, GunOptions options) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  std::unique_ptr<Gun> gun{new Gun{known, options}};
  gun->epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (!known.database.empty()) {
    gun->tap_ = TicketTap::open(known.database);
    if (gun->tap_ == nullptr) return Fail{known.database.string() + ": cannot be read"};
  }
  for (std::size_t i = 0; i < gun->sockets_.size(); ++i) {
    const Target& target = known.targets[i / kKinds];
    if (!fits(static_cast<Kind>(i % kKinds), target.kind, known)) continue;
    sockaddr_storage address{};
    const socklen_t size = to_sockaddr(target.address, address);
    const int fd = ::socket(address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    gun->sockets_[i] = fd;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    // Connected: then nothing but that target's answers is counted as such.
    if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::epoll_ctl(gun->epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
      return Fail{"cannot make a socket to " + target.name + ": " + std::strerror(errno) +
                  "; with many targets, raise the limit of open files"};
    }
  }
  return gun;
}

void Gun::take(std::size_t socket) {
  ByteArray<9216> buffer{};
  while (true) {
    const ssize_t size = ::recv(sockets_[socket], buffer.data(), buffer.size(), 0);
    if (size < 0) return;  // nothing left, or a refusal of something sent before
    heard_ = true;
    Count& count = counts_[socket];
    ++count.answers;
    count.bytes_answered += static_cast<std::uint64_t>(size);
    const Bytes answer = Bytes{buffer}.first(static_cast<std::size_t>(size));
    constexpr std::size_t kRemembered = 256;
    if (known_.recorded.size() >= kRemembered) known_.recorded.pop_front();
    known_.recorded.emplace_back(answer.begin(), answer.end());
    const auto live = known_.live.find(socket / kKinds);
    if (const auto asked = parse_open_cookie(answer); asked && live != known_.live.end())
      live->second.cookie = asked->cookie;
    const auto reply = parse_knock_reply(answer);
    if (!reply || reply->status != KnockStatus::kProve) continue;
    if (known_.cookies.size() >= kRemembered) known_.cookies.pop_front();
    known_.cookies.push_back({socket / kKinds, reply->chip, reply->cookie});
  }
}

void Gun::listen(std::chrono::milliseconds patience) {
  std::array<epoll_event, 64> events{};
  const int ready = ::epoll_wait(epoll_, events.data(), events.size(), static_cast<int>(patience.count()));
  for (int i = 0; i < ready; ++i) take(events[static_cast<std::size_t>(i)].data.u64);
}

void Gun::fire(std::size_t target, Kind kind) {
  const ByteVector datagram = forge_.make(kind, target, unix_now());
  const std::size_t socket = target * kKinds + static_cast<std::size_t>(kind);
  Count& count = counts_[socket];
  const ssize_t sent = ::send(sockets_[socket], datagram.data(), datagram.size(), MSG_NOSIGNAL);
  if (sent < 0) {
    ++count.refused;
    return;
  }
  ++count.sent;
  count.bytes_sent += static_cast<std::uint64_t>(sent);
}

void Gun::open_first() {
  constexpr int kBurst = 40;
  for (const auto& raw : tap_->fresh()) {
    const auto ticket = parse_ticket(raw);
    if (!ticket) continue;
    for (std::size_t i = 0; i < known_.targets.size(); ++i) {
      if (known_.targets[i].kind != TargetKind::kAnchor || known_.targets[i].anchor != ticket->anchor)
        continue;
      known_.live[i] = {raw, {}};
      for (int n = 0; n < kBurst; ++n) fire(i, Kind::kOpenLive);
    }
  }
}

void Gun::run() {
  const auto begin = Clock::now();
  const auto end = begin + options_.duration;
  std::uint64_t fired = 0;
  for (auto now = begin; now < end; now = Clock::now()) {
    const double due = std::chrono::duration<double>(now - begin).count() * options_.per_second;
    // After a pause of the machine the backlog is not made up for: the rate is a limit.
    fired = std::max(fired, static_cast<std::uint64_t>(std::max(0.0, due - options_.per_second / 20.0)));
    for (; static_cast<double>(fired) < due; ++fired) {
      const std::size_t target = forge_.below(known_.targets.size());
      fire(target, forge_.choose(known_.targets[target].kind));
    }
    if (tap_ != nullptr) open_first();
    listen(1ms);
  }
  do {
    heard_ = false;
    listen(500ms);
  } while (heard_);
}

std::string Gun::amplifier() const {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i].bytes_answered > counts_[i].bytes_sent)
      return known_.targets[i / kKinds].name + " to " + std::string{name_of(static_cast<Kind>(i % kKinds))};
  }
  return {};
}

}  // namespace chiploc::adversary
