#pragma once
// What a GeoJSON text draws: polygons with their places in the text, in degrees. The first half of reading an
// Area.

#include <string>
#include <string_view>
#include <vector>

#include "geo/area/area.hpp"
#include "geo/lat_lon.hpp"

namespace chiploc {

/// Closed: the last position repeats the first. Straight between its positions in longitude and latitude.
using DrawnRing = std::vector<Degrees>;

struct DrawnPolygon {
  std::string path;              ///< Where it stands in the text: "$.features[3].geometry.coordinates".
  std::vector<DrawnRing> rings;  ///< The outer one, then the holes.
};

struct AreaDrawing {
  std::vector<DrawnPolygon> polygons;
  std::string fault;  ///< The first one; empty when there is none.
};

/// Reads the positions and checks each by itself and with the one before it; whether rings cross is asked
/// when they are united (polygon_union.hpp).
///
/// Rounding    A coordinate within 1.5e-6 degrees of 180 or 90, on either side, is 180 or 90.
/// Edges       No wider than 180 degrees, so that they mean the same to readers that take the short way and
///             to those that do not. Two are taken as they are drawn: along a pole, and from -180 to 180 on
///             one parallel, round the Earth, where the ring goes on along the meridian at both ends until it
///             comes round or to the next such edge.
/// Nothing     A feature without geometry, and empty coordinates of a polygon, a part or a hole, draw
///             nothing.
/// Spikes      A line walked there and back over the same positions encloses nothing and is left out.
[[nodiscard]] AreaDrawing read_drawing(std::string_view text, const AreaLimits& limits);

/// "longitude 11.5, latitude 48.2": as faults name a place.
[[nodiscard]] std::string shown_place(Degrees place);

}  // namespace chiploc
