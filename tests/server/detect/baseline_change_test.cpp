#include "server/detect/baseline_change.hpp"

#include <algorithm>
#include <numeric>

#include "server/detect/score_law.hpp"
#include "tests/server/detect/made_paths.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::baseline_change_test {
namespace {

using Baseline = std::vector<std::optional<PathLaw>>;

TEST_CASE("baseline change: each statistic is what its formula says", "[detect]") {
  const Baseline baseline(8, PathLaw{10.0F, 0.02F});
  const std::vector<double> rtt{10.0 - 5.0, 10.0 - 1.0, 10.0 - 0.5, 10.1, 10.2, 10.3, 12.0, 14.0};
  const auto scores = compare_with_baseline(baseline, rtt);
  REQUIRE(scores.has_value());
  CHECK(scores->anchors == 8);
  CHECK(scores->common_ms == Approx(-0.5));  // the third from below
  CHECK(scores->move_ms == Approx(0.3));
  CHECK(scores->lone_ms == Approx(5.15));  // from the median, 0.15
  CHECK(scores->spread_ms == Approx((0.65 + 1.15) / 2.0));
  CHECK(scores->common_z == Approx(-0.5 / 0.05));
  CHECK(scores->move_z == Approx(0.3 / 0.05));
  CHECK(scores->lone_z == Approx(5.15 / 0.05));
  CHECK(scores->longer == 4);
  CHECK(scores->shorter == 3);
}

TEST_CASE("baseline change: neither a constant nor the anchors' order matters", "[detect]") {
  Dice dice{11};
  const MadePaths made{dice, 11};
  auto baseline = made.baseline(dice);
  auto rtt = made.round(dice, made.site);
  rtt[4] += 3.0;
  rtt[7] = kNotMeasured;
  const auto scores = compare_with_baseline(baseline, rtt);
  REQUIRE(scores.has_value());

  auto moved = baseline;
  auto moved_rtt = rtt;
  for (auto& law : moved) law->centre_ms += 4.0F;
  for (double& r : moved_rtt) r += 4.0;
  const auto with_constant = compare_with_baseline(moved, moved_rtt);
  REQUIRE(with_constant.has_value());
  CHECK(with_constant->common_ms == Approx(scores->common_ms).margin(1e-5));
  CHECK(with_constant->lone_ms == Approx(scores->lone_ms).margin(1e-5));
  CHECK(with_constant->spread_ms == Approx(scores->spread_ms).margin(1e-5));

  for (int shuffle = 0; shuffle < 20; ++shuffle) {
    for (std::size_t a = rtt.size() - 1; a > 0; --a) {
      const std::size_t b = dice.below(static_cast<unsigned>(a + 1));
      std::swap(rtt[a], rtt[b]);
      std::swap(baseline[a], baseline[b]);
    }
    const auto again = compare_with_baseline(baseline, rtt);
    REQUIRE(again.has_value());
    CHECK(again->common_z == scores->common_z);
    CHECK(again->move_z == scores->move_z);
    CHECK(again->lone_z == scores->lone_z);
    CHECK(again->spread_ms == scores->spread_ms);
    CHECK(again->longer == scores->longer);
  }
}

TEST_CASE("baseline change: what a relay adds is in the common delay, to the microsecond", "[detect]") {
  Dice dice{12};
  const MadePaths made{dice, 9};
  const auto baseline = made.baseline(dice);
  const auto rtt = made.round(dice, made.site);
  auto relayed = rtt;
  for (double& r : relayed) r += 2.0;
  const auto before = compare_with_baseline(baseline, rtt);
  const auto after = compare_with_baseline(baseline, relayed);
  REQUIRE(before.has_value());
  REQUIRE(after.has_value());
  CHECK(after->common_ms == Approx(before->common_ms + 2.0).epsilon(1e-12));
  CHECK(after->lone_ms == Approx(before->lone_ms).margin(1e-9));
  CHECK(after->spread_ms == Approx(before->spread_ms).margin(1e-9));
  CHECK(after->longer == 9);
  CHECK(before->longer + before->shorter == 0);
}

TEST_CASE("baseline change: missing entries and what is no round trip", "[detect]") {
  const Baseline baseline(6, PathLaw{10.0F, 0.0F});
  std::vector<double> rtt(6, 10.5);
  rtt[0] = rtt[1] = kNotMeasured;
  CHECK(compare_with_baseline(baseline, rtt)->anchors == 4);
  CHECK(compare_with_baseline(baseline, rtt)->common_ms == Approx(0.5));
  auto fewer = baseline;
  fewer[5].reset();
  CHECK_FALSE(compare_with_baseline(fewer, rtt).has_value());
  for (const double wrong :
       {-0.1, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    auto bad = rtt;
    bad[3] = wrong;
    CHECK_FALSE(compare_with_baseline(baseline, bad).has_value());
  }
  CHECK_FALSE(compare_with_baseline(baseline, std::vector<double>(5, 10.0)).has_value());
  CHECK_FALSE(compare_with_baseline(Baseline(129, PathLaw{}), std::vector<double>(129, 10.0)).has_value());
  CHECK_FALSE(compare_with_baseline(baseline, rtt, {.floor_ms = 0.0}).has_value());
  CHECK_FALSE(compare_with_baseline(baseline, rtt, {.floor_ms = std::nan("")}).has_value());
  CHECK_FALSE(compare_with_baseline({}, {}, {.fewest_anchors = 0}).has_value());
}

/// Honest rounds of made chips in which, now and then, half of the routes change by milliseconds.
double honest_score(Dice& dice, const MadePaths& made, const Baseline& baseline, double added) {
  auto rtt = made.round(dice, made.site);
  const bool routes_change = dice.chance(0.02);
  for (double& r : rtt) {
    r += added;
    if (routes_change && dice.chance(0.4)) r += dice.between(0.5, 8.0);
    if (dice.chance(0.05)) r = kNotMeasured;
  }
  const auto scores = compare_with_baseline(baseline, rtt);
  return scores ? scores->common_z : kNotMeasured;
}

TEST_CASE("baseline change: false alarms as learnt from other chips, and a relay of 0.2 ms found",
          "[detect][law]") {
  Dice dice{13};
  std::vector<double> learnt;
  std::vector<double> honest;
  std::vector<double> relayed;
  for (int chip = 0; chip < 400; ++chip) {
    const MadePaths made{dice, 12};
    const auto baseline = made.baseline(dice);
    for (int round = 0; round < 100; ++round) {
      const double score = honest_score(dice, made, baseline, 0.0);
      if (!std::isnan(score)) (chip % 2 == 0 ? learnt : honest).push_back(score);
    }
    for (int round = 0; round < 10; ++round) {
      const double score = honest_score(dice, made, baseline, 0.2);
      if (!std::isnan(score)) relayed.push_back(score);
    }
  }
  const auto law = ScoreLaw::learn(learnt);
  REQUIRE(law.has_value());
  for (const double rate : {0.001, 0.01, 0.1}) {
    const auto alarms = static_cast<double>(
        std::count_if(honest.begin(), honest.end(), [&](double s) { return law->p_value(s) <= rate; }));
    CAPTURE(rate, alarms, honest.size());
    // Twice the error of independent rounds: those of a chip share its baseline, and the law was learnt from a sample.
    CHECK(alarms <= static_cast<double>(honest.size()) * rate +
                        8.0 * std::sqrt(static_cast<double>(honest.size()) * rate));
  }
  const auto found =
      std::count_if(relayed.begin(), relayed.end(), [&](double s) { return law->p_value(s) <= 0.001; });
  CHECK(static_cast<double>(found) >= 0.95 * static_cast<double>(relayed.size()));
}

}  // namespace
}  // namespace chiploc::baseline_change_test
