#pragma once
#include <algorithm>
#include <cstdint>

#include "proto/base/time.hpp"

namespace chiploc {

/// How long to wait before the next attempt: full jitter, a uniform draw between nothing and a limit that
/// doubles with each failure up to a cap, so that thousands who lost one coordinator do not come back in step (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). Pure: the draw
/// comes from outside.
class Backoff {
 public:
  Backoff(Nanoseconds first, Nanoseconds cap) : first_{first}, cap_{cap} {}

  /// `draw` is uniform in [0, 1). Never under a tenth of the first limit: an attempt costs the other side
  /// something.
  [[nodiscard]] Nanoseconds next(double draw) {
    Nanoseconds limit = cap_;
    if (failures_ < 32 && first_ <= cap_ / (std::int64_t{1} << failures_)) {
      limit = first_ * (std::int64_t{1} << failures_);
    }
    ++failures_;
    const Nanoseconds drawn{static_cast<std::int64_t>(static_cast<double>(limit.count()) * draw)};
    return std::max(drawn, first_ / 10);
  }
  /// After a refusal that only a person can end: between half the cap and the cap.
  [[nodiscard]] Nanoseconds slow(double draw) const {
    return cap_ / 2 + Nanoseconds{static_cast<std::int64_t>(static_cast<double>(cap_.count()) * draw / 2)};
  }
  void reset() { failures_ = 0; }

 private:
  Nanoseconds first_;
  Nanoseconds cap_;
  std::uint32_t failures_ = 0;
};

}  // namespace chiploc
