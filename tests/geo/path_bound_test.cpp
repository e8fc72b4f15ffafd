#include "geo/path_bound.hpp"

#include <chrono>
#include <cmath>
#include <limits>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using std::chrono::nanoseconds;

TEST_CASE("path_bound: a millisecond in vacuum is 149.896229 km", "[geo]") {
  const auto bound = path_bound(nanoseconds{1'000'000}, kLightInVacuum);
  REQUIRE(bound.has_value());
  CHECK(bound->km() == Approx(149.896229 + 1e-6).margin(1e-12));
}

TEST_CASE("path_bound: glass fibre is exactly two thirds of vacuum", "[geo]") {
  CHECK(kLightInFibre.km_s() * 3.0 == kLightInVacuum.km_s() * 2.0);
  CHECK(path_bound(nanoseconds{3'000'000}, kLightInFibre)->km() == Approx(2.0 * 149.896229).epsilon(1e-8));
}

TEST_CASE("path_bound: a round trip of zero still leaves the padding", "[geo]") {
  CHECK(path_bound(nanoseconds{0}, kLightInVacuum)->km() > 0.0);
}

TEST_CASE("path_bound: evidence that contradicts itself has no bound", "[geo]") {
  CHECK_FALSE(path_bound(nanoseconds{-1}, kLightInVacuum).has_value());
  CHECK_FALSE(path_bound(nanoseconds{1}, KmPerSecond{0.0}).has_value());
  CHECK_FALSE(path_bound(nanoseconds{1}, KmPerSecond{-1.0}).has_value());
  CHECK_FALSE(path_bound(nanoseconds{1}, KmPerSecond{std::numeric_limits<double>::quiet_NaN()}).has_value());
  CHECK_FALSE(path_bound(nanoseconds{1}, KmPerSecond{std::numeric_limits<double>::infinity()}).has_value());
}

TEST_CASE("path_bound: never shorter than the true path", "[geo][property]") {
  const auto km = GENERATE(take(200, random(0.0, 20'037.5)));  // up to half the equator
  const auto rtt =
      std::chrono::ceil<nanoseconds>(std::chrono::duration<double>{2.0 * km / kLightInVacuum.km_s()});
  CHECK(path_bound(rtt, kLightInVacuum).value() >= Kilometers{km});
}

TEST_CASE("path_bound: grows with the round trip, to the longest that a clock can state", "[geo]") {
  CHECK(path_bound(nanoseconds{2}, kLightInVacuum).value() >
        path_bound(nanoseconds{1}, kLightInVacuum).value());
  const auto longest = path_bound(nanoseconds::max(), kLightInVacuum);
  REQUIRE(longest.has_value());
  CHECK(std::isfinite(longest->km()));
}

TEST_CASE("oscillator_allowance: 500 ppm of the true time, rounded up, never negative", "[geo]") {
  CHECK(oscillator_allowance(nanoseconds{0}) == nanoseconds{0});
  CHECK(oscillator_allowance(nanoseconds{-5}) == nanoseconds{0});
  CHECK(oscillator_allowance(nanoseconds{1}) == nanoseconds{1});
  CHECK(oscillator_allowance(nanoseconds{1999}) == nanoseconds{1});
  CHECK(oscillator_allowance(nanoseconds{2000}) == nanoseconds{2});
  CHECK(oscillator_allowance(nanoseconds{10'000'000}) == nanoseconds{5003});
  CHECK(oscillator_allowance(nanoseconds::max()).count() > 0);
  // 100 ms by an oscillator that runs 500 ppm slow: 99.95 ms are measured.
  CHECK(nanoseconds{99'950'000} + oscillator_allowance(nanoseconds{99'950'000}) >= nanoseconds{100'000'000});
}

TEST_CASE("Kilometers: compare and add as lengths do", "[geo]") {
  CHECK(Kilometers{1.0} + Kilometers{2.0} == Kilometers{3.0});
  CHECK(Kilometers{1.0} - Kilometers{2.0} == Kilometers{-1.0});
  CHECK(2.0 * Kilometers{1.5} == Kilometers{1.5} * 2.0);
  CHECK(Kilometers{1.0} < Kilometers{1.5});
}

}  // namespace
}  // namespace chiploc
