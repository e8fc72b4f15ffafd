#include "geo/geojson.hpp"

#include <nlohmann/json.hpp>

#include "geo/geodesic.hpp"
#include "geo/planar_rings.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using nlohmann::json;

/// Even-odd over all rings: straight lines in longitude and latitude, as RFC 7946 draws them.
bool drawn(const json& geometry, LatLon place) {
  bool inside = false;
  for (const json& polygon : geometry.at("coordinates")) {
    for (const json& ring : polygon) {
      for (std::size_t i = 0; i + 1 < ring.size(); ++i) {
        const double ax = ring[i][0];
        const double ay = ring[i][1];
        const double bx = ring[i + 1][0];
        const double by = ring[i + 1][1];
        const double x = place.lon_deg();
        if ((ax <= x) != (bx <= x) && place.lat_deg() < ay + (by - ay) * (x - ax) / (bx - ax))
          inside = !inside;
      }
    }
  }
  return inside;
}

double ring_area(const json& ring) {
  double sum = 0.0;
  for (std::size_t i = 0; i + 1 < ring.size(); ++i) {
    sum += ring[i][0].get<double>() * ring[i + 1][1].get<double>() -
           ring[i + 1][0].get<double>() * ring[i][1].get<double>();
  }
  return sum / 2.0;
}

/// What RFC 7946 asks of every polygon.
void check_form(const json& geometry) {
  CHECK(geometry.at("type") == "MultiPolygon");
  for (const json& polygon : geometry.at("coordinates")) {
    REQUIRE_FALSE(polygon.empty());
    for (std::size_t i = 0; i < polygon.size(); ++i) {
      const json& ring = polygon[i];
      REQUIRE(ring.size() >= 4);
      CHECK(ring.front() == ring.back());
      CHECK((ring_area(ring) > 0.0) == (i == 0));  // right-hand rule
      for (const json& position : ring) {
        CHECK(std::abs(position[0].get<double>()) <= 180.0);
        CHECK(std::abs(position[1].get<double>()) <= 90.0);
      }
    }
  }
}

AnchorBound bound(LatLon place, double km, std::uint32_t perspective) {
  return {place, Kilometers{0.0}, Kilometers{km}, perspective};
}

TEST_CASE("region_geojson: every place of the region is drawn, and few others", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{150}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  // Over the poles, across the antimeridian, and anywhere.
  const LatLon chip = seed % 5 == 0   ? place_at(89.0, 30.0)
                      : seed % 5 == 1 ? place_at(-88.0, -170.0)
                      : seed % 5 == 2 ? place_at(15.0, 179.9)
                                      : random_place(random);
  std::vector<AnchorBound> bounds;
  const auto count = std::uniform_int_distribution<std::uint32_t>{1, 7}(random);
  for (std::uint32_t i = 0; i < count; ++i) {
    const LatLon anchor = random_place_within(random, chip, Kilometers{seed % 3 == 0 ? 9000.0 : 1500.0});
    bounds.push_back(bound(anchor, geodesic_distance(anchor, chip).km() * 1.05 + 30.0, i));
  }
  const Kilometers tolerance{seed % 2 == 0 ? 1.0 : 10.0};
  const Region region = Region::from_bounds(bounds, seed % 4 == 3 ? 1 : 0);
  const json geometry = json::parse(region_geojson(region, tolerance));
  check_form(geometry);
  CHECK(drawn(geometry, chip));
  const Region limit = region.inflated(tolerance * 2.0);
  int inside = 0;
  for (int i = 0; i < 1500; ++i) {
    const LatLon place =
        i % 2 == 0 ? random_place(random) : random_place_within(random, chip, Kilometers{2500.0});
    const bool on_map = drawn(geometry, place);
    if (region.contains(place)) {
      ++inside;
      CHECK(on_map);
    }
    if (on_map) CHECK(limit.contains(place));
  }
  CHECK(inside > 0);
}

TEST_CASE("region_geojson: empty and everything have their forms", "[geo]") {
  const std::vector<AnchorBound> apart{bound(place_at(0, 0), 10, 1), bound(place_at(0, 90), 10, 2)};
  const json none = json::parse(region_geojson(Region::from_bounds(apart, 0)));
  CHECK(none.at("coordinates").empty());
  const json all = json::parse(region_geojson(Region::from_bounds({}, 0)));
  check_form(all);
  CHECK(drawn(all, place_at(-89.9, 179.9)));
}

TEST_CASE("cap_geojson: across the antimeridian it is two polygons, round a pole one that reaches it",
          "[geo]") {
  const json fiji = json::parse(cap_geojson(place_at(-17.0, 179.9), Kilometers{300.0}));
  check_form(fiji);
  CHECK(fiji.at("coordinates").size() == 2);
  CHECK(drawn(fiji, place_at(-17.0, -179.0)));
  CHECK(drawn(fiji, place_at(-17.0, 179.0)));
  const json pole = json::parse(cap_geojson(place_at(-89.0, 10.0), Kilometers{500.0}));
  check_form(pole);
  CHECK(pole.at("coordinates").size() == 1);
  for (double lon = -179.5; lon < 180.0; lon += 9.7) CHECK(drawn(pole, place_at(-89.9, lon)));
}

TEST_CASE("cap_geojson: more than half the Earth is a rectangle with a hole or a wave", "[geo]") {
  const json most = json::parse(cap_geojson(place_at(0.0, 180.0), Kilometers{19'000.0}));
  check_form(most);
  REQUIRE(most.at("coordinates").size() == 1);
  CHECK(most.at("coordinates")[0].size() == 2);
  CHECK_FALSE(drawn(most, place_at(0.0, 0.0)));
  CHECK(drawn(most, place_at(0.0, 170.0)));
  const json north = json::parse(cap_geojson(place_at(90.0, 0.0), Kilometers{12'000.0}));
  check_form(north);
  CHECK(drawn(north, place_at(-10.0, 5.0)));
  CHECK_FALSE(drawn(north, place_at(-30.0, 5.0)));
}

TEST_CASE("cap_geojson: a disk of metres is still drawn outward", "[geo]") {
  const LatLon anchor = place_at(51.0, 0.0);
  const json tiny = json::parse(cap_geojson(anchor, Kilometers{0.005}, Kilometers{0.0}));
  check_form(tiny);
  for (double azimuth = 0.0; azimuth < 360.0; azimuth += 5.0) {
    CHECK(drawn(tiny, geodesic_direct(anchor, azimuth, Kilometers{0.005})));
    CHECK_FALSE(drawn(tiny, geodesic_direct(anchor, azimuth, Kilometers{0.009})));
  }
}

}  // namespace
}  // namespace chiploc
