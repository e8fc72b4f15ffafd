#pragma once
#include <array>
#include <span>
#include <string_view>

namespace chiploc {

/// At which shares a distribution is written down, and how these are called in files.
inline constexpr std::array<double, 13> kKnotShares{0.0,  0.01, 0.05, 0.10,  0.25, 0.50, 0.75,
                                                    0.85, 0.90, 0.95, 0.975, 0.99, 1.0};
inline constexpr std::array<std::string_view, 13> kKnotKeys{"q0",  "q1",  "q5",  "q10",   "q25", "q50", "q75",
                                                            "q85", "q90", "q95", "q97_5", "q99", "q100"};

/// A distribution of something that is never negative, by its quantiles at kKnotShares, in rising order.
///
/// Between   -1/(x + softness) is linear in the share. Delays have a long upper end, of which the quantiles are
///           far apart: a straight line between them would make too much of it. Of the curves tried (straight,
///           logarithmic, this one) it left the least error on pairs that it was not fitted to (README.md).
struct QuantileKnots {
  std::array<double, 13> at{};
  double softness = 0.1;  ///< where the curve becomes a straight line, in the unit of `at`

  /// For a share from 0 to 1; rises with it, and ends at the first and the last of `at` to the bit.
  [[nodiscard]] double quantile(double share) const;
  /// The share that is at most x: inverse of quantile() where that rises. In the middle of a step.
  [[nodiscard]] double share_below(double x) const;
  [[nodiscard]] bool rising() const;
  friend bool operator==(const QuantileKnots&, const QuantileKnots&) = default;
};

/// A distribution between two: `part` 0 is `low`, 1 is `high`; in the curve's own scale.
[[nodiscard]] QuantileKnots between(const QuantileKnots& low, const QuantileKnots& high, double part);

/// One value and how much it counts.
struct KnotSample {
  double value = 0.0;
  double weight = 1.0;
};
/// The quantiles of a sample at kKnotShares, none below 0; `values` becomes sorted. An empty sample: all zero.
[[nodiscard]] QuantileKnots knots_of(std::span<KnotSample> values, double softness);

}  // namespace chiploc
