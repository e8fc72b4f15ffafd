#include "server/verifier/sighting.hpp"

#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

Sighting seen_at(LatLon place, Nanoseconds from, Nanoseconds to) {
  return {RoundId{}, {place, Kilometers{50.0}, 0.0}, WallTime{from}, WallTime{to}};
}
Verdict verdict_of(VerdictState state) {
  Verdict verdict;
  verdict.state = state;
  verdict.reasons = {{"why", "It is so."}};
  return verdict;
}
const LatLon kBerlin = place_at(52.52, 13.40);
const LatLon kParis = place_at(48.86, 2.35);  // 878 km away: 778 between the disks, 39 minutes at 1,200 km/h

}  // namespace

TEST_CASE("travel: a key in two places at once settles nothing, and takes nothing back", "[verifier]") {
  const Sighting before = seen_at(kBerlin, 0min, 1min);
  for (const VerdictState state : {VerdictState::kVerified, VerdictState::kCleared}) {
    Verdict verdict = verdict_of(state);
    check_travel(verdict, seen_at(kParis, 30min, 31min), before);
    CHECK(verdict.state == VerdictState::kUnresolved);
    REQUIRE(verdict.reasons.size() == 2);
    CHECK(verdict.reasons[0].code == "impossible_travel");
    CHECK(verdict.reasons[0].text.find("77") != std::string::npos);  // km
    CHECK(verdict.reasons[0].text.find("31 minutes") != std::string::npos);
    CHECK(verdict.would_resolve.size() == 1);
  }
  for (const VerdictState state :
       {VerdictState::kOutside, VerdictState::kProhibited, VerdictState::kUnresolved}) {
    Verdict verdict = verdict_of(state);
    check_travel(verdict, seen_at(kParis, 30min, 31min), before);
    CHECK(verdict.state == state);
    CHECK(verdict.reasons.back().code == "impossible_travel");
    CHECK(verdict.reasons.front().code == "why");
  }
}

TEST_CASE("travel: what a truck, a plane or a clock can explain is left alone", "[verifier]") {
  const auto unchanged = [](const Sighting& now, const Sighting& before) {
    Verdict verdict = verdict_of(VerdictState::kVerified);
    check_travel(verdict, now, before);
    return verdict.state == VerdictState::kVerified && verdict.reasons.size() == 1;
  };
  const Sighting before = seen_at(kBerlin, 0min, 1min);
  CHECK(unchanged(seen_at(kBerlin, 2min, 3min), before));
  // From the first round's begin to the second one's end: all of it may have been spent on the way.
  CHECK_FALSE(unchanged(seen_at(kParis, 20min, 38min), before));
  CHECK(unchanged(seen_at(kParis, 20min, 40min), before));
  // A clock that was set back in between: the second round began before the first was over.
  CHECK(unchanged(seen_at(kParis, 0min, 2min), before));
  CHECK(unchanged(seen_at(kParis, -60min, -59min), before));
}

TEST_CASE("travel: what proves no place is no sighting", "[verifier]") {
  const auto disk = [](double km) {
    return Region::from_bounds(std::vector<AnchorBound>{{kBerlin, Kilometers{0.0}, Kilometers{km}, 1}}, 0);
  };
  Verdict verdict = verdict_of(VerdictState::kOutside);
  CHECK_FALSE(sighting_of(verdict, RoundId{}, WallTime{}));
  verdict.region = Region::from_bounds({}, 0);
  CHECK_FALSE(sighting_of(verdict, RoundId{}, WallTime{}));
  verdict.region = disk(100.0);
  verdict.decided = WallTime{7s};
  const auto seen = sighting_of(verdict, RoundId{}, WallTime{5s});
  REQUIRE(seen);
  CHECK(seen->from == WallTime{5s});
  CHECK(seen->to == WallTime{7s});
  CHECK(seen->place.radius.km() == Approx(100.5).margin(1.0));
  verdict.state = VerdictState::kInvalid;
  CHECK_FALSE(sighting_of(verdict, RoundId{}, WallTime{}));
}

}  // namespace chiploc
