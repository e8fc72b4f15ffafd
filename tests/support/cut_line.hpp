#pragma once
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <list>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"

namespace chiploc {

/// Forwards TCP on loopback, and asks `cut` before it hands bytes on: to the server (true) or back from it, and how
/// many the client has sent by then. Where that says so the connection ends and the bytes are lost. One thread.
class CutLine {
 public:
  using Cut = std::function<bool(bool to_server, std::size_t sent)>;
  CutLine(const std::string& target, Cut cut) : cut_{std::move(cut)} {
    const std::size_t colon = target.rfind(':');
    target_ = at(target.substr(0, colon), static_cast<std::uint16_t>(std::stoi(target.substr(colon + 1))));
    sockaddr_in address = at("127.0.0.1", 0);
    socklen_t size = sizeof address;
    listen_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::bind(listen_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listen_, 16) == 0);
    REQUIRE(::getsockname(listen_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    REQUIRE(::pipe2(wake_.data(), O_CLOEXEC) == 0);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread{[this] { run(); }};
  }
  ~CutLine() {
    ::close(wake_[1]);
    thread_.join();
    for (const Pair& pair : pairs_) end(pair);
    ::close(listen_);
    ::close(wake_[0]);
  }
  CutLine(const CutLine&) = delete;
  CutLine& operator=(const CutLine&) = delete;
  [[nodiscard]] const std::string& address() const { return address_; }
  void refuse() { refuses_ = true; }

 private:
  struct Pair {
    int near, far;
    std::size_t sent = 0;
  };
  static sockaddr_in at(const std::string& host, std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    ::inet_pton(AF_INET, host.c_str(), &out.sin_addr);
    return out;
  }
  static void end(const Pair& pair) {
    ::close(pair.near);
    ::close(pair.far);
  }
  bool move(Pair& pair, bool to_server) {
    std::array<char, 16'384> buffer{};
    const ssize_t n = ::recv(to_server ? pair.near : pair.far, buffer.data(), buffer.size(), 0);
    if (n <= 0) return false;
    if (to_server) pair.sent += static_cast<std::size_t>(n);
    if (cut_(to_server, pair.sent)) return false;
    return ::send(to_server ? pair.far : pair.near, buffer.data(), static_cast<std::size_t>(n),
                  MSG_NOSIGNAL) == n;
  }
  void run() {
    for (;;) {
      std::vector<pollfd> wait{{wake_[0], POLLIN, 0}, {listen_, POLLIN, 0}};
      for (const Pair& pair : pairs_) {
        wait.push_back({pair.near, POLLIN, 0});
        wait.push_back({pair.far, POLLIN, 0});
      }
      ::poll(wait.data(), wait.size(), -1);
      if (wait[0].revents != 0) return;
      std::size_t i = 2;
      for (auto pair = pairs_.begin(); pair != pairs_.end(); i += 2) {
        const bool alive =
            (wait[i].revents == 0 || move(*pair, true)) && (wait[i + 1].revents == 0 || move(*pair, false));
        if (!alive) end(*pair);
        pair = alive ? std::next(pair) : pairs_.erase(pair);
      }
      if (wait[1].revents == 0) continue;
      const int near = ::accept4(listen_, nullptr, nullptr, SOCK_CLOEXEC);
      const int far = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (refuses_ || ::connect(far, reinterpret_cast<const sockaddr*>(&target_), sizeof target_) != 0) {
        end({near, far});
      } else {
        pairs_.push_back({near, far});
      }
    }
  }

  Cut cut_;
  sockaddr_in target_{};
  int listen_ = -1;
  std::array<int, 2> wake_{-1, -1};
  std::string address_;
  std::list<Pair> pairs_;
  std::atomic<bool> refuses_{false};
  std::thread thread_;
};

}  // namespace chiploc
