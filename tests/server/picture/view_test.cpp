#include "server/picture/view.hpp"

#include "tests/server/picture/sample_map.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::view_test {
namespace {

constexpr Frame kFrame{24.0, 116.0, 880.0, 680.0};

void require_in_frame(const MapView& view, LatLon place) {
  const DrawnPoint p = view.pixels(view.projection.project(to_sphere(place)));
  CAPTURE(place.lat_deg(), place.lon_deg(), p.x, p.y);
  CHECK(p.x > kFrame.x);
  CHECK(p.x < kFrame.x + kFrame.width);
  CHECK(p.y > kFrame.y);
  CHECK(p.y < kFrame.y + kFrame.height);
}

TEST_CASE("view: the whole region is in the frame and fills it, wherever it lies", "[picture]") {
  for (const LatLon centre : {place_at(50.0, 10.0), place_at(-17.0, 179.9), place_at(90.0, 0.0),
                              place_at(-89.5, 100.0), place_at(0.0, -180.0)}) {
    for (const double km : {1.0, 30.0, 800.0, 5'000.0, 9'000.0}) {
      const auto features = read_features(sample_map({{"a", centre, km}}));
      const MapView view = view_of(features, kFrame, 1.05);
      CAPTURE(centre.lat_deg(), centre.lon_deg(), km);
      for (double azimuth = 0.0; azimuth < 360.0; azimuth += 30.0)
        require_in_frame(view, geodesic_direct(centre, azimuth, Kilometers{km}));
      const double seen =
          2.0 * AzimuthalProjection::radius_km(std::max(km, 2.0) / 6371.0) * view.pixels.pixels_per_km;
      CHECK(seen > 0.6 * kFrame.height);
      CHECK(seen < kFrame.height);
    }
  }
}

TEST_CASE("view: over half a globe it is centred on what is allowed, not on what is not", "[picture]") {
  const LatLon centre = place_at(35.0, 139.0);
  const auto features = read_features(sample_map({{"a", centre, 13'000.0}}));
  const MapView view = view_of(features, kFrame, 1.05);
  CHECK(view.projection.angle_to(to_sphere(centre)) < 0.05);
  require_in_frame(view, geodesic_direct(centre, 200.0, Kilometers{12'900.0}));
}

TEST_CASE("view: everything is the globe, and nothing but anchors shows them", "[picture]") {
  MapJson everything = sample_map({{"a", place_at(0.0, 0.0), 20'100.0}});
  const MapView globe = view_of(read_features(everything), kFrame, 1.05);
  CHECK(globe.projection.reach() == Approx(3.1));
  CHECK(AzimuthalProjection::radius_km(3.1) * globe.pixels.pixels_per_km < kFrame.height / 2.0);

  MapJson anchors = sample_map({{"a", place_at(10.0, 10.0), 300.0}, {"b", place_at(20.0, 30.0), 300.0}});
  MapJson& list = anchors["features"];
  list.erase(0);  // the region
  const MapView view = view_of(read_features(anchors), kFrame, 1.05);
  require_in_frame(view, place_at(10.0, 10.0));
  require_in_frame(view, place_at(20.0, 30.0));
  CHECK(view_of({}, kFrame, 1.05).pixels.pixels_per_km > 0.0);
}

TEST_CASE("view: suggested places, holders and near anchors are in it, far ones are not", "[picture]") {
  MapJson map =
      sample_map({{"near", place_at(50.0, 11.0), 300.0}, {"far", place_at(-33.0, 151.0), 19'000.0}});
  add_suggestions(map, place_at(55.0, 20.0));
  MapJson other = sample_map({{"c", place_at(40.0, -3.0), 200.0}}, "2");
  for (const MapJson& feature : other["features"]) map["features"].push_back(feature);
  const MapView view = view_of(read_features(map), kFrame, 1.05);
  require_in_frame(view, place_at(50.0, 11.0));
  require_in_frame(view, place_at(55.0, 20.0));
  require_in_frame(view, place_at(40.0, -3.0));
  CHECK(view.projection.angle_to(to_sphere(place_at(-33.0, 151.0))) > view.projection.reach());
}

TEST_CASE("view: degrees are named and lie where they should", "[picture]") {
  CHECK(degrees_text(true, 35.0) == "35\xC2\xB0 N");
  CHECK(degrees_text(true, -0.25) == "0.25\xC2\xB0 S");
  CHECK(degrees_text(false, -120.0) == "120\xC2\xB0 W");
  CHECK(degrees_text(false, 180.0) == "180\xC2\xB0");
  CHECK(degrees_text(true, 0.0) == "0\xC2\xB0");
  CHECK(grid_step_deg(180.0) == 30.0);
  CHECK(grid_step_deg(6.0) == 1.0);
  CHECK(grid_step_deg(1e-3) == 0.01);
  const AzimuthalProjection projection{place_at(47.3, 8.2), 0.03};
  const auto lines = degree_lines(projection, 1.0);
  std::vector<std::string> seen;
  for (const DegreeLine& line : lines) {
    if (line.pieces.empty()) continue;
    seen.push_back(degrees_text(line.parallel, line.degrees));
    if (!line.parallel || line.degrees != 47.0) continue;
    for (const PlanePoint p : line.pieces[0])
      CHECK(p.y == Approx(-33.0).margin(4.0));  // 0.3 degrees south, in km
  }
  CHECK(seen == std::vector<std::string>{"46\xC2\xB0 N", "47\xC2\xB0 N", "48\xC2\xB0 N", "49\xC2\xB0 N",
                                         "6\xC2\xB0 E", "7\xC2\xB0 E", "8\xC2\xB0 E", "9\xC2\xB0 E",
                                         "10\xC2\xB0 E"});
  for (const LatLon pole : {place_at(90.0, 0.0), place_at(-90.0, 0.0)}) {
    CHECK(degree_lines(AzimuthalProjection{pole, 0.3}, 10.0).size() < 60);
  }
}

}  // namespace
}  // namespace chiploc::test::view_test
