#include "geo/path_bound.hpp"

#include <cmath>

namespace chiploc {
namespace {

constexpr double kPaddingKm = 1e-6;                // 1 mm, see the header
constexpr std::int64_t kOscillatorDivisor = 1999;  // 500 ppm

}  // namespace

std::optional<Kilometers> path_bound(std::chrono::nanoseconds rtt_min, KmPerSecond speed) {
  if (rtt_min.count() < 0 || !std::isfinite(speed.km_s()) || speed.km_s() <= 0.0) return std::nullopt;
  const double seconds = static_cast<double>(rtt_min.count()) * 1e-9;
  return Kilometers{speed.km_s() * seconds / 2.0 + kPaddingKm};
}

std::chrono::nanoseconds oscillator_allowance(std::chrono::nanoseconds rtt) {
  if (rtt.count() <= 0) return std::chrono::nanoseconds{0};
  return std::chrono::nanoseconds{(rtt.count() - 1) / kOscillatorDivisor + 1};
}

}  // namespace chiploc
