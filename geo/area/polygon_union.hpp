#pragma once
// The union of drawn polygons, as rings that neither cross nor share an edge. The second half of reading an
// Area.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "geo/area/drawing.hpp"

namespace chiploc {

/// An outer ring and its holes, closed.
struct UnitedPolygon {
  DrawnRing outer;
  std::vector<DrawnRing> holes;
};

struct PolygonUnion {
  std::vector<UnitedPolygon> polygons;
  std::string fault;  ///< Where and what, when there are none.
};

inline constexpr std::size_t kMostTouches = 30;

/// Each polygon is its outer ring without its holes; together they are their union.
///
/// Method      GEOS (OverlayNG, snap rounding) in the plane of longitude and latitude, where GeoJSON's lines
///             are straight. The plane ends at the antimeridian and the poles: what lies on both sides of 180
///             is two polygons here, and each has an edge there. Polygons whose edges come near no other's
///             are taken as they are, or left out where they lie inside of another.
/// Accuracy    On a grid of 1e-6 degrees, 0.1 m: parts whose common border was rounded to six decimals or
///             more, each by itself, have no gap between them, and what is thinner than that may vanish.
/// Fails       A ring that crosses itself or goes along itself, a hole outside its outer ring, in or across
///             another hole, or along one: with the place, and both ways out. A polygon that encloses nothing
///             (less than a square metre). That rings touch in points is no fault. And what GEOS would take
///             minutes over: a polygon that passes one position more than kMostTouches times; polygons that
///             meet and cross each other more than kMostCrossings times, have more than kMostMeetings pairs
///             of edges near each other, or lie around each other in more than kMostOverlaps pairs.
[[nodiscard]] PolygonUnion unite(std::span<const DrawnPolygon> polygons);

/// Of a closed ring on the ellipsoid, square kilometres: what lies inside in the plane of longitude and
/// latitude.
[[nodiscard]] double planar_ring_km2(const DrawnRing& ring);

/// The same ring with positions in between where an edge is wider than 90 degrees.
[[nodiscard]] DrawnRing with_short_edges(const DrawnRing& ring);

}  // namespace chiploc
