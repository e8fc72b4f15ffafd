#include "server/sim/paths/nearest_paths.hpp"

#include <rapidcheck.h>

#include "geo/geodesic.hpp"
#include "tests/server/sim/paths/test_network.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::nearest_paths_test {
namespace {

/// Berlin, Paris, Sydney: 20 ms, 300 ms, and 290 ms between them.
NearestPaths three() {
  RttMatrix matrix{{{"b", at(52.5, 13.4)}, {"p", at(48.9, 2.4)}, {"s", at(-33.9, 151.2)}},
                   std::vector<MatrixPair>(9)};
  matrix.pairs[1].min_ms = 20.0;
  matrix.pairs[2].min_ms = 300.0;
  matrix.pairs[5].min_ms = 290.0;
  auto paths = MatrixPaths::create(std::move(matrix));
  if (!paths) FAIL(paths.error());
  return NearestPaths{*std::move(paths)};
}

TEST_CASE("nearest paths: an end has the paths of its nearest node, whatever its name", "[sim][paths]") {
  const NearestPaths paths = three();
  const PathEnd potsdam{"chip-1", at(52.4, 13.1)}, orleans{"anchor", at(47.9, 1.9)},
      canberra{"b", at(-35.3, 149.1)};  // named like Berlin, and yet near Sydney
  CHECK(ms_of(paths.fate(potsdam, orleans, {}).delay) == Approx(10.0));
  CHECK(ms_of(paths.least(orleans, potsdam, {}).delay) == Approx(10.0));
  CHECK(ms_of(paths.fate(potsdam, canberra, {}).delay) == Approx(150.0));
  CHECK(ms_of(paths.least(canberra, orleans, {}).delay) == Approx(145.0));
  CHECK_FALSE(paths.fate(potsdam, orleans, {}).lost);
}

TEST_CASE("nearest paths: between two ends of one node nothing passes", "[sim][paths]") {
  const NearestPaths paths = three();
  const PathEnd potsdam{"x", at(52.4, 13.1)}, leipzig{"y", at(51.3, 12.4)};
  CHECK(paths.fate(potsdam, leipzig, {}).lost);
  CHECK(paths.least(potsdam, leipzig, {}).lost);
  const NearestPaths none{*MatrixPaths::create({})};
  CHECK(none.fate(potsdam, leipzig, {}).lost);
  CHECK(none.nearest(potsdam.place).first == nullptr);
}

TEST_CASE("nearest paths: never faster than light between the ends' own places", "[sim][paths]") {
  const NearestPaths paths = three();
  // Nearest to Berlin and to Paris, and 6,000 km apart: 20 ms would be faster than light.
  const PathEnd far_east{"x", at(60.0, 80.0)}, azores{"y", at(37.7, -25.7)};
  const Nanoseconds light = least_one_way(far_east.place, azores.place);
  CHECK(ms_of(light) > 10.0);
  CHECK(paths.fate(far_east, azores, {}).delay == light);
}

TEST_CASE("nearest paths: the nearest is the nearest on the ellipsoid, unless two are as near",
          "[sim][paths][property]") {
  const NearestPaths paths = three();
  CHECK(rc::check([&] {
    const LatLon place =
        at(*rc::gen::inRange(-9'000, 9'001) * 0.01, *rc::gen::inRange(-17'999, 18'001) * 0.01);
    const auto [node, away] = paths.nearest(place);
    RC_ASSERT(node != nullptr);
    for (const LatLon other : {at(52.5, 13.4), at(48.9, 2.4), at(-33.9, 151.2)})
      RC_ASSERT(geodesic_distance(place, other).km() >= away.km() * 0.99);
    RC_ASSERT(std::abs(geodesic_distance(place, node->place).km() - away.km()) < 1e-9);
  }));
}

}  // namespace
}  // namespace chiploc::test::nearest_paths_test
