#include "server/eval/simulate_claim.hpp"

#include <map>
#include <set>

#include "geo/borders/borders.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::simulate_claim_test {
namespace {

TEST_CASE("simulated claims: places of every country come up", "[eval]") {
  std::set<CountryCode> seen;
  Dice dice{1};
  for (int i = 0; i < 10'000; ++i) seen.insert(draw_place(dice).country);
  std::string lacking;
  for (const Country& country : Borders::world().countries()) {
    // XA to XE are reefs and a glacier that several states claim, and that the map has under codes of its
    // own.
    const bool disputed = country.code.view().front() == 'X' && country.code.view() != "XK";
    if (!disputed && !seen.contains(country.code)) lacking += " " + country.code.text();
  }
  CHECK(lacking.empty());
  for (const char* code : {"GF", "GP", "MQ", "RE", "YT", "SJ", "BV", "BQ", "CC", "CX", "TK", "HK", "TW"})
    CHECK(seen.contains(CountryCode::from_text(code).value()));
}

TEST_CASE("simulated claims: the production area reads each drawing as it was meant", "[eval][property]") {
  std::map<std::string, int> kinds;
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    Dice dice{seed};
    const KnownPlace place = draw_place(dice);
    bool refused = false;
    const auto claim = draw_area_claim(dice, place.place, &refused);
    CAPTURE(seed);
    CHECK_FALSE(refused);
    if (!claim) continue;
    const bool licensed = !claim->claim.licensed_areas.empty();
    const Area& area = *(licensed ? claim->claim.licensed_areas : claim->claim.prohibited_areas).front().area;
    const bool inside = (licensed ? claim->licensed : claim->prohibited) == Truth::kYes;
    INFO(claim->what);
    CHECK(area.contains(place.place) == inside);
    const std::size_t from = claim->what.find("truth ");
    ++kinds[claim->what.substr(from, claim->what.find(':') - from)];
  }
  CHECK(kinds.size() == 9);
  for (const auto& [kind, count] : kinds) {
    CAPTURE(kind);
    CHECK(count > 150);
  }
}

TEST_CASE("simulated claims: only what the truth bears out may be proved", "[eval]") {
  const auto faulty = [](Truth licensed, Truth prohibited, VerdictState state) {
    SimulatedClaim claim;
    claim.licensed = licensed;
    claim.prohibited = prohibited;
    return find_false_proof(claim, state).has_value();
  };
  for (const Truth any : {Truth::kNo, Truth::kPerhaps, Truth::kYes}) {
    CHECK_FALSE(faulty(Truth::kYes, any, VerdictState::kVerified));
    CHECK(faulty(Truth::kPerhaps, any, VerdictState::kVerified));
    CHECK(faulty(Truth::kNo, any, VerdictState::kVerified));
    CHECK_FALSE(faulty(Truth::kNo, any, VerdictState::kOutside));
    CHECK(faulty(Truth::kPerhaps, any, VerdictState::kOutside));
    CHECK(faulty(Truth::kYes, any, VerdictState::kOutside));
    CHECK_FALSE(faulty(any, Truth::kYes, VerdictState::kProhibited));
    CHECK(faulty(any, Truth::kPerhaps, VerdictState::kProhibited));
    CHECK(faulty(any, Truth::kNo, VerdictState::kProhibited));
    CHECK_FALSE(faulty(any, Truth::kNo, VerdictState::kCleared));
    CHECK(faulty(any, Truth::kPerhaps, VerdictState::kCleared));
    CHECK(faulty(any, Truth::kYes, VerdictState::kCleared));
    CHECK_FALSE(faulty(any, Truth::kYes, VerdictState::kUnresolved));
  }
}

}  // namespace
}  // namespace chiploc::test::simulate_claim_test
