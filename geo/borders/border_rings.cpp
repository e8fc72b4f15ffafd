#include "geo/borders/border_rings.hpp"

#include <algorithm>
#include <cstdlib>

#include "geo/borders/border_parity.hpp"
#include "geo/lat_lon.hpp"

namespace chiploc {
namespace {

std::span<const BorderTable::Line> lines_of(const BorderTable& table, std::uint32_t country, BorderMap map) {
  const auto before = [](const BorderTable::Line& line, std::pair<std::uint32_t, BorderMap> key) {
    return std::pair{line.country, line.map} < key;
  };
  const auto begin =
      std::lower_bound(table.lines.begin(), table.lines.end(), std::pair{country, map}, before);
  auto end = begin;
  while (end != table.lines.end() && end->country == country && end->map == map) ++end;
  return {begin, end};
}

/// The same place; the antimeridian has two longitudes.
bool same_place(BorderVertex a, BorderVertex b) {
  const bool across = std::abs(std::int64_t{a.x}) == kHalfTurn && std::abs(std::int64_t{b.x}) == kHalfTurn;
  return a.y == b.y && (a.x == b.x || across);
}

}  // namespace

std::vector<std::vector<Vec3>> border_rings(const BorderTable& table, std::uint32_t country, BorderMap map) {
  std::vector<std::vector<Vec3>> rings;
  std::vector<Vec3> ring;
  BorderVertex start;
  for (const BorderTable::Line& line : lines_of(table, country, map)) {
    if (ring.empty()) start = table.vertices[line.begin];
    ring.insert(ring.end(), table.points.begin() + line.begin, table.points.begin() + line.end);
    if (!same_place(start, table.vertices[line.end - 1])) continue;
    ring.pop_back();  // the first point again
    if (ring.size() >= 3) rings.push_back(std::move(ring));
    ring.clear();
  }
  if (ring.size() >= 3) rings.push_back(std::move(ring));
  return rings;
}

bool border_rings_hold(const BorderTable& table, std::uint32_t country, BorderMap map, Vec3 point) {
  const LatLon place = from_sphere(point);
  const OddPoint asked = odd_point(place.lat_deg(), place.lon_deg());
  bool inside = false;
  for (const BorderTable::Line& line : lines_of(table, country, map)) {
    for (std::uint32_t i = line.begin; i + 1 < line.end; ++i) {
      inside ^= crosses_north(table.vertices[i], table.vertices[i + 1], asked);
    }
  }
  return inside;
}

}  // namespace chiploc
