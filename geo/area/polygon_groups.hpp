#pragma once
// Which drawn polygons have to be united with each other, and whether that is within bounds: what GEOS is
// asked to do, worked out before it is asked.

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "geo/area/drawing.hpp"

namespace chiploc {

inline constexpr std::size_t kMostCrossings = 20'000;
inline constexpr std::size_t kMostMeetings = 1'000'000;
inline constexpr std::size_t kMostOverlaps = 50'000;

/// Polygons that may meet each other, by number; the smallest number stands for the group.
class PolygonGroups {
 public:
  explicit PolygonGroups(std::size_t count) : parent_(count) {
    for (std::size_t i = 0; i < count; ++i) parent_[i] = i;
  }
  [[nodiscard]] std::size_t of(std::size_t i) {
    while (parent_[i] != i) {
      parent_[i] = parent_[parent_[i]];  // halves the way for whoever asks next
      i = parent_[i];
    }
    return i;
  }
  void join(std::size_t i, std::size_t j) {
    i = of(i);
    j = of(j);
    parent_[std::max(i, j)] = std::min(i, j);
  }

 private:
  std::vector<std::size_t> parent_;
};

struct PlanarBox {
  double west = 180.0;
  double east = -180.0;
  double south = 90.0;
  double north = -90.0;

  void add(Degrees p) {
    west = std::min(west, p.lon);
    east = std::max(east, p.lon);
    south = std::min(south, p.lat);
    north = std::max(north, p.lat);
  }
  [[nodiscard]] bool meets(const PlanarBox& o) const {
    return west <= o.east && o.west <= east && south <= o.north && o.south <= north;
  }
  [[nodiscard]] bool holds(Degrees p) const {
    return p.lon >= west && p.lon <= east && p.lat >= south && p.lat <= north;
  }
};

/// Whether the way north from the place crosses the ring an odd number of times; the place is not on it.
[[nodiscard]] bool odd_crossings(const DrawnRing& ring, Degrees p);

/// Joins polygons whose edges come near each other; says so when uniting them is beyond the bounds. Looks at
/// pairs of edges in the order of their western ends.
[[nodiscard]] std::string join_meeting(std::span<const DrawnPolygon> polygons, PolygonGroups& groups);

/// Joins what fills another polygon's hole with that polygon, though no edge of one may come near the
/// other's. Where none does, the ring of the hole is wholly inside or wholly outside, so one position of it
/// tells.
void join_fillers(std::span<const DrawnPolygon> polygons, PolygonGroups& groups);

/// Empty when no more than kMostOverlaps pairs of the group's polygons have boxes that overlap: GEOS looks
/// for the ring around each hole among all of them.
[[nodiscard]] std::string too_many_overlaps(std::span<const DrawnPolygon> polygons,
                                            const std::vector<std::size_t>& group);

}  // namespace chiploc
