#include "geo/area/area_land.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <set>

#include "geo/geodesic.hpp"

namespace chiploc {
namespace {

struct Cell {
  double south;
  double west;  // east of it goes on past 180
  double height;
  double width;
};

constexpr double kWidestCellDeg = 20.0;
constexpr double kLeastCellKm = 2.0;

LatLon place_of(double lat, double lon) {
  const double wrapped = std::remainder(lon, 360.0);
  return *LatLon::from_degrees(
      {.lat = std::clamp(lat, -90.0, 90.0), .lon = std::clamp(wrapped, -180.0, 180.0)});
}

double radius_of(const Cell& cell, LatLon middle) {
  double farthest = 0.0;
  for (const double x : {0.0, 0.5, 1.0}) {
    for (const double y : {0.0, 1.0}) {
      const LatLon corner = place_of(cell.south + y * cell.height, cell.west + x * cell.width);
      farthest = std::max(farthest, geodesic_distance(middle, corner).km());
    }
  }
  return farthest * 1.02 + 0.01;
}

Region disk(LatLon middle, double km) {
  const std::array<AnchorBound, 1> bounds{{{middle, Kilometers{0.0}, Kilometers{km}, 0}}};
  return Region::from_bounds(bounds, 0);
}

void split(const Cell& cell, std::deque<Cell>& out) {
  const double height = cell.height / 2.0;
  const double width = cell.width / 2.0;
  for (const double y : {0.0, height}) {
    for (const double x : {0.0, width}) out.push_back({cell.south + y, cell.west + x, height, width});
  }
}

}  // namespace

LatLon middle_of(const AreaBox& box) {
  const double east = box.east < box.west ? box.east + 360.0 : box.east;
  return place_of((box.south + box.north) / 2.0, (box.west + east) / 2.0);
}

std::vector<CountryCode> land_of(const Area& area, const Borders& borders, std::size_t most_cells) {
  const AreaBox box = area.box();
  const double width = (box.east < box.west ? box.east + 360.0 : box.east) - box.west;
  const double height = box.north - box.south;
  const Cell whole{box.south, box.west, height, width};
  const double least_km = std::max(kLeastCellKm, radius_of(whole, middle_of(box)) / 100.0);
  std::deque<Cell> left{whole};
  std::set<CountryCode> found;
  std::size_t looked_at = 0;
  while (!left.empty()) {
    const Cell cell = left.front();
    left.pop_front();
    if (cell.width > kWidestCellDeg || cell.height > kWidestCellDeg) {
      split(cell, left);
      continue;
    }
    const LatLon middle = place_of(cell.south + cell.height / 2.0, cell.west + cell.width / 2.0);
    const double km = radius_of(cell, middle);
    const Region region = disk(middle, km);
    if (!area.meets(region)) continue;
    const CountrySet met = borders.countries_met(region);
    const bool news =
        std::any_of(met.begin(), met.end(), [&](CountryCode code) { return found.count(code) == 0; });
    if (!news) continue;
    if (km <= least_km || ++looked_at > most_cells || area.holds(region)) {
      found.insert(met.begin(), met.end());
    } else {
      split(cell, left);
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace chiploc
