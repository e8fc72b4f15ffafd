#include "server/picture/features.hpp"

#include "tests/server/picture/sample_map.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::features_test {
namespace {

TEST_CASE("features: points, polygons and holders are read, what is no place is left out", "[picture]") {
  const auto map = MapJson::parse(R"({"features":[
    {"geometry":{"type":"Point","coordinates":[10,50]},"properties":{"role":"anchor","anchor":"a","used":true,"rtt_min_ns":5e6}},
    {"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,1],[0,0]]]},"properties":{"role":"region","holder":2}},
    {"geometry":{"type":"Point","coordinates":[10,91]}},
    {"geometry":{"type":"Point","coordinates":["10","1"]}},
    {"geometry":{"type":"LineString","coordinates":[[0,0],[1,1]]}},
    {"geometry":{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[0,null],[0,0]]]]}},
    {"geometry":null}, 7, null]})");
  const auto features = read_features(map);
  REQUIRE(features.size() == 2);
  CHECK(features[0].role == "anchor");
  CHECK(features[0].point->lat_deg() == 50.0);
  CHECK(features[0].number("rtt_min_ns") == 5e6);
  CHECK(features[0].flag("used"));
  CHECK(features[0].text("anchor") == "a");
  CHECK(features[0].text("rtt_min_ns").empty());
  CHECK_FALSE(features[0].number("anchor"));
  CHECK(features[1].holder == "2");
  REQUIRE(features[1].rings.size() == 1);
  CHECK(features[1].rings[0].size() == 3);
  for (const char* other : {"null", "[]", "{}", "{\"features\":3}", "{\"features\":[[]]}"}) {
    CHECK(read_features(MapJson::parse(other)).empty());
  }
}

TEST_CASE("features: cuts of large regions are no boundary", "[picture]") {
  // Half the globe and more: cut in columns.
  const auto large = read_features(sample_map({{"a", place_at(10.0, 20.0), 14'000.0}}));
  const Vec3 centre = to_sphere(place_at(10.0, 20.0));
  std::size_t seams = 0;
  for (const auto& ring : large[0].rings) {
    for (std::size_t i = 0; i < ring.size(); ++i)
      seams += is_seam(ring[i], ring[(i + 1) % ring.size()]) ? 1U : 0U;
  }
  CHECK(seams > 20);
  const auto boundary = boundary_of(large[0]);
  REQUIRE(boundary.size() > 20);
  for (const auto& [place, next] : boundary) {
    CHECK(angle_between(centre, place) == Approx(14'000.0 / 6371.0).epsilon(0.01));
  }
  CHECK(rings_hold(large[0].rings, {.lat = 10.0, .lon = 20.0}));
  CHECK(rings_hold(large[0].rings, {.lat = 80.0, .lon = 170.0}));
  CHECK_FALSE(rings_hold(large[0].rings, {.lat = -10.0, .lon = -160.0}));
  // A small one across no meridian of these has none.
  const auto small = read_features(sample_map({{"a", place_at(50.0, 8.7), 300.0}}));
  CHECK(boundary_of(small[0]).size() == small[0].rings[0].size());
}

TEST_CASE("features: a territory's edges are straight in longitude and latitude", "[picture]") {
  const auto features = read_features(MapJson::parse(R"({"features":[{"properties":{"role":"territory"},
    "geometry":{"type":"Polygon","coordinates":[[[-30,50],[30,50],[30,60],[-30,60],[-30,50]]]}}]})"));
  REQUIRE(features.size() == 1);
  CHECK(is_territory(features[0]));
  const AzimuthalProjection projection{place_at(50.0, 0.0), 3.1};
  const PlaneToPixels pixels{};
  const DrawnArea area = drawn_area(features[0], projection, pixels, 0.0);
  REQUIRE(area.outline.size() == 1);
  // The middle of its southern side lies on latitude 50; a great circle would pass 3 degrees north of it.
  const DrawnPoint middle = pixels(projection.project(to_sphere(place_at(50.0, 0.0))));
  double nearest = 1e300;
  for (const DrawnPoint p : area.outline[0])
    nearest = std::min(nearest, std::hypot(p.x - middle.x, p.y - middle.y));
  CHECK(nearest < 1.0);
  CHECK(is_cut_of_drawing({.lat = 1.0, .lon = 180.0}, {.lat = 2.0, .lon = 180.0}));
  CHECK_FALSE(is_cut_of_drawing({.lat = 1.0, .lon = 90.0}, {.lat = 2.0, .lon = 90.0}));
}

TEST_CASE("features: a region's outline in pixels has no cut in it", "[picture]") {
  const auto features = read_features(sample_map({{"a", place_at(10.0, 20.0), 14'000.0}}));
  const AzimuthalProjection projection{place_at(10.0, 20.0), 3.1};
  const PlaneToPixels pixels{{400.0, 400.0}, 400.0 / 13'000.0};
  const DrawnArea area = drawn_area(features[0], projection, pixels, 0.4);
  const double radius = AzimuthalProjection::radius_km(14'000.0 / 6371.0) * pixels.pixels_per_km;
  REQUIRE(!area.outline.empty());
  for (const DrawnLine& line : area.outline) {
    for (const DrawnPoint p : line)
      CHECK(std::hypot(p.x - 400.0, p.y - 400.0) == Approx(radius).epsilon(0.01));
  }
}

}  // namespace
}  // namespace chiploc::test::features_test
