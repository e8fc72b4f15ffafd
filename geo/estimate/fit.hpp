#pragma once
// Estimate of a place from distances that delays suggest. It ranks and explains; it proves nothing.

#include <optional>
#include <span>
#include <vector>

#include "geo/lat_lon.hpp"

namespace chiploc {

/// One anchor's distance estimate, from a DelayModel.
struct FitInput {
  LatLon place;              ///< Where the anchor stands.
  double distance_km = 0.0;  ///< How far its delay suggests that the chip is.
  double sigma_km = 1.0;     ///< One standard deviation of that distance.
};

struct FitOptions {
  /// Fit a common extra distance (last mile, tunnel, relay) as a third unknown, never negative. Needs 4
  /// inputs.
  bool fit_offset = true;
  /// Residuals beyond this many sigmas count linearly. 1.345 keeps 95 % of efficiency for normal errors
  /// (Huber).
  double huber_sigmas = 1.345;
  /// Starts: the anchors with the smallest distances and a weighted mean of them. One start can end in the
  /// mirror image behind a line of anchors.
  int starts = 5;
  int max_iterations = 50;
};

/// East and north variances and their covariance, in km^2, at the fitted place.
struct EastNorthCovariance {
  double east_east = 0.0;
  double east_north = 0.0;
  double north_north = 0.0;
};

/// What came of a fit. A failed one has a story too: `converged` false leaves the best place seen.
struct FitReport {
  bool converged = false;
  LatLon place;
  double offset_km = 0.0;  ///< The common extra distance; 0 when not fitted.
  EastNorthCovariance
      covariance;  ///< From the weighted normal equations, scaled up by the reduced cost if > 1.
  std::vector<double>
      residuals_km;    ///< Per input in order: suggested - (fitted distance + offset). NaN if ignored.
  double cost = 0.0;   ///< Half the sum of Huber losses in units of sigma^2, at the solution.
  int iterations = 0;  ///< Over all starts.
};

/// Robust nonlinear least squares for place and common offset:
///
///     minimise  sum_i  huber((distance_i - offset - d(place, anchor_i)) / sigma_i),   offset >= 0.
///
/// Method    Levenberg-Marquardt on two tangent-plane coordinates of the auxiliary sphere (lat_lon.hpp) and
///           the offset, Huber weights re-evaluated at every step, analytic Jacobian; the best of several
///           starts.
/// Takes     Inputs with non-finite numbers or a sigma not above 0 are ignored (their residual is NaN).
/// Fails     nullopt with fewer than 3 usable inputs: two distances have two mirror-image answers.
/// Accuracy  Distances of the sphere of 6367.4 km differ from the ellipsoid by up to 0.17 %, far below any
///           delay model. The covariance assumes independent errors with the sigmas given; adversarial delay
///           obeys no covariance.
/// Source    Madsen, Nielsen, Tingleff, "Methods for Non-Linear Least Squares Problems", DTU 2004; Huber
///           1964.
[[nodiscard]] std::optional<FitReport> fit_place(std::span<const FitInput> inputs,
                                                 const FitOptions& options = {});

}  // namespace chiploc
