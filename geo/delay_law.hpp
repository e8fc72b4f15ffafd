#pragma once
// How round trips between hosts relate to the distance between them: a curve and a spread, learnt from a
// mesh.

#include <array>
#include <span>

namespace chiploc {

/// Round trips are looked at through the logarithm of their excess over light in glass,
///
///     z = log g(rtt - t),   g(e) = (e + sqrt(e^2 + 4 e0^2)) / 2,   t = distance / (100 km/ms),   e0 = 0.5
///     ms,
///
/// which is nearly normal, and falls off softly where places are stated a few kilometres wrong: g is e for
/// large e, e0 at 0, and positive everywhere. Given the distance,
///
///     z = mean(t) + domestic * [both ends are in one country] + scale(t) * (standard residual):
///
/// networks of one country meet inside it, those of two often far from both. Mean and log scale are piecewise
/// linear in log(t + 1 ms) with knots at 0, 300, 1,000, 3,000 and 10,000 km.
class DelayLaw {
 public:
  static constexpr std::size_t kKnots = 5;
  using Knots = std::array<double, kKnots>;

  struct Pair {
    double flight_ms;  ///< t
    double rtt_ms;
    /// 0 between two countries. In one, what the pair counts for `domestic`: where each counts for one over
    /// its country's anchors but one, no country has more to say than its anchors.
    double domestic = 0.0;
  };
  /// Robust: t(4) likelihood by reweighting, shrunk towards an excess of t + 1 ms with a scale of 0.6 by the
  /// weight of a few pairs, so that no pairs give that default and a dozen already bend it. `domestic` is
  /// shrunk towards -0.35, an excess that is a third less, by the weight of some seventy anchors.
  [[nodiscard]] static DelayLaw fit(std::span<const Pair> pairs);

  [[nodiscard]] static double log_excess(double rtt_ms, double flight_ms);
  /// Inverse of log_excess in its first argument.
  [[nodiscard]] static double round_trip(double log_excess, double flight_ms);
  /// log dz/drtt.
  [[nodiscard]] static double log_slope(double rtt_ms, double flight_ms);

  /// Where a flight time lies between two knots.
  struct Weights {
    std::size_t knot;
    double upper;  ///< of knot + 1; beyond the last knot above 1
  };
  [[nodiscard]] static Weights weights(double flight_ms);
  [[nodiscard]] static double at(const Knots& knots, Weights w) {
    return knots[w.knot] + w.upper * (knots[w.knot + 1] - knots[w.knot]);
  }

  /// Mean of z.
  [[nodiscard]] double expected(Weights w, bool is_domestic) const {
    return at(mean, w) + (is_domestic ? domestic : 0.0);
  }

  Knots mean{};
  Knots log_scale{};
  double domestic = 0.0;  ///< log of the factor that being in one country puts on the excess
};

/// Log scales by knot of residuals that should be standard: t(4) likelihood, shrunk to `prior` by `strength`
/// pairs a knot.
struct ScaledResidual {
  DelayLaw::Weights at;
  double value;
};
[[nodiscard]] DelayLaw::Knots fit_log_scales(std::span<const ScaledResidual> residuals, double prior,
                                             double strength);

/// Student's t, for density and scores.
[[nodiscard]] double log_student(double x, double freedom);
/// Wallace's transform of a t variate to a nearly normal one, and the logarithm of its derivative. Any
/// increasing function makes a proper density; this one needs no tables. Source    Wallace, "Bounds on normal
/// approximations to Student's and the chi-square distributions", 1959.
[[nodiscard]] double normal_score(double x, double freedom);
[[nodiscard]] double log_normal_score_slope(double x, double freedom);

}  // namespace chiploc
