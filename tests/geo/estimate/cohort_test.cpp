#include "geo/estimate/cohort.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "geo/geodesic.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Chips of one site seen by anchors around it: paths of light in fibre, detours that all chips share, and
/// noise of microseconds. `places` are the chips'.
std::vector<double> measured(const std::vector<LatLon>& places, std::size_t anchors, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<double> detour{1.3, 2.5};
  std::exponential_distribution<double> noise_ms{1.0 / 0.01};
  std::vector<LatLon> at;
  std::vector<double> factor;
  for (std::size_t a = 0; a < anchors; ++a) {
    at.push_back(random_place_within(random, place_at(50.0, 9.0), Kilometers{1500.0}));
    factor.push_back(detour(random));
  }
  std::vector<double> rtt;
  for (const LatLon place : places) {
    for (std::size_t a = 0; a < anchors; ++a)
      rtt.push_back(geodesic_distance(place, at[a]).km() / 100.0 * factor[a] + 0.3 + noise_ms(random));
  }
  return rtt;
}

TEST_CASE("cohort: a chip 20 km away stands out where no absolute fit could tell", "[geo]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{30}));
  CAPTURE(seed);
  const LatLon site = place_at(50.0, 9.0);
  std::vector<LatLon> places(8, site);
  const auto honest = compare_cohort(measured(places, 10, seed), 10);
  for (const CohortMember& member : honest) {
    CHECK(member.judged);
    CHECK_FALSE(member.outlier);
    CHECK(member.deviation_ms < 0.05);
  }
  places[3] = geodesic_direct(site, 77.0 * static_cast<double>(seed), Kilometers{20.0});
  const auto moved = compare_cohort(measured(places, 10, seed), 10);
  for (std::size_t c = 0; c < moved.size(); ++c) CHECK(moved[c].outlier == (c == 3));
  CHECK(moved[3].deviation_ms > 0.1);
}

TEST_CASE("cohort: a longer line shows as common delay, another place as spread", "[geo]") {
  std::vector<LatLon> places(6, place_at(50.0, 9.0));
  auto rtt = measured(places, 9, 4);
  for (std::size_t a = 0; a < 9; ++a) rtt[2 * 9 + a] += 0.7;  // behind a relay next door
  const auto relayed = compare_cohort(rtt, 9)[2];
  CHECK(relayed.outlier);
  CHECK(relayed.common_ms == Approx(0.7).margin(0.03));
  CHECK(relayed.spread_ms < 0.03);
  places[2] = place_at(50.5, 9.0);
  const auto moved = compare_cohort(measured(places, 9, 4), 9)[2];
  CHECK(moved.outlier);
  CHECK(moved.spread_ms > 0.1);
}

TEST_CASE("cohort: a site that is noisy as a whole accuses nobody", "[geo]") {
  std::mt19937_64 random{9};
  std::exponential_distribution<double> queue_ms{1.0 / 3.0};
  auto rtt = measured(std::vector<LatLon>(10, place_at(50.0, 9.0)), 8, 5);
  for (double& r : rtt) r += queue_ms(random);
  for (const CohortMember& member : compare_cohort(rtt, 8)) {
    CHECK(member.deviation_ms > 0.1);
    CHECK_FALSE(member.outlier);
  }
}

TEST_CASE("cohort: of too few chips or anchors nothing is said", "[geo]") {
  CHECK(compare_cohort({}, 4).empty());
  CHECK(compare_cohort(std::vector<double>{1, 2, 3}, 0).empty());
  const auto two = compare_cohort(measured(std::vector<LatLon>(2, place_at(50, 9)), 6, 1), 6);
  REQUIRE(two.size() == 2);
  CHECK_FALSE(two[0].judged);
  CHECK_FALSE(two[0].outlier);
  auto rtt = measured(std::vector<LatLon>(4, place_at(50, 9)), 6, 1);
  for (std::size_t a = 3; a < 6; ++a) rtt[a] = kNan;  // the first chip: three anchors of six
  rtt[0] += 50.0;
  const auto partly = compare_cohort(rtt, 6);
  CHECK_FALSE(partly[0].judged);
  CHECK(partly[0].anchors == 3);
  CHECK(partly[1].judged);
  CHECK_FALSE(partly[1].outlier);
}

}  // namespace
}  // namespace chiploc
