#include "server/eval/soundness.hpp"

#include <cmath>
#include <set>

#include "tests/support/catch.hpp"

namespace chiploc::test::soundness_test {
namespace {

void check_sound(std::uint64_t rounds, unsigned liars, std::uint64_t seed) {
  const SoundnessReport report = run_soundness({rounds, seed, liars, 2}, Borders::world());
  CHECK(report.rounds == rounds);
  CHECK(report.rounds_on_land > rounds / 8);
  for (const SoundnessMiss& miss : report.misses) {
    FAIL_CHECK("seed " << miss.round.seed << ", liars " << liars << ": " << miss.what << "\n"
                       << describe(miss.round));
  }
  CHECK(report.misses_total == 0);
}

TEST_CASE("soundness: honest rounds never leave the truth out", "[eval][property]") {
  check_sound(12'000, 0, 1);
}

TEST_CASE("soundness: nor do rounds with as many liars as the budget allows", "[eval][property]") {
  check_sound(4'000, 1, 1'000'001);
  check_sound(2'500, 2, 2'000'001);
  check_sound(2'000, 3, 3'000'001);
}

TEST_CASE("soundness: what may go wrong is drawn, and something is proved of the claims", "[eval]") {
  const SoundnessReport report = run_soundness({12'000, 1, 0, 2}, Borders::world());
  CHECK(report.sessions.sessions > 10'000);
  CHECK(report.sessions.slews > 4'000);
  CHECK(report.sessions.cards > 4'000);
  CHECK(report.sessions.pauses > 2'000);
  CHECK(report.sessions.cut > 500);
  CHECK(report.claims.countries > 150);
  CHECK(report.claims.areas > 100);
  CHECK(report.claims.country_proofs > report.claims.countries / 4);
  CHECK(report.claims.area_proofs > report.claims.areas / 4);
}

TEST_CASE("soundness: a claim that is false of its round's truth is a miss", "[eval]") {
  unsigned misses = 0;
  unsigned claims = 0;
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    SimulatedRound round = simulate_round(seed, 0);
    if (!round.claim) continue;
    ++claims;
    const auto turned = [](Truth truth) { return truth == Truth::kYes ? Truth::kNo : Truth::kYes; };
    round.claim->licensed = turned(round.claim->licensed);
    round.claim->prohibited = turned(round.claim->prohibited);
    if (find_unsoundness(round, Borders::world())) ++misses;
  }
  CHECK(claims > 80);
  CHECK(misses > claims / 4);
}

TEST_CASE("soundness: one liar more than the budget allows is found out", "[eval]") {
  unsigned misses = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SimulatedRound round = simulate_round(seed, 1);
    round.faults = 0;
    if (find_unsoundness(round, Borders::world())) ++misses;
  }
  CHECK(misses > 50);
}

TEST_CASE("soundness: rounds are as various as they say", "[eval]") {
  std::set<std::size_t> sizes;
  bool pole = false, antimeridian = false, uncertain = false;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    const SimulatedRound round = simulate_round(seed, 0);
    sizes.insert(round.bounds.size());
    for (const AnchorBound& bound : round.bounds) {
      pole = pole || std::abs(bound.place.lat_deg()) == 90.0;
      antimeridian = antimeridian || bound.place.lon_deg() == 180.0;
      uncertain = uncertain || bound.place_uncertainty.km() > 50.0;
    }
  }
  CHECK(*sizes.begin() == 3);
  CHECK(*sizes.rbegin() == 24);
  CHECK(sizes.size() == 22);
  CHECK(pole);
  CHECK(antimeridian);
  CHECK(uncertain);
}

TEST_CASE("soundness: a round follows from its seed, and a run from its first seed", "[eval]") {
  CHECK(describe(simulate_round(77, 2)) == describe(simulate_round(77, 2)));
  CHECK(describe(simulate_round(77, 2)) != describe(simulate_round(78, 2)));
  const SoundnessReport one = run_soundness({700, 5, 1, 1}, Borders::world());
  const SoundnessReport three = run_soundness({700, 5, 1, 3}, Borders::world());
  CHECK(one.rounds_on_land == three.rounds_on_land);
  CHECK(one.misses_total == three.misses_total);
}

}  // namespace
}  // namespace chiploc::test::soundness_test
