#include "server/detect/change_kind.hpp"

#include <functional>
#include <map>

#include "tests/server/detect/made_paths.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::change_kind_test {
namespace {

using enum ChangeKind;
constexpr int kTrials = 100;
constexpr std::size_t kAnchors = 12;
constexpr std::size_t kRounds = 6;

using Story = std::function<void(Dice&, const MadePaths&, std::vector<double>& round, std::size_t at)>;

/// How often each kind was named, over chips of many places.
std::map<ChangeKind, int> kinds_of(std::uint64_t seed, bool with_places, double moved_km,
                                   const Story& story) {
  Dice dice{seed};
  std::map<ChangeKind, int> kinds;
  for (int trial = 0; trial < kTrials; ++trial) {
    const MadePaths made{dice, kAnchors};
    const auto baseline = made.baseline(dice);
    const LatLon place = moved_km > 0.0
                             ? geodesic_direct(made.site, dice.between(0.0, 360.0), Kilometers{moved_km})
                             : made.site;
    const auto choice = dice.bits();
    std::vector<double> rounds;
    for (std::size_t r = 0; r < kRounds; ++r) {
      auto one = made.round(dice, place);
      Dice same_each_round{choice};
      story(same_each_round, made, one, r);
      rounds.insert(rounds.end(), one.begin(), one.end());
    }
    const auto report = classify_change(
        baseline, rounds, with_places ? std::optional{ChangePlaces{made.site, made.anchors}} : std::nullopt);
    REQUIRE(report.has_value());
    CHECK(report->rounds == kRounds);
    ++kinds[report->kind];
  }
  return kinds;
}

const Story kHonest = [](Dice&, const MadePaths&, std::vector<double>&, std::size_t) {};

TEST_CASE("change kind: each story is told from the others", "[detect]") {
  const bool places = GENERATE(false, true);
  CAPTURE(places);
  CHECK(kinds_of(1, places, 0.0, kHonest)[kNone] == kTrials);
  CHECK(kinds_of(2, places, 0.0, [](Dice&, const MadePaths&, std::vector<double>& round, std::size_t) {
          for (double& r : round) r += 0.5;
        })[kRelay] == kTrials);
  CHECK(kinds_of(3, places, 0.0, [](Dice&, const MadePaths&, std::vector<double>& round, std::size_t) {
          for (double& r : round) r += 12.0;
        })[kRelay] == kTrials);
  CHECK(kinds_of(4, places, 0.0, [](Dice& dice, const MadePaths&, std::vector<double>& round, std::size_t) {
          const std::size_t which = dice.below(kAnchors);
          round[which] += dice.between(0.5, 9.0);
          round[(which + 3) % kAnchors] -= dice.chance(0.5) ? 0.25 : 0.0;
        })[kReroute] == kTrials);
  CHECK(
      kinds_of(5, places, 0.0, [](Dice& dice, const MadePaths&, std::vector<double>& round, std::size_t at) {
        double added = 0.0;
        for (std::size_t i = 0; i <= at; ++i) added = dice.between(2.0, 12.0);
        for (double& r : round) r += added;
      })[kUniformStall] >= kTrials * 9 / 10);
  CHECK(kinds_of(6, places, 0.0, [](Dice& dice, const MadePaths&, std::vector<double>& round, std::size_t) {
          for (double& r : round) r += dice.chance(0.7) ? dice.between(1.0, 15.0) : 0.0;
        })[kSelectiveStall] >= kTrials * 85 / 100);
  CHECK(kinds_of(7, places, 0.0, [](Dice&, const MadePaths&, std::vector<double>& round, std::size_t) {
          for (double& r : round) r -= 0.25;
        })[kNearer] == kTrials);
}

TEST_CASE("change kind: a move is one at any distance, behind a relay only by its places", "[detect]") {
  const double km = GENERATE(100.0, 500.0, 1500.0);
  CAPTURE(km);
  CHECK(kinds_of(8, true, km, kHonest)[kMove] >= kTrials * 95 / 100);
  if (km < 1000.0) CHECK(kinds_of(9, false, km, kHonest)[kMove] >= kTrials * 95 / 100);
  // With 30 ms more nothing is shorter any more: the signs say a stall, the places still say where.
  const Story relay = [](Dice&, const MadePaths&, std::vector<double>& round, std::size_t) {
    for (double& r : round) r += 30.0;
  };
  if (km > 100.0) CHECK(kinds_of(10, true, km, relay)[kMove] >= kTrials * 95 / 100);
}

TEST_CASE("change kind: a single round, missing entries, and what is refused", "[detect]") {
  Dice dice{41};
  const MadePaths made{dice, 8};
  const auto baseline = made.baseline(dice);
  auto round = made.round(dice, made.site);
  for (double& r : round) r += 1.0;
  round[2] = round[5] = kNotMeasured;
  const auto one = classify_change(baseline, round);
  REQUIRE(one.has_value());
  CHECK(one->kind == kRelay);
  CHECK(one->rounds == 1);
  CHECK(one->scores.anchors == 6);
  CHECK(one->wander_ms == 0.0);

  CHECK_FALSE(classify_change({}, {}).has_value());
  CHECK_FALSE(classify_change(baseline, {}).has_value());
  CHECK_FALSE(classify_change(baseline, std::span{round}.first(7)).has_value());
  CHECK_FALSE(classify_change(baseline, std::vector<double>(8 * 49, 10.0)).has_value());
  auto wrong = round;
  wrong[0] = std::numeric_limits<double>::infinity();
  CHECK_FALSE(classify_change(baseline, wrong).has_value());
  wrong[0] = -1.0;
  CHECK_FALSE(classify_change(baseline, wrong).has_value());
  // Places of other anchors than were measured: no test of a place, and no move by it.
  const auto other =
      classify_change(baseline, round, ChangePlaces{made.site, std::span{made.anchors}.first(3)});
  REQUIRE(other.has_value());
  CHECK_FALSE(other->place.has_value());
}

}  // namespace
}  // namespace chiploc::change_kind_test
