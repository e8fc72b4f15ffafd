#include "server/detect/cohort_level.hpp"

#include <algorithm>

#include "tests/server/detect/made_paths.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::cohort_level_test {
namespace {

/// Chips of a site at the same time; those of `hopped` stand `km` away.
std::vector<double> measured(Dice& dice, const MadePaths& made, std::size_t chips, std::size_t hopped,
                             double km) {
  std::vector<double> rtt;
  const LatLon there = geodesic_direct(made.site, dice.between(0.0, 360.0), Kilometers{km});
  for (std::size_t c = 0; c < chips; ++c) {
    const auto row = made.round(dice, c < hopped ? there : made.site);
    rtt.insert(rtt.end(), row.begin(), row.end());
  }
  return rtt;
}

TEST_CASE("cohort level: an honest site is accused no more often than stated, whatever its noise",
          "[detect][law]") {
  Dice dice{71};
  const auto [chips, anchors] = GENERATE(std::pair{3U, 10U}, std::pair{8U, 8U}, std::pair{25U, 12U});
  constexpr std::size_t kSites = 5'000;
  CohortLevel options;
  options.level = 0.05;
  options.cohort.floor_ms = 1e-9;  // the law alone
  std::size_t sites = 0;
  for (std::size_t site = 0; site < kSites; ++site) {
    std::vector<double> rtt(chips * anchors);
    for (std::size_t i = 0; i < rtt.size(); ++i) {
      rtt[i] = 20.0 + (i % anchors == 0 ? 1.0 / honest_p(dice) : -std::log(honest_p(dice)));
      if (dice.chance(0.1)) rtt[i] = kNotMeasured;
    }
    const auto members = test_cohort(rtt, anchors, options);
    sites += std::any_of(members.begin(), members.end(), [](const auto& m) { return m.flagged; }) ? 1U : 0U;
  }
  CAPTURE(chips, anchors, sites);
  CHECK(static_cast<double>(sites) <= most_of(kSites, 0.05));
}

TEST_CASE("cohort level: a hop of 25 km is found, and nobody else", "[detect]") {
  Dice dice{72};
  const auto [chips, anchors, least] =
      GENERATE(std::tuple{3U, 12U, 85}, std::tuple{8U, 10U, 97}, std::tuple{40U, 8U, 97});
  int found = 0;
  int others = 0;
  for (int trial = 0; trial < 100; ++trial) {
    const MadePaths made{dice, anchors};
    const auto members = test_cohort(measured(dice, made, chips, 1, 25.0), anchors);
    REQUIRE(members.size() == chips);
    found += members[0].flagged ? 1 : 0;
    for (std::size_t c = 1; c < chips; ++c) others += members[c].flagged ? 1 : 0;
  }
  CAPTURE(chips, anchors, found);
  CHECK(found >= least);
  CHECK(others == 0);
}

TEST_CASE("cohort level: two chips that hopped together are both found", "[detect]") {
  Dice dice{73};
  int found = 0;
  for (int trial = 0; trial < 50; ++trial) {
    const MadePaths made{dice, 12};
    const auto members = test_cohort(measured(dice, made, 20, 2, 30.0), 12);
    found += (members[0].flagged ? 1 : 0) + (members[1].flagged ? 1 : 0);
  }
  CHECK(found >= 75);
}

TEST_CASE("cohort level: microseconds are no place, however sure", "[detect]") {
  Dice dice{74};
  const MadePaths made{dice, 12};
  auto rtt = measured(dice, made, 8, 0, 0.0);
  for (std::size_t a = 0; a < 12; ++a) rtt[a] += 0.08;  // a slower card
  const auto members = test_cohort(rtt, 12);
  CHECK(members[0].p_value < 0.001);
  CHECK_FALSE(members[0].flagged);
}

TEST_CASE("cohort level: the law is the binomial one, by hand", "[detect]") {
  // Four chips, five anchors; the first is farthest at all, and the third ties with the first at the last anchor.
  std::vector<double> rtt(4 * 5, 10.0);
  for (std::size_t a = 0; a < 5; ++a) rtt[a] = 11.0;
  rtt[2 * 5 + 4] = 9.0;
  const auto members = test_cohort(rtt, 5);
  REQUIRE(members.size() == 4);
  CHECK(members[0].farthest == 4);
  CHECK(members[0].p_value == Approx(4.0 * (5.0 * std::pow(0.25, 4) * 0.75 + std::pow(0.25, 5))));
  CHECK(members[1].farthest == 0);
  CHECK(members[1].p_value == 1.0);
  // One of the anchors measured three of them only: the law takes a third.
  rtt[3 * 5 + 0] = kNotMeasured;
  const auto fewer = test_cohort(rtt, 5);
  CHECK(fewer[0].p_value ==
        Approx(4.0 * (5.0 * std::pow(1.0 / 3.0, 4) * 2.0 / 3.0 + std::pow(1.0 / 3.0, 5))));
}

TEST_CASE("cohort level: of too few chips, anchors or entries nothing is said", "[detect]") {
  CHECK(test_cohort({}, 4).empty());
  CHECK(test_cohort(std::vector<double>{1, 2, 3}, 0).empty());
  std::vector<double> two(2 * 12, 10.0);
  for (std::size_t a = 0; a < 12; ++a) two[a] = 15.0;
  for (const auto& member : test_cohort(two, 12)) {
    CHECK_FALSE(member.flagged);
    CHECK(member.p_value == 1.0);
  }
  // Three chips and seven anchors cannot reach the level.
  std::vector<double> three(3 * 7, 10.0);
  for (std::size_t a = 0; a < 7; ++a) three[a] = 15.0;
  CHECK_FALSE(test_cohort(three, 7)[0].flagged);
  CHECK(test_cohort(three, 7)[0].p_value == Approx(3.0 / std::pow(3.0, 7)));
  std::vector<double> none(3 * 8, kNotMeasured);
  for (const auto& member : test_cohort(none, 8)) CHECK_FALSE(member.flagged);
}

}  // namespace
}  // namespace chiploc::cohort_level_test
