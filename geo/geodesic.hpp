#pragma once
// Distances and places on the WGS 84 ellipsoid.

#include "geo/lat_lon.hpp"
#include "geo/units.hpp"

namespace chiploc {

/// Shortest distance along the surface of the ellipsoid between two places.
///
/// Accuracy  About 15 nm (GeographicLib); never fails, near-antipodal pairs included.
/// Source    Karney, "Algorithms for geodesics", J. Geodesy 87, 2013.
[[nodiscard]] Kilometers geodesic_distance(LatLon a, LatLon b);

/// The place reached from `from` by going `distance` in the direction `azimuth_deg` (clockwise from north).
[[nodiscard]] LatLon geodesic_direct(LatLon from, double azimuth_deg, Kilometers distance);

}  // namespace chiploc
