#include "server/lab/timing_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace chiploc {

void TimingHistogram::add(Nanoseconds value) {
  ++count_;
  if (value.count() < 0) {
    ++below_zero_;
    value = Nanoseconds{0};
  }
  max_ = std::max(max_, value);
  const auto ns = static_cast<std::uint64_t>(value.count());
  // Below 2^(kSubBits + 1) every value has a bucket; above, each octave is divided into 2^kSubBits buckets.
  const auto width = static_cast<unsigned>(std::bit_width(ns));
  const unsigned shift = width > kSubBits + 1 ? width - (kSubBits + 1) : 0;
  const std::uint64_t index = (std::uint64_t{shift} << kSubBits) + (ns >> shift);
  ++counts_[std::min<std::uint64_t>(index, kBuckets - 1)];
}

Nanoseconds TimingHistogram::quantile(double share) const {
  if (count_ == 0) return Nanoseconds{0};
  const auto wanted =
      static_cast<std::uint64_t>(std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::uint64_t index = 0; index < kBuckets; ++index) {
    seen += counts_[index];
    if (seen < std::max<std::uint64_t>(wanted, 1)) continue;
    const std::uint64_t shift = index < (2U << kSubBits) ? 0 : (index >> kSubBits) - 1;
    const std::uint64_t low = (index - (shift << kSubBits)) << shift;
    const std::uint64_t high = low + (std::uint64_t{1} << shift) - 1;
    return std::min(max_, Nanoseconds{static_cast<std::int64_t>(high)});
  }
  return max_;
}

}  // namespace chiploc
