#include "geo/geojson.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "geo/geodesic.hpp"
#include "geo/planar_rings.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::geojson_test {
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

Vec3 plain(const json& position) {
  constexpr double kRadians = 3.14159265358979323846 / 180.0;
  const double lon = position[0].get<double>() * kRadians;
  const double lat = position[1].get<double>() * kRadians;
  return {std::cos(lat) * std::cos(lon), std::cos(lat) * std::sin(lon), std::sin(lat)};
}
Vec3 reduced(const json& position) {
  return to_sphere(Degrees{.lat = position[1].get<double>(), .lon = position[0].get<double>()});
}

/// How often a ring of great circles winds round a point, counter-clockwise: the turns of the direction in
/// which its edges are seen. -1 where it winds round the point's antipode.
int winding(const json& ring, Vec3 p, Vec3 (*image)(const json&)) {
  const Vec3 east = any_perpendicular(p);
  const Vec3 north = cross(p, east);
  double sum = 0.0;
  for (std::size_t i = 0; i + 1 < ring.size(); ++i) {
    const Vec3 a = image(ring[i]);
    const Vec3 b = image(ring[i + 1]);
    const double from = std::atan2(dot(a, north), dot(a, east));
    sum += std::remainder(std::atan2(dot(b, north), dot(b, east)) - from, 6.283185307179586);
  }
  return static_cast<int>(std::lround(sum / 6.283185307179586));
}

/// As readers draw it whose edges are great circles: inside an outer ring and in none of its holes.
bool drawn_round(const json& geometry, LatLon place, Vec3 (*image)(const json&)) {
  const Vec3 p = image(json::array({place.lon_deg(), place.lat_deg()}));
  for (const json& polygon : geometry.at("coordinates")) {
    bool inside = winding(polygon[0], p, image) > 0;
    for (std::size_t i = 1; i < polygon.size(); ++i) inside = inside && winding(polygon[i], p, image) >= 0;
    if (inside) return true;
  }
  return false;
}
bool drawn_by_all(const json& geometry, LatLon place) {
  return drawn(geometry, place) && drawn_round(geometry, place, plain) &&
         drawn_round(geometry, place, reduced);
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
      bool short_edges = true;
      for (std::size_t k = 0; k + 1 < ring.size(); ++k) {
        short_edges = short_edges &&
                      std::abs(ring[k + 1][0].get<double>() - ring[k][0].get<double>()) <= 90.0 &&
                      std::abs(ring[k + 1][1].get<double>() - ring[k][1].get<double>()) <= 90.0;
      }
      CHECK(short_edges);
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
      CHECK(drawn_by_all(geometry, place));
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
  std::mt19937_64 random{7};
  for (int i = 0; i < 200; ++i) CHECK(drawn_by_all(all, random_place(random)));
}

TEST_CASE("cap_geojson: the rim is inside for straight lines and for great circles, at every latitude",
          "[geo][property]") {
  const auto lat = GENERATE(0.0, 30.0, -55.0, 70.0, -80.0, 86.0, 89.0, -89.9, 90.0);
  const auto km = GENERATE(1.0, 40.0, 400.0, 2500.0, 6000.0, 9900.0, 12'000.0, 18'000.0);
  const auto tolerance = GENERATE(0.01, 1.0, 20.0);
  CAPTURE(lat, km, tolerance);
  const LatLon centre = place_at(lat, 173.3);
  const json geometry = json::parse(cap_geojson(centre, Kilometers{km}, Kilometers{tolerance}));
  check_form(geometry);
  std::size_t positions = 0;
  for (const json& polygon : geometry.at("coordinates")) {
    for (const json& ring : polygon) positions += ring.size();
  }
  CHECK(positions < 20'000);
  for (double azimuth = 0.25; azimuth < 360.0; azimuth += 7.3) {
    CHECK(drawn_by_all(geometry, geodesic_direct(centre, azimuth, Kilometers{km})));
    CHECK(drawn_by_all(geometry, geodesic_direct(centre, azimuth, Kilometers{km * 0.7})));
  }
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

TEST_CASE("cap_geojson: more than half the Earth is columns with a hole or a wave", "[geo]") {
  // Ninety degrees wide each, because no ring is larger than what all readers agree on.
  const json most = json::parse(cap_geojson(place_at(0.0, 135.0), Kilometers{19'000.0}));
  check_form(most);
  REQUIRE(most.at("coordinates").size() == 4);
  CHECK(most.at("coordinates")[1].size() == 2);
  CHECK_FALSE(drawn(most, place_at(0.0, -45.0)));
  CHECK_FALSE(drawn_round(most, place_at(0.0, -45.0), plain));
  CHECK(drawn_by_all(most, place_at(0.0, 170.0)));
  CHECK(drawn_by_all(most, place_at(30.0, -45.0)));
  const json north = json::parse(cap_geojson(place_at(90.0, 0.0), Kilometers{12'000.0}));
  check_form(north);
  CHECK(drawn(north, place_at(-10.0, 5.0)));
  CHECK_FALSE(drawn(north, place_at(-30.0, 5.0)));
  CHECK_FALSE(drawn_round(north, place_at(-30.0, 5.0), plain));
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
}  // namespace chiploc::geojson_test
