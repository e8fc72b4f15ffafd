#include "geo/area/area.hpp"

#include <cmath>
#include <string>

#include "geo/geodesic.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::area_test {
namespace {

Area area_of(const std::string& text) {
  auto parsed = Area::from_geojson(text);
  INFO(parsed.fault);
  REQUIRE(parsed.area.has_value());
  return std::move(*parsed.area);
}
std::string fault_of(const std::string& text, const AreaLimits& limits = {}) {
  const auto parsed = Area::from_geojson(text, limits);
  CHECK_FALSE(parsed.area.has_value());
  return parsed.fault;
}
std::string polygon(const std::string& rings) {
  return R"({"type":"Polygon","coordinates":[)" + rings + "]}";
}
Region disk(LatLon centre, double km) {
  return Region::from_bounds(std::vector<AnchorBound>{{centre, Kilometers{0.0}, Kilometers{km}, 1}}, 0);
}

// Bavaria, roughly, with a hole around Munich.
const std::string kOuter = "[[9.5,47.5],[13.5,47.5],[13.5,50.5],[9.5,50.5],[9.5,47.5]]";
const std::string kHole = "[[11.2,48],[11.2,48.3],[11.9,48.3],[11.9,48],[11.2,48]]";

TEST_CASE("Area: inside, outside and in a hole", "[geo]") {
  const Area area = area_of(polygon(kOuter + "," + kHole));
  CHECK(area.contains(place_at(49.0, 11.0)));
  CHECK_FALSE(area.contains(place_at(48.14, 11.58)));
  CHECK_FALSE(area.contains(place_at(47.4, 11.0)));
  CHECK_FALSE(area.contains(place_at(49.0, 13.6)));
  CHECK_FALSE(area.contains(place_at(51.0, 11.0)));
  // 4 by 3 degrees, less the hole, on the ellipsoid: widths by GeographicLib's own area would give the same
  // to 0.1 %.
  CHECK(area.area_km2() == Approx(4 * 72.95 * 333.6 - 0.7 * 74.4 * 33.4).epsilon(0.01));
}

TEST_CASE("Area: a region is held only while it keeps away from every edge", "[geo]") {
  const Area area = area_of(polygon(kOuter + "," + kHole));
  CHECK(area.holds(disk(place_at(49.5, 11.5), 80.0)));
  CHECK(area.meets(disk(place_at(49.5, 11.5), 80.0)));
  CHECK_FALSE(area.holds(disk(place_at(49.5, 11.5), 120.0)));  // over the northern edge
  CHECK_FALSE(area.holds(disk(place_at(48.9, 11.5), 80.0)));   // into the hole
  CHECK_FALSE(area.holds(disk(place_at(48.15, 11.55), 5.0)));  // in the hole
  CHECK_FALSE(area.meets(disk(place_at(48.15, 11.55), 5.0)));
  CHECK(area.meets(disk(place_at(48.15, 11.55), 30.0)));  // out of the hole
  CHECK_FALSE(area.meets(disk(place_at(46.0, 11.5), 150.0)));
  CHECK(area.meets(disk(place_at(46.0, 11.5), 200.0)));
  CHECK(area.meets(disk(place_at(49.0, 11.5), 3000.0)));  // around all of it
  CHECK_FALSE(area.holds(disk(place_at(49.0, 11.5), 3000.0)));
  const Region everything = Region::from_bounds({}, 0);
  CHECK(area.meets(everything));
  CHECK_FALSE(area.holds(everything));
  const std::vector<AnchorBound> apart{{place_at(49, 11), Kilometers{0.0}, Kilometers{10.0}, 1},
                                       {place_at(0, 0), Kilometers{0.0}, Kilometers{10.0}, 2}};
  const Region nothing = Region::from_bounds(apart, 0);
  REQUIRE(nothing.empty());
  CHECK_FALSE(area.meets(nothing));
  CHECK_FALSE(area.holds(nothing));
}

TEST_CASE("Area: every component of a region counts", "[geo]") {
  const Area area = area_of(polygon(kOuter));
  // Two anchors that exclude each other under a budget of one: either may be right.
  const auto either = [](LatLon a, LatLon b) {
    return Region::from_bounds(std::vector<AnchorBound>{{a, Kilometers{0.0}, Kilometers{20.0}, 1},
                                                        {b, Kilometers{0.0}, Kilometers{20.0}, 2}},
                               1);
  };
  CHECK(area.holds(either(place_at(48.5, 10.5), place_at(49.5, 12.5))));
  CHECK_FALSE(area.holds(either(place_at(48.5, 10.5), place_at(52.5, 13.4))));
  CHECK(area.meets(either(place_at(48.5, 10.5), place_at(52.5, 13.4))));
}

TEST_CASE("Area: a territory that is cut at the antimeridian is one", "[geo]") {
  const Area cut = area_of(
      R"({"type":"MultiPolygon","coordinates":[[[[176,-20],[180,-20],[180,-15],[176,-15],[176,-20]]],)"
      "[[[-180,-20],[-178,-20],[-178,-16],[-180,-16],[-180,-20]]]]}");
  CHECK(cut.contains(place_at(-17, 180)));
  CHECK(cut.contains(place_at(-17, -179)));
  CHECK(cut.contains(place_at(-17, 179)));
  CHECK_FALSE(cut.contains(place_at(-17, 0)));
  CHECK(cut.area_km2() == Approx(4 * 106.1 * 553.3 + 2 * 105.8 * 442.7).epsilon(0.003));
  CHECK(cut.holds(disk(place_at(-17.9, 179.95), 150.0)));  // over the common border
  CHECK(cut.holds(disk(place_at(-17.9, -179.95), 150.0)));
  CHECK_FALSE(cut.holds(disk(place_at(-15.5, 179.9), 20.0)));  // where the western half goes on alone
  CHECK(cut.holds(disk(place_at(-15.5, 179.6), 20.0)));
  CHECK(cut.meets(disk(place_at(-15.5, -179.9), 20.0)));
  CHECK_FALSE(cut.meets(disk(place_at(-15.5, -179.7), 20.0)));
  const AreaBox box = cut.box();
  CHECK(box.west == 176.0);
  CHECK(box.east == -178.0);
  CHECK(box.south == -20.0);
  CHECK(box.north == -15.0);
}

TEST_CASE("Area: coordinates may lie past 180 and 90 by a rounding of six decimals", "[geo]") {
  const Area cut = area_of(
      R"({"type":"MultiPolygon","coordinates":[[[[176,-20],[180.000001,-20],[180.000001,-15],[176,-15],[176,-20]]],)"
      "[[[-180.000001,-20],[-178,-20],[-178,-15],[-179.999999,-15],[-180.000001,-20]]]]}");
  CHECK(cut.holds(disk(place_at(-17.5, 180), 150.0)));
  const Area cap = area_of(polygon("[[-180.000001,70],[180,70],[180,90.000001],[-180,90],[-180.000001,70]]"));
  CHECK(cap.holds(disk(place_at(89, 50), 900.0)));
  CHECK(fault_of(polygon("[[0,0],[180.00001,0],[1,1],[0,0]]")).find("longitude of 180.00001") !=
        std::string::npos);
}

TEST_CASE("Area: around a pole, closed along it", "[geo]") {
  const Area north = area_of(polygon("[[-180,70],[180,70],[180,90],[-180,90],[-180,70]]"));
  CHECK(north.contains(place_at(90, 0)));
  CHECK(north.contains(place_at(75, 100)));
  CHECK(north.contains(place_at(75, -179.9)));
  CHECK_FALSE(north.contains(place_at(65, 100)));
  CHECK_FALSE(north.contains(place_at(-80, 10)));
  CHECK(north.area_km2() == Approx(15.5e6).epsilon(0.02));
  CHECK(north.holds(disk(place_at(89, 50), 900.0)));
  CHECK(north.holds(disk(place_at(80, 179.9), 300.0)));
  CHECK_FALSE(north.holds(disk(place_at(71, 50), 300.0)));
  const Area south =
      area_of(polygon("[[-180,-90],[0,-90],[180,-90],[180,-60],[5,-61],[-5,-61],[-180,-60],[-180,-90]]"));
  CHECK(south.contains(place_at(-90, 0)));
  CHECK_FALSE(south.contains(place_at(0, 0)));
  CHECK(south.holds(disk(place_at(-88, 50), 900.0)));
  const Area sector = area_of(polygon("[[0,70],[90,70],[90,90],[0,90],[0,70]]"));
  CHECK_FALSE(sector.holds(disk(place_at(90, 0), 10.0)));
  CHECK(sector.meets(disk(place_at(90, 0), 10.0)));
  CHECK(sector.area_km2() == Approx(north.area_km2() / 4.0).epsilon(1e-6));
  const Area world = area_of(polygon("[[-180,-90],[180,-90],[180,90],[-180,90],[-180,-90]]"));
  CHECK(world.area_km2() == Approx(510'065'621.7).epsilon(1e-6));
  for (const LatLon place : {place_at(90, 0), place_at(-90, 0), place_at(0, 180), place_at(10, 20)}) {
    CHECK(world.contains(place));
    CHECK(world.holds(disk(place, 3000.0)));
    CHECK(world.distance_from(place).km() == 0.0);
  }
}

TEST_CASE("Area: features and collections are one territory", "[geo]") {
  const Area area = area_of(
      R"({"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":)" +
      polygon(kOuter) + R"(},{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[)" +
      polygon("[[0,0],[1,0],[1,1],[0,1],[0,0]]") + "]}}]}");
  CHECK(area.contains(place_at(49, 11)));
  CHECK(area.contains(place_at(0.5, 0.5)));
  CHECK_FALSE(area.contains(place_at(20, 5)));
}

TEST_CASE("Area: what it says of regions agrees with samples of them", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{40}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<double> stretch{200.0, 900.0};
  // Clear of the antimeridian, where it would have to be cut.
  LatLon centre = random_place(random);
  while (std::abs(centre.lon_deg()) > 140.0 || std::abs(centre.lat_deg()) > 65.0)
    centre = random_place(random);
  std::string ring;
  std::string first;
  for (int i = 0; i < 9; ++i) {  // a star around the centre, counter-clockwise
    const LatLon p = geodesic_direct(centre, -40.0 * i, Kilometers{stretch(random)});
    const std::string text = "[" + std::to_string(p.lon_deg()) + "," + std::to_string(p.lat_deg()) + "]";
    if (i == 0) first = text;
    ring += text + ",";
  }
  const Area area = area_of(polygon("[" + ring + first + "]"));
  int held = 0;
  int met = 0;
  for (int k = 0; k < 60; ++k) {
    const LatLon middle = random_place_within(random, centre, Kilometers{1200.0});
    std::uniform_real_distribution<double> radius{5.0, 250.0};
    const double km = radius(random);
    const Region region = disk(middle, km);
    const bool holds = area.holds(region);
    const bool meets = area.meets(region);
    held += holds ? 1 : 0;
    met += meets ? 1 : 0;
    CHECK((!holds || meets));
    for (int s = 0; s < 60; ++s) {
      const bool inside = area.contains(random_place_within(random, middle, Kilometers{km}));
      if (holds) CHECK(inside);
      if (!meets) CHECK_FALSE(inside);
    }
  }
  CHECK(met > held);
}

TEST_CASE("Area: its distance from a place and from a region", "[geo]") {
  const Area area = area_of(polygon(kOuter + "," + kHole));
  CHECK(area.distance_from(place_at(49.0, 11.0)).km() == 0.0);
  // Due north of its northern edge, which is straight in latitude and longitude.
  CHECK(area.distance_from(place_at(52.0, 11.5)).km() == Approx(166.8).margin(1.0));
  CHECK(area.distance_from(place_at(48.15, 11.55)).km() == Approx(16.7).margin(0.2));  // in the hole
  CHECK(area.distance_from(place_at(-49.0, -168.5)).km() > 19'000.0);
  const Kilometers far{2000.0};
  CHECK(area.clearance(disk(place_at(49.5, 11.5), 80.0), far)->km() == 0.0);
  const Region north = disk(place_at(52.0, 11.5), 60.0);
  const auto clear = area.clearance(north, far);
  REQUIRE(clear);
  CHECK(clear->km() <= 106.8);
  CHECK(clear->km() > 103.0);
  CHECK_FALSE(area.meets(north.inflated(*clear)));
  CHECK_FALSE(area.clearance(north, Kilometers{100.0}).has_value());
}

TEST_CASE("Area: what is no territory names its place in the text", "[geo]") {
  CHECK(fault_of("{") == "the text is not JSON");
  CHECK(fault_of("[]") == "$ is no GeoJSON object");
  CHECK(fault_of("{}") == "$ has no \"type\"");
  CHECK(fault_of(R"({"type":"Point","coordinates":[1,2]})").find("$ is of type \"Point\"") == 0);
  CHECK(fault_of(R"({"type":"Polygon"})") == "$ has no array \"coordinates\"");
  CHECK(fault_of(R"({"type":"Feature"})") == "$ has no polygon in it");
  CHECK(fault_of(R"({"type":"Feature","geometry":null})") == "$ has no polygon in it");
  CHECK(fault_of(R"({"type":"FeatureCollection","features":[]})") == "$ has no polygon in it");
  CHECK(fault_of(polygon("")) == "$ has no polygon in it");
  CHECK(fault_of(R"({"type":"Polygon","coordinates":[7]})").find("$.coordinates[0] is no ring") == 0);
  CHECK(fault_of(polygon("[[0,0],[1,0],[0,0]]")).find("$.coordinates[0] is no ring") == 0);
  CHECK(fault_of(polygon("[[0,0],[1,0],[1,1],[0,1]]")).find("$.coordinates[0] is not closed") == 0);
  CHECK(fault_of(polygon(kOuter + ",[[0,0],[1,0],[1,\"x\"],[0,0]]")) ==
        "$.coordinates[1][2] is no position: two numbers, longitude and latitude");
  CHECK(fault_of(polygon("[[0,0],[181,0],[1,1],[0,0]]")).find("$.coordinates[0][1] has a longitude") == 0);
  CHECK(fault_of(polygon("[[0,0],[1,91],[1,1],[0,0]]")).find("longitude comes first") != std::string::npos);
  CHECK(fault_of(polygon("[[0,0],[180,0],[1,1],[0,0]]")).find("180 degrees from the position before") !=
        std::string::npos);
  CHECK(fault_of(polygon("[[0,0],[1,0],[2,0],[0,0]]")) ==
        "$.coordinates encloses nothing, at longitude 0, latitude 0: leave it out, or give its outline");
  CHECK(fault_of(polygon(kOuter), {.bytes = 20}).find("longer than 20 bytes") != std::string::npos);
  CHECK(fault_of(polygon(kOuter + "," + kHole), {.positions = 9}).find("$.coordinates[1] has too many") == 0);
  std::string deep = polygon(kOuter);
  for (int i = 0; i < 12; ++i) deep = R"({"type":"GeometryCollection","geometries":[)" + deep + "]}";
  CHECK(fault_of(deep).find("deeper") != std::string::npos);
}

TEST_CASE("area: a part that lies around another one's hole fills it, though no edges meet") {
  const auto parsed = Area::from_geojson(
      R"({"type":"MultiPolygon","coordinates":[
        [[[-2,-2],[2,-2],[2,2],[-2,2],[-2,-2]],[[-1,-1],[1,-1],[1,1],[-1,1],[-1,-1]]],
        [[[-1.5,-1.5],[1.5,-1.5],[1.5,1.5],[-1.5,1.5],[-1.5,-1.5]]]]})");
  REQUIRE(parsed.area);
  CHECK(parsed.area->contains(LatLon::from_degrees({.lat = 0.1, .lon = 0.1}).value()));
  CHECK(parsed.area->area_km2() > 190'000.0);
}

}  // namespace
}  // namespace chiploc::area_test
