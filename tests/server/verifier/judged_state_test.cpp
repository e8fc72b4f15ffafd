#include "server/verifier/judged_state.hpp"

#include <map>
#include <random>

#include "geo/borders/borders.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::judged_state_test {
namespace {

using F = TerritoryFinding;

std::vector<CountryCode> codes(std::initializer_list<const char*> texts) {
  std::vector<CountryCode> out;
  for (const char* text : texts) out.push_back(CountryCode::from_text(text).value());
  return out;
}

Policy policy_of(unsigned faults, unsigned more_to_clear = 0, unsigned more_to_accuse = 0) {
  return {.fault_budget = faults, .more_to_clear = more_to_clear, .more_to_accuse = more_to_accuse};
}

struct Disk {
  Degrees at;
  double km;
};
std::vector<AnchorBound> bounds_of(const std::vector<Disk>& disks) {
  std::vector<AnchorBound> out;
  for (const Disk& disk : disks) {
    out.push_back({LatLon::from_degrees(disk.at).value(), Kilometers{0.0}, Kilometers{disk.km},
                   static_cast<std::uint32_t>(out.size())});
  }
  return out;
}

/// Two disks about Canberra that hold nothing but Australia, and two that New Zealand and New Caledonia are in as well:
/// with one perspective wrong it is Australia, with two it may be any of them.
std::vector<AnchorBound> about_canberra() {
  return bounds_of({{{.lat = -33.87, .lon = 151.21}, 3'000.0},
                    {{.lat = -37.81, .lon = 144.96}, 3'000.0},
                    {{.lat = -35.28, .lon = 149.13}, 100.0},
                    {{.lat = -35.30, .lon = 149.20}, 100.0}});
}

JudgedState state_of_bounds(std::vector<AnchorBound> bounds, const Policy& policy,
                            const TerritoryJudge& judge) {
  return judge_state({.bounds = std::move(bounds), .began = {}, .decided = {}}, policy, judge);
}

struct Case {
  const char* name;
  std::vector<const char*> licensed;
  std::vector<const char*> prohibited;
  unsigned more_to_clear;
  unsigned more_to_accuse;
  VerdictState state;
  std::string_view reason;
  unsigned faults;                ///< under which that is said
  std::optional<F> with_fewer{};  ///< where that is not policy.fault_budget
};

TEST_CASE("judged by kind: each state is held to what the policy asks of its kind") {
  using S = VerdictState;
  const std::vector<Case> cases{
      {"OUTSIDE, one number for all", {"SG"}, {}, 0, 0, S::kOutside, "outside_licence", 1, {}},
      {"OUTSIDE holds", {"SG"}, {}, 0, 1, S::kOutside, "outside_licence", 2, F::kOutside},
      {"an accusation withstands what a clearance does",
       {"SG"},
       {},
       1,
       0,
       S::kOutside,
       "outside_licence",
       2,
       F::kOutside},
      {"OUTSIDE would be CLEARED", {"NZ"}, {}, 0, 1, S::kUnresolved, "finding_withheld", 2, F::kOutside},
      {"OUTSIDE is open", {"NZ"}, {"NC"}, 0, 1, S::kUnresolved, "could_be_prohibited", 2, F::kOutside},
      {"nothing is excluded", {"NZ"}, {}, 0, 3, S::kUnresolved, "too_few_perspectives", 4, F::kOutside},
      {"PROHIBITED, one number for all", {"SG"}, {"AU"}, 0, 0, S::kProhibited, "inside_prohibited", 1, {}},
      {"PROHIBITED is OUTSIDE", {"SG"}, {"AU"}, 0, 1, S::kOutside, "outside_licence", 2, F::kProhibited},
      {"PROHIBITED would be open",
       {"NZ"},
       {"AU"},
       0,
       1,
       S::kUnresolved,
       "could_be_prohibited",
       2,
       F::kProhibited},
      {"VERIFIED, not asked for more", {"AU"}, {}, 0, 1, S::kVerified, "inside_licence", 1, {}},
      {"VERIFIED is CLEARED", {"AU"}, {}, 1, 0, S::kCleared, "outside_prohibited", 2, F::kInside},
      {"VERIFIED is open", {"AU"}, {"NC"}, 1, 0, S::kUnresolved, "could_be_prohibited", 2, F::kInside}};
  for (const Case& one : cases) {
    CAPTURE(one.name);
    Claim claim{.licence = "L-1", .licensed = {}, .prohibited = {}};
    for (const char* code : one.licensed) claim.licensed.push_back(codes({code})[0]);
    for (const char* code : one.prohibited) claim.prohibited.push_back(codes({code})[0]);
    const TerritoryJudge judge{claim, Borders::world()};
    const Policy policy = policy_of(1, one.more_to_clear, one.more_to_accuse);
    const JudgedRegion judged = judge_by_kind(about_canberra(), policy, judge);
    CHECK(name_of(state_of(judged.judgement.finding)) == name_of(one.state));
    CHECK(judged.fault_budget == one.faults);
    CHECK((judged.with_fewer == one.with_fewer));
    const JudgedState state = state_of_bounds(about_canberra(), policy, judge);
    CHECK(name_of(state.state) == name_of(one.state));
    CHECK(state.reason == one.reason);
  }
}

TEST_CASE("judged by kind: CLEARED may be open, and what is open or contradicts is asked for no more") {
  const std::vector<AnchorBound> brussels = bounds_of({{{.lat = 50.85, .lon = 4.35}, 3'000.0},
                                                       {{.lat = 52.37, .lon = 4.90}, 3'000.0},
                                                       {{.lat = 50.85, .lon = 4.35}, 150.0},
                                                       {{.lat = 50.80, .lon = 4.40}, 150.0}});
  const TerritoryJudge judge{{.licence = "L-1", .licensed = codes({"BE"}), .prohibited = codes({"RU"})},
                             Borders::world()};
  JudgedRegion judged = judge_by_kind(brussels, policy_of(1, 0, 1), judge);
  CHECK(judged.judgement.finding == F::kCleared);
  CHECK(judged.fault_budget == 1);
  judged = judge_by_kind(brussels, policy_of(1, 1), judge);
  CHECK(judged.judgement.finding == F::kOpen);
  CHECK(judged.fault_budget == 2);
  CHECK((judged.with_fewer == F::kCleared));
  // With two wrong ones it is open whatever its kind would be.
  judged = judge_by_kind(brussels, policy_of(2, 1, 1), judge);
  CHECK(judged.judgement.finding == F::kOpen);
  CHECK(judged.fault_budget == 2);
  CHECK_FALSE(judged.with_fewer);
  const std::vector<AnchorBound> apart =
      bounds_of({{{.lat = 50.85, .lon = 4.35}, 150.0}, {{.lat = -35.3, .lon = 149.1}, 150.0}});
  judged = judge_by_kind(apart, policy_of(0, 1, 1), judge);
  CHECK(judged.judgement.finding == F::kContradiction);
  CHECK(judged.fault_budget == 0);
  judged = judge_by_kind({}, policy_of(0, 1, 1), judge);
  CHECK(judged.judgement.finding == F::kNothingExcluded);
  CHECK_FALSE(judged.with_fewer);
}

TEST_CASE("judged by kind: travel is held against the region of the budget that clears") {
  const TerritoryJudge judge{{.licence = "L-1", .licensed = codes({"AU"}), .prohibited = {}},
                             Borders::world()};
  MeasuredRound round{.bounds = about_canberra(),
                      .began = WallTime{std::chrono::hours{2}},
                      .decided = WallTime{std::chrono::hours{2}}};
  // Auckland an hour before is too far from Canberra, and not from a region that holds it.
  round.seen_before =
      Sighting{{},
               {LatLon::from_degrees({.lat = -36.85, .lon = 174.76}).value(), Kilometers{10.0}, 0.0},
               WallTime{std::chrono::hours{1}},
               WallTime{std::chrono::hours{1}},
               {}};
  CHECK(judge_state(round, policy_of(1), judge).reason == "impossible_travel");
  CHECK(judge_state(round, policy_of(1, 1), judge).reason == "outside_prohibited");
}

TEST_CASE("judged by kind: which budget is asked of a state") {
  const Policy policy = policy_of(1, 2, 3);
  using S = VerdictState;
  for (const S state : {S::kOutside, S::kProhibited, S::kInvalid}) CHECK(faults_asked(state, policy) == 6);
  for (const S state : {S::kVerified, S::kCleared}) CHECK(faults_asked(state, policy) == 3);
  for (const S state : {S::kUnresolved, S::kSilent}) CHECK(faults_asked(state, policy) == 1);
}

TEST_CASE(
    "judged by kind: an accusation is one by its own budget, a clearance by its own, whatever the round") {
  std::mt19937 dice{20261201};
  const auto real = [&dice](double from, double to) {
    return std::uniform_real_distribution<double>{from, to}(dice);
  };
  const std::vector<std::vector<const char*>> lists{{"AU"}, {"NZ"}, {"SG"}, {"AU", "NZ"}, {"FJ", "NC"}, {}};
  const auto some_faults = [&dice] { return static_cast<unsigned>(dice() % 3); };
  const auto some = [&](Claim& claim, bool licensed) {
    for (const char* code : lists[dice() % lists.size()])
      (licensed ? claim.licensed : claim.prohibited).push_back(codes({code})[0]);
  };
  std::map<std::string, int> seen;
  for (int i = 0; i < 1'500; ++i) {
    std::vector<Disk> disks(2 + dice() % 5);
    const Degrees about =
        dice() % 2 == 0 ? Degrees{.lat = -35.3, .lon = 149.1} : Degrees{.lat = -39, .lon = 176};
    for (Disk& disk : disks) {
      disk.at = {.lat = about.lat + real(-2.0, 2.0), .lon = about.lon + real(-2.0, 2.0)};
      const auto kind = dice() % 8;
      disk.km = kind == 0 ? real(20.0, 60.0) : kind < 5 ? real(300.0, 600.0) : real(1'500.0, 4'000.0);
    }
    const std::vector<AnchorBound> bounds = bounds_of(disks);
    Claim claim{.licence = "L-1", .licensed = {}, .prohibited = {}, .in_force = dice() % 6 != 0};
    some(claim, true);
    some(claim, false);
    const TerritoryJudge judge{claim, Borders::world()};
    const Policy policy = policy_of(some_faults(), some_faults(), some_faults());
    const auto plain = [&](unsigned faults) {
      return state_of_bounds(bounds, policy_of(faults), judge).state;
    };
    const VerdictState first = plain(policy.fault_budget);
    const JudgedState state = state_of_bounds(bounds, policy, judge);
    CAPTURE(i, policy.fault_budget, policy.faults_to_clear(), policy.faults_to_accuse(), name_of(first));
    if (accuses(state.state)) CHECK(accuses(plain(policy.faults_to_accuse())));
    if (trusts_the_key(state.state)) {
      CHECK(trusts_the_key(plain(policy.faults_to_clear())));
      CHECK_FALSE(accuses(first));
    }
    if (policy.more_to_clear + policy.more_to_accuse == 0) CHECK(state.state == first);
    if (!accuses(first) && !trusts_the_key(first)) CHECK(state.state == first);
    ++seen[std::string{name_of(first)} + " " + std::string{name_of(state.state)}];
    if (state.reason == "finding_withheld") ++seen["withheld"];
  }
  // What this test is worth.
  for (const char* way : {"OUTSIDE OUTSIDE", "OUTSIDE UNRESOLVED", "PROHIBITED PROHIBITED",
                          "PROHIBITED OUTSIDE", "VERIFIED VERIFIED", "VERIFIED CLEARED", "CLEARED CLEARED",
                          "CLEARED UNRESOLVED", "UNRESOLVED UNRESOLVED", "withheld"}) {
    CAPTURE(way);
    CHECK(seen[way] > 3);
  }
}

}  // namespace
}  // namespace chiploc::judged_state_test
