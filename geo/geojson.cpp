#include "geo/geojson.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "geo/outline.hpp"
#include "geo/planar_rings.hpp"

namespace chiploc {
namespace {

using nlohmann::json;

constexpr Kilometers kSmallestTolerance{0.001};
constexpr double kLongestStep = 0.4;    // rad around a circle: a chord is looked at on less than a quadrant
constexpr double kShortestStep = 1e-7;  // rad: where the curve passes a pole, no chord gets nearer

PlanarPoint planar(Vec3 point, double near_x) {
  const LatLon place = from_sphere(point);
  // The copy of the longitude that is nearest to the last one.
  return {near_x + std::remainder(place.lon_deg() - near_x, 360.0), place.lat_deg()};
}

Vec3 on_sphere(PlanarPoint p) { return to_sphere(Degrees{.lat = p.y, .lon = std::remainder(p.x, 360.0)}); }

/// Appends points of one cap's circle after angle `from` up to and including `to`, such that every straight
/// line in longitude and latitude stays within `allowed` radians of the circle.
void append_arc(PlanarRing& ring, const Cap& cap, double from, double to, double allowed) {
  const PlanarPoint a = ring.back();
  const PlanarPoint b = planar(point_on_circle(cap, to), a.x);
  bool split = to - from > kLongestStep;
  for (const double t : {0.125, 0.25, 0.5, 0.75, 0.875}) {
    if (split) break;
    const Vec3 chord = on_sphere({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)});
    split = std::abs(angle_between(chord, cap.centre) - cap.radius) > allowed;
  }
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

/// Whether the antimeridian lies in a set whose boundary does not cross it: the vote of points along it,
/// because a boundary that comes within rounding of it could decide a single one.
bool covers_antimeridian(const CapSet& set) {
  int votes = 0;
  for (double lat = -85.0; lat <= 85.0; lat += 10.0) {
    votes += set.contains(to_sphere(Degrees{.lat = lat, .lon = 180.0})) ? 1 : -1;
  }
  return votes > 0;
}

json ring_json(const PlanarRing& ring) {
  json positions = json::array();
  const auto rounded = [](double degrees) { return std::round(degrees * 1e7) / 1e7; };
  for (const PlanarPoint p : ring) {
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
  for (const auto& loop : *loops) curves.push_back(curve_of(set, loop, angle / 2.0));
  return multi_polygon(polygons_of_curves(curves, covers_antimeridian(set)));
}

std::string cap_geojson(LatLon centre, Kilometers radius, Kilometers tolerance) {
  const std::array<AnchorBound, 1> bounds{{{centre, Kilometers{0.0}, radius, 0}}};
  return region_geojson(Region::from_bounds(bounds, 0), tolerance);
}

}  // namespace chiploc
