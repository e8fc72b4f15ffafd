// What drawings mean: parts unite, and what has no meaning that all readers share is refused with its place.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "geo/area/area.hpp"
#include "geo/geodesic.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::area_union_test {
namespace {

Area area_of(const std::string& text) {
  auto parsed = Area::from_geojson(text);
  INFO(parsed.fault);
  REQUIRE(parsed.area.has_value());
  return std::move(*parsed.area);
}
std::string fault_of(const std::string& text) {
  const auto parsed = Area::from_geojson(text);
  CHECK_FALSE(parsed.area.has_value());
  return parsed.fault;
}
bool says(const std::string& fault, const std::string& what) { return fault.find(what) != std::string::npos; }

std::string polygon(const std::string& rings) {
  return R"({"type":"Polygon","coordinates":[)" + rings + "]}";
}
std::string multi(const std::string& polygons) {
  return R"({"type":"MultiPolygon","coordinates":[)" + polygons + "]}";
}
std::string box(double west, double south, double east, double north) {
  const auto at = [](double lon, double lat) {
    return "[" + std::to_string(lon) + "," + std::to_string(lat) + "]";
  };
  return "[" + at(west, south) + "," + at(east, south) + "," + at(east, north) + "," + at(west, north) + "," +
         at(west, south) + "]";
}
Region disk(LatLon centre, double km) {
  return Region::from_bounds(std::vector<AnchorBound>{{centre, Kilometers{0.0}, Kilometers{km}, 1}}, 0);
}

TEST_CASE("Area union: parts that overlap do not cancel each other", "[geo]") {
  const Area one = area_of(polygon(box(10, 48, 13, 50)));
  const Area twice = area_of(multi("[" + box(10, 48, 12, 50) + "],[" + box(11, 48, 13, 50) + "]"));
  const Area thrice = area_of(R"({"type":"FeatureCollection","features":[{"type":"Feature","geometry":)" +
                              polygon(box(10, 48, 13, 50)) +
                              R"(},{"type":"Feature","geometry":null},{"type":"Feature","geometry":)" +
                              polygon(box(10, 48, 13, 50)) + R"(},{"type":"Feature","geometry":)" +
                              polygon(box(11, 48.5, 12, 49.5)) + "}]}");
  for (const Area* area : {&twice, &thrice}) {
    CHECK(area->contains(place_at(49, 11.5)));
    CHECK(area->holds(disk(place_at(49, 11.5), 80.0)));
    CHECK(area->area_km2() == Approx(one.area_km2()).epsilon(1e-9));
  }
}

TEST_CASE("Area union: the border that two parts share is no edge", "[geo]") {
  const Area beside = area_of(multi("[" + box(10, 48, 11, 50) + "],[" + box(11, 48, 12, 50) + "]"));
  CHECK(beside.holds(disk(place_at(49, 11), 60.0)));
  CHECK(beside.meets(disk(place_at(49, 11), 60.0)));
  // Vertices of one on the other's slanting edge, rounded to six decimals by each by itself.
  const Area rounded =
      area_of(multi("[[[10,48],[11,48],[11.333333,50],[10,50],[10,48]]],"
                    "[[[11,48],[12,48],[12,50],[11.333333,50],[11.222222,49.333333],"
                    "[11.111111,48.666667],[11,48]]]"));
  CHECK(rounded.holds(disk(place_at(49, 11.2), 50.0)));
  // A gap of 200 m between them is one.
  const Area apart = area_of(multi("[" + box(10, 48, 11, 50) + "],[" + box(11.003, 48, 12, 50) + "]"));
  CHECK_FALSE(apart.holds(disk(place_at(49, 11), 60.0)));
  // They touch in one corner only.
  const Area corner = area_of(multi("[" + box(10, 48, 11, 49) + "],[" + box(11, 49, 12, 50) + "]"));
  CHECK_FALSE(corner.holds(disk(place_at(49, 11), 10.0)));
  CHECK(corner.meets(disk(place_at(49, 11), 10.0)));
  CHECK(corner.holds(disk(place_at(49.5, 11.5), 30.0)));
}

TEST_CASE("Area union: a part in another's hole is territory, the rest of the hole is not", "[geo]") {
  const std::string ring = "[" + box(9, 47, 14, 51) + "," + box(10, 48, 13, 50) + "]";
  const Area island = area_of(multi(ring + ",[" + box(11, 48.5, 12, 49.5) + "]"));
  CHECK(island.contains(place_at(49, 11.5)));
  CHECK_FALSE(island.contains(place_at(49, 10.5)));
  CHECK(island.contains(place_at(49, 9.5)));
  CHECK(island.holds(disk(place_at(49, 11.5), 30.0)));
  CHECK_FALSE(island.holds(disk(place_at(49, 11.5), 60.0)));
  // Clear of it on both sides, and a part within the island that adds nothing.
  const Area more = area_of(multi("[" + box(11.2, 48.7, 11.8, 49.3) + "]," + ring + ",[" +
                                  box(11, 48.5, 12, 49.5) + "],[" + box(9.2, 47.2, 9.4, 47.4) + "]"));
  CHECK(more.area_km2() == Approx(island.area_km2()).epsilon(1e-9));
  CHECK(more.contains(place_at(49, 11.5)));
  CHECK(more.holds(disk(place_at(47.3, 9.3), 15.0)));
  // One part covers the other's hole.
  const Area filled = area_of(multi(ring + ",[" + box(10, 48, 13, 50) + "]"));
  CHECK(filled.holds(disk(place_at(49, 11.5), 150.0)));
  CHECK(filled.area_km2() == Approx(area_of(polygon(box(9, 47, 14, 51))).area_km2()).epsilon(1e-9));
  // Two holes that lie over each other in part: only what both leave out is out.
  const Area both = area_of(multi(ring + ",[" + box(9, 47, 14, 51) + "," + box(12, 48, 13.5, 50) + "]"));
  CHECK(both.contains(place_at(49, 11)));
  CHECK_FALSE(both.contains(place_at(49, 12.5)));
  CHECK(both.contains(place_at(49, 13.2)));
}

TEST_CASE("Area union: a ring may touch itself, another or its hole in points", "[geo]") {
  const Area hole = area_of(polygon("[[0,0],[4,0],[4,4],[0,4],[0,0]],[[0,2],[2,1],[2,3],[0,2]]"));
  CHECK_FALSE(hole.contains(place_at(2, 1.5)));
  CHECK(hole.contains(place_at(2, 3)));
  // The same as one ring that goes into the hole and out again at the corner.
  const Area one_ring = area_of(polygon("[[0,0],[4,0],[4,4],[0,4],[0,2],[2,3],[2,1],[0,2],[0,0]]"));
  CHECK_FALSE(one_ring.contains(place_at(2, 1.5)));
  CHECK(one_ring.area_km2() == Approx(hole.area_km2()).epsilon(1e-9));
  // A hole that parts the inside in two.
  const Area parted = area_of(polygon("[[0,0],[4,0],[4,4],[0,4],[0,0]],[[0,2],[2,1],[4,2],[2,3],[0,2]]"));
  CHECK(parted.contains(place_at(0.5, 2)));
  CHECK(parted.contains(place_at(3.5, 2)));
  CHECK_FALSE(parted.contains(place_at(2, 2)));
}

TEST_CASE("Area union: winding, repeated positions, heights and lines walked back do not matter", "[geo]") {
  const double size = area_of(polygon(box(0, 0, 2, 2))).area_km2();
  for (const char* ring :
       {"[[0,0],[0,2],[2,2],[2,0],[0,0]]", "[[0,0],[2,0],[2,0],[2,0],[2,2],[0,2],[0,0],[0,0]]",
        "[[0,0,100],[2,0,100],[2,2,7.5],[0,2,-3],[0,0,100]]", "[[0,0],[2,0],[3,1],[2,0],[2,2],[0,2],[0,0]]",
        "[[0,0],[2,0],[3,1],[3,4],[3,1],[2,0],[2,2],[0,2],[0,0]]",
        "[[-1,-1],[0,0],[2,0],[2,2],[0,2],[0,0],[-1,-1]]"}) {
    CAPTURE(ring);
    const Area area = area_of(polygon(ring));
    CHECK(area.area_km2() == Approx(size).epsilon(1e-9));
    CHECK(area.contains(place_at(1, 1)));
    CHECK(area.holds(disk(place_at(1, 1), 90.0)));
  }
}

TEST_CASE("Area union: a ring that crosses or goes along itself is refused with the place", "[geo]") {
  const std::string bow_tie = fault_of(polygon("[[0,0],[2,2],[2,0],[0,2],[0,0]]"));
  CHECK(says(bow_tie, "$.coordinates[0] crosses itself or goes along itself at longitude 1, latitude 1"));
  CHECK(says(bow_tie, "order of the outline"));
  CHECK(says(bow_tie, "polygon of its own"));
  // Through a common position: still a crossing, one lobe left, one right.
  CHECK(says(fault_of(polygon("[[0,0],[1,1],[2,2],[2,0],[1,1],[0,2],[0,0]]")), "longitude 1, latitude 1"));
  // A star of five points: its middle is wound round twice.
  CHECK(says(fault_of(polygon("[[0,10],[6,-8],[-10,3],[10,3],[-6,-8],[0,10]]")), "$.coordinates[0] crosses"));
  CHECK(says(
      fault_of(R"({"type":"FeatureCollection","features":[{"type":"Feature","geometry":)" +
               multi("[" + box(5, 5, 6, 6) + "],[" + box(0, 0, 9, 9) + ",[[1,1],[2,2],[2,1],[1,2],[1,1]]]") +
               "}]}"),
      "$.features[0].geometry.coordinates[1][1] crosses itself or goes along itself "
      "at longitude 1.5, latitude 1.5"));
  // Round the Earth and back along the same parallel.
  CHECK(says(fault_of(polygon("[[-180,70],[-60,70],[60,70],[180,70],[-180,70]]")),
             "goes round the Earth cannot be told"));
  const std::string stepped =
      fault_of(polygon("[[170,0],[180,0],[-180,0],[-170,0],[-170,9],[-180,9],[180,9],[170,9],[170,0]]"));
  CHECK(says(stepped, "whether it steps across the antimeridian or goes round the Earth cannot be told"));
}

TEST_CASE("Area union: holes that reach out or into each other are refused with the place", "[geo]") {
  const std::string outer = box(0, 0, 9, 9);
  CHECK(says(fault_of(polygon(outer + "," + box(20, 1, 21, 2))),
             "$.coordinates has a hole outside its outer ring"));
  CHECK(
      says(fault_of(polygon(outer + "," + box(8, 1, 11, 2))), "rings that cross or have an edge in common"));
  CHECK(says(fault_of(polygon(outer + "," + box(1, 1, 4, 4) + "," + box(3, 3, 6, 6))), "rings that cross"));
  CHECK(
      says(fault_of(polygon(outer + "," + box(1, 1, 6, 6) + "," + box(2, 2, 3, 3))), "a hole within a hole"));
  CHECK(
      says(fault_of(polygon(outer + "," + box(1, 1, 3, 3) + "," + box(3, 1, 5, 3))), "draw holes that meet"));
  CHECK(says(fault_of(polygon(outer + "," + outer)), "encloses nothing"));
  // They cross in two places; which of them is told is GEOS's choice (3.11: the southern one, 3.13: the other).
  const std::string twice = fault_of(polygon(outer + "," + box(1, 1, 4, 4) + "," + box(3, 3, 6, 6)));
  CAPTURE(twice);
  CHECK((says(twice, "longitude 4, latitude 3") || says(twice, "longitude 3, latitude 4")));
}

TEST_CASE("Area union: an edge of 180 degrees or more does not say which way it goes", "[geo]") {
  const std::string wide = fault_of(polygon(box(-25, -50, 179.5, 82)));
  CHECK(
      says(wide, "$.coordinates[0][1] at longitude 179.5, latitude -50 is 204.5 degrees from the position"));
  CHECK(says(wide, "at longitude -25, latitude -50"));
  CHECK(says(wide, "add a position in between to go across longitude 77.25"));
  CHECK(says(wide, "cut the territory at the antimeridian in two polygons"));
  CHECK(says(fault_of(polygon("[[176,-20],[-178,-20],[-178,-15],[176,-15],[176,-20]]")), "which way round"));
  CHECK(says(fault_of(polygon("[[-120,70],[0,70],[120,70],[-120,70]]")), "which way round"));
  CHECK(says(fault_of(polygon(box(-90, 0, 90, 10))), "is 180 degrees from"));
  CHECK(says(fault_of(polygon("[[-180,60],[180,70],[180,90],[-180,90],[-180,60]]")), "360 degrees"));
  const Area said =
      area_of(polygon("[[-25,-50],[77,-50],[179.5,-50],[179.5,82],[77,82],[-25,82],[-25,-50]]"));
  CHECK(said.contains(place_at(0, 77)));
  CHECK_FALSE(said.contains(place_at(0, -100)));
  const Area other =
      area_of(multi("[" + box(179.5, -50, 180, 82) + "],[" +
                    "[[-180,-50],[-100,-50],[-25,-50],[-25,82],[-100,82],[-180,82],[-180,-50]]]"));
  CHECK_FALSE(other.contains(place_at(0, 77)));
  CHECK(other.holds(disk(place_at(0, -180), 40.0)));
}

TEST_CASE("Area union: an edge from -180 to 180 goes round the Earth only along bands and caps", "[geo]") {
  const auto refused = [](const std::string& ring) {
    return says(fault_of(polygon(ring)),
                "whether it steps across the antimeridian or goes round the Earth cannot be told");
  };
  // Circles and boxes around the antimeridian as programs write them that wrap longitudes: not the rest of
  // the Earth.
  std::string circle = "[[-180,-28]";
  const auto arc = [&](double wrap) {
    for (int i = 1; i < 18; ++i) {
      const double turn = i * 3.14159265358979 / 18.0;
      const double sign =
          wrap > 0.0 ? -1.0 : 1.0;  // south along the eastern half, north along the western one
      circle += ",[" + std::to_string(wrap + sign * 6.0 * std::sin(turn)) + "," +
                std::to_string(-34.0 + sign * 6.0 * std::cos(turn)) + "]";
    }
  };
  arc(-180.0);
  circle += ",[-180,-40],[180,-40]";
  arc(180.0);
  circle += ",[180,-28],[-180,-28]]";
  CHECK(refused(circle));
  CHECK(refused(
      "[[170,-20],[180,-21],[-180,-21],[-170,-20],[-170,-10],[-180,-9],[180,-9],[170,-10],[170,-20]]"));
  CHECK(refused("[[-180,-28],[-178,-30],[-180,-40],[180,-40],[178,-30],[180,-28],[-180,-28]]"));
  CHECK(refused("[[-180,80],[-90,85],[0,85],[90,85],[180,80],[-180,80]]"));
  // Along the meridian at one end only: around the pole, and no reader says on which side of the edge.
  CHECK(refused("[[-180,60],[180,60],[180,70],[90,75],[0,70],[-90,75],[-170,65],[-180,60]]"));
  CHECK(refused("[[-180,60],[180,60],[170,65],[90,75],[0,70],[-90,75],[-180,70],[-180,60]]"));
  // Up along the meridian and back down: two steps across, each with a stair.
  CHECK(refused(
      "[[170,-45],[170,-40],[180,-40],[180,-30],[-180,-30],[-180,-20],[-170,-20],[-170,-60],[-180,-60],"
      "[-180,-50],[180,-50],[180,-45],[170,-45]]"));
  const Area band = area_of(polygon("[[-180,60],[180,60],[180,70],[-180,70],[-180,60]]"));
  CHECK(band.contains(place_at(65, 12)));
  CHECK_FALSE(band.contains(place_at(75, 12)));
  const Area cap = area_of(polygon("[[-180,-65],[180,-65],[180,-90],[-180,-90],[-180,-65]]"));
  CHECK(cap.holds(disk(place_at(-90, 0), 500.0)));
  const Area wavy =
      area_of(polygon("[[-180,60],[180,60],[180,70],[90,75],[0,70],[-90,75],[-180,70],[-180,60]]"));
  CHECK(wavy.contains(place_at(73, 90)));
  CHECK_FALSE(wavy.contains(place_at(73, 0)));
}

TEST_CASE("Area union: what has no place draws nothing, and what encloses nothing says so", "[geo]") {
  const std::string good = "[" + box(0, 0, 1, 1) + "]";
  const double km2 = area_of(multi(good)).area_km2();
  for (const std::string& text :
       {multi(good + ",[]"), multi("[]," + good), multi("[" + box(0, 0, 1, 1) + ",[]]"),
        multi("[[]]," + good),
        R"({"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":[]},)" + multi(good) +
            "]}",
        R"({"type":"FeatureCollection","features":[{"type":"Feature","properties":{}},)"
        R"({"type":"Feature","geometry":{"type":"Polygon","coordinates":[]}},{"type":"Feature","geometry":)" +
            multi(good) + "}]}"}) {
    CAPTURE(text);
    CHECK(area_of(text).area_km2() == km2);
  }
  CHECK(says(fault_of(polygon("[]," + box(0, 0, 1, 1))), "the outer ring before it is empty"));
  CHECK(says(fault_of(multi("[[]]")), "has no polygon in it"));
  CHECK(says(fault_of(polygon(box(1, 1, 2, 2) + "," + box(0, 0, 3, 3))),
             "$.coordinates[1] is a hole by its place and larger than the outer ring before it"));
}

TEST_CASE("Area union: a reference system that is not longitude and latitude on WGS 84 is refused", "[geo]") {
  const auto with = [](const std::string& crs) {
    return R"({"type":"FeatureCollection","crs":)" + crs + R"(,"features":[{"type":"Feature","geometry":)" +
           polygon(box(0, 0, 2, 2)) + "}]}";
  };
  const auto named = [&](const std::string& name) {
    return with(R"({"type":"name","properties":{"name":")" + name + "\"}}");
  };
  for (const char* name : {"urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84",
                           "urn:ogc:def:crs:OGC:CRS84", "OGC:CRS84", "CRS84", "EPSG:4326", "epsg:4326",
                           "urn:ogc:def:crs:EPSG::4326", "urn:ogc:def:crs:EPSG:8.5:4326",
                           "urn:x-ogc:def:crs:EPSG:4326", "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
                           "https://www.opengis.net/def/crs/EPSG/0/4326", "urn:ogc:def:crs:OGC::CRS84h"}) {
    CAPTURE(name);
    CHECK(Area::from_geojson(named(name)).fault.empty());
  }
  for (const char* name :
       {"urn:ogc:def:crs:EPSG::28992", "EPSG:3857", "EPSG:4258", "urn:ogc:def:crs:OGC:1.3:CRS83",
        "urn:ogc:def:crs:EPSG::43266", "EPSG:32633", "", "4326", "urn:ogc:def:crs:EPSG::4326:28992",
        "http://www.opengis.net/def/crs/EPSG/0/28992", "urn:ogc:def:crs:OGC:EPSG:CRS84"}) {
    CAPTURE(name);
    const std::string fault = fault_of(named(name));
    CHECK(says(fault, "$.crs names the reference system \"" + std::string{name} + "\""));
    CHECK(says(fault, "OGC:CRS84"));
    CHECK(says(fault, "or remove the member"));
  }
  CHECK(says(fault_of(with("null")), "$.crs is null"));
  CHECK(says(fault_of(with(R"({"type":"link","properties":{"href":"http://example.org/crs/42"}})")),
             "not fetched"));
  CHECK(says(fault_of(with("7")), "$.crs names no reference system"));
  CHECK(says(fault_of(with(R"({"type":"name","properties":{}})")), "$.crs names no reference system"));
  // Wherever it stands.
  const std::string dutch = R"("crs":{"type":"name","properties":{"name":"EPSG:28992"}},)";
  CHECK(says(fault_of("{" + dutch + polygon(box(0, 0, 2, 2)).substr(1)), "$.crs names"));
  CHECK(says(fault_of(R"({"type":"Feature",)" + dutch + R"("geometry":)" + polygon(box(0, 0, 2, 2)) + "}"),
             "$.crs names"));
  CHECK(says(fault_of(R"({"type":"Feature","geometry":{)" + dutch + polygon(box(0, 0, 2, 2)).substr(1) + "}"),
             "$.geometry.crs names"));
}

TEST_CASE("Area union: numbers that are no degrees are told what they may be", "[geo]") {
  CHECK(says(fault_of(polygon("[[121687,487000],[121700,487000],[121700,487100],[121687,487000]]")),
             "$.coordinates[0][0] has a longitude of 121687, which is not from -180 to 180"));
  CHECK(
      says(fault_of(polygon("[[121687,487000],[121700,487000],[121700,487100],[121687,487000]]")), "metres"));
  CHECK(says(fault_of(polygon("[[35.6,139.7],[35.7,139.7],[35.7,139.8],[35.6,139.7]]")), "swapped"));
  const std::string beyond = fault_of(polygon(box(170, 0, 190, 10)));
  CHECK(says(beyond, "longitude of 190"));
  CHECK(says(beyond, "write what lies beyond as -170"));
}

TEST_CASE("Area union: a member that stands twice is refused", "[geo]") {
  CHECK(says(fault_of(R"({"type":"Polygon","coordinates":[)" + box(0, 0, 1, 1) + R"(],"coordinates":[)" +
                      box(5, 5, 6, 6) + "]}"),
             "\"coordinates\" twice"));
  CHECK(Area::from_geojson(R"({"type":"Feature","properties":{"a":1,"a":2},"geometry":)" +
                           polygon(box(0, 0, 1, 1)) + "}")
            .fault.empty());
}

TEST_CASE("Area union: drawings that would take minutes are refused", "[geo]") {
  const auto strips = [](int count) {
    std::string all;
    for (int i = 0; i < count; ++i) {
      const double at = 10.0 * i / count;
      all += "[" + box(at, 0, at + 5.0 / count, 10) + "],[" + box(0, at, 10, at + 5.0 / count) + "],";
    }
    all.pop_back();
    return multi(all);
  };
  CHECK(area_of(strips(50)).contains(place_at(5.01, 5.01)));
  CHECK(says(fault_of(strips(400)), "cross each other more than 20000 times"));
  std::string same;
  for (int i = 0; i < 2000; ++i) same += "[" + box(0, 0, 10, 10) + "],";
  same.pop_back();
  CHECK(says(fault_of(multi(same)), "lie over each other too often"));
  // A star that touches itself in its middle.
  const auto star = [](int count) {
    std::string ring = "[";
    for (int i = 0; i < count; ++i) {
      const double a = 6.283185307179586 * i / count;
      const double b = a + 3.1 / count;
      ring += "[0,0],[" + std::to_string(std::cos(a)) + "," + std::to_string(std::sin(a)) + "],[" +
              std::to_string(std::cos(b)) + "," + std::to_string(std::sin(b)) + "],";
    }
    return polygon(ring + "[0,0]]");
  };
  CHECK(area_of(star(20)).area_km2() == Approx(0.5 * 3.1 / 20 * 20 * 12364.0 * 0.997).epsilon(0.02));
  CHECK(says(fault_of(star(40)), "touches itself more than 30 times at longitude 0, latitude 0"));
  // Rings within each other that lie clear are no work; a chain of them that meets is.
  const auto nested = [](int count, double wide) {
    std::string all;
    for (int i = 1; i <= count; ++i) {
      const double out = i * 0.001;
      const double in = out - wide;
      all += "[" + box(-out, -out, out, out) + "," + box(-in, -in, in, in) + "],";
    }
    all.pop_back();
    return multi(all);
  };
  const Area clear = area_of(nested(400, 0.0005));
  CHECK(clear.contains(place_at(0.0, 0.2998)));
  CHECK_FALSE(clear.contains(place_at(0.0, 0.2993)));
  CHECK(says(fault_of(nested(400, 0.001 - 1e-9)), "lie over or around each other in more than 50000 pairs"));
  std::string teeth = "[[-89,-5],";
  for (int i = 0; i < 1500; ++i)
    teeth += "[89," + std::to_string(i * 0.02) + "],[-88," + std::to_string(i * 0.02 + 0.01) + "],";
  CHECK(says(fault_of(polygon(teeth + "[-89,40],[-89,-5]]")), "fewer long edges"));
}

/// A star of straight edges around a middle, and a smaller one as its hole.
struct Part {
  std::vector<std::vector<Degrees>> rings;

  [[nodiscard]] static bool in_ring(const std::vector<Degrees>& ring, Degrees p) {
    bool inside = false;
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const Degrees a = ring[i];
      const Degrees b = ring[(i + 1) % ring.size()];
      if ((a.lon <= p.lon) != (b.lon <= p.lon) &&
          p.lat < a.lat + (b.lat - a.lat) * (p.lon - a.lon) / (b.lon - a.lon))
        inside = !inside;
    }
    return inside;
  }
  [[nodiscard]] bool contains(Degrees p) const {
    return in_ring(rings[0], p) && (rings.size() == 1 || !in_ring(rings[1], p));
  }
  [[nodiscard]] std::string text() const {
    std::string out = "[";
    for (const auto& ring : rings) {
      out += "[";
      for (std::size_t i = 0; i <= ring.size(); ++i) {
        const Degrees p = ring[i % ring.size()];
        out += "[" + std::to_string(p.lon) + "," + std::to_string(p.lat) + "],";
      }
      out.back() = ']';
      out += ",";
    }
    out.back() = ']';
    return out;
  }
};

Part random_part(std::mt19937_64& random) {
  std::uniform_real_distribution<double> lon{5.0, 15.0};
  std::uniform_real_distribution<double> lat{40.0, 46.0};
  std::uniform_real_distribution<double> stretch{0.7, 3.0};
  std::uniform_real_distribution<double> share{0.1, 0.6};
  const Degrees middle{.lat = lat(random), .lon = lon(random)};
  const auto six = [](double x) { return std::round(x * 1e6) / 1e6; };
  Part part{{{}, {}}};
  for (int i = 0; i < 12; ++i) {
    const double reach = stretch(random);
    const double inner = 0.7 * 0.7 * share(random);
    const double angle = i * 0.5235987755982988;
    part.rings[0].push_back(
        {six(middle.lat + reach * std::sin(angle)), six(middle.lon + reach * std::cos(angle))});
    part.rings[1].push_back(
        {six(middle.lat + inner * std::sin(angle)), six(middle.lon + inner * std::cos(angle))});
  }
  if (random() % 2 == 0) part.rings.pop_back();
  if (random() % 3 == 0) std::reverse(part.rings[0].begin(), part.rings[0].end());
  return part;
}

TEST_CASE("Area union: overlapping parts with holes agree with each part by itself", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{60}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  std::vector<Part> parts;
  std::string text;
  for (int i = 0; i < 7; ++i) {
    parts.push_back(random_part(random));
    text += parts.back().text() + ",";
  }
  text.pop_back();
  const Area area = area_of(multi(text));
  const auto inside_any = [&parts](LatLon place) {
    return std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
      return part.contains({.lat = place.lat_deg(), .lon = place.lon_deg()});
    });
  };
  int held = 0;
  int missed = 0;
  for (int k = 0; k < 80; ++k) {
    const LatLon middle = random_place_within(random, place_at(43, 10), Kilometers{700.0});
    std::uniform_real_distribution<double> radius{3.0, 200.0};
    const double km = radius(random);
    const bool holds = area.holds(disk(middle, km));
    const bool meets = area.meets(disk(middle, km));
    held += holds ? 1 : 0;
    missed += meets ? 0 : 1;
    CHECK((!holds || meets));
    for (int s = 0; s < 40; ++s) {
      const LatLon place = random_place_within(random, middle, Kilometers{km});
      const bool truth = inside_any(place);
      CHECK(area.contains(place) == truth);
      if (holds) CHECK(truth);
      if (!meets) CHECK_FALSE(truth);
    }
  }
  CHECK(held + missed > 0);
}

TEST_CASE("Area union: of an area that is not known nothing is said", "[geo]") {
  const Area unknown = Area::unknown();
  CHECK(unknown.meets(disk(place_at(10, 10), 5.0)));
  CHECK_FALSE(unknown.holds(disk(place_at(10, 10), 5.0)));
  CHECK(unknown.distance_from(place_at(10, 10)).km() == 0.0);
  CHECK(unknown.clearance(disk(place_at(10, 10), 5.0), Kilometers{100.0})->km() == 0.0);
}

}  // namespace
}  // namespace chiploc::area_union_test
