#include "server/picture/map_items.hpp"

#include "tests/server/picture/sample_map.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::map_items_test {
namespace {

constexpr Frame kFrame{24.0, 116.0, 880.0, 680.0};

TEST_CASE("map items: hatches lie inside what they hatch", "[picture]") {
  const DrawnLine box{{100.0, 200.0}, {200.0, 200.0}, {200.0, 260.0}, {100.0, 260.0}};
  const DrawnLine hole{{140.0, 220.0}, {160.0, 220.0}, {160.0, 240.0}, {140.0, 240.0}};
  const auto lines = hatching({box, hole}, kFrame, 9.0);
  double length = 0.0;
  for (const DrawnLine& line : lines) {
    REQUIRE(line.size() == 2);
    CHECK(line[0].x + line[0].y == Approx(line[1].x + line[1].y));
    const DrawnPoint middle{(line[0].x + line[1].x) / 2.0, (line[0].y + line[1].y) / 2.0};
    CHECK((middle.x > 100.0 && middle.x < 200.0 && middle.y > 200.0 && middle.y < 260.0));
    CHECK_FALSE((middle.x > 140.0 && middle.x < 160.0 && middle.y > 220.0 && middle.y < 240.0));
    length += std::hypot(line[1].x - line[0].x, line[1].y - line[0].y);
  }
  CHECK(length * 9.0 == Approx(100.0 * 60.0 - 20.0 * 20.0).epsilon(0.1));  // spacing times length is the area
  CHECK(hatching({}, kFrame, 9.0).empty());
  // Far larger than the frame: as many lines as the frame has room for, none longer than it is.
  const auto far = hatching({{{-1e6, -1e6}, {1e6, -1e6}, {1e6, 1e6}, {-1e6, 1e6}}}, kFrame, 9.0);
  CHECK(far.size() < 140);
}

TEST_CASE("map items: round trips are said as precisely as they are short", "[picture]") {
  const auto text = [](double ns) {
    MapFeature feature;
    feature.properties = {{"rtt_min_ns", ns}};
    return round_trip_text(feature);
  };
  CHECK(text(46'400'000.0) == "46.4 ms");
  CHECK(text(3'210'000.0) == "3.21 ms");
  CHECK(text(321'000.0) == "0.321 ms");
  CHECK(text(0.0) == "no round trip");
  CHECK(round_trip_text({}) == "no round trip");
}

TEST_CASE("map items: a bound that excludes nothing is no length", "[picture]") {
  MapFeature feature;
  CHECK(bound_text(feature).empty());
  feature.properties = {{"bound_km", 6'968.2}};
  CHECK(bound_text(feature) == "6,968 km");
  feature.properties = {{"bound_km", 28'775.0}};
  CHECK(bound_text(feature) == "anywhere");
}

/// A square among the territories, of so many degrees.
MapJson territory_feature(const char* name, bool prohibited, Degrees corner, double size) {
  const double w = corner.lon, s = corner.lat, e = w + size, n = s + size;
  return sample_feature({{"type", "Polygon"}, {"coordinates", {{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}}}},
                        {{"role", "territory"}, {"territory", name}, {"prohibited", prohibited}});
}

TEST_CASE("map items: areas are outlined and filled, hatched if prohibited, marked if too small",
          "[picture]") {
  MapJson map = sample_map({{"a", place_at(50.0, 1.0), 300.0}});
  // Edges along meridians of 0, 90 .. are no cuts of people's drawings.
  map["features"].push_back(territory_feature("west", false, {.lat = 49.5, .lon = 0.0}, 1.0));
  map["features"].push_back(territory_feature("zone", true, {.lat = 50.8, .lon = 1.5}, 0.5));
  map["features"].push_back(territory_feature("hall", false, {.lat = 50.2, .lon = 2.2}, 0.001));
  const auto features = read_features(map);
  const MapView view = view_of(features, kFrame, 1.05);
  int fills = 0, outlines = 0, marks = 0, hatches = 0;
  std::size_t region_at = 0, area_at = 0, at = 0;
  for (const DrawnItem& item : map_items(features, {}, view, kFrame, 0.4)) {
    ++at;
    if (const auto* path = std::get_if<DrawnPath>(&item)) {
      hatches += path->role == "hatch" && !path->lines.empty() ? 1 : 0;
      if (path->role == "region") region_at = at;
      if (path->role.rfind("area", 0) != 0) continue;
      area_at = at;
      CHECK((path->role == "area prohibited") == (path->hover == "zone (prohibited)"));
      fills += path->fill && !path->lines.empty() ? 1 : 0;
      outlines += path->stroke && !path->lines.empty() ? 1 : 0;
      if (path->stroke && path->hover == "west (licensed)") {
        REQUIRE(path->lines.size() == 1);  // all four sides in one line
        CHECK(path->lines[0].front().x == Approx(path->lines[0].back().x));
        CHECK(path->lines[0].front().y == Approx(path->lines[0].back().y));
      }
    } else if (const auto* mark = std::get_if<DrawnMark>(&item);
               mark != nullptr && mark->role == "area licensed") {
      ++marks;
      CHECK(mark->hover == "hall (licensed)");
      CHECK(mark->shape == DrawnMark::Shape::kSquare);
    }
  }
  CHECK(fills == 2);
  CHECK(outlines == 2);
  CHECK(hatches == 1);
  CHECK(marks == 1);
  CHECK(area_at < region_at);  // what is proved is never covered
  // They do not decide where one looks.
  CHECK(view.pixels.pixels_per_km ==
        view_of(read_features(sample_map({{"a", place_at(50.0, 1.0), 300.0}})), kFrame, 1.05)
            .pixels.pixels_per_km);
}

TEST_CASE("map items: each holder of a key has a colour of its own", "[picture]") {
  MapJson map = sample_map({{"a", place_at(50.0, 10.0), 300.0}}, "first");
  const MapJson other = sample_map({{"b", place_at(40.0, -3.0), 300.0}}, "second");
  for (const MapJson& feature : other["features"]) map["features"].push_back(feature);
  const auto features = read_features(map);
  CHECK(holders_in(features) == std::vector<std::string>{"first", "second"});
  const auto items = map_items(features, {}, view_of(features, kFrame, 1.05), kFrame, 0.4);
  std::vector<Ink> fills;
  for (const DrawnItem& item : items) {
    if (const auto* path = std::get_if<DrawnPath>(&item);
        path != nullptr && path->role == "holder" && path->fill)
      fills.push_back(*path->fill);
  }
  REQUIRE(fills.size() == 2);
  CHECK(fills[0].light != fills[1].light);
}

TEST_CASE("map items: labels do not lie on each other, however many anchors there are", "[picture]") {
  std::vector<SampleAnchor> anchors;
  for (int i = 0; i < 80; ++i)
    anchors.push_back(
        {"anchor-" + std::to_string(i), place_at(50.0 + 0.05 * (i % 9), 10.0 + 0.05 * (i / 9)), 400.0});
  const auto features = read_features(sample_map(anchors));
  std::vector<DrawnWords> labels;
  for (const DrawnItem& item : map_items(features, {}, view_of(features, kFrame, 1.05), kFrame, 0.4)) {
    if (const auto* words = std::get_if<DrawnWords>(&item); words != nullptr && words->role == "anchor")
      labels.push_back(*words);
  }
  REQUIRE(labels.size() >= 3);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (std::size_t k = i + 1; k < labels.size(); ++k) {
      const bool apart = std::abs(labels[i].at.y - labels[k].at.y) >= 13.9 ||
                         std::abs(labels[i].at.x - labels[k].at.x) > 60.0;
      CHECK(apart);
    }
  }
}

}  // namespace
}  // namespace chiploc::test::map_items_test
