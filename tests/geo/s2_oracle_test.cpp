// S2 as an oracle: polygons that it repairs itself from our lines, and its caps.

#include <s2/s2builder.h>
#include <s2/s2builderutil_s2polygon_layer.h>
#include <s2/s2builderutil_snap_functions.h>
#include <s2/s2cap.h>
#include <s2/s2loop.h>
#include <s2/s2polygon.h>
#include <algorithm>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "geo/borders/border_grid.hpp"
#include "geo/borders/border_table.hpp"
#include "geo/borders/borders.hpp"
#include "geo/cap_set.hpp"
#include "geo/geodesic.hpp"
#include "geo/geojson.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

S2Point s2_point(Vec3 point) { return S2Point{point.x, point.y, point.z}.Normalize(); }

/// The country as S2 builds it from nothing but our edges: crossings split, doubled edges cancelled, ends at
/// the antimeridian joined by snapping to 1 m.
std::unique_ptr<S2Polygon> s2_country(const BorderTable& table, std::uint32_t country, BorderMap map) {
  S2Builder::Options options{s2builderutil::IdentitySnapFunction(S1Angle::Radians(1.6e-7))};
  options.set_split_crossing_edges(true);
  S2Builder builder{options};
  auto polygon = std::make_unique<S2Polygon>();
  s2builderutil::S2PolygonLayer::Options layer;
  layer.set_edge_type(S2Builder::EdgeType::UNDIRECTED);
  builder.StartLayer(std::make_unique<s2builderutil::S2PolygonLayer>(polygon.get(), layer));
  for (const auto& line : table.lines) {
    if (line.country != country || line.map != map) continue;
    for (std::uint32_t v = line.begin; v + 1 < line.end; ++v) {
      builder.AddEdge(s2_point(table.points[v]), s2_point(table.points[v + 1]));
    }
  }
  S2Error error;
  if (!builder.Build(&error)) return nullptr;
  return polygon;
}

TEST_CASE("BorderGrid: agrees with polygons that S2 builds from the same edges", "[geo][s2]") {
  static const auto table = BorderTable::decode(embedded_border_bytes());
  REQUIRE(table.has_value());
  const Borders& borders = Borders::world();
  static const BorderGrid grid{*table, BorderMap::kSurveyed};
  const std::string text =
      GENERATE(as<std::string>{}, "LS", "ZA", "CH", "LI", "FJ", "IT", "UZ", "HK", "BD", "TZ", "AQ");
  CAPTURE(text);
  const auto code = CountryCode::from_text(text).value();
  std::uint32_t row = 0;
  while (table->rows[row].code != text) ++row;
  const auto polygon = s2_country(*table, row, BorderMap::kSurveyed);
  const auto generalised = s2_country(*table, row, BorderMap::kGeneralised);
  REQUIRE(polygon != nullptr);
  REQUIRE(generalised != nullptr);
  CHECK(std::max(polygon->GetArea(), generalised->GetArea()) * 6371.007 * 6371.007 ==
        Approx(borders.find(code)->area_km2).epsilon(0.006));

  std::mt19937_64 random{1};
  std::vector<std::uint32_t> vertices;
  for (const auto& line : table->lines) {
    const bool own = line.country == row && line.map == BorderMap::kSurveyed;
    for (std::uint32_t v = line.begin; own && v < line.end; ++v) vertices.push_back(v);
  }
  int inside = 0;
  int differ = 0;
  for (int i = 0; i < 1500; ++i) {
    const auto v = vertices[std::uniform_int_distribution<std::size_t>{0, vertices.size() - 1}(random)];
    const LatLon place =
        random_place_within(random, from_sphere(table->points[v]), Kilometers{i % 2 == 0 ? 5.0 : 200.0});
    const bool by_s2 = polygon->Contains(s2_point(to_sphere(place)));
    const bool by_us = grid.countries_at(place)[row];
    inside += by_us ? 1 : 0;
    if (by_s2 == by_us) continue;
    ++differ;
    // Straight in degrees against great circles: only within 50 m of a line.
    bool near_line = false;
    for (double azimuth = 0.0; azimuth < 360.0 && !near_line; azimuth += 5.0) {
      const LatLon beside = geodesic_direct(place, azimuth, Kilometers{0.06});
      near_line = grid.countries_at(beside)[row] != by_us;
    }
    CHECK(near_line);
  }
  CHECK(inside > 100);
  CHECK(differ < 15);
}

TEST_CASE("Cap: holds the same points as S2's cap", "[geo][s2][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{50}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const Vec3 centre = to_sphere(random_place(random));
  const double radius = std::uniform_real_distribution<double>{0.001, 3.1}(random);
  const CapSet set{{Cap{centre, radius, 0}}, 0};
  const S2Cap cap{s2_point(centre), S1Angle::Radians(radius)};
  for (int i = 0; i < 200; ++i) {
    const Vec3 point = to_sphere(random_place(random));
    if (std::abs(angle_between(point, centre) - radius) < 1e-9) continue;
    CHECK(set.contains(point) == cap.Contains(s2_point(point)));
  }
}

/// As S2 takes a ring: the left of it. Positions that are one point on the sphere count once.
std::unique_ptr<S2Loop> s2_ring(const nlohmann::json& ring) {
  std::vector<S2Point> points;
  for (std::size_t i = 0; i + 1 < ring.size(); ++i) {
    const S2Point point =
        s2_point(to_sphere(Degrees{.lat = ring[i][1].get<double>(), .lon = ring[i][0].get<double>()}));
    if (points.empty() || points.back().Angle(point) > 1e-15) points.push_back(point);
  }
  while (points.size() > 1 && points.front().Angle(points.back()) < 1e-15) points.pop_back();
  return std::make_unique<S2Loop>(points, S2Debug::DISABLE);
}

TEST_CASE("cap_geojson: S2 finds every place of the cap in what is drawn", "[geo][s2][property]") {
  const auto lat = GENERATE(0.0, -55.0, 70.0, 86.0, -89.9);
  const auto km = GENERATE(40.0, 2500.0, 9900.0, 18'000.0);
  CAPTURE(lat, km);
  const LatLon centre = place_at(lat, 173.3);
  const auto geometry = nlohmann::json::parse(cap_geojson(centre, Kilometers{km}));
  std::vector<std::vector<std::unique_ptr<S2Loop>>> polygons;
  double km2 = 0.0;
  for (const auto& polygon : geometry.at("coordinates")) {
    auto& loops = polygons.emplace_back();
    for (const auto& ring : polygon) {
      loops.push_back(s2_ring(ring));
      km2 += (loops.size() == 1 ? loops.back()->GetArea() : loops.back()->GetArea() - 12.566370614359172) *
             6371.0 * 6371.0;
    }
  }
  const auto drawn = [&](LatLon place) {
    const S2Point point = s2_point(to_sphere(place));
    return std::any_of(polygons.begin(), polygons.end(), [&](const auto& loops) {
      return std::all_of(loops.begin(), loops.end(), [&](const auto& loop) { return loop->Contains(point); });
    });
  };
  for (double azimuth = 0.25; azimuth < 360.0; azimuth += 3.7) {
    CHECK(drawn(geodesic_direct(centre, azimuth, Kilometers{km})));
    CHECK(drawn(geodesic_direct(centre, azimuth, Kilometers{km * 0.7})));
  }
  CHECK(km2 ==
        Approx(S2Cap{s2_point(to_sphere(centre)), S1Angle::Radians(km / 6371.0)}.GetArea() * 6371.0 * 6371.0)
            .epsilon(0.12));
}

}  // namespace
}  // namespace chiploc
