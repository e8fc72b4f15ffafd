#include "geo/area/area.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "geo/area/area_edges.hpp"
#include "geo/area/drawing.hpp"
#include "geo/area/polygon_union.hpp"
#include "geo/borders/border_parity.hpp"
#include "geo/borders/border_tree.hpp"
#include "geo/clearance.hpp"
#include "geo/geodesic.hpp"

namespace chiploc {
namespace {

double km2_of(const std::vector<UnitedPolygon>& polygons) {
  double sum = 0.0;
  for (const UnitedPolygon& polygon : polygons) {
    sum += planar_ring_km2(polygon.outer);
    for (const DrawnRing& hole : polygon.holes) sum -= planar_ring_km2(hole);
  }
  return sum;
}

AreaBox box_of(const std::vector<UnitedPolygon>& polygons) {
  AreaBox box{.south = 90.0, .west = 0.0, .north = -90.0, .east = 0.0};
  std::vector<std::pair<double, double>> spans;  // of longitude
  for (const UnitedPolygon& polygon : polygons) {
    std::pair<double, double> span{180.0, -180.0};
    for (const Degrees place : polygon.outer) {
      span = {std::min(span.first, place.lon), std::max(span.second, place.lon)};
      box.south = std::min(box.south, place.lat);
      box.north = std::max(box.north, place.lat);
    }
    spans.push_back(span);
  }
  std::sort(spans.begin(), spans.end());
  // What is left when the widest gap between them is taken out of the circle.
  double east = spans.front().second;
  double widest = -1.0;
  for (std::size_t i = 1; i < spans.size(); ++i) {
    if (spans[i].first - east > widest) {
      widest = spans[i].first - east;
      box.west = spans[i].first;
      box.east = east;
    }
    east = std::max(east, spans[i].second);
  }
  if (spans.front().first + 360.0 - east >= widest) {
    box.west = spans.front().first;
    box.east = east;
  }
  return box;
}

}  // namespace

struct Area::Tables {
  Tables(const AreaDrawing& drawing, const PolygonUnion& united)
      : km2{km2_of(united.polygons)},
        box{box_of(united.polygons)},
        parity{parity_edges(united.polygons)},
        drawn{drawn_edges(drawing.polygons)},
        boundary{boundary_edges(parity)},
        drawn_tree{drawn},
        boundary_tree{boundary} {}

  double km2;
  AreaBox box;
  BorderTable parity;
  BorderTable drawn;
  BorderTable boundary;
  BorderTree drawn_tree;
  BorderTree boundary_tree;
};

Area::Area(std::unique_ptr<const Tables> tables) : tables_{std::move(tables)} {}
Area::Area(Area&&) noexcept = default;
Area& Area::operator=(Area&&) noexcept = default;
Area::~Area() = default;

Area::Parsed Area::from_geojson(std::string_view text, const AreaLimits& limits) {
  const AreaDrawing drawing = read_drawing(text, limits);
  if (!drawing.fault.empty()) return {std::nullopt, drawing.fault};
  const PolygonUnion united = unite(drawing.polygons);
  if (!united.fault.empty()) return {std::nullopt, united.fault};
  return {Area{std::make_unique<const Tables>(drawing, united)}, {}};
}

Area Area::unknown() { return Area{nullptr}; }

std::optional<Kilometers> Area::clearance(const Region& region, Kilometers limit) const {
  return clearance_of(region, limit, [this](const Region& grown) { return meets(grown); });
}

Kilometers Area::distance_from(LatLon place) const {
  if (!tables_ || contains(place)) return Kilometers{0.0};
  return geodesic_distance(place, from_sphere(tables_->drawn_tree.nearest(to_sphere(place), 0)));
}

double Area::area_km2() const { return tables_ ? tables_->km2 : 0.0; }

AreaBox Area::box() const { return tables_ ? tables_->box : AreaBox{-90.0, -180.0, 90.0, 180.0}; }

bool Area::contains(LatLon place) const {
  if (!tables_) return false;
  const OddPoint p = odd_point(place.lat_deg(), place.lon_deg());
  bool inside = false;
  const BorderTable& table = tables_->parity;
  for (const BorderTable::Line& line : table.lines) {
    for (std::uint32_t v = line.begin; v + 1 < line.end; ++v) {
      if (crosses_north(table.vertices[v], table.vertices[v + 1], p)) inside = !inside;
    }
  }
  return inside;
}

bool Area::meets(const Region& region) const {
  if (region.empty()) return false;
  if (!tables_ || region.is_everything()) return true;
  // No drawn edge comes near any component, so each lies wholly inside or outside of every part.
  if (tables_->drawn_tree.touches(region.cap_set().inflated(largest_angle(kLineDifference)), 0)) return true;
  const auto points = region.representatives();
  return std::any_of(points.begin(), points.end(), [this](LatLon p) { return contains(p); });
}

bool Area::holds(const Region& region) const {
  if (!tables_ || region.empty() || region.is_everything()) return false;
  if (tables_->boundary_tree.touches(region.cap_set().inflated(largest_angle(kLineDifference)), 0))
    return false;
  // As above, of the union.
  const auto points = region.representatives();
  return std::all_of(points.begin(), points.end(), [this](LatLon p) { return contains(p); });
}

}  // namespace chiploc
