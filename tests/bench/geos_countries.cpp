#include "tests/bench/references.hpp"

#if CHIPLOC_BENCH_GEOS
#include <geos_c.h>

#include <cstdarg>

#include "geo/borders/border_table.hpp"

namespace chiploc::bench {
namespace {

void silent(const char*, void*) {}

struct Found {
  GEOSContextHandle_t geos;
  const GEOSGeometry* region;
  std::vector<std::string>* out;
};
struct Entry {
  std::string code;
  GEOSGeometry* shape;
  const GEOSPreparedGeometry* prepared;
};

}  // namespace

struct GeosCountries::State {
  GEOSContextHandle_t geos = GEOS_init_r();
  GEOSSTRtree* tree = nullptr;
  std::vector<Entry> entries;

  GEOSGeometry* ring(const std::vector<std::pair<double, double>>& points, bool polygon) const {
    GEOSCoordSequence* sequence = GEOSCoordSeq_create_r(geos, static_cast<unsigned>(points.size()), 2);
    for (unsigned i = 0; i < points.size(); ++i)
      GEOSCoordSeq_setXY_r(geos, sequence, i, points[i].first, points[i].second);
    if (!polygon) return GEOSGeom_createLineString_r(geos, sequence);
    return GEOSGeom_createPolygon_r(geos, GEOSGeom_createLinearRing_r(geos, sequence), nullptr, 0);
  }
};

bool have_geos() { return true; }

GeosCountries::GeosCountries() : state_{new State} {
  State& s = *state_;
  GEOSContext_setErrorMessageHandler_r(s.geos, silent, nullptr);
  s.tree = GEOSSTRtree_create_r(s.geos, 10);
  const auto table = BorderTable::decode(embedded_border_bytes()).value();
  constexpr double kDegrees = 0.5e-6;
  s.entries.reserve(2 * table.rows.size());
  for (std::uint32_t country = 0; country < table.rows.size(); ++country) {
    for (const BorderMap map : {BorderMap::kSurveyed, BorderMap::kGeneralised}) {
      std::vector<GEOSGeometry*> lines;
      for (const auto& line : table.lines) {
        if (line.country != country || line.map != map || line.end - line.begin < 2) continue;
        std::vector<std::pair<double, double>> points;
        for (std::uint32_t v = line.begin; v < line.end; ++v)
          points.emplace_back(table.vertices[v].x * kDegrees, table.vertices[v].y * kDegrees);
        lines.push_back(s.ring(points, false));
      }
      if (lines.empty()) continue;
      GEOSGeometry* all = GEOSGeom_createCollection_r(s.geos, GEOS_GEOMETRYCOLLECTION, lines.data(),
                                                      static_cast<unsigned>(lines.size()));
      GEOSGeometry* area = GEOSBuildArea_r(s.geos, all);
      GEOSGeom_destroy_r(s.geos, all);
      if (area == nullptr) continue;
      s.entries.push_back({table.rows[country].code, area, GEOSPrepare_r(s.geos, area)});
      GEOSSTRtree_insert_r(s.geos, s.tree, area, &s.entries.back());
    }
  }
}

GeosCountries::~GeosCountries() {
  GEOSSTRtree_destroy_r(state_->geos, state_->tree);
  for (const Entry& entry : state_->entries) {
    GEOSPreparedGeom_destroy_r(state_->geos, entry.prepared);
    GEOSGeom_destroy_r(state_->geos, entry.shape);
  }
  GEOS_finish_r(state_->geos);
  delete state_;
}

std::vector<std::string> GeosCountries::met(std::span<const AnchorBound> bounds) const {
  const State& s = *state_;
  std::vector<std::string> out;
  GEOSGeometry* region = nullptr;
  for (const AnchorBound& bound : bounds) {
    std::vector<std::pair<double, double>> points;
    constexpr int kCorners = 64;
    for (int i = 0; i <= kCorners; ++i) {
      const double azimuth = -360.0 * (i % kCorners) / kCorners;
      const LatLon corner =
          geodesic_direct(bound.place, azimuth, Kilometers{bound.radius.km() + bound.place_uncertainty.km()});
      points.emplace_back(corner.lon_deg(), corner.lat_deg());
    }
    GEOSGeometry* cap = s.ring(points, true);
    if (region == nullptr) {
      region = cap;
      continue;
    }
    GEOSGeometry* both = GEOSIntersection_r(s.geos, region, cap);
    GEOSGeom_destroy_r(s.geos, region);
    GEOSGeom_destroy_r(s.geos, cap);
    region = both;
    if (region == nullptr) return out;
  }
  Found found{s.geos, region, &out};
  GEOSSTRtree_query_r(
      s.geos, s.tree, region,
      [](void* item, void* user) {
        const auto& entry = *static_cast<const Entry*>(item);
        const auto& f = *static_cast<const Found*>(user);
        if (GEOSPreparedIntersects_r(f.geos, entry.prepared, f.region) == 1) f.out->push_back(entry.code);
      },
      &found);
  GEOSGeom_destroy_r(s.geos, region);
  return out;
}

}  // namespace chiploc::bench
#else
namespace chiploc::bench {
bool have_geos() { return false; }
GeosCountries::GeosCountries() : state_{nullptr} {}
GeosCountries::~GeosCountries() = default;
std::vector<std::string> GeosCountries::met(std::span<const AnchorBound>) const { return {}; }
}  // namespace chiploc::bench
#endif
