#pragma once
#include "proto/base/time.hpp"

namespace chiploc {

/// At most `per_second` events a second in the long run, and as many at once: a bucket of tokens whose level
/// is kept as time, so that it needs one subtraction and no fractions. Zero allows nothing.
class AgentRateLimit {
 public:
  explicit AgentRateLimit(std::uint32_t per_second)
      : cost_{per_second == 0 ? Nanoseconds{0} : Nanoseconds{std::chrono::seconds{1}} / per_second} {}

  [[nodiscard]] bool allow(SteadyTime now) {
    if (cost_ == Nanoseconds{0}) return false;
    // The bucket is full at `full_at_`; each event moves that moment one cost further away.
    if (!started_ || full_at_ < now) full_at_ = now;
    started_ = true;
    if (full_at_ - now > Nanoseconds{std::chrono::seconds{1}} - cost_) return false;
    full_at_ = full_at_ + cost_;
    return true;
  }

 private:
  Nanoseconds cost_;
  SteadyTime full_at_{};
  bool started_ = false;
};

}  // namespace chiploc
