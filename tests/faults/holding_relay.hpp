#pragma once
#include <atomic>
#include <thread>
#include <vector>

#include "proto/base/time.hpp"
#include "server/lab/relay.hpp"

namespace chiploc::faults {

/// Stands between anchors and agents as the lab's relay does, and holds each datagram that goes to an anchor
/// for a known time by CLOCK_MONOTONIC_RAW: from after it was read to before it is sent on. So the true round
/// trip of a ping is never shorter than that, whatever other clocks do meanwhile. One thread of its own.
class HoldingRelay {
 public:
  struct Front {
    UdpAddress front;
    UdpAddress real;
    bool hold = false;  ///< what goes to this one
  };
  /// Throws std::runtime_error with what cannot be bound.
  HoldingRelay(std::vector<Front> fronts, Nanoseconds hold);
  ~HoldingRelay();
  HoldingRelay(const HoldingRelay&) = delete;
  HoldingRelay& operator=(const HoldingRelay&) = delete;

 private:
  void run();
  std::vector<Front> fronts_;
  Nanoseconds hold_;
  std::vector<int> sockets_;
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

[[nodiscard]] Nanoseconds raw_clock();

}  // namespace chiploc::faults
