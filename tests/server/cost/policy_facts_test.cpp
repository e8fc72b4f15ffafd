#include "server/cost/policy_facts.hpp"

#include "tests/server/cost/cost_told.hpp"

namespace chiploc {
namespace {

using test::facts_in;
using test::in_hours;
using test::policy_of;

void check_unseen(const Unseen& unseen, double hours, ChipState then) {
  REQUIRE(unseen.time);
  CHECK(*unseen.time == in_hours(hours));
  CHECK(unseen.then == then);
}

TEST_CASE("policy facts: the defaults, measured once a day", "[cost]") {
  const PolicyFacts facts = facts_in(policy_of());
  CHECK(facts.cadence == in_hours(24));
  // The first round behind the proof comes after 24 h and finds silence; 48 h of it.
  check_unseen(facts.dark, 72, ChipState::kSilent);
  CHECK((facts.dark.is_silent && !facts.dark.is_unproven && !facts.dark.is_accused));
  // The proof of 0 h holds for 24 h, and 72 h may pass without another.
  check_unseen(facts.stalls, 96, ChipState::kUnproven);
  // Two rounds prove it to be outside.
  check_unseen(facts.elsewhere, 48, ChipState::kDrifted);
  // 120 days of absences stop both clocks; the last of them ends at 120 d, and the round of then finds silence for 48 h.
  check_unseen(facts.absent, 120 * 24 + 48, ChipState::kSilent);
  CHECK_FALSE(facts.honest_unproven);
  CHECK_FALSE(facts.honest_overdue);
}

TEST_CASE("policy facts: every clock counts, as the file has it", "[cost]") {
  const std::string daily = "[scheduler]\ncadence_s = 86400\n[status]\n";
  check_unseen(facts_in(daily + "silent_after_hours = 5\n").dark, 29, ChipState::kSilent);
  check_unseen(facts_in(daily + "unproven_after_hours = 30\n").stalls, 54, ChipState::kUnproven);
  // Silence for longer than nothing may be proved is unproven first.
  const Unseen both = facts_in(daily + "silent_after_hours = 200\n").dark;
  check_unseen(both, 96, ChipState::kUnproven);
  CHECK((both.is_silent && both.is_unproven && !both.is_accused));  // and silent later
  check_unseen(facts_in(daily + "confirmations = 1\n").elsewhere, 24, ChipState::kDrifted);
  check_unseen(facts_in(daily + "confirmations = 3\n").elsewhere, 72, ChipState::kDrifted);
  check_unseen(facts_in(daily + "absences_a_year_hours = 240\nabsence_most_hours = 240\n").absent, 240 + 48,
               ChipState::kSilent);
  check_unseen(facts_in("[scheduler]\ncadence_s = 3600\n").dark, 49, ChipState::kSilent);
  const PolicyFacts held =
      facts_in("faults_to_clear = 2\nfaults_to_accuse = 4\n[orders]\nunproven_counts = true\n");
  CHECK(held.faults_to_clear == 2);
  CHECK(held.faults_to_accuse == 4);
  CHECK(held.unproven_holds);
}

TEST_CASE("policy facts: what honest chips come into calls nobody", "[cost]") {
  // Nothing comes by itself: honest chips are unproven and overdue as well.
  const PolicyFacts never = facts_in("");
  CHECK(never.cadence == Nanoseconds{0});
  CHECK_FALSE(never.dark.time);
  CHECK_FALSE(never.stalls.time);
  CHECK_FALSE(never.elsewhere.time);
  // Once a fortnight is rarer than the clocks allow. Silence tells, since honest chips answer.
  const PolicyFacts rare =
      facts_in("[scheduler]\ncadence_s = 1209600\n[status]\noverdue_after_hours = 8760\n");
  CHECK(rare.honest_unproven);
  CHECK_FALSE(rare.stalls.time);
  check_unseen(rare.dark, 14 * 24 + 48, ChipState::kSilent);
}

TEST_CASE("policy facts: raised tiers are measured more often", "[cost]") {
  const PolicyFile file = policy_of("[scheduler]\ncadence_s = 86400\nraised_cadence_s = 43200\n");
  const auto horizon = length_of(CostCase{});
  CHECK(facts_of(file.policy, file.rules, RiskTier::kStandard, horizon).cadence == in_hours(24));
  CHECK(facts_of(file.policy, file.rules, RiskTier::kRaised, horizon).cadence == in_hours(8));
}

TEST_CASE("policy facts: a shuttle that keeps the clock is never seen, and one that is late is", "[cost]") {
  const PolicyFile file = policy_of();
  const Nanoseconds year = in_hours(8766);
  const auto shuttle = [&](double hours) {
    return shuttle_unseen(file.rules, RiskTier::kStandard, file.policy.lifetime, in_hours(hours), year);
  };
  const Unseen& clock = facts_in(file).stalls;
  REQUIRE(clock.time == in_hours(96));
  CHECK_FALSE(shuttle(95.9).time);
  check_unseen(shuttle(97), 96, ChipState::kUnproven);
}

}  // namespace
}  // namespace chiploc
