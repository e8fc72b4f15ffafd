#include "server/detect/place_pattern.hpp"

#include "tests/server/detect/made_paths.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::place_pattern_test {
namespace {

TEST_CASE("place pattern: changes that have nothing to do with places rarely look like one",
          "[detect][law]") {
  Dice dice{21};
  constexpr std::size_t kTrials = 1'000;
  const PlaceOptions quick{.bearings = 8, .nearest_km = 100.0, .permutations = 19};
  std::size_t at_5 = 0;
  std::size_t at_20 = 0;
  for (std::size_t trial = 0; trial < kTrials; ++trial) {
    const MadePaths made{dice, 10};
    std::vector<double> changes;
    for (std::size_t a = 0; a < 10; ++a)
      changes.push_back(dice.chance(0.3) ? dice.between(-1.0, 9.0) : 0.02 * honest_normal(dice));
    PlaceOptions options = quick;
    options.seed = trial;
    const auto found = find_place_pattern(made.site, made.anchors, changes, options);
    REQUIRE(found.has_value());
    at_5 += found->p_value <= 0.05 ? 1U : 0U;
    at_20 += found->p_value <= 0.2 ? 1U : 0U;
  }
  CAPTURE(at_5, at_20);
  CHECK(static_cast<double>(at_5) <= most_of(kTrials, 0.05));
  CHECK(static_cast<double>(at_20) <= most_of(kTrials, 0.2));
  CHECK(static_cast<double>(at_20) >= least_of(kTrials, 0.2));
}

TEST_CASE("place pattern: a move is found, with its direction and how far", "[detect]") {
  Dice dice{22};
  const double distance_km = GENERATE(60.0, 300.0, 1500.0);
  for (int trial = 0; trial < 10; ++trial) {
    const MadePaths made{dice, 12};
    const double bearing = dice.between(0.0, 360.0);
    const LatLon there = geodesic_direct(made.site, bearing, Kilometers{distance_km});
    std::vector<double> changes;
    for (std::size_t a = 0; a < 12; ++a) {
      changes.push_back(made.rtt_ms(dice, a, there) - made.rtt_ms(dice, a, made.site) + 0.7);
    }
    const auto found = find_place_pattern(made.site, made.anchors, changes);
    REQUIRE(found.has_value());
    CAPTURE(distance_km, bearing, found->explained, found->p_value, found->distance.km());
    CHECK(found->p_value <= 0.01);
    CHECK(found->explained > 0.6);
    CHECK(found->distance.km() > distance_km / 4.0);
    CHECK(found->distance.km() < distance_km * 4.0);
    // No farther from the true place than where it was, but for what a grid of distances leaves.
    CHECK(geodesic_distance(found->place, there).km() < 1.1 * distance_km);
  }
}

TEST_CASE("place pattern: neither a constant nor the anchors' order changes what is found", "[detect]") {
  Dice dice{23};
  const MadePaths made{dice, 9};
  const LatLon there = geodesic_direct(made.site, 70.0, Kilometers{400.0});
  std::vector<double> changes;
  for (std::size_t a = 0; a < 9; ++a)
    changes.push_back(made.rtt_ms(dice, a, there) - made.rtt_ms(dice, a, made.site));
  const auto found = find_place_pattern(made.site, made.anchors, changes);
  REQUIRE(found.has_value());
  auto anchors = made.anchors;
  std::reverse(anchors.begin(), anchors.end());
  std::vector<double> turned(changes.rbegin(), changes.rend());
  for (double& c : turned) c += 2.0;
  const auto again = find_place_pattern(made.site, anchors, turned);
  REQUIRE(again.has_value());
  CHECK(again->place == found->place);
  CHECK(again->explained == Approx(found->explained).epsilon(1e-9));
  CHECK(again->common_ms == Approx(found->common_ms + 2.0).margin(1e-9));
}

TEST_CASE("place pattern: what cannot be tested is refused", "[detect]") {
  Dice dice{24};
  const MadePaths made{dice, 8};
  std::vector<double> changes{1, -1, 2, 0, 0.5, 1, kNotMeasured, kNotMeasured};
  CHECK(find_place_pattern(made.site, made.anchors, changes).has_value());
  auto fewer = changes;
  fewer[0] = kNotMeasured;
  CHECK_FALSE(find_place_pattern(made.site, made.anchors, fewer).has_value());
  auto infinite = changes;
  infinite[0] = std::numeric_limits<double>::infinity();
  CHECK_FALSE(find_place_pattern(made.site, made.anchors, infinite).has_value());
  CHECK_FALSE(find_place_pattern(made.site, made.anchors, std::vector<double>(8, 1.0)).has_value());
  CHECK_FALSE(find_place_pattern(made.site, made.anchors, std::vector<double>(7, 1.0)).has_value());
  for (const PlaceOptions& wrong :
       {PlaceOptions{.bearings = 0}, PlaceOptions{.nearest_km = 0.0},
        PlaceOptions{.nearest_km = 100.0, .farthest_km = 50.0}, PlaceOptions{.farthest_km = 30'000.0},
        PlaceOptions{.nearest_km = std::nan("")}, PlaceOptions{.permutations = 0}}) {
    CHECK_FALSE(find_place_pattern(made.site, made.anchors, changes, wrong).has_value());
  }
}

}  // namespace
}  // namespace chiploc::place_pattern_test
