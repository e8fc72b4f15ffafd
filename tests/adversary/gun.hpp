#pragma once
// Sends, listens and counts. One socket for each target and kind, so that every answer is known to be the
// answer to one kind from one target.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/adversary/forge.hpp"
#include "tests/adversary/ticket_tap.hpp"

namespace chiploc::adversary {

struct Count {
  std::uint64_t sent = 0, bytes_sent = 0;
  std::uint64_t answers = 0, bytes_answered = 0;
  std::uint64_t refused = 0;  ///< the kernel would not send: nobody listens there, or a buffer is full
  Count& operator+=(const Count& other) {
    sent += other.sent;
    bytes_sent += other.bytes_sent;
    answers += other.answers;
    bytes_answered += other.bytes_answered;
    refused += other.refused;
    return *this;
  }
};

struct GunOptions {
  std::chrono::milliseconds duration{5000};
  double per_second = 1000.0;  ///< datagrams, over all targets together
  std::uint64_t seed = 1;
};

/// One thread. Not to be used twice.
class Gun {
 public:
  /// Fails with a sentence (sockets).
  [[nodiscard]] static Result<std::unique_ptr<Gun>, std::string> open(Outsider& known, GunOptions options);
  ~Gun();
  Gun(const Gun&) = delete;
  Gun& operator=(const Gun&) = delete;

  /// Sends for the duration, then listens for late answers until nothing came for half a second.
  void run();

  [[nodiscard]] const Count& count(std::size_t target, Kind kind) const {
    return counts_[target * kKinds + static_cast<std::size_t>(kind)];
  }
  /// The first target and kind that answered with more bytes than it was sent; empty if none did.
  [[nodiscard]] std::string amplifier() const;

 private:
  Gun(Outsider& known, GunOptions options);
  void listen(std::chrono::milliseconds patience);
  void fire(std::size_t target, Kind kind);
  /// For each ticket that was just issued as many OPENs at its anchor as would take all places there.
  void open_first();
  void take(std::size_t socket);

  Outsider& known_;
  GunOptions options_;
  Forge forge_;
  std::vector<int> sockets_;
  std::vector<Count> counts_;
  std::unique_ptr<TicketTap> tap_;
  int epoll_ = -1;
  bool heard_ = false;
};

}  // namespace chiploc::adversary
