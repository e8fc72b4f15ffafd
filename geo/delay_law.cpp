#include "geo/delay_law.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace chiploc {
namespace {

constexpr int kN = static_cast<int>(DelayLaw::kKnots);
using KnotVector = Eigen::Matrix<double, kN, 1>;
using KnotMatrix = Eigen::Matrix<double, kN, kN>;

constexpr double kSoft = 0.5;      // ms: places are stated some 20 to 50 km wrong at worst
constexpr double kFirstHop = 1.0;  // ms
constexpr double kFreedom = 4.0;
constexpr double kMiddle = 30.0;  // ms: where the scale's level and slope are told apart
constexpr double kUsualScale = 0.6;
constexpr double kUsualSlope = -0.1;
constexpr double kUsualDomestic = -0.35;

const DelayLaw::Knots& knots() {
  static const DelayLaw::Knots at{std::log(0.0 + kFirstHop), std::log(3.0 + kFirstHop),
                                  std::log(10.0 + kFirstHop), std::log(30.0 + kFirstHop),
                                  std::log(100.0 + kFirstHop)};
  return at;
}

void add_outer(KnotMatrix& h, DelayLaw::Weights w, double weight) {
  const auto i = static_cast<int>(w.knot);
  const double lower = 1.0 - w.upper;
  h(i, i) += weight * lower * lower;
  h(i, i + 1) += weight * lower * w.upper;
  h(i + 1, i) += weight * lower * w.upper;
  h(i + 1, i + 1) += weight * w.upper * w.upper;
}

void add(KnotVector& g, DelayLaw::Weights w, double value) {
  const auto i = static_cast<int>(w.knot);
  g(i) += value * (1.0 - w.upper);
  g(i + 1) += value * w.upper;
}

double at_of(const double* knots, DelayLaw::Weights w) {
  return knots[w.knot] + w.upper * (knots[w.knot + 1] - knots[w.knot]);
}

/// Divided second differences at the inner knots, squared.
KnotMatrix bending() {
  KnotMatrix sum = KnotMatrix::Zero();
  for (int i = 0; i + 2 < kN; ++i) {
    const auto k = static_cast<std::size_t>(i);
    const double left = knots()[k + 1] - knots()[k];
    const double right = knots()[k + 2] - knots()[k + 1];
    KnotVector row = KnotVector::Zero();
    row(i) = 1.0 / left;
    row(i + 1) = -1.0 / left - 1.0 / right;
    row(i + 2) = 1.0 / right;
    sum += row * row.transpose();
  }
  return sum;
}

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

DelayLaw::Weights DelayLaw::weights(double flight_ms) {
  const double l = std::log(flight_ms + kFirstHop);
  std::size_t knot = 0;
  while (knot + 2 < kKnots && l > knots()[knot + 1]) ++knot;
  return {knot, (l - knots()[knot]) / (knots()[knot + 1] - knots()[knot])};
}

DelayLaw DelayLaw::fit(std::span<const Pair> pairs) {
  constexpr double kBendingWeight = 8.0;
  constexpr double kLevelWeight = 0.5;
  constexpr double kScaleWeight = 4.0;
  constexpr double kSlopeWeight = 20.0;
  constexpr double kDomesticWeight = 100.0;
  const std::size_t n = pairs.size();
  std::vector<Weights> at(n);
  std::vector<double> z(n);
  std::vector<double> centred(n);
  for (std::size_t i = 0; i < n; ++i) {
    at[i] = weights(pairs[i].flight_ms);
    z[i] = log_excess(pairs[i].rtt_ms, pairs[i].flight_ms);
    centred[i] = std::log(pairs[i].flight_ms + kFirstHop) - std::log(kMiddle);
  }
  KnotVector usual;
  for (int i = 0; i < kN; ++i) usual(i) = knots()[static_cast<std::size_t>(i)];
  const KnotMatrix bend = bending();
  KnotVector beta = usual;
  double domestic = kUsualDomestic;
  const auto shift = [&](std::size_t i) { return pairs[i].domestic > 0.0 ? domestic : 0.0; };
  const auto left = [&](std::size_t i) { return z[i] - at_of(beta.data(), at[i]) - shift(i); };
  Eigen::Vector2d scale{std::log(kUsualScale), 0.0};
  DelayLaw law;
  for (int round = 0; round < 12; ++round) {
    KnotMatrix h = kBendingWeight * bend + kLevelWeight * KnotMatrix::Identity();
    KnotVector g = kLevelWeight * usual;
    for (std::size_t i = 0; i < n; ++i) {
      const double s = std::exp(scale(0) + scale(1) * centred[i]);
      const double q = left(i) / s;
      const double weight = (round == 0 ? 1.0 : (kFreedom + 1.0) / (kFreedom + q * q)) / (s * s);
      add_outer(h, at[i], weight);
      add(g, at[i], weight * (z[i] - shift(i)));
    }
    beta = h.ldlt().solve(g);
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
  for (std::size_t k = 0; k < kKnots; ++k) {
    law.mean[k] = beta(static_cast<int>(k));
    law.log_scale[k] = scale(0) + scale(1) * (knots()[k] - std::log(kMiddle));
  }
  return law;
}

DelayLaw::Knots fit_log_scales(std::span<const ScaledResidual> residuals, double prior, double strength) {
  KnotVector scales = KnotVector::Constant(prior);
  for (int round = 0; round < 8; ++round) {
    KnotVector slope = -strength * (scales - KnotVector::Constant(prior));
    KnotMatrix curve = strength * KnotMatrix::Identity();
    for (const ScaledResidual& residual : residuals) {
      const double r = residual.value / std::exp(at_of(scales.data(), residual.at));
      const double q = r * r;
      // Half of each: both directions of a pair are here, and say nearly the same.
      add(slope, residual.at, 0.5 * ((kFreedom + 1.0) / (kFreedom + q) * q - 1.0));
      add_outer(curve, residual.at, kFreedom * (kFreedom + 1.0) * q / ((kFreedom + q) * (kFreedom + q)));
    }
    scales += curve.ldlt().solve(slope).cwiseMax(-0.4).cwiseMin(0.4);
  }
  DelayLaw::Knots out{};
  for (std::size_t k = 0; k < DelayLaw::kKnots; ++k) out[k] = scales(static_cast<int>(k));
  return out;
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
