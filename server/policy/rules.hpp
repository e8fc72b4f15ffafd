#pragma once
// What a policy decides beside verdicts: when chips are measured, what they are held for, when orders are on hold and
// cases begin, how long what comes all the time is kept. By sections of its file.

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/cases/case_story.hpp"
#include "server/orders/order_story.hpp"
#include "server/policy/flag_budget.hpp"
#include "server/policy/retention.hpp"
#include "server/policy/schedule_rules.hpp"
#include "server/status/status_keeping.hpp"

namespace chiploc {

struct PolicyRules {
  ScheduleRules scheduler;
  StatusKeeping status;
  double false_flags =
      0.001;  ///< a chip-year at most. It decides nothing: it says how often a verdict may be false
  OrderRules orders;
  CaseRules cases;  ///< dispute_most is that of `status`
  Retention retention;
  NoticeRetention notices;
};

enum class RuleSection : std::uint8_t { kScheduler, kStatus, kOrders, kCases, kRetention };
inline constexpr std::array kRuleSections{RuleSection::kScheduler, RuleSection::kStatus, RuleSection::kOrders,
                                          RuleSection::kCases, RuleSection::kRetention};
/// How chips of a tier come to be accused: the standard cadence is theirs too, and the others come on top.
[[nodiscard]] FlagLaw flag_law_of(const PolicyRules& rules, RiskTier tier);
/// A line for each tier that is measured by itself: how often a verdict may be false so that the budget is kept.
[[nodiscard]] std::vector<std::string> flag_budget_text(const PolicyRules& rules);

/// A length of time in hours: "36", or "0.01", to the second.
[[nodiscard]] std::string hours_of(Nanoseconds time);
/// "scheduler", ..: as it stands in brackets.
[[nodiscard]] std::string_view name_of(RuleSection section);
[[nodiscard]] std::optional<RuleSection> rule_section_of(std::string_view name);
/// Those that a file has.
using RuleSections = std::set<RuleSection>;

/// Its keys, each with its value as TOML, in the order of deploy/chiplocd.toml.
[[nodiscard]] std::vector<std::pair<std::string_view, std::string>> keys_of(const PolicyRules& rules,
                                                                            RuleSection section);
/// The section as a file has it. Names of groups are written out: read back it gives the same rules.
[[nodiscard]] std::string section_text(const PolicyRules& rules, RuleSection section);

/// Where `to` has another rule than `from`, a phrase each: "orders.hold_least 3 -> 5". Empty: nowhere.
[[nodiscard]] std::vector<std::string> differences(const PolicyRules& from, const PolicyRules& to);

/// The rules in force: those of `activated` for the sections that its file has, else those of `configured`.
[[nodiscard]] PolicyRules in_force(const PolicyRules& configured, const PolicyRules& activated,
                                   const RuleSections& has);
/// Which sections come from elsewhere than before, a phrase each: "[orders] of the policy now".
[[nodiscard]] std::vector<std::string> moved_sections(const RuleSections& from, const RuleSections& to);

}  // namespace chiploc
