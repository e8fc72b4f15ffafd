#include "server/sim/paths/path_model.hpp"

#include "geo/geodesic.hpp"
#include "tests/server/sim/paths/test_network.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::path_model_test {
namespace {

TEST_CASE("least one way: light in vacuum along the geodesic, rounded up", "[sim][paths]") {
  const LatLon a = at(52.5, 13.4), b = at(-33.9, 18.4);
  const double ns = geodesic_distance(a, b).km() / 299'792.458 * 1e9;
  CHECK(static_cast<double>(least_one_way(a, b).count()) >= ns - 1e-6);
  CHECK(static_cast<double>(least_one_way(a, b).count()) < ns + 1.0 + 1e-6);
  CHECK(least_one_way(a, a).count() == 0);
  CHECK(least_one_way(a, b) == least_one_way(b, a));
  CHECK(rounded_up(1e-7).count() == 1);
}

}  // namespace
}  // namespace chiploc::test::path_model_test
