#include <s2/s2builder.h>
#include <s2/s2builderutil_s2polygon_layer.h>
#include <s2/s2builderutil_snap_functions.h>
#include <s2/s2cap.h>
#include <s2/s2cell_index.h>
#include <s2/s2polygon.h>
#include <s2/s2region_coverer.h>
#include <s2/s2region_intersection.h>

#include <set>

#include "geo/borders/border_table.hpp"
#include "geo/cap_set.hpp"
#include "tests/bench/references.hpp"

namespace chiploc::bench {
namespace {

S2Point s2_point(Vec3 point) { return S2Point{point.x, point.y, point.z}.Normalize(); }

}  // namespace

struct S2Countries::State {
  BorderTable table;
  S2CellIndex index;
};

S2Countries::S2Countries() : state_{new State{BorderTable::decode(embedded_border_bytes()).value(), {}}} {
  S2RegionCoverer::Options options;
  options.set_max_cells(64);
  S2RegionCoverer coverer{options};
  const auto add = [&](std::uint32_t country, BorderMap map) {
    S2Builder::Options how{s2builderutil::IdentitySnapFunction(S1Angle::Radians(1.6e-7))};
    how.set_split_crossing_edges(true);
    S2Builder builder{how};
    S2Polygon polygon;
    s2builderutil::S2PolygonLayer::Options layer;
    layer.set_edge_type(S2Builder::EdgeType::UNDIRECTED);
    builder.StartLayer(std::make_unique<s2builderutil::S2PolygonLayer>(&polygon, layer));
    for (const auto& line : state_->table.lines) {
      if (line.country != country || line.map != map) continue;
      for (std::uint32_t v = line.begin; v + 1 < line.end; ++v)
        builder.AddEdge(s2_point(state_->table.points[v]), s2_point(state_->table.points[v + 1]));
    }
    S2Error error;
    if (!builder.Build(&error)) return;
    state_->index.Add(coverer.GetCovering(polygon), static_cast<S2CellIndex::Label>(country));
  };
  for (std::uint32_t country = 0; country < state_->table.rows.size(); ++country) {
    for (const BorderMap map : {BorderMap::kSurveyed, BorderMap::kGeneralised}) add(country, map);
  }
  state_->index.Build();
}
S2Countries::~S2Countries() { delete state_; }

std::vector<std::string> S2Countries::met(std::span<const AnchorBound> bounds) const {
  std::vector<std::unique_ptr<S2Region>> caps;
  const CapSet set = CapSet::from_bounds(bounds, 0);
  for (const Cap& cap : set.caps())
    caps.push_back(std::make_unique<S2Cap>(s2_point(cap.centre), S1Angle::Radians(cap.radius)));
  const S2RegionIntersection region{std::move(caps)};
  S2RegionCoverer::Options options;
  options.set_max_cells(32);
  S2RegionCoverer coverer{options};
  std::vector<std::string> out;
  for (const auto label : state_->index.GetIntersectingLabels(coverer.GetCovering(region)))
    out.push_back(state_->table.rows[static_cast<std::size_t>(label)].code);
  return out;
}

}  // namespace chiploc::bench
