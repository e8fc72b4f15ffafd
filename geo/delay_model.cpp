#include "geo/delay_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "geo/units.hpp"

namespace chiploc {
namespace {

constexpr double kSteepest =
    kLightInVacuum.km_s() / 2000.0;  // km per ms of round trip at light speed in vacuum
constexpr double kFlattest = 10.0;   // slower than anything seen; a broken mesh
// 1.4826 makes a median absolute deviation an estimate of sigma for normal errors.
constexpr double kMadToSigma = 1.4826;
constexpr std::size_t kMostSlopes = 400'000;  // pairs of pairs looked at: memory and time stay bounded

struct Point {
  double rtt_ms;
  double km;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

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
  DelayModel model{.slope_km_per_ms = slope,
                   .intercept_ms = std::max(0.0, median(std::move(intercepts))),
                   .sigma_floor_km = 0.0,
                   .sigma_relative = 0.0,
                   .pairs_used = points.size(),
                   .version = {}};

  // Two spreads by halves: the floor from the nearer pairs, the relative part from the farther ones.
  std::vector<std::pair<double, double>> errors;  // predicted distance, absolute error
  for (const Point& p : points) {
    const double predicted = std::max(0.0, slope * (p.rtt_ms - model.intercept_ms));
    errors.emplace_back(predicted, std::abs(p.km - predicted));
  }
  std::sort(errors.begin(), errors.end());
  std::vector<double> near_errors;
  std::vector<double> far_ratios;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (i < errors.size() / 2) {
      near_errors.push_back(errors[i].second);
    } else {
      far_ratios.push_back(errors[i].second / std::max(errors[i].first, 1.0));
    }
  }
  model.sigma_floor_km = std::max(5.0, kMadToSigma * median(std::move(near_errors)));
  model.sigma_relative = std::clamp(kMadToSigma * median(std::move(far_ratios)), 0.02, 1.0);
  char text[160];
  std::snprintf(text, sizeof text, "line-1 slope=%.4g intercept=%.4g sigma=%.4g+%.3g pairs=%zu", slope,
                model.intercept_ms, model.sigma_floor_km, model.sigma_relative, model.pairs_used);
  model.version = text;
  return model;
}

}  // namespace chiploc
