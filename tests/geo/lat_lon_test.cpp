#include "geo/lat_lon.hpp"

#include <cmath>
#include <limits>

#include "geo/geodesic.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("LatLon: refuses what is no position", "[geo]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK_FALSE(LatLon::from_degrees({.lat = 90.0001, .lon = 0.0}).has_value());
  CHECK_FALSE(LatLon::from_degrees({.lat = -91.0, .lon = 0.0}).has_value());
  CHECK_FALSE(LatLon::from_degrees({.lat = 0.0, .lon = 180.0001}).has_value());
  CHECK_FALSE(LatLon::from_degrees({.lat = 0.0, .lon = -181.0}).has_value());
  CHECK_FALSE(LatLon::from_degrees({.lat = nan, .lon = 0.0}).has_value());
  CHECK_FALSE(LatLon::from_degrees({.lat = 0.0, .lon = nan}).has_value());
  CHECK_FALSE(LatLon::from_degrees({.lat = infinity, .lon = 0.0}).has_value());
}

TEST_CASE("LatLon: both names of the antimeridian are one", "[geo]") {
  CHECK(place_at(10.0, -180.0) == place_at(10.0, 180.0));
  CHECK(place_at(10.0, -180.0).lon_deg() == 180.0);
  CHECK(from_sphere(to_sphere(place_at(10.0, -180.0))).lon_deg() == Approx(180.0));
}

TEST_CASE("to_sphere: comes back to the same place within a tenth of a millimetre", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{200}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const LatLon place = random_place(random);
  const Vec3 point = to_sphere(place);
  CHECK(norm(point) == Approx(1.0).margin(1e-15));
  CHECK(geodesic_distance(from_sphere(point), place).km() < 1e-7);
}

TEST_CASE("to_sphere: poles and equator stay where they are", "[geo]") {
  CHECK(to_sphere(place_at(90.0, 77.0)).z == Approx(1.0).margin(1e-15));
  CHECK(to_sphere(place_at(-90.0, 0.0)).z == Approx(-1.0).margin(1e-15));
  CHECK(to_sphere(place_at(0.0, 90.0)).y == Approx(1.0).margin(1e-15));
}

// The promise on which every region rests: the angle on the sphere is at most length / polar radius and at
// least length / equatorial radius.
TEST_CASE("to_sphere: angles stay within the two radii of the ellipsoid", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{40}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  for (int i = 0; i < 500; ++i) {
    const LatLon a = random_place(random);
    // Anywhere, near by, and near the antipode, where geodesics are hardest.
    const LatLon antipode = from_sphere(-to_sphere(a));
    const LatLon b = i % 3 == 0   ? random_place(random)
                     : i % 3 == 1 ? random_place_within(random, a, Kilometers{100.0})
                                  : random_place_within(random, antipode, Kilometers{100.0});
    const double km = geodesic_distance(a, b).km();
    const double angle = angle_between(to_sphere(a), to_sphere(b));
    CHECK(angle <= km / kPolarRadius.km() + 1e-12);
    CHECK(angle >= km / kEquatorialRadius.km() - 1e-12);
  }
}

TEST_CASE("geodesic_distance: agrees with known distances", "[geo]") {
  // Pole to pole along a meridian, and along a quarter of the equator.
  CHECK(geodesic_distance(place_at(90.0, 0.0), place_at(-90.0, 0.0)).km() ==
        Approx(20003.9314586).margin(1e-6));
  CHECK(geodesic_distance(place_at(90.0, 0.0), place_at(-90.0, 0.0)) < kLongestGeodesic);
  CHECK(geodesic_distance(place_at(0.0, 0.0), place_at(0.0, 90.0)).km() ==
        Approx(10018.7541714).margin(1e-6));
  CHECK(geodesic_distance(place_at(0.0, 179.5), place_at(0.0, -179.5)).km() ==
        Approx(111.3194908).margin(1e-6));
}

TEST_CASE("geodesic_direct: is the inverse of the distance", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{100}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const LatLon from = random_place(random);
  const double km = std::uniform_real_distribution<double>{0.0, 19'000.0}(random);
  const LatLon there = geodesic_direct(from, 360.0 * static_cast<double>(seed) / 100.0, Kilometers{km});
  CHECK(geodesic_distance(from, there).km() == Approx(km).margin(1e-6));
}

TEST_CASE("geodesic_direct: an azimuth that is no number stays at the start", "[geo]") {
  const LatLon from = place_at(50.0, 8.0);
  CHECK(geodesic_direct(from, std::numeric_limits<double>::quiet_NaN(), Kilometers{100.0}) == from);
}

}  // namespace
}  // namespace chiploc
