#pragma once
#include <cstdint>

namespace chiploc {

/// Which sequence numbers were seen: everything above the highest is new, less than 64 below it each is new
/// once, and what is older counts as seen. As in IPsec's anti-replay window (RFC 4303, section 3.4.3).
class ReplayWindow {
 public:
  /// True the first time; notes it.
  [[nodiscard]] bool take(std::uint32_t sequence) {
    if (!started_ || sequence > highest_) {
      const std::uint32_t ahead = started_ ? sequence - highest_ : 64;
      seen_ = (ahead < 64 ? seen_ << ahead : 0) | 1U;
      highest_ = sequence;
      started_ = true;
      return true;
    }
    const std::uint32_t behind = highest_ - sequence;
    if (behind >= 64) return false;
    const std::uint64_t mask = std::uint64_t{1} << behind;
    if ((seen_ & mask) != 0) return false;
    seen_ |= mask;
    return true;
  }

 private:
  bool started_ = false;
  std::uint32_t highest_ = 0;
  std::uint64_t seen_ = 0;  ///< bit i: highest - i
};

}  // namespace chiploc
