#include "geo/area/area_edges.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "geo/borders/border_lines.hpp"
#include "geo/borders/border_parity.hpp"

namespace chiploc {
namespace {

constexpr double kDegrees = 0.5e-6;  // a vertex's unit

void add_vertex(BorderTable& table, BorderVertex vertex) {
  table.vertices.push_back(vertex);
  table.points.push_back(to_sphere(Degrees{.lat = vertex.y * kDegrees, .lon = vertex.x * kDegrees}));
}

template <class Vertices>
void add_line(BorderTable& table, const Vertices& vertices) {
  const auto begin = static_cast<std::uint32_t>(table.vertices.size());
  for (const BorderVertex vertex : vertices) add_vertex(table, vertex);
  table.lines.push_back({begin, static_cast<std::uint32_t>(table.vertices.size()), 0});
}

void add_ring(BorderTable& table, const DrawnRing& ring) {
  if (ring.empty()) return;
  for (const GridLine& line : lines_of_ring(with_short_edges(ring))) {
    std::vector<BorderVertex> vertices;
    vertices.reserve(line.size());
    for (const GridPoint point : line) vertices.push_back({point.lon * 2, point.lat * 2});
    add_line(table, vertices);
  }
}

BorderTable empty_table() {
  BorderTable table;
  table.rows.push_back({});
  return table;
}

/// Stretches of one meridian, south to north.
using Stretches = std::vector<std::pair<std::int32_t, std::int32_t>>;

/// Where one of the two has a stretch and the other has none.
Stretches on_one_side(const Stretches& east, const Stretches& west) {
  std::vector<std::int32_t> ends;
  for (const Stretches* side : {&east, &west}) {
    for (const auto& [south, north] : *side) {
      ends.push_back(south);
      ends.push_back(north);
    }
  }
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  // +1 at a southern end, -1 at a northern: the sum is how often what lies above is covered.
  const auto covered = [&ends](const Stretches& side) {
    std::vector<int> sum(ends.size(), 0);
    const auto at = [&ends](std::int32_t y) {
      return std::lower_bound(ends.begin(), ends.end(), y) - ends.begin();
    };
    for (const auto& [south, north] : side) {
      ++sum[static_cast<std::size_t>(at(south))];
      --sum[static_cast<std::size_t>(at(north))];
    }
    for (std::size_t i = 1; i < sum.size(); ++i) sum[i] += sum[i - 1];
    return sum;
  };
  const std::vector<int> in_east = covered(east);
  const std::vector<int> in_west = covered(west);
  Stretches out;
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    if ((in_east[i] > 0) != (in_west[i] > 0)) out.emplace_back(ends[i], ends[i + 1]);
  }
  return out;
}

}  // namespace

BorderTable drawn_edges(std::span<const DrawnPolygon> polygons) {
  BorderTable table = empty_table();
  for (const DrawnPolygon& polygon : polygons) {
    for (const DrawnRing& ring : polygon.rings) add_ring(table, ring);
  }
  return table;
}

BorderTable parity_edges(std::span<const UnitedPolygon> polygons) {
  BorderTable table = empty_table();
  for (const UnitedPolygon& polygon : polygons) {
    add_ring(table, polygon.outer);
    for (const DrawnRing& hole : polygon.holes) add_ring(table, hole);
  }
  return table;
}

BorderTable boundary_edges(const BorderTable& parity) {
  BorderTable table = empty_table();
  Stretches east;
  Stretches west;
  for (const BorderTable::Line& line : parity.lines) {
    std::vector<BorderVertex> run;
    const auto end_run = [&] {
      if (run.size() > 1) add_line(table, run);
      run.clear();
    };
    for (std::uint32_t v = line.begin; v + 1 < line.end; ++v) {
      const BorderVertex a = parity.vertices[v];
      const BorderVertex b = parity.vertices[v + 1];
      const bool along_pole = a.y == b.y && (a.y == kQuarterTurn || a.y == -kQuarterTurn);
      const bool along_cut = a.x == b.x && (a.x == kHalfTurn || a.x == -kHalfTurn);
      if (along_pole || along_cut) {
        end_run();
        if (along_cut) (a.x > 0 ? east : west).emplace_back(std::min(a.y, b.y), std::max(a.y, b.y));
        continue;
      }
      if (run.empty()) run.push_back(a);
      run.push_back(b);
    }
    end_run();
  }
  for (const auto& [south, north] : on_one_side(east, west)) {
    const auto x = static_cast<std::int32_t>(kHalfTurn);
    add_line(table, std::vector<BorderVertex>{{x, south}, {x, north}});
  }
  return table;
}

}  // namespace chiploc
