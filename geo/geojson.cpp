#include "geo/geojson.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "geo/outline.hpp"
#include "geo/planar_rings.hpp"

namespace chiploc {
namespace {

using nlohmann::json;

constexpr Kilometers kSmallestTolerance{0.001};
constexpr double kLongestStep = 0.2;    // rad around a circle: a chord is looked at on less than a quadrant
constexpr double kShortestStep = 1e-7;  // rad: where the curve passes a pole, no chord gets nearer
// Straight edges along meridians and poles are the same line for every reader, if they are short enough to
// say which way they go.
constexpr double kLongestLineDeg = 30.0;
constexpr double kColumnDeg = 90.0;   // how wide a polygon may be where one would not do
constexpr double kOnePieceRad = 1.3;  // regions in a ball of this radius stay whole: 75 degrees

PlanarPoint planar(Vec3 point, double near_x) {
  const LatLon place = from_sphere(point);
  // The copy of the longitude that is nearest to the last one.
  return {near_x + std::remainder(place.lon_deg() - near_x, 360.0), place.lat_deg()};
}

Vec3 on_sphere(PlanarPoint p) { return to_sphere(Degrees{.lat = p.y, .lon = std::remainder(p.x, 360.0)}); }

/// On the sphere of a reader that takes geodetic latitude for latitude on a sphere, as d3 does.
Vec3 on_plain_sphere(PlanarPoint p) {
  constexpr double kRadians = std::numbers::pi / 180.0;
  const double ring = std::cos(p.y * kRadians);
  return {ring * std::cos(p.x * kRadians), ring * std::sin(p.x * kRadians), std::sin(p.y * kRadians)};
}
Vec3 from_plain_sphere(Vec3 v) {
  constexpr double kDegrees = 180.0 / std::numbers::pi;
  return on_sphere(
      PlanarPoint{std::atan2(v.y, v.x) * kDegrees, std::atan2(v.z, std::hypot(v.x, v.y)) * kDegrees});
}
Vec3 unit(Vec3 v) { return v * (1.0 / norm(v)); }

/// Does the edge from a to b leave the circle by more than `allowed` radians, in the eyes of any reader: one
/// with straight lines in longitude and latitude, one with geodesics of the ellipsoid, which are great
/// circles of the auxiliary sphere to within a ten-thousandth of the chord's own depth, or one with great
/// circles of a plain sphere?
bool strays(const Cap& cap, PlanarPoint a, PlanarPoint b, double allowed) {
  const auto off = [&](Vec3 p) { return std::abs(angle_between(p, cap.centre) - cap.radius) > allowed; };
  for (const double t : {0.125, 0.25, 0.5, 0.75, 0.875}) {
    if (off(on_sphere(PlanarPoint{a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)}))) return true;
    if (off(unit(on_sphere(a) * (1.0 - t) + on_sphere(b) * t))) return true;
    if (off(from_plain_sphere(on_plain_sphere(a) * (1.0 - t) + on_plain_sphere(b) * t))) return true;
  }
  return false;
}

/// Appends points of one cap's circle after angle `from` up to and including `to`, such that every edge stays
/// within `allowed` radians of the circle for every reader.
void append_arc(PlanarRing& ring, const Cap& cap, double from, double to, double allowed) {
  const PlanarPoint a = ring.back();
  const PlanarPoint b = planar(point_on_circle(cap, to), a.x);
  const bool split = to - from > kLongestStep || strays(cap, a, b, allowed);
  if (!split || to - from < kShortestStep) {
    ring.push_back(b);
    return;
  }
  const double middle = (from + to) / 2.0;
  append_arc(ring, cap, from, middle, allowed);
  append_arc(ring, cap, middle, to, allowed);
}

PlanarRing curve_of(const CapSet& set, const std::vector<BoundaryArc>& loop, double allowed) {
  PlanarRing ring;
  for (const BoundaryArc& arc : loop) {
    const Cap& cap = set.caps()[arc.cap];
    ring.push_back(planar(point_on_circle(cap, arc.from), ring.empty() ? 0.0 : ring.back().x));
    append_arc(ring, cap, arc.from, arc.to, allowed);
  }
  ring.pop_back();  // the first point again
  return ring;
}

/// Whether a meridian lies in a set whose boundary does not cross it: the vote of points along it, because a
/// boundary that comes within rounding of it could decide a single one.
bool covers_meridian(const CapSet& set, double lon) {
  int votes = 0;
  for (double lat = -85.0; lat <= 85.0; lat += 10.0) {
    votes += set.contains(to_sphere(Degrees{.lat = lat, .lon = lon})) ? 1 : -1;
  }
  return votes > 0;
}

/// With positions in between on edges that are longer than kLongestLineDeg: those along meridians and poles.
PlanarRing with_short_edges(const PlanarRing& ring) {
  PlanarRing out;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const PlanarPoint a = ring[i];
    const PlanarPoint b = ring[(i + 1) % ring.size()];
    out.push_back(a);
    const double longest = std::max(std::abs(b.x - a.x), std::abs(b.y - a.y));
    const int pieces = static_cast<int>(std::ceil(longest / kLongestLineDeg));
    for (int k = 1; k < pieces; ++k) {
      const double share = static_cast<double>(k) / pieces;
      out.push_back({a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)});
    }
  }
  return out;
}

json ring_json(const PlanarRing& ring) {
  json positions = json::array();
  const auto rounded = [](double degrees) { return std::round(degrees * 1e7) / 1e7; };
  for (const PlanarPoint p : with_short_edges(ring)) {
    json position = json::array({rounded(p.x), rounded(p.y)});
    if (positions.empty() || positions.back() != position) positions.push_back(std::move(position));
  }
  if (positions.back() != positions.front()) positions.push_back(positions.front());
  return positions;
}

std::string multi_polygon(const std::vector<PlanarPolygon>& polygons) {
  json coordinates = json::array();
  for (const PlanarPolygon& polygon : polygons) {
    json rings = json::array({ring_json(polygon.outer)});
    for (const PlanarRing& hole : polygon.holes) rings.push_back(ring_json(hole));
    // Fewer than four positions are no ring (RFC 7946, 3.1.6): a hole of centimetres is left out.
    rings.erase(
        std::remove_if(rings.begin() + 1, rings.end(), [](const json& ring) { return ring.size() < 4; }),
        rings.end());
    coordinates.push_back(std::move(rings));
  }
  return json{{"type", "MultiPolygon"}, {"coordinates", std::move(coordinates)}}.dump();
}

}  // namespace

std::string region_geojson(const Region& region, Kilometers tolerance) {
  if (region.empty()) return multi_polygon({});
  const double angle = largest_angle(std::max(tolerance, kSmallestTolerance));
  const CapSet set = region.cap_set().inflated(angle);
  auto loops = trace_outline(set);
  if (!loops) {
    // Drawn as the ball around it: larger, and said to be a rough figure anyway.
    const auto extent = region.extent();
    return cap_geojson(extent->centre, extent->radius, tolerance);
  }
  std::vector<PlanarRing> curves;
  // A third, because a cut at a meridian may lie that far off the circle already when its edges stray.
  for (const auto& loop : *loops) curves.push_back(curve_of(set, loop, angle / 3.0));
  // A ring larger than half the Earth has no inside that all readers agree on, and one around all of it has
  // none at all on a sphere: the way up the antimeridian is the way down.
  const auto extent = region.extent();
  const bool whole = extent && largest_angle(extent->radius) < kOnePieceRad;
  const auto covers = [&set](double lon) { return covers_meridian(set, lon); };
  return multi_polygon(polygons_of_curves(curves, covers, whole ? 360.0 : kColumnDeg));
}

std::string cap_geojson(LatLon centre, Kilometers radius, Kilometers tolerance) {
  const std::array<AnchorBound, 1> bounds{{{centre, Kilometers{0.0}, radius, 0}}};
  return region_geojson(Region::from_bounds(bounds, 0), tolerance);
}

}  // namespace chiploc
