#pragma once
// What one anchor's measurement says about where a chip can be.

#include <cstdint>

#include "geo/lat_lon.hpp"
#include "geo/units.hpp"

namespace chiploc {

/// "The chip is within `radius` of an anchor that stands within `place_uncertainty` of `place`."
struct AnchorBound {
  LatLon place;                   ///< Stated place of the anchor.
  Kilometers place_uncertainty;   ///< How far the anchor may stand from it; added to the radius.
  Kilometers radius;              ///< Geodesic bound on the ellipsoid, from path_bound().
  std::uint32_t perspective = 0;  ///< Anchors of one operator or network share a number and count once.
};

}  // namespace chiploc
