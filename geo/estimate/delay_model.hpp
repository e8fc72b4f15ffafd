#pragma once
// How delay usually relates to distance: calibration for estimates. Never used for proofs.

#include <chrono>
#include <span>
#include <string>

namespace chiploc {

/// One measurement between anchors of the mesh, whose distance is known.
struct DelaySample {
  std::chrono::nanoseconds rtt_min;  ///< Smallest round trip seen.
  double distance_km;                ///< Geodesic distance between the two anchors.
};

/// distance = max(0, slope * (rtt - intercept)), with an error that grows with the distance. A value; the
/// seam where better models (per anchor, quantiles) come in. Every verdict names the `version` of the model
/// it used.
struct DelayModel {
  double slope_km_per_ms = 0.0;  ///< Kilometres of distance per millisecond of round trip.
  double intercept_ms = 0.0;     ///< Round trip at distance 0; not negative.
  double sigma_floor_km = 0.0;   ///< Standard deviation at distance 0.
  double sigma_relative = 0.0;   ///< Added in quadrature: sigma^2 = floor^2 + (relative * distance)^2.
  std::size_t pairs_used = 0;    ///< 0 for the default.
  std::string version;           ///< For example "line-1 slope=66.2 intercept=1.10 pairs=132".

  struct Distance {
    double km;
    double sigma_km;
  };
  [[nodiscard]] Distance distance(std::chrono::nanoseconds rtt) const;
};

/// With nothing measured: 60 km per ms (light in glass, 100 km per ms of round trip, over routes 1.6 times as
/// long as the geodesic), no intercept, sigma 40 km and 25 %. Typical of the public measurements between data
/// centres.
[[nodiscard]] DelayModel default_delay_model();

/// Fewest mesh pairs from which a line is fitted.
inline constexpr std::size_t kFewestMeshPairs = 8;

/// A robust line through mesh pairs: Theil-Sen slope and median intercept, or through the origin the median
/// ratio where that intercept is negative; then two spreads from median absolute residuals, a floor in km
/// from pairs predicted to be nearer than 200 km and a relative part from the others.
///
/// Takes     Pairs that cannot be (rtt or distance not positive, faster than light in vacuum) are left out.
/// Fails     Never: with fewer than kFewestMeshPairs usable pairs, or a slope outside (10, 149.9] km per ms,
///           the default model, whose version text says why.
/// Accuracy  Breaks down only when more than 29 % of the pairs are bad (Theil-Sen).
[[nodiscard]] DelayModel fit_delay_model(std::span<const DelaySample> pairs);

}  // namespace chiploc
