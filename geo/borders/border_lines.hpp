#pragma once
// Rings to border lines: cut at the antimeridian, subdivided until great circles follow them, rounded to a
// grid.

#include <cstdint>
#include <span>
#include <vector>

#include "geo/lat_lon.hpp"

namespace chiploc {

/// Micro-degrees.
struct GridPoint {
  std::int32_t lon = 0;
  std::int32_t lat = 0;
  friend bool operator==(const GridPoint&, const GridPoint&) = default;
};

using GridLine =
    std::vector<GridPoint>;  // a closed ring, or a piece of one between two points at lon = +-180

/// The lines of one closed ring (the last place repeats the first), whose edges are straight in longitude and
/// latitude. An edge wider than 180 degrees goes the short way, across the antimeridian.
///
/// Nothing is closed along the antimeridian or the poles and no winding is trusted: the table tells inside
/// from outside by counting crossings along a meridian northwards, to the North Pole, which is in no country.
/// Meridians never cross the cut, so the cut needs no edges; self-touching rings, slivers walked there and
/// back, and the ring around the South Pole need no care either. Slivers are kept although they have no area:
/// the source has islets that its grid has flattened, and a region that touches one must be told.
[[nodiscard]] std::vector<GridLine> lines_of_ring(std::span<const Degrees> ring);

/// Unsigned area of a ring on the ellipsoid, in square kilometres. A ring around a pole counts to the South
/// Pole.
[[nodiscard]] double ring_area_km2(std::span<const Degrees> ring);

}  // namespace chiploc
