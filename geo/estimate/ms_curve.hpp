#pragma once
// Curves over milliseconds: what the laws of round trips are made of.

#include <array>
#include <cstddef>
#include <span>

namespace chiploc {

/// Piecewise linear in log(t + 1 ms), with knots at t = 0, 3, 10, 30 and 100 ms: as a flight time at 100
/// km/ms those are 0, 300, 1,000, 3,000 and 10,000 km. Beyond the last knot it goes on as before it.
struct MsCurve {
  static constexpr std::size_t kKnots = 5;
  static constexpr double kFirstHopMs = 1.0;

  /// Where a time lies between two knots.
  struct At {
    std::size_t knot;
    double upper;  ///< share of knot + 1; beyond the last knot above 1
  };
  [[nodiscard]] static At at(double ms);
  /// The time of a knot.
  [[nodiscard]] static double ms(std::size_t knot);

  [[nodiscard]] double value(At t) const {
    return knots[t.knot] + t.upper * (knots[t.knot + 1] - knots[t.knot]);
  }

  std::array<double, kKnots> knots{};
};

struct WeightedValue {
  MsCurve::At at;
  double value;
  double weight;
};
/// Least squares of the difference from `usual`, shrunk towards 0 by the weight of half a value a knot and
/// towards few bends by that of some eight: no values give `usual`, and a dozen already bend it.
[[nodiscard]] MsCurve fit_means(std::span<const WeightedValue> values, const MsCurve& usual);

/// Log scales by knot of residuals that should be standard: t(4) likelihood, shrunk to `prior` by `strength`
/// pairs a knot.
struct ScaledResidual {
  MsCurve::At at;
  double value;
};
[[nodiscard]] MsCurve fit_log_scales(std::span<const ScaledResidual> residuals, double prior,
                                     double strength);

}  // namespace chiploc
