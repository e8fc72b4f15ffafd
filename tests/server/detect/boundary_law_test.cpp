#include "server/detect/boundary_law.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/server/detect/honest.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::boundary_law_test {
namespace {

TEST_CASE("boundary law: Daniels' theorem, exactly", "[detect]") {
  // P(some i-th least of n is <= c * i / n) = c, for every n (Daniels 1945).
  for (const std::size_t n : {1U, 2U, 7U, 100U, 3'000U}) {
    for (const double c : {1e-6, 0.001, 0.3, 0.9}) {
      std::vector<double> boundary;
      for (std::size_t i = 1; i <= n; ++i)
        boundary.push_back(c * static_cast<double>(i) / static_cast<double>(n));
      const auto crossing = crossing_probability(n, boundary);
      REQUIRE(crossing.has_value());
      CAPTURE(n, c, *crossing);
      CHECK(std::abs(*crossing - c) < 3e-11);
    }
  }
}

TEST_CASE("boundary law: one entry, and two", "[detect]") {
  for (const double b : {0.0, 1e-8, 0.02, 0.7}) {
    CHECK(crossing_probability(1, std::vector{b}).value() == Approx(b).margin(1e-14));
    CHECK(crossing_probability(50, std::vector{b}).value() ==
          Approx(-std::expm1(50 * std::log1p(-b))).margin(1e-12));
    const double b2 = b + 0.1;
    const double survives = (1 - b2) * (1 - b2) + 2.0 * (1 - b2) * (b2 - b);
    CHECK(crossing_probability(2, std::vector{b, b2}).value() == Approx(1.0 - survives).margin(1e-13));
  }
  CHECK(crossing_probability(5, std::vector<double>{}).value() == 0.0);
}

TEST_CASE("boundary law: as often as dice cross random boundaries", "[detect][property]") {
  Dice dice{51};
  for (int trial = 0; trial < 30; ++trial) {
    const std::size_t n = 1 + dice.below(40);
    std::vector<double> boundary(1 + dice.below(static_cast<unsigned>(n)));
    for (double& b : boundary) b = dice.unit() * dice.unit() * dice.unit();
    std::sort(boundary.begin(), boundary.end());
    const double meant = crossing_probability(n, boundary).value();
    constexpr std::size_t kRuns = 4'000;
    std::size_t crossed = 0;
    std::vector<double> numbers(n);
    for (std::size_t run = 0; run < kRuns; ++run) {
      for (double& u : numbers) u = dice.unit();
      std::sort(numbers.begin(), numbers.end());
      bool any = false;
      for (std::size_t i = 0; i < boundary.size(); ++i) any = any || numbers[i] <= boundary[i];
      crossed += any ? 1U : 0U;
    }
    CAPTURE(trial, n, meant, crossed);
    CHECK(static_cast<double>(crossed) <= most_of(kRuns, meant));
    CHECK(static_cast<double>(crossed) >= least_of(kRuns, meant));
  }
}

TEST_CASE("boundary law: a boundary that is none is refused", "[detect]") {
  CHECK_FALSE(crossing_probability(0, std::vector<double>{}).has_value());
  CHECK_FALSE(crossing_probability(1, std::vector{0.1, 0.2}).has_value());
  CHECK_FALSE(crossing_probability(2, std::vector{0.2, 0.1}).has_value());
  CHECK_FALSE(crossing_probability(2, std::vector{-0.1, 0.1}).has_value());
  CHECK_FALSE(crossing_probability(2, std::vector{0.1, 1.0}).has_value());
  CHECK_FALSE(crossing_probability(2, std::vector{0.1, std::nan("")}).has_value());
  // Too coarse a walk: on the safe side.
  CHECK(crossing_probability(10'000, std::vector{0.0, 0.9}).value() == 1.0);
}

}  // namespace
}  // namespace chiploc::boundary_law_test
