#include "server/policy/rules.hpp"

#include <algorithm>

#include "server/policy/policy_file.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;
using Phrases = std::vector<std::string>;

/// Every key of it has another value than the default.
PolicyRules others() {
  PolicyRules out;
  out.scheduler.cadence = {24h, 6h, 1h};
  out.scheduler.tiers = {
      {CountryCode::from_text("AE").value(), CountryCode::from_text("MY").value()}, 24h * 10, 24h * 3};
  out.scheduler.again = 30s;
  out.scheduler.first_anchors = 8;
  out.scheduler.rounds_per_anchor = 9;
  out.status.rules = {.confirmations = 3,
                      .confirm_within = 10h,
                      .restorations = 4,
                      .unproven_after = 11h,
                      .silent_after = 12h,
                      .overdue_after = 13h,
                      .lost_proof_after = 14h,
                      .dispute_most = 15h,
                      .absence_most = 16h,
                      .absences_a_year = 17h};
  out.status.cleared_is_enough = true;
  out.false_flags = 0.01;
  out.orders = {.hold_share = 50,
                .hold_least = 5,
                .release_share = 20,
                .silent_counts = false,
                .unproven_counts = true,
                .lift_most = 18h};
  out.cases = {.reopen_within = 19h, .dispute_most = 15h, .attempt_confirmations = 5, .attempt_within = 20h};
  out.retention.mesh = 21h;
  out.retention.mesh_windows = 2'000;
  out.retention.knocks = 24h * 22;
  out.retention.knocks_max = 3'000;
  out.notices.sent = 24h * 23;
  out.notices.unsent = 24h * 24;
  out.notices.log_entries = 4'000;
  return out;
}

TEST_CASE("policy rules: the false-flag budget says how often a verdict may be false, by tier") {
  PolicyRules rules;
  REQUIRE(flag_budget_text(rules).size() == 1);
  CHECK(flag_budget_text(rules).front().find("nothing is measured by itself") == 0);
  rules.scheduler.cadence = {24h, 0h, 3h};
  rules.status.rules.confirmations = 1;
  rules.false_flags = 0.36525;
  CHECK(flag_law_of(rules, RiskTier::kRaised).cadence == 24h);
  // Eight of the tier and one of the standard a day.
  CHECK(std::chrono::duration<double>(flag_law_of(rules, RiskTier::kHigh).cadence).count() ==
        Approx(86'400.0 / 9));
  CHECK(
      flag_budget_text(rules) ==
      Phrases{
          "false flags at most 0.365 a chip-year, standard tier: at most one verdict in 1000 may accuse falsely",
          "false flags at most 0.365 a chip-year, high tier: at most one verdict in 9000 may accuse falsely"});
}

TEST_CASE("policy rules: a section is written so that it is read back, every key of it") {
  for (const PolicyRules& rules : {PolicyRules{}, others()}) {
    std::string text = "[policy]\n";
    for (const RuleSection section : kRuleSections) text += section_text(rules, section);
    const PolicyFile read = parse_policy_to_activate(text, "p.toml");
    CHECK(read.faults.empty());
    CHECK(differences(rules, read.rules).empty());
    CHECK(read.has == RuleSections{kRuleSections.begin(), kRuleSections.end()});
    CHECK(read.rules.scheduler == rules.scheduler);
    CHECK(read.rules.cases.dispute_most == rules.status.rules.dispute_most);
  }
}

TEST_CASE("policy rules: a key that is another is named with its section, none is left out") {
  CHECK(differences(PolicyRules{}, PolicyRules{}).empty());
  const Phrases all = differences(PolicyRules{}, others());
  std::size_t keys = 0;
  for (const RuleSection section : kRuleSections) keys += keys_of(PolicyRules{}, section).size();
  CHECK(all.size() == keys);
  CHECK(all.front() == "scheduler.cadence_s 0 -> 86400");
  CHECK(std::find(all.begin(), all.end(), "scheduler.transshipment [] -> [\"AE\", \"MY\"]") != all.end());
  CHECK(std::find(all.begin(), all.end(), "orders.silent_counts true -> false") != all.end());
  CHECK(all.back() == "retention.unsent_days 365 -> 24");
}

TEST_CASE("policy rules: a section of the policy counts, and one that it lacks is chiplocd.toml's") {
  PolicyRules configured;
  configured.orders.hold_least = 7;
  configured.status.rules.dispute_most = 100h;
  const PolicyRules activated = others();
  CHECK(differences(configured, in_force(configured, activated, {})).empty());
  const PolicyRules some = in_force(configured, activated, {RuleSection::kCases, RuleSection::kScheduler});
  CHECK(some.scheduler == activated.scheduler);
  CHECK(some.cases.attempt_confirmations == 5);
  CHECK(some.cases.dispute_most == 100h);  // as the status has it, wherever that is from
  CHECK(some.orders.hold_least == 7);
  CHECK(some.retention.mesh == configured.retention.mesh);
  const RuleSections whole{kRuleSections.begin(), kRuleSections.end()};
  CHECK(differences(activated, in_force(configured, activated, whole)).empty());
  CHECK(moved_sections({RuleSection::kOrders}, {RuleSection::kCases}) ==
        Phrases{"[orders] of chiplocd.toml again", "[cases] of the policy now"});
  CHECK(moved_sections(whole, whole).empty());
}

TEST_CASE("policy rules: sections have their names, and no other is one") {
  for (const RuleSection section : kRuleSections) CHECK(rule_section_of(name_of(section)) == section);
  CHECK_FALSE(rule_section_of("policy"));
}

}  // namespace
}  // namespace chiploc
