#pragma once
// Regions as GeoJSON geometry (RFC 7946) for maps and reports. Drawn, never computed with.

#include <optional>
#include <string>

#include "geo/lat_lon.hpp"
#include "geo/region.hpp"
#include "geo/units.hpp"

namespace chiploc {

/// The region as the text of a MultiPolygon geometry, drawn outward: every place of the region is inside, for
/// readers with straight edges in longitude and latitude (RFC 7946, most maps), with geodesics (PostGIS
/// geography) and with great circles (d3).
///
/// Method    The boundary of the region inflated by `tolerance` is traced exactly along its arcs, and
///           subdivided until each edge, straight or great circle, stays within a third of `tolerance` of its
///           arc.
/// Accuracy  Outward by at most twice the tolerance per cap radius (corners of sharp lenses reach farther).
///           The tolerance is raised to 1 m if less. Coordinates are rounded to 1e-7 degrees.
/// Form      [lon, lat] order, outer rings counter-clockwise, holes clockwise (d3 wants it the other way
///           round: reverse the rings, or everything else is filled), cut at the antimeridian, closed along
///           the poles, no edge longer than 90 degrees. What reaches farther than 75 degrees from its middle
///           is cut at every 90 degrees of longitude, because readers of great circles take the smaller side
///           of a ring, or none when it goes up the antimeridian and down again. An empty region is a
///           MultiPolygon without polygons; everything is four columns from pole to pole. Columns share edges, which OGC's
///           Simple Features forbid: GEOS (shapely, OGR) calls such a MultiPolygon invalid, and computes with the union of
///           its parts, which is valid. Containment it answers right either way.
[[nodiscard]] std::string region_geojson(const Region& region, Kilometers tolerance = Kilometers{1.0});

/// One cap of geodesic radius `radius` around `centre`, in the same form: for drawing an anchor's own bound.
[[nodiscard]] std::string cap_geojson(LatLon centre, Kilometers radius,
                                      Kilometers tolerance = Kilometers{1.0});

}  // namespace chiploc
