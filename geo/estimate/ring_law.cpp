#include "geo/estimate/ring_law.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "geo/estimate/delay_law.hpp"

namespace chiploc {
namespace {

constexpr double kFreedom = 4.0;
constexpr double kNearKm = 30.0;
constexpr double kDiskKm = 80.0;
constexpr double kRadiusKm = 6367.4;
constexpr double kUsualKmPerMs =
    40.0;  // the median from 5 to 80 ms: 41 to 53 on ripe-us-2024, 36 to 41 on wonderproxy-2020
constexpr double kUsualLogScale = -0.5;
constexpr double kScaleStrength = 6.0;  // pairs a knot
constexpr std::size_t kLeast = 16;      // round trips to each anchor that are learnt from

}  // namespace

RingLaw RingLaw::fit(std::span<const Pair> pairs) {
  MsCurve usual;
  for (std::size_t k = 0; k < MsCurve::kKnots; ++k)
    usual.knots[k] = std::log(kUsualKmPerMs * MsCurve::ms(k) + kNearKm);
  RingLaw law;
  law.mean_ = usual;
  law.log_scale_.knots.fill(kUsualLogScale);
  std::vector<WeightedValue> values;
  std::vector<ScaledResidual> residuals;
  for (const Pair& pair : pairs) {
    const MsCurve::At at = MsCurve::at(pair.rtt_ms);
    values.push_back({at, std::log(pair.km + kNearKm), 0.0});
    residuals.push_back({at, 0.0});
  }
  for (int round = 0; round < 12; ++round) {
    for (WeightedValue& one : values) {
      const double s = std::exp(law.log_scale_.value(one.at));
      const double q = (one.value - law.mean_.value(one.at)) / s;
      one.weight = (round == 0 ? 1.0 : (kFreedom + 1.0) / (kFreedom + q * q)) / (s * s);
    }
    law.mean_ = fit_means(values, usual);
    for (std::size_t i = 0; i < values.size(); ++i)
      residuals[i].value = values[i].value - law.mean_.value(values[i].at);
    law.log_scale_ = fit_log_scales(residuals, kUsualLogScale, kScaleStrength);
  }
  return law;
}

RingLaw RingLaw::learn(const PathMemory& memory) {
  const std::size_t n = memory.size();
  std::vector<Pair> pairs;
  for (std::uint32_t chip = 0; chip < n; ++chip) {
    for (const std::uint32_t row : memory.least(chip, kLeast)) {
      pairs.push_back({memory.round_trips()[row * n + chip],
                       sphere_km(memory.places()[row].at, memory.places()[chip].at)});
    }
  }
  return fit(pairs);
}

RingLaw::Ring RingLaw::ring(double rtt_ms) const {
  const MsCurve::At at = MsCurve::at(rtt_ms);
  return {mean_.value(at), log_scale_.value(at)};
}

double RingLaw::Ring::log_density(double km) const {
  const double around_km = kRadiusKm * std::sin(std::min(km / kRadiusKm, std::numbers::pi));
  const double area = std::max(around_km, 0.0) * (km + kNearKm) + kDiskKm * kDiskKm;
  return log_student((std::log(km + kNearKm) - mean) * std::exp(-log_scale), kFreedom) - log_scale -
         std::log(area);
}

}  // namespace chiploc
