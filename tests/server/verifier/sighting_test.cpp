#include "server/verifier/sighting.hpp"

#include "server/verifier/decide.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::sighting_test {
namespace {

using namespace std::chrono_literals;

Sighting seen_at(LatLon place, Nanoseconds from, Nanoseconds to) {
  return {RoundId{}, {place, Kilometers{50.0}, 0.0}, WallTime{from}, WallTime{to}};
}
struct Travelled {
  Finding finding{};
  std::vector<std::string> would_resolve{};
};
Travelled verdict_of(VerdictState state) {
  Travelled verdict;
  verdict.finding.state = state;
  verdict.finding.reasons = {{"why", "It is so."}};
  return verdict;
}
void check_travel(Travelled& verdict, const Sighting& now, const Sighting& before) {
  check_travel(verdict.finding, verdict.would_resolve, now, before);
}
const LatLon kBerlin = place_at(52.52, 13.40);
const LatLon kParis = place_at(48.86, 2.35);  // 878 km away: 778 between the disks, 39 minutes at 1,200 km/h

}  // namespace

TEST_CASE("travel: a key in two places at once settles nothing, and takes nothing back", "[verifier]") {
  const Sighting before = seen_at(kBerlin, 0min, 1min);
  for (const VerdictState state : {VerdictState::kVerified, VerdictState::kCleared}) {
    Travelled verdict = verdict_of(state);
    check_travel(verdict, seen_at(kParis, 30min, 31min), before);
    CHECK(verdict.finding.state == VerdictState::kUnresolved);
    REQUIRE(verdict.finding.reasons.size() == 2);
    CHECK(verdict.finding.reasons[0].code == "impossible_travel");
    CHECK(verdict.finding.reasons[0].text.find("77") != std::string::npos);  // km
    CHECK(verdict.finding.reasons[0].text.find("31 minutes") != std::string::npos);
    CHECK(verdict.would_resolve.size() == 1);
  }
  for (const VerdictState state :
       {VerdictState::kOutside, VerdictState::kProhibited, VerdictState::kUnresolved}) {
    Travelled verdict = verdict_of(state);
    check_travel(verdict, seen_at(kParis, 30min, 31min), before);
    CHECK(verdict.finding.state == state);
    CHECK(verdict.finding.reasons.back().code == "impossible_travel");
    CHECK(verdict.finding.reasons.front().code == "why");
  }
}

TEST_CASE("travel: what a truck, a plane or a clock can explain is left alone", "[verifier]") {
  const auto unchanged = [](const Sighting& now, const Sighting& before) {
    Travelled verdict = verdict_of(VerdictState::kVerified);
    check_travel(verdict, now, before);
    return verdict.finding.state == VerdictState::kVerified && verdict.finding.reasons.size() == 1;
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
  Decision verdict;
  verdict.finding.state = VerdictState::kOutside;
  CHECK_FALSE(sighting_of(verdict, RoundId{}, WallTime{}));
  verdict.sealed.region = Region::from_bounds({}, 0);
  CHECK_FALSE(sighting_of(verdict, RoundId{}, WallTime{}));
  verdict.sealed.region = disk(100.0);
  verdict.decided = WallTime{7s};
  const auto seen = sighting_of(verdict, RoundId{}, WallTime{5s});
  REQUIRE(seen);
  CHECK(seen->from == WallTime{5s});
  CHECK(seen->to == WallTime{7s});
  CHECK(seen->place.radius.km() == Approx(100.5).margin(1.0));
  verdict.finding.state = VerdictState::kInvalid;
  CHECK_FALSE(sighting_of(verdict, RoundId{}, WallTime{}));
}

}  // namespace chiploc::sighting_test
