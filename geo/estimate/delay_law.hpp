#pragma once
// How round trips between hosts relate to the distance between them: a curve and a spread, learnt from a
// mesh.

#include <span>

#include "geo/estimate/ms_curve.hpp"

namespace chiploc {

/// Round trips are looked at through the logarithm of their excess over light in glass,
///
///     z = log g(rtt - t),   g(e) = (e + sqrt(e^2 + 4 e0^2)) / 2,   t = distance / (100 km/ms),
///     e0 = 0.5 ms,
///
/// which is nearly normal, and falls off softly where places are stated a few kilometres wrong: g is e for
/// large e, e0 at 0, and positive everywhere. Given the distance,
///
///     z = mean(t) + domestic * [both ends are in one country] + scale(t) * (standard residual):
///
/// networks of one country meet inside it, those of two often far from both. Mean and log scale are curves
/// over t (ms_curve.hpp).
class DelayLaw {
 public:
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

  /// Mean of z.
  [[nodiscard]] double expected(MsCurve::At flight, bool is_domestic) const {
    return mean.value(flight) + (is_domestic ? domestic : 0.0);
  }

  MsCurve mean;           ///< over flight times
  MsCurve log_scale;      ///< over flight times
  double domestic = 0.0;  ///< log of the factor that being in one country puts on the excess
};

/// Student's t, for density and scores.
[[nodiscard]] double log_student(double x, double freedom);
/// Wallace's transform of a t variate to a nearly normal one, and the logarithm of its derivative. Any
/// increasing function makes a proper density; this one needs no tables.
/// Source    Wallace, "Bounds on normal approximations to Student's and the chi-square distributions", 1959.
[[nodiscard]] double normal_score(double x, double freedom);
[[nodiscard]] double log_normal_score_slope(double x, double freedom);

}  // namespace chiploc
