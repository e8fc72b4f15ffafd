#pragma once
// Quantiles of many durations in fixed memory, as an HDR histogram keeps them.

#include <array>
#include <cstdint>

#include "proto/base/time.hpp"

namespace chiploc {

/// Counts durations from 0 to about 18 minutes in buckets no wider than 1/32 of their value (exact below 64
/// ns). One owner, not thread-safe, never allocates.
class TimingHistogram {
 public:
  /// Values below zero are counted apart (see below_zero); larger than the range are counted in the last
  /// bucket.
  void add(Nanoseconds value);
  /// The smallest bucket bound that at least `share` of all values do not exceed; an upper bound, at most
  /// 1/32 too large. Zero while empty.
  [[nodiscard]] Nanoseconds quantile(double share) const;
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t below_zero() const { return below_zero_; }
  [[nodiscard]] Nanoseconds max() const { return max_; }

 private:
  static constexpr unsigned kSubBits = 5;
  static constexpr unsigned kBuckets = 36U << kSubBits;
  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t below_zero_ = 0;
  Nanoseconds max_{0};
};

}  // namespace chiploc
