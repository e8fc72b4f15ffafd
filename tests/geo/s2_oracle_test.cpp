// S2 as an oracle: polygons that it repairs itself from our lines, and its caps.

#include <s2/s2builder.h>
#include <s2/s2builderutil_s2polygon_layer.h>
#include <s2/s2builderutil_snap_functions.h>
#include <s2/s2cap.h>
#include <s2/s2polygon.h>

#include <memory>

#include "geo/border_table.hpp"
#include "geo/borders.hpp"
#include "geo/cap_set.hpp"
#include "geo/geodesic.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

S2Point s2_point(Vec3 point) { return S2Point{point.x, point.y, point.z}.Normalize(); }

/// The country as S2 builds it from nothing but our edges: crossings split, doubled edges cancelled, ends at
/// the antimeridian joined by snapping to 1 m.
std::unique_ptr<S2Polygon> s2_country(const BorderTable& table, std::uint32_t country) {
  S2Builder::Options options{s2builderutil::IdentitySnapFunction(S1Angle::Radians(1.6e-7))};
  options.set_split_crossing_edges(true);
  S2Builder builder{options};
  auto polygon = std::make_unique<S2Polygon>();
  s2builderutil::S2PolygonLayer::Options layer;
  layer.set_edge_type(S2Builder::EdgeType::UNDIRECTED);
  builder.StartLayer(std::make_unique<s2builderutil::S2PolygonLayer>(polygon.get(), layer));
  for (const auto& line : table.lines) {
    if (line.country != country) continue;
    for (std::uint32_t v = line.begin; v + 1 < line.end; ++v) {
      builder.AddEdge(s2_point(table.points[v]), s2_point(table.points[v + 1]));
    }
  }
  S2Error error;
  if (!builder.Build(&error)) return nullptr;
  return polygon;
}

TEST_CASE("country_at: agrees with polygons that S2 builds from the same edges", "[geo][s2]") {
  static const auto table = BorderTable::decode(embedded_border_bytes());
  REQUIRE(table.has_value());
  const Borders& borders = Borders::world();
  const std::string text =
      GENERATE(as<std::string>{}, "LS", "ZA", "CH", "LI", "FJ", "IT", "UZ", "HK", "BD", "TZ", "AQ");
  CAPTURE(text);
  const auto code = CountryCode::from_text(text).value();
  std::uint32_t row = 0;
  while (table->rows[row].code != text) ++row;
  const auto polygon = s2_country(*table, row);
  REQUIRE(polygon != nullptr);
  CHECK(polygon->GetArea() * 6371.007 * 6371.007 == Approx(borders.find(code)->area_km2).epsilon(0.006));

  std::mt19937_64 random{1};
  std::vector<std::uint32_t> vertices;
  for (const auto& line : table->lines) {
    for (std::uint32_t v = line.begin; line.country == row && v < line.end; ++v) vertices.push_back(v);
  }
  int inside = 0;
  int differ = 0;
  for (int i = 0; i < 1500; ++i) {
    const auto v = vertices[std::uniform_int_distribution<std::size_t>{0, vertices.size() - 1}(random)];
    const LatLon place =
        random_place_within(random, from_sphere(table->points[v]), Kilometers{i % 2 == 0 ? 5.0 : 200.0});
    const bool by_s2 = polygon->Contains(s2_point(to_sphere(place)));
    // Whether this country's polygons hold the place: country_at() names the smallest of several.
    const bool by_us = borders.distance_to_country(place, code).km() == 0.0;
    inside += by_us ? 1 : 0;
    if (by_s2 == by_us) continue;
    ++differ;
    // Straight in degrees against great circles: only within 50 m of a line.
    bool near_line = false;
    for (double azimuth = 0.0; azimuth < 360.0 && !near_line; azimuth += 5.0) {
      const LatLon beside = geodesic_direct(place, azimuth, Kilometers{0.06});
      near_line = (borders.distance_to_country(beside, code).km() == 0.0) != by_us;
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

}  // namespace
}  // namespace chiploc
