#include "server/registry/area_facts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>

#include "geo/area/area_land.hpp"
#include "geo/geodesic.hpp"

namespace chiploc {
namespace {

struct Span {
  double from = 0.0;
  double to = 0.0;
};

/// What two spans of longitude have in common, of which `to` may lie past 180: one piece is enough to look
/// in.
std::vector<Span> common_longitudes(const AreaBox& a, const AreaBox& b) {
  const auto span = [](const AreaBox& box) {
    return Span{box.west, box.east < box.west ? box.east + 360.0 : box.east};
  };
  std::vector<Span> out;
  for (const double turn : {-360.0, 0.0, 360.0}) {
    const Span mine = span(a);
    const Span other{span(b).from + turn, span(b).to + turn};
    const Span both{std::max(mine.from, other.from), std::min(mine.to, other.to)};
    if (both.from <= both.to) out.push_back(both);
  }
  return out;
}

struct Cell {
  double south, north, west, east;
  int depth;
};

LatLon place_of(double lat, double lon) {
  return *LatLon::from_degrees(
      {.lat = std::clamp(lat, -90.0, 90.0), .lon = std::clamp(std::remainder(lon, 360.0), -180.0, 180.0)});
}

Region disk_around(const Cell& cell) {
  const LatLon middle = place_of((cell.south + cell.north) / 2.0, (cell.west + cell.east) / 2.0);
  double farthest = 0.0;
  for (const double lat : {cell.south, cell.north}) {
    for (const double lon : {cell.west, (cell.west + cell.east) / 2.0, cell.east})
      farthest = std::max(farthest, geodesic_distance(middle, place_of(lat, lon)).km());
  }
  const std::array<AnchorBound, 1> bounds{{{middle, Kilometers{0.0}, Kilometers{farthest * 1.02 + 0.01}, 0}}};
  return Region::from_bounds(bounds, 0);
}

bool areas_overlap(const Area& a, const Area& b) {
  constexpr int kDeepest = 6;
  constexpr std::size_t kMostCells = 500;
  constexpr double kWidestDeg = 20.0;
  const AreaBox box_a = a.box();
  const AreaBox box_b = b.box();
  const double south = std::max(box_a.south, box_b.south);
  const double north = std::min(box_a.north, box_b.north);
  if (south > north) return false;
  std::deque<Cell> left;
  for (const Span& lon : common_longitudes(box_a, box_b)) left.push_back({south, north, lon.from, lon.to, 0});
  for (std::size_t looked_at = 0; !left.empty(); ++looked_at) {
    const Cell cell = left.front();
    left.pop_front();
    const bool wide = cell.north - cell.south > kWidestDeg || cell.east - cell.west > kWidestDeg;
    if (!wide) {
      const Region disk = disk_around(cell);
      if (!a.meets(disk) || !b.meets(disk)) continue;
      if (cell.depth >= kDeepest || looked_at > kMostCells || a.holds(disk) || b.holds(disk)) return true;
    }
    const double lat = (cell.south + cell.north) / 2.0;
    const double lon = (cell.west + cell.east) / 2.0;
    const int depth = cell.depth + (wide ? 0 : 1);
    for (const Span& y : {Span{cell.south, lat}, Span{lat, cell.north}}) {
      for (const Span& x : {Span{cell.west, lon}, Span{lon, cell.east}})
        left.push_back({y.from, y.to, x.from, x.to, depth});
    }
  }
  return false;
}

}  // namespace

const std::vector<CountryCode>* AreaLand::of(const TerritoryRecord& territory) {
  if (!readable(territory)) return nullptr;
  const auto at = known_.find(territory.name);
  if (at != known_.end()) return &at->second;
  if (known_.size() >= most_) return nullptr;
  return &known_.emplace(territory.name, land_of(*territory.area, borders_)).first->second;
}

std::optional<bool> AreaLand::overlap(const TerritoryRecord& a, const TerritoryRecord& b) {
  if (!readable(a) || !readable(b)) return false;
  const AreaBox one = a.area->box();
  const AreaBox two = b.area->box();
  if (one.north < two.south || two.north < one.south || common_longitudes(one, two).empty()) return false;
  const auto key = std::minmax(a.name, b.name);
  const auto at = overlaps_.find({key.first, key.second});
  if (at != overlaps_.end()) return at->second;
  if (overlaps_.size() >= most_) return std::nullopt;
  return overlaps_[{key.first, key.second}] = areas_overlap(*a.area, *b.area);
}

}  // namespace chiploc
