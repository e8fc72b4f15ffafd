#pragma once
#include <algorithm>
#include <cstdint>

#include "proto/base/time.hpp"

namespace chiploc {

/// At most `rate` events a second in the long run, and at most `rate` at once.
class TokenBucket {
 public:
  explicit TokenBucket(std::uint32_t rate) : rate_(rate), level_(rate) {}
  [[nodiscard]] bool take(SteadyTime now) {
    if (!has_room(now)) return false;
    level_ -= 1.0;
    return true;
  }
  /// Whether take() would succeed.
  [[nodiscard]] bool has_room(SteadyTime now) {
    if (started_ && now > last_) {
      const double seconds = std::chrono::duration<double>(now - last_).count();
      level_ = std::min<double>(rate_, level_ + seconds * rate_);
    }
    if (!started_ || now > last_) last_ = now;
    started_ = true;
    return level_ >= 1.0;
  }

 private:
  double rate_;
  double level_;
  SteadyTime last_{};
  bool started_ = false;
};

}  // namespace chiploc
