#include "server/picture/projection.hpp"

#include <GeographicLib/Geodesic.hpp>
#include <cmath>
#include <numbers>

#include "geo/geodesic.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::projection_test {
namespace {

constexpr double kDegree = std::numbers::pi / 180.0;

double reduced_lat_deg(LatLon place) {
  const Vec3 p = to_sphere(place);
  return std::atan2(p.z, std::hypot(p.x, p.y)) / kDegree;
}

/// Of a ring on the plane, by the shoelace formula.
double plane_area(const std::vector<PlanePoint>& ring) {
  double twice = 0.0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const PlanePoint a = ring[i], b = ring[(i + 1) % ring.size()];
    twice += a.x * b.y - a.y * b.x;
  }
  return std::abs(twice) / 2.0;
}

bool inside(const std::vector<std::vector<PlanePoint>>& rings, PlanePoint p) {
  bool in = false;
  for (const auto& ring : rings) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const PlanePoint a = ring[i], b = ring[(i + 1) % ring.size()];
      if ((a.y <= p.y) != (b.y <= p.y)) in ^= p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x);
    }
  }
  return in;
}

std::vector<Vec3> circle(Vec3 centre, double radius, int corners = 90) {
  const Vec3 u = any_perpendicular(centre), v = cross(centre, u);
  std::vector<Vec3> points;
  for (int i = 0; i < corners; ++i) {
    const double t = 2.0 * std::numbers::pi * i / corners;
    points.push_back(centre * std::cos(radius) + (u * std::cos(t) + v * std::sin(t)) * std::sin(radius));
  }
  return points;
}

TEST_CASE("projection: distance and direction from the centre are GeographicLib's on the same sphere",
          "[picture]") {
  const GeographicLib::Geodesic sphere{1.0, 0.0};
  std::mt19937_64 random{20261130};
  for (int i = 0; i < 2'000; ++i) {
    const LatLon centre = random_place(random), place = random_place(random);
    double angle = 0.0, azimuth = 0.0, back = 0.0;
    sphere.Inverse(reduced_lat_deg(centre), centre.lon_deg(), reduced_lat_deg(place), place.lon_deg(), angle,
                   azimuth, back);
    const AzimuthalProjection projection{centre, 3.1};
    const PlanePoint p = projection.project(to_sphere(place));
    const double r = 2.0 * kMeanRadiusKm * std::sin(angle / 2.0);
    CAPTURE(centre.lat_deg(), centre.lon_deg(), place.lat_deg(), place.lon_deg());
    CHECK(p.x == Approx(r * std::sin(azimuth * kDegree)).margin(1e-3));  // km
    CHECK(p.y == Approx(r * std::cos(azimuth * kDegree)).margin(1e-3));
    CHECK(AzimuthalProjection::radius_km(angle) == Approx(r));
    CHECK(AzimuthalProjection::angle_of(r) == Approx(angle).margin(1e-6));
  }
}

TEST_CASE("projection: near the centre it is the ellipsoid within 0.6 %", "[picture]") {
  std::mt19937_64 random{7};
  for (int i = 0; i < 500; ++i) {
    const LatLon centre = random_place(random);
    const LatLon place = random_place_within(random, centre, Kilometers{500.0});
    const PlanePoint p = AzimuthalProjection{centre, 1.0}.project(to_sphere(place));
    const double km = geodesic_distance(centre, place).km();
    CHECK(std::hypot(p.x, p.y) == Approx(km).epsilon(0.006).margin(0.01));
  }
}

TEST_CASE("projection: areas keep their proportions wherever they lie", "[picture]") {
  std::mt19937_64 random{3};
  const AzimuthalProjection projection{place_at(52.0, 13.0), 3.1};
  for (const double away : {0.0, 0.5, 1.0, 2.0, 2.5}) {
    const Vec3 centre = to_sphere(geodesic_direct(place_at(52.0, 13.0), 77.0, Kilometers{away * 6371.0}));
    const double on_sphere = 2.0 * std::numbers::pi * (1.0 - std::cos(0.2)) * kMeanRadiusKm * kMeanRadiusKm;
    CHECK(plane_area(projection.ring(circle(centre, 0.2, 360))) == Approx(on_sphere).epsilon(0.001));
  }
}

TEST_CASE("projection: what is inside a curve stays inside, whatever the view", "[picture]") {
  std::mt19937_64 random{11};
  std::uniform_real_distribution<double> radius{0.02, 3.0}, reach{0.05, 3.1}, share{0.0, 0.98};
  int in_view = 0;
  for (int i = 0; i < 400; ++i) {
    const LatLon centre = i % 10 == 0 ? place_at(i % 20 == 0 ? 90.0 : -90.0, 10.0) : random_place(random);
    const AzimuthalProjection projection{centre, reach(random)};
    const Vec3 middle = to_sphere(random_place(random));
    const double cap = radius(random);
    const auto curve = circle(middle, cap, 400);
    std::vector<std::vector<PlanePoint>> rings{projection.ring(curve)};
    if (angle_between(projection.antipode(), middle) < cap) rings.push_back(projection.rim());
    for (int k = 0; k < 20; ++k) {
      const double angle = share(random) * projection.reach();
      const LatLon place =
          geodesic_direct(centre, 360.0 * share(random), Kilometers{std::min(angle * 6356.0, 19'900.0)});
      const Vec3 at = to_sphere(place);
      if (projection.angle_to(at) > 0.98 * projection.reach()) continue;  // the rim's chords
      if (std::abs(angle_between(at, middle) - cap) < 2e-3) continue;     // the circle's
      if (angle_between(projection.antipode(), middle) > cap - 1e-3 &&
          angle_between(projection.antipode(), middle) < cap + 1e-3)
        continue;  // no answer there
      CAPTURE(i, centre.lat_deg(), centre.lon_deg(), projection.reach(), cap);
      const bool truly = angle_between(at, middle) < cap;
      in_view += truly ? 1 : 0;
      CHECK(inside(rings, projection.project(at)) == truly);
    }
  }
  CHECK(in_view > 1'000);
}

TEST_CASE("projection: a curve comes in where it crosses the rim, not where its last corner stands",
          "[picture]") {
  // All corners far outside; one edge, along 3 degrees east, through a view of 5.7 degrees. East of it is inside.
  const AzimuthalProjection projection{place_at(0.0, 0.0), 0.1};
  const std::vector<Vec3> triangle{to_sphere(place_at(-40.0, 3.0)), to_sphere(place_at(0.0, 60.0)),
                                   to_sphere(place_at(40.0, 3.0))};
  const std::vector<std::vector<PlanePoint>> rings{projection.ring(triangle)};
  const auto in = [&](double lat, double lon) {
    return inside(rings, projection.project(to_sphere(place_at(lat, lon))));
  };
  CHECK(in(0.0, 4.0));
  CHECK(in(-4.0, 3.5));
  CHECK(in(4.0, 3.5));
  CHECK_FALSE(in(0.0, 2.0));
  CHECK_FALSE(in(-5.2, 1.9));
  CHECK_FALSE(in(5.2, 1.9));
}

TEST_CASE("projection: a line is cut at the reach and crosses it where it crosses", "[picture]") {
  // Along a meridian straight through the view, in one edge of 60 degrees: neither end can be seen.
  const AzimuthalProjection projection{place_at(0.0, 0.0), 0.1};
  const std::vector<Vec3> line{to_sphere(place_at(-30.0, 0.0)), to_sphere(place_at(30.0, 0.0))};
  const auto pieces = projection.line(line);
  REQUIRE(pieces.size() == 1);
  const double rim = AzimuthalProjection::radius_km(0.1);
  CHECK(pieces[0].front().y == Approx(-rim).epsilon(1e-6));
  CHECK(pieces[0].back().y == Approx(rim).epsilon(1e-6));
  const std::vector<Vec3> passing{to_sphere(place_at(10.0, -30.0)), to_sphere(place_at(10.0, 30.0))};
  CHECK(projection.line(passing).empty());
  CHECK(projection.ring(passing).empty());  // two points are no ring
}

}  // namespace
}  // namespace chiploc::projection_test
