#include "server/detect/path_baseline.hpp"

#include <cmath>
#include <limits>

#include "tests/server/detect/honest.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::path_baseline_test {
namespace {

TEST_CASE("path baseline: median and spread of a steady path", "[detect]") {
  Dice dice{3};
  double centre_error = 0.0;
  double spread_ratio = 0.0;
  constexpr int kPaths = 500;
  for (int path = 0; path < kPaths; ++path) {
    PathBaseline baseline;
    for (int round = 0; round < 168; ++round) {
      REQUIRE(baseline.add(40.0 + 0.02 * honest_normal(dice), static_cast<std::uint64_t>(path)));
    }
    const auto law = baseline.law();
    REQUIRE(law.has_value());
    centre_error += std::pow(static_cast<double>(law->centre_ms) - 40.0, 2) / kPaths;
    spread_ratio += static_cast<double>(law->spread_ms) / (0.02 * 0.6745) / kPaths;
  }
  // The median of 11 to 14: 1.25 / sqrt(n) standard deviations, which is half of the spread's unit at the most.
  CHECK(std::sqrt(centre_error) < 0.02 * 0.42);
  CHECK(spread_ratio == Approx(1.0).margin(0.15));
}

TEST_CASE("path baseline: every stretch of time has its say, and equal chances within it", "[detect]") {
  // Round trips that tell the time: what is kept must be one of each stretch.
  double mean = 0.0;
  for (std::uint64_t key = 0; key < 400; ++key) {
    PathBaseline baseline;
    for (int round = 0; round < 14 * 64; ++round) REQUIRE(baseline.add(round, key));
    const auto law = baseline.law();
    REQUIRE(law.has_value());
    mean += static_cast<double>(law->centre_ms) / 400.0;
    // The seventh and eighth stretch hold the middle.
    CHECK(static_cast<double>(law->centre_ms) >= 6 * 64);
    CHECK(static_cast<double>(law->centre_ms) < 8 * 64);
    CHECK(static_cast<double>(law->spread_ms) == Approx(14 * 64 / 4).margin(80));
  }
  CHECK(mean == Approx(14 * 64 / 2.0).margin(6.0));
}

TEST_CASE("path baseline: a route that held for a fifth of the time does not move it", "[detect]") {
  Dice dice{5};
  for (std::uint64_t key = 0; key < 50; ++key) {
    PathBaseline baseline;
    for (int round = 0; round < 700; ++round) {
      const bool other_route = round >= 200 && round < 340;
      REQUIRE(baseline.add((other_route ? 47.0 : 40.0) + 0.01 * honest_normal(dice), key));
    }
    CHECK(static_cast<double>(baseline.law()->centre_ms) == Approx(40.0).margin(0.03));
    CHECK(static_cast<double>(baseline.law()->spread_ms) < 0.05);
  }
}

TEST_CASE("path baseline: adding a constant moves the centre alone", "[detect]") {
  Dice dice{6};
  PathBaseline one;
  PathBaseline other;
  for (int round = 0; round < 100; ++round) {
    const double rtt = 0.25 * dice.below(64);  // binary fractions: exact as floats
    REQUIRE(one.add(rtt, 9));
    REQUIRE(other.add(rtt + 32.0, 9));
    CHECK(other.law(1)->centre_ms == one.law(1)->centre_ms + 32.0F);
    CHECK(other.law(1)->spread_ms == one.law(1)->spread_ms);
  }
}

TEST_CASE("path baseline: established by rounds, and only by round trips", "[detect]") {
  PathBaseline baseline;
  CHECK_FALSE(baseline.law(0).has_value());
  for (const double wrong : {-1.0, 1e5, std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK_FALSE(baseline.add(wrong));
  }
  CHECK(baseline.rounds() == 0);
  for (int round = 0; round < 6; ++round) REQUIRE(baseline.add(5.0 + round));
  CHECK_FALSE(baseline.law().has_value());
  REQUIRE(baseline.add(11.0));
  REQUIRE(baseline.law().has_value());
  CHECK(baseline.law()->centre_ms == 8.0F);
  CHECK(baseline.law()->spread_ms == 2.0F);
}

}  // namespace
}  // namespace chiploc::path_baseline_test
