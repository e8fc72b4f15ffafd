#include "geo/estimate/ms_curve.hpp"

#include <Eigen/Dense>
#include <cmath>

namespace chiploc {
namespace {

constexpr int kN = static_cast<int>(MsCurve::kKnots);
using KnotVector = Eigen::Matrix<double, kN, 1>;
using KnotMatrix = Eigen::Matrix<double, kN, kN>;

constexpr std::array<double, MsCurve::kKnots> kMs{0.0, 3.0, 10.0, 30.0, 100.0};
constexpr double kFreedom = 4.0;
constexpr double kBendingWeight = 8.0;
constexpr double kLevelWeight = 0.5;

const std::array<double, MsCurve::kKnots>& logs() {
  static const std::array<double, MsCurve::kKnots> at{
      std::log(kMs[0] + MsCurve::kFirstHopMs), std::log(kMs[1] + MsCurve::kFirstHopMs),
      std::log(kMs[2] + MsCurve::kFirstHopMs), std::log(kMs[3] + MsCurve::kFirstHopMs),
      std::log(kMs[4] + MsCurve::kFirstHopMs)};
  return at;
}

void add_outer(KnotMatrix& h, MsCurve::At t, double weight) {
  const auto i = static_cast<int>(t.knot);
  const double lower = 1.0 - t.upper;
  h(i, i) += weight * lower * lower;
  h(i, i + 1) += weight * lower * t.upper;
  h(i + 1, i) += weight * lower * t.upper;
  h(i + 1, i + 1) += weight * t.upper * t.upper;
}

void add(KnotVector& g, MsCurve::At t, double value) {
  const auto i = static_cast<int>(t.knot);
  g(i) += value * (1.0 - t.upper);
  g(i + 1) += value * t.upper;
}

KnotVector vector_of(const MsCurve& curve) { return Eigen::Map<const KnotVector>(curve.knots.data()); }

MsCurve curve_of(const KnotVector& knots) {
  MsCurve out;
  Eigen::Map<KnotVector>{out.knots.data()} = knots;
  return out;
}

/// Divided second differences at the inner knots, squared.
KnotMatrix bending() {
  KnotMatrix sum = KnotMatrix::Zero();
  for (int i = 0; i + 2 < kN; ++i) {
    const auto k = static_cast<std::size_t>(i);
    const double left = logs()[k + 1] - logs()[k];
    const double right = logs()[k + 2] - logs()[k + 1];
    KnotVector row = KnotVector::Zero();
    row(i) = 1.0 / left;
    row(i + 1) = -1.0 / left - 1.0 / right;
    row(i + 2) = 1.0 / right;
    sum += row * row.transpose();
  }
  return sum;
}

}  // namespace

MsCurve::At MsCurve::at(double ms) {
  const double l = std::log(ms + kFirstHopMs);
  std::size_t knot = 0;
  while (knot + 2 < kKnots && l > logs()[knot + 1]) ++knot;
  return {knot, (l - logs()[knot]) / (logs()[knot + 1] - logs()[knot])};
}

double MsCurve::ms(std::size_t knot) { return kMs[knot]; }

MsCurve fit_means(std::span<const WeightedValue> values, const MsCurve& usual) {
  KnotMatrix h = kBendingWeight * bending() + kLevelWeight * KnotMatrix::Identity();
  KnotVector g = h * vector_of(usual);
  for (const WeightedValue& one : values) {
    add_outer(h, one.at, one.weight);
    add(g, one.at, one.weight * one.value);
  }
  return curve_of(h.ldlt().solve(g));
}

MsCurve fit_log_scales(std::span<const ScaledResidual> residuals, double prior, double strength) {
  MsCurve scales = curve_of(KnotVector::Constant(prior));
  for (int round = 0; round < 8; ++round) {
    KnotVector slope = -strength * (vector_of(scales) - KnotVector::Constant(prior));
    KnotMatrix curve = strength * KnotMatrix::Identity();
    for (const ScaledResidual& residual : residuals) {
      const double r = residual.value / std::exp(scales.value(residual.at));
      const double q = r * r;
      // Half of each: both directions of a pair are here, and say nearly the same.
      add(slope, residual.at, 0.5 * ((kFreedom + 1.0) / (kFreedom + q) * q - 1.0));
      add_outer(curve, residual.at, kFreedom * (kFreedom + 1.0) * q / ((kFreedom + q) * (kFreedom + q)));
    }
    const KnotVector step = curve.ldlt().solve(slope);
    scales = curve_of(vector_of(scales) + step.cwiseMax(-0.4).cwiseMin(0.4));
  }
  return scales;
}

}  // namespace chiploc
