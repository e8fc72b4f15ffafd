#include "geo/estimate/delay_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "geo/estimate/median.hpp"
#include "geo/units.hpp"

namespace chiploc {
namespace {

constexpr double kSteepest =
    kLightInVacuum.km_s() / 2000.0;  // km per ms of round trip at light speed in vacuum
constexpr double kFlattest = 10.0;   // slower than anything seen; a broken mesh
// 1.4826 makes a median absolute deviation an estimate of sigma for normal errors.
constexpr double kMadToSigma = 1.4826;
constexpr double kNearKm = 200.0;             // a round trip of some 3 ms: last miles are a good part of it
constexpr std::size_t kMostSlopes = 400'000;  // pairs of pairs looked at: memory and time stay bounded

struct Point {
  double rtt_ms;
  double km;
};

std::vector<Point> possible_points(std::span<const DelaySample> pairs) {
  std::vector<Point> points;
  for (const DelaySample& pair : pairs) {
    const double rtt_ms = static_cast<double>(pair.rtt_min.count()) * 1e-6;
    const bool possible = rtt_ms > 0.0 && pair.distance_km > 0.0 && pair.distance_km <= kSteepest * rtt_ms;
    if (possible) points.push_back({rtt_ms, pair.distance_km});
  }
  return points;
}

double theil_sen_slope(const std::vector<Point>& points) {
  const std::size_t n = points.size();
  // All pairs for a small mesh; every stride-th partner for a large one, which keeps the breakdown point.
  const std::size_t stride = std::max<std::size_t>(1, n * n / (2 * kMostSlopes));
  std::vector<double> slopes;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; j += stride) {
      const double width = points[j].rtt_ms - points[i].rtt_ms;
      if (std::abs(width) > 0.1) slopes.push_back((points[j].km - points[i].km) / width);
    }
  }
  return slopes.empty() ? 0.0 : median(std::move(slopes));
}

DelayModel default_because(const char* reason, std::size_t pairs) {
  DelayModel model = default_delay_model();
  char text[96];
  std::snprintf(text, sizeof text, " (%s, pairs=%zu)", reason, pairs);
  model.version += text;
  return model;
}

}  // namespace

DelayModel::Distance DelayModel::distance(std::chrono::nanoseconds rtt) const {
  const double rtt_ms = static_cast<double>(rtt.count()) * 1e-6;
  const double km = std::max(0.0, slope_km_per_ms * (rtt_ms - intercept_ms));
  return {.km = km, .sigma_km = std::hypot(sigma_floor_km, sigma_relative * km)};
}

DelayModel default_delay_model() {
  return {.slope_km_per_ms = 60.0,
          .intercept_ms = 0.0,
          .sigma_floor_km = 40.0,
          .sigma_relative = 0.25,
          .pairs_used = 0,
          .version = "line-1 default slope=60"};
}

DelayModel fit_delay_model(std::span<const DelaySample> pairs) {
  const std::vector<Point> points = possible_points(pairs);
  if (points.size() < kFewestMeshPairs) return default_because("too few mesh pairs", points.size());
  const double slope = theil_sen_slope(points);
  if (!(slope > kFlattest && slope <= kSteepest)) return default_because("implausible slope", points.size());

  std::vector<double> intercepts;
  for (const Point& p : points) intercepts.push_back(p.rtt_ms - p.km / slope);
  const DelayModel fallback = default_delay_model();
  DelayModel model{.slope_km_per_ms = slope,
                   .intercept_ms = median(std::move(intercepts)),
                   .sigma_floor_km = fallback.sigma_floor_km,
                   .sigma_relative = 0.0,
                   .pairs_used = points.size(),
                   .version = {}};
  if (model.intercept_ms < 0.0) {
    // Detours that grow with the distance bend the cloud: the best line then misses the origin on the wrong
    // side. A line through the origin is the median of the ratios.
    std::vector<double> ratios;
    for (const Point& p : points) ratios.push_back(p.km / p.rtt_ms);
    model.intercept_ms = 0.0;
    model.slope_km_per_ms = median(std::move(ratios));
  }

  // Two spreads: a floor from pairs so near that last miles rule, if there are enough of them, and a relative
  // part from the others. One spread in kilometres for all distances would drown what near anchors know.
  std::vector<double> near_errors;
  std::vector<double> far_ratios;
  for (const Point& p : points) {
    const double predicted = std::max(0.0, model.slope_km_per_ms * (p.rtt_ms - model.intercept_ms));
    const double error = std::abs(p.km - predicted);
    if (predicted < kNearKm) {
      near_errors.push_back(error);
    } else {
      far_ratios.push_back(error / predicted);
    }
  }
  if (near_errors.size() >= kFewestMeshPairs) {
    model.sigma_floor_km = std::max(5.0, kMadToSigma * median(std::move(near_errors)));
  }
  model.sigma_relative = far_ratios.size() >= kFewestMeshPairs
                             ? std::clamp(kMadToSigma * median(std::move(far_ratios)), 0.02, 1.0)
                             : fallback.sigma_relative;
  char text[160];
  std::snprintf(text, sizeof text, "line-1 slope=%.4g intercept=%.4g sigma=%.4g+%.3g pairs=%zu",
                model.slope_km_per_ms, model.intercept_ms, model.sigma_floor_km, model.sigma_relative,
                model.pairs_used);
  model.version = text;
  return model;
}

}  // namespace chiploc
