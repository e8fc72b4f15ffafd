#include "server/policy/rules.hpp"

#include <algorithm>
#include <cstdio>

namespace chiploc {
namespace {

using Keys = std::vector<std::pair<std::string_view, std::string>>;

std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(const std::vector<CountryCode>& codes) {
  std::string out = "[";
  for (const CountryCode code : codes) out += (out.size() > 1 ? ", \"" : "\"") + code.text() + '"';
  return out + ']';
}
std::string seconds_of(Nanoseconds d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(d).count());
}
std::string days_of(Nanoseconds d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::hours>(d).count() / 24);
}

Keys keys_of(const ScheduleRules& rules) {
  return {{"cadence_s", seconds_of(rules.cadence_of(RiskTier::kStandard))},
          {"raised_cadence_s", seconds_of(rules.cadence_of(RiskTier::kRaised))},
          {"high_cadence_s", seconds_of(rules.cadence_of(RiskTier::kHigh))},
          {"transshipment", text_of(rules.tiers.transshipment)},
          {"new_site_days", days_of(rules.tiers.new_site)},
          {"recent_change_days", days_of(rules.tiers.recent_change)},
          {"again_s", seconds_of(rules.again)},
          {"first_anchors", std::to_string(rules.first_anchors)},
          {"rounds_per_anchor", std::to_string(rules.rounds_per_anchor)}};
}

std::string number_of(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

Keys keys_of(const StatusKeeping& keeping, double false_flags) {
  const StatusRules& rules = keeping.rules;
  return {{"confirmations", std::to_string(rules.confirmations)},
          {"confirm_within_hours", hours_of(rules.confirm_within)},
          {"restorations", std::to_string(rules.restorations)},
          {"unproven_after_hours", hours_of(rules.unproven_after)},
          {"silent_after_hours", hours_of(rules.silent_after)},
          {"overdue_after_hours", hours_of(rules.overdue_after)},
          {"lost_proof_after_hours", hours_of(rules.lost_proof_after)},
          {"dispute_most_hours", hours_of(rules.dispute_most)},
          {"absence_most_hours", hours_of(rules.absence_most)},
          {"absences_a_year_hours", hours_of(rules.absences_a_year)},
          {"cleared_is_enough", text_of(keeping.cleared_is_enough)},
          {"false_flags_per_chip_year", number_of(false_flags)}};
}

Keys keys_of(const OrderRules& rules) {
  return {{"hold_share_percent", std::to_string(rules.hold_share)},
          {"hold_least", std::to_string(rules.hold_least)},
          {"release_share_percent", std::to_string(rules.release_share)},
          {"silent_counts", text_of(rules.silent_counts)},
          {"unproven_counts", text_of(rules.unproven_counts)},
          {"lift_most_hours", hours_of(rules.lift_most)}};
}

Keys keys_of(const CaseRules& rules) {
  return {{"reopen_within_hours", hours_of(rules.reopen_within)},
          {"attempt_confirmations", std::to_string(rules.attempt_confirmations)},
          {"attempt_within_hours", hours_of(rules.attempt_within)}};
}

Keys keys_of(const Retention& keep, const NoticeRetention& notices) {
  return {{"mesh_hours", hours_of(keep.mesh)},     {"mesh_windows", std::to_string(keep.mesh_windows)},
          {"knocks_days", days_of(keep.knocks)},   {"knocks", std::to_string(keep.knocks_max)},
          {"notices_days", days_of(notices.sent)}, {"notice_log", std::to_string(notices.log_entries)},
          {"unsent_days", days_of(notices.unsent)}};
}

}  // namespace

std::string hours_of(Nanoseconds d) {
  return number_of(std::chrono::duration<double, std::ratio<3'600>>{d}.count());
}

FlagLaw flag_law_of(const PolicyRules& rules, RiskTier tier) {
  double rounds_per_ns = 0;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(tier); ++i) {
    if (rules.scheduler.cadence[i] > Nanoseconds{0})
      rounds_per_ns += 1.0 / static_cast<double>(rules.scheduler.cadence[i].count());
  }
  FlagLaw out;
  if (rounds_per_ns > 0) out.cadence = Nanoseconds{static_cast<std::int64_t>(1.0 / rounds_per_ns)};
  out.confirmations = rules.status.rules.confirmations;
  out.window = rules.status.rules.confirm_within;
  return out;
}

std::vector<std::string> flag_budget_text(const PolicyRules& rules) {
  constexpr std::array<std::string_view, kRiskTiers> kTiers{"standard", "raised", "high"};
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kRiskTiers; ++i) {
    if (rules.scheduler.cadence[i] <= Nanoseconds{0}) continue;
    const auto share = share_within_budget(flag_law_of(rules, static_cast<RiskTier>(i)), rules.false_flags);
    if (!share) continue;
    char text[160];
    std::snprintf(
        text, sizeof text,
        "false flags at most %.3g a chip-year, %s tier: at most one verdict in %.0f may accuse falsely",
        rules.false_flags, std::string{kTiers[i]}.c_str(), *share > 0 ? 1.0 / *share : 1e18);
    out.emplace_back(text);
  }
  if (out.empty())
    out.emplace_back("nothing is measured by itself, so false flags a chip-year are nobody's to bound");
  return out;
}

std::string_view name_of(RuleSection section) {
  switch (section) {
    case RuleSection::kScheduler:
      return "scheduler";
    case RuleSection::kStatus:
      return "status";
    case RuleSection::kOrders:
      return "orders";
    case RuleSection::kCases:
      return "cases";
    case RuleSection::kRetention:
      return "retention";
  }
  return "?";
}

std::optional<RuleSection> rule_section_of(std::string_view name) {
  const auto found = std::find_if(kRuleSections.begin(), kRuleSections.end(),
                                  [name](RuleSection section) { return name_of(section) == name; });
  return found == kRuleSections.end() ? std::nullopt : std::optional{*found};
}

std::vector<std::pair<std::string_view, std::string>> keys_of(const PolicyRules& rules, RuleSection section) {
  switch (section) {
    case RuleSection::kScheduler:
      return keys_of(rules.scheduler);
    case RuleSection::kStatus:
      return keys_of(rules.status, rules.false_flags);
    case RuleSection::kOrders:
      return keys_of(rules.orders);
    case RuleSection::kCases:
      return keys_of(rules.cases);
    case RuleSection::kRetention:
      return keys_of(rules.retention, rules.notices);
  }
  return {};
}

std::string section_text(const PolicyRules& rules, RuleSection section) {
  std::string out = "[" + std::string{name_of(section)} + "]\n";
  for (const auto& [key, value] : keys_of(rules, section))
    out.append(key).append(" = ").append(value) += '\n';
  return out;
}

std::vector<std::string> differences(const PolicyRules& from, const PolicyRules& to) {
  std::vector<std::string> out;
  for (const RuleSection section : kRuleSections) {
    const Keys were = keys_of(from, section);
    const Keys are = keys_of(to, section);
    for (std::size_t i = 0; i < are.size(); ++i) {
      if (were[i].second == are[i].second) continue;
      out.push_back(std::string{name_of(section)} + '.' + std::string{are[i].first} + ' ' + were[i].second +
                    " -> " + are[i].second);
    }
  }
  return out;
}

PolicyRules in_force(const PolicyRules& configured, const PolicyRules& activated, const RuleSections& has) {
  PolicyRules out = configured;
  for (const RuleSection section : has) {
    switch (section) {
      case RuleSection::kScheduler:
        out.scheduler = activated.scheduler;
        break;
      case RuleSection::kStatus:
        out.status = activated.status;
        out.false_flags = activated.false_flags;
        break;
      case RuleSection::kOrders:
        out.orders = activated.orders;
        break;
      case RuleSection::kCases:
        out.cases = activated.cases;
        break;
      case RuleSection::kRetention:
        out.retention = activated.retention;
        out.notices = activated.notices;
        break;
    }
  }
  out.cases.dispute_most = out.status.rules.dispute_most;  // of a case and of its chips alike
  return out;
}

std::vector<std::string> moved_sections(const RuleSections& from, const RuleSections& to) {
  std::vector<std::string> out;
  for (const RuleSection section : kRuleSections) {
    if (from.contains(section) == to.contains(section)) continue;
    out.push_back("[" + std::string{name_of(section)} + "] of " +
                  (to.contains(section) ? "the policy now" : "chiplocd.toml again"));
  }
  return out;
}

}  // namespace chiploc
