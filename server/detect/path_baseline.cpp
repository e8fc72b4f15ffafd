#include "server/detect/path_baseline.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "server/detect/mix.hpp"

namespace chiploc {
namespace {

/// The middle of what is not empty; puts it into another order.
float middle_of(std::span<float> values) {
  const std::size_t half = values.size() / 2;
  std::sort(values.begin(), values.end());
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2.0F;
}

}  // namespace

bool PathBaseline::add(double rtt_ms, std::uint64_t key) {
  if (!(rtt_ms >= 0.0 && rtt_ms < 100'000.0) || rounds_ == 1U << 31U) return false;
  if (rounds_ == kKept << doublings_) {  // all stretches are full: two become one
    for (std::size_t i = 0; i < kKept / 2; ++i) {
      const bool second = (mixed(key ^ 0x9D, (std::uint64_t{doublings_} << 8U) + i) & 1U) != 0;
      kept_[i] = kept_[2 * i + (second ? 1 : 0)];
    }
    ++doublings_;
  }
  const std::size_t stretch = rounds_ >> doublings_;
  const std::uint64_t in_stretch = rounds_ - (std::uint64_t{stretch} << doublings_) + 1;
  if (mixed(key, rounds_) % in_stretch == 0) kept_[stretch] = static_cast<float>(rtt_ms);
  ++rounds_;
  return true;
}

std::optional<PathLaw> PathBaseline::law(std::size_t fewest) const {
  if (rounds_ == 0 || rounds_ < fewest) return std::nullopt;
  const std::size_t kept = ((rounds_ - 1U) >> doublings_) + 1;
  auto values = kept_;
  const float centre = middle_of(std::span{values}.first(kept));
  for (std::size_t i = 0; i < kept; ++i) values[i] = std::abs(values[i] - centre);
  return PathLaw{centre, middle_of(std::span{values}.first(kept))};
}

}  // namespace chiploc
