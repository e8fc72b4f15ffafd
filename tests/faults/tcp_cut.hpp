#pragma once
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <list>
#include <string>
#include <thread>
#include <vector>

namespace chiploc::faults {

/// A TCP forwarder on loopback that a test can cut: kFrozen loses no connection and moves no byte (a dead
/// line), kSevered closes what there is and refuses what comes (a router that says so). One thread of its
/// own.
class TcpCut {
 public:
  enum class Line { kUp, kFrozen, kSevered };

  TcpCut() {
    listen_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = at("127.0.0.1", 0);
    socklen_t size = sizeof address;
    if (listen_ < 0 || ::bind(listen_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listen_, 64) != 0 ||
        ::getsockname(listen_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      std::abort();
    port_ = ntohs(address.sin_port);
  }
  ~TcpCut() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    for (const Pair& pair : pairs_) close_pair(pair);
    ::close(listen_);
  }
  TcpCut(const TcpCut&) = delete;
  TcpCut& operator=(const TcpCut&) = delete;

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// "127.1.255.1:7443"; call once.
  void forward_to(const std::string& target) {
    const auto colon = target.rfind(':');
    target_ =
        at(target.substr(0, colon).c_str(), static_cast<std::uint16_t>(std::stoi(target.substr(colon + 1))));
    thread_ = std::thread{[this] { run(); }};
  }
  void set(Line line) { line_ = line; }

 private:
  struct Pair {
    int near, far;
  };
  static sockaddr_in at(const char* host, std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    ::inet_pton(AF_INET, host, &out.sin_addr);
    return out;
  }
  static void close_pair(const Pair& pair) {
    ::close(pair.near);
    ::close(pair.far);
  }
  static bool move(int from, int to) {
    std::array<char, 16384> buffer{};
    const ssize_t n = ::recv(from, buffer.data(), buffer.size(), 0);
    if (n <= 0) return false;
    return ::send(to, buffer.data(), static_cast<std::size_t>(n), MSG_NOSIGNAL) == n;
  }
  void accept_one() {
    const int near = ::accept4(listen_, nullptr, nullptr, SOCK_CLOEXEC);
    if (near < 0) return;
    const int far = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (line_ == Line::kSevered ||
        ::connect(far, reinterpret_cast<const sockaddr*>(&target_), sizeof target_) != 0) {
      close_pair({near, far});
      return;
    }
    pairs_.push_back({near, far});
  }
  void run() {
    while (!stop_) {
      const Line line = line_;
      if (line == Line::kSevered) {
        for (const Pair& pair : pairs_) close_pair(pair);
        pairs_.clear();
      }
      std::vector<pollfd> wait{{listen_, POLLIN, 0}};
      if (line == Line::kUp) {
        for (const Pair& pair : pairs_) {
          wait.push_back({pair.near, POLLIN, 0});
          wait.push_back({pair.far, POLLIN, 0});
        }
      }
      if (line == Line::kFrozen) wait.clear();
      if (::poll(wait.data(), wait.size(), 20) <= 0 || wait.empty()) continue;
      std::size_t i = 1;
      for (auto pair = pairs_.begin(); pair != pairs_.end() && i < wait.size(); i += 2) {
        const bool alive = (wait[i].revents == 0 || move(pair->near, pair->far)) &&
                           (wait[i + 1].revents == 0 || move(pair->far, pair->near));
        if (!alive) close_pair(*pair);
        pair = alive ? std::next(pair) : pairs_.erase(pair);
      }
      if (wait[0].revents != 0) accept_one();
    }
  }

  int listen_ = -1;
  std::uint16_t port_ = 0;
  sockaddr_in target_{};
  std::atomic<Line> line_{Line::kUp};
  std::atomic<bool> stop_{false};
  std::list<Pair> pairs_;
  std::thread thread_;
};

}  // namespace chiploc::faults
