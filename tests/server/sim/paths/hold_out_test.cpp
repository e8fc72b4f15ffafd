#include "server/sim/paths/hold_out.hpp"

#include <algorithm>

#include "tests/server/sim/paths/simulated_folder.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::hold_out_test {
namespace {

TEST_CASE("halves: every pair is in one, each distance in both, and the seed decides", "[sim][paths]") {
  const PathFitInput input = simulated(lively(), 40, 6);
  const auto half = seeded_half(input.pairs, 1);
  CHECK(seeded_half(input.pairs, 1) == half);
  CHECK(seeded_half(input.pairs, 2) != half);
  const PathFitInput first = half_of(input, half, true), second = half_of(input, half, false);
  CHECK(first.pairs.size() == 390);
  CHECK(second.pairs.size() == 390);
  const auto near = [](const PathFitInput& it) {
    return std::count_if(it.pairs.begin(), it.pairs.end(),
                         [](const FitPair& pair) { return pair.km < 4'000.0; });
  };
  CHECK(std::abs(near(first) - near(second)) <= 1);
  for (const FitPair& pair : first.pairs) {
    CHECK(std::none_of(second.pairs.begin(), second.pairs.end(),
                       [&](const FitPair& it) { return it.a == pair.a && it.b == pair.b; }));
  }
}

TEST_CASE("hold out: a network of the family is told by its other half", "[sim][paths]") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto held = hold_out(simulated(lively(), 80, seed), seed);
    REQUIRE(held.has_value());
    INFO(held->ratio.largest());
    CHECK(held->ratio.largest() < 0.08);
    CHECK(held->ratio.pairs > 1'400);
    CHECK(std::is_sorted(held->measured.begin(), held->measured.end()));
    CHECK(std::is_sorted(held->simulated.begin(), held->simulated.end()));
    CHECK(held->simulated.size() >= 30'000);
    CHECK(held->simulated.front() >= 1.0);
  }
}

TEST_CASE("hold out: steps of distance hold as many pairs each, and what the whole holds", "[sim][paths]") {
  const PathFitInput input = simulated(lively(), 60, 4);
  const auto held = hold_out(input, 4);
  REQUIRE(held.has_value());
  REQUIRE(held->steps.size() == 14);
  std::size_t pairs = 0;
  double before = kNearKm;
  for (const HeldStep& step : held->steps) {
    CHECK(step.km > before);
    before = step.km;
    pairs += step.ratio.pairs;
    CHECK(step.ratio.pairs + 2 >= held->ratio.pairs / 14);
    CHECK(step.ratio.pairs <= held->ratio.pairs / 14 + 2);
    // Half of either half lies below the median, and a quantile of a part is none of the whole.
    CHECK(step.ratio.measured[3] >= 1.0);
    CHECK(step.ratio.fitted_half[3] == Approx(step.ratio.measured[3]).epsilon(0.4));
    CHECK(step.ratio.simulated[3] == Approx(step.ratio.measured[3]).epsilon(0.4));
  }
  CHECK(pairs == held->ratio.pairs);
  // The farther, the straighter, in that network as in the world.
  CHECK(held->steps.back().ratio.measured[3] < held->steps.front().ratio.measured[3]);
}

TEST_CASE("hold out: what the held-out half alone knows shows as an error", "[sim][paths]") {
  PathFitInput input = simulated(lively(), 40, 2);
  const auto half = seeded_half(input.pairs, 1);
  for (std::size_t p = 0; p < input.pairs.size(); ++p) {
    if (!half[p]) input.pairs[p].min_ms *= 1.5;
  }
  const auto held = hold_out(input, 1);
  REQUIRE(held.has_value());
  CHECK(held->ratio.error(3) == Approx(1.0 / 1.5 - 1.0).margin(0.06));
  CHECK(held->ratio.largest() > 0.25);
  CHECK(held->ratio.largest_half() > 0.25);
}

TEST_CASE("hold out: near pairs are held against milliseconds, and a folder of them alone is refused",
          "[sim][paths]") {
  PathFitInput input = simulated(lively(), 20, 2);
  for (FitPair& pair : input.pairs) pair = {pair.a, pair.b, 0.01 * pair.km / 20.0, 1.0 + 0.001 * pair.km};
  const auto near = hold_out(input, 1);
  REQUIRE_FALSE(near.has_value());
  CHECK(near.error() == "has no pair of 100 km or more to hold out");
}

TEST_CASE("sorted quantile: interpolated, NumPy's default", "[sim][paths]") {
  CHECK(sorted_quantile({1.0, 2.0, 4.0}, 0.5) == 2.0);
  CHECK(sorted_quantile({1.0, 2.0, 4.0}, 0.75) == 3.0);
  CHECK(sorted_quantile({1.0, 2.0, 4.0}, 1.0) == 4.0);
  CHECK(sorted_quantile({}, 0.5) == 0.0);
}

}  // namespace
}  // namespace chiploc::test::hold_out_test
