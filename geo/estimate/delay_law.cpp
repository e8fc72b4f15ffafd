#include "geo/estimate/delay_law.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace chiploc {
namespace {

constexpr double kSoft = 0.5;  // ms: places are stated some 20 to 50 km wrong at worst
constexpr double kFreedom = 4.0;
constexpr double kMiddle = 30.0;  // ms: where the scale's level and slope are told apart
constexpr double kUsualScale = 0.6;
constexpr double kUsualSlope = -0.1;
constexpr double kUsualDomestic = -0.35;

/// std::lgamma leaves the sign in a variable that all threads share.
double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

}  // namespace

double DelayLaw::log_excess(double rtt_ms, double flight_ms) {
  const double e = rtt_ms - flight_ms;
  const double root = std::sqrt(e * e + 4.0 * kSoft * kSoft);
  // The second form where the first would cancel.
  return std::log(e >= 0.0 ? 0.5 * (e + root) : 2.0 * kSoft * kSoft / (root - e));
}

double DelayLaw::round_trip(double log_excess, double flight_ms) {
  const double g = std::exp(log_excess);
  return flight_ms + g - kSoft * kSoft / g;
}

double DelayLaw::log_slope(double rtt_ms, double flight_ms) {
  const double e = rtt_ms - flight_ms;
  return -0.5 * std::log(e * e + 4.0 * kSoft * kSoft);
}

DelayLaw DelayLaw::fit(std::span<const Pair> pairs) {
  constexpr double kScaleWeight = 4.0;
  constexpr double kSlopeWeight = 20.0;
  constexpr double kDomesticWeight = 100.0;
  const std::size_t n = pairs.size();
  std::vector<MsCurve::At> at(n);
  std::vector<double> z(n);
  std::vector<double> centred(n);
  for (std::size_t i = 0; i < n; ++i) {
    at[i] = MsCurve::at(pairs[i].flight_ms);
    z[i] = log_excess(pairs[i].rtt_ms, pairs[i].flight_ms);
    centred[i] = std::log(pairs[i].flight_ms + MsCurve::kFirstHopMs) - std::log(kMiddle);
  }
  MsCurve usual;
  for (std::size_t k = 0; k < MsCurve::kKnots; ++k)
    usual.knots[k] = std::log(MsCurve::ms(k) + MsCurve::kFirstHopMs);
  DelayLaw law;
  law.mean = usual;
  double domestic = kUsualDomestic;
  const auto shift = [&](std::size_t i) { return pairs[i].domestic > 0.0 ? domestic : 0.0; };
  const auto left = [&](std::size_t i) { return z[i] - law.mean.value(at[i]) - shift(i); };
  Eigen::Vector2d scale{std::log(kUsualScale), 0.0};
  std::vector<WeightedValue> values(n);
  for (int round = 0; round < 12; ++round) {
    for (std::size_t i = 0; i < n; ++i) {
      const double s = std::exp(scale(0) + scale(1) * centred[i]);
      const double q = left(i) / s;
      const double weight = (round == 0 ? 1.0 : (kFreedom + 1.0) / (kFreedom + q * q)) / (s * s);
      values[i] = {at[i], z[i] - shift(i), weight};
    }
    law.mean = fit_means(values, usual);
    double sum = kDomesticWeight;
    double pull = kDomesticWeight * (kUsualDomestic - domestic);
    for (std::size_t i = 0; i < n; ++i) {
      const double s = std::exp(scale(0) + scale(1) * centred[i]);
      const double q = left(i) / s;
      const double weight = pairs[i].domestic * (kFreedom + 1.0) / (kFreedom + q * q) / (s * s);
      sum += weight;
      pull += weight * left(i);
    }
    domestic += pull / sum;
    for (int step = 0; step < 3; ++step) {
      Eigen::Vector2d slope{-kScaleWeight * (scale(0) - std::log(kUsualScale)),
                            -kSlopeWeight * (scale(1) - kUsualSlope)};
      Eigen::Matrix2d curve = Eigen::Vector2d{kScaleWeight, kSlopeWeight}.asDiagonal();
      for (std::size_t i = 0; i < n; ++i) {
        const double s = std::exp(scale(0) + scale(1) * centred[i]);
        const double r = left(i) / s;
        const double q = r * r;
        const Eigen::Vector2d x{1.0, centred[i]};
        slope += x * ((kFreedom + 1.0) / (kFreedom + q) * q - 1.0);
        curve +=
            x * x.transpose() * (2.0 * kFreedom * (kFreedom + 1.0) * q / ((kFreedom + q) * (kFreedom + q)));
      }
      scale += curve.ldlt().solve(slope).cwiseMax(-0.5).cwiseMin(0.5);
    }
  }
  law.domestic = domestic;
  for (std::size_t k = 0; k < MsCurve::kKnots; ++k)
    law.log_scale.knots[k] = scale(0) + scale(1) * (usual.knots[k] - std::log(kMiddle));
  return law;
}

double log_student(double x, double freedom) {
  return log_gamma((freedom + 1.0) / 2.0) - log_gamma(freedom / 2.0) -
         0.5 * std::log(freedom * std::numbers::pi) - (freedom + 1.0) / 2.0 * std::log1p(x * x / freedom);
}

double normal_score(double x, double freedom) {
  const double k = (8.0 * freedom + 1.0) / (8.0 * freedom + 3.0);
  return std::copysign(k * std::sqrt(freedom * std::log1p(x * x / freedom)), x);
}

double log_normal_score_slope(double x, double freedom) {
  const double k = (8.0 * freedom + 1.0) / (8.0 * freedom + 3.0);
  const double q = x * x / freedom;
  // x^2 / (freedom log(1 + q)) tends to 1.
  const double ratio = q < 1e-8 ? 1.0 : q / std::log1p(q);
  return std::log(k) + 0.5 * std::log(ratio) - std::log1p(q);
}

}  // namespace chiploc
