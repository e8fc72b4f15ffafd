#pragma once
// Rings to border lines: cut at the antimeridian, subdivided until great circles follow them, rounded to a
// grid.

#include <cstdint>
#include <vector>

#include "geo/borders_build/topojson.hpp"

namespace chiploc::borders_build {

/// Micro-degrees.
struct GridPoint {
  std::int32_t lon = 0;
  std::int32_t lat = 0;
  friend bool operator==(const GridPoint&, const GridPoint&) = default;
};

using Line = std::vector<GridPoint>;  // a closed ring, or a piece of one between two points at lon = +-180

/// The lines of one ring.
///
/// Nothing is closed along the antimeridian or the poles and no winding is trusted: the table tells inside
/// from outside by counting crossings along a meridian northwards, to the North Pole, which is in no country.
/// Meridians never cross the cut, so the cut needs no edges; self-touching rings, slivers walked there and
/// back, and the ring around the South Pole need no care either. Slivers are kept although they have no area:
/// the source has islets that its grid has flattened, and a region that touches one must be told.
std::vector<Line> lines_of_ring(const Ring& ring);

/// Unsigned area of a ring on the ellipsoid, in square kilometres. A ring around a pole counts to the South
/// Pole.
double area_km2(const Ring& ring);

}  // namespace chiploc::borders_build
