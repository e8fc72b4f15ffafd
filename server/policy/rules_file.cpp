#include "server/policy/rules_file.hpp"

#include <algorithm>
#include <map>

#include "proto/wire/datagram.hpp"
#include "server/policy/groups.hpp"

namespace chiploc {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

std::int64_t as_hours(Nanoseconds d) { return std::chrono::duration_cast<hours>(d).count(); }

unsigned read_count(TomlSection& section, std::string_view key, std::int64_t most, unsigned otherwise) {
  return static_cast<unsigned>(section.integer(key, {.min = 1, .max = most, .otherwise = otherwise}));
}

// ---------------------------------------- countries

struct Group {
  std::vector<CountryCode> countries;
  bool named = false;
};
using Groups = std::map<std::string, Group, std::less<>>;

/// Of the export rules (groups.hpp), by name: they are there without being written down.
std::optional<std::vector<CountryCode>> known_group(std::string_view name) {
  for (std::size_t i = 0; i < kCountryGroups; ++i) {
    const auto group = static_cast<CountryGroup>(i);
    if (name_of(group) != name) continue;
    std::vector<CountryCode> out;
    for (const std::string_view text : countries_of(group)) {
      if (const auto code = CountryCode::from_text(text)) out.push_back(*code);
    }
    return out;
  }
  return std::nullopt;
}

Groups read_groups(TomlSection section) {
  Groups out;
  for (const std::string& name : section.keys()) {
    Group& group = out[name];
    for (const std::string& text : section.texts(name, true)) {
      if (const auto code = CountryCode::from_text(text)) {
        group.countries.push_back(*code);
      } else {
        section.fault(name, "'" + text + "' is no country's code; write two letters, e.g. AE");
      }
    }
    if (known_group(name))
      section.fault(name, "is a group of the export rules, which is there already; give it another name");
  }
  return out;
}

void add_countries(TomlSection& section, std::string_view key, const std::string& text, Groups& groups,
                   std::vector<CountryCode>& out) {
  if (!text.starts_with('@')) {
    if (const auto code = CountryCode::from_text(text)) {
      out.push_back(*code);
    } else {
      section.fault(
          key,
          "'" + text + "' is no country's code; write two letters, e.g. AE, or @ and the name of a group");
    }
    return;
  }
  const std::string name = text.substr(1);
  std::vector<CountryCode> countries;
  if (const auto own = groups.find(name); own != groups.end()) {
    own->second.named = true;
    countries = own->second.countries;
  } else if (auto known = known_group(name)) {
    countries = std::move(*known);
  } else {
    section.fault(key, "'" + text + "' names no group; write " + name +
                           " = [\"AE\"] into [groups], or name one of the export rules, e.g. @D:5");
  }
  out.insert(out.end(), countries.begin(), countries.end());
}

// ---------------------------------------- sections

ScheduleRules read_scheduler(TomlSection scheduler, Groups& groups) {
  ScheduleRules rules;
  const auto cadence = [&](std::string_view key) {
    return seconds{scheduler.integer(key, {.min = 0, .max = 31'536'000, .otherwise = 0})};
  };
  const auto days = [&](std::string_view key, Nanoseconds otherwise) {
    return hours{24 *
                 scheduler.integer(key, {.min = 0, .max = 3'660, .otherwise = as_hours(otherwise) / 24})};
  };
  rules.cadence = {cadence("cadence_s"), cadence("raised_cadence_s"), cadence("high_cadence_s")};
  // A longer one would never bring a round that the others do not.
  const auto sooner_than = [&](std::size_t tier, std::string_view key, std::size_t other,
                               std::string_view than) {
    if (rules.cadence[tier] <= Nanoseconds{0} || rules.cadence[other] <= Nanoseconds{0}) return;
    if (rules.cadence[tier] < rules.cadence[other]) return;
    scheduler.fault(key, "is not shorter than " + std::string{than} +
                             ", so that it would measure nothing more often; make it shorter, or 0 for none");
  };
  sooner_than(1, "raised_cadence_s", 0, "cadence_s");
  sooner_than(2, "high_cadence_s", 0, "cadence_s");
  sooner_than(2, "high_cadence_s", 1, "raised_cadence_s");
  rules.tiers.new_site = days("new_site_days", rules.tiers.new_site);
  rules.tiers.recent_change = days("recent_change_days", rules.tiers.recent_change);
  std::vector<CountryCode>& countries = rules.tiers.transshipment;
  for (const std::string& text : scheduler.texts("transshipment", false))
    add_countries(scheduler, "transshipment", text, groups, countries);
  std::sort(countries.begin(), countries.end());
  countries.erase(std::unique(countries.begin(), countries.end()), countries.end());
  rules.again = seconds{scheduler.integer("again_s", {.min = 1, .max = 86'400, .otherwise = 60})};
  rules.first_anchors = static_cast<std::size_t>(
      scheduler.integer("first_anchors", {.min = 0, .max = kAnchorsMax, .otherwise = 0}));
  rules.rounds_per_anchor = static_cast<std::size_t>(
      scheduler.integer("rounds_per_anchor", {.min = 0, .max = 100'000, .otherwise = 0}));
  return rules;
}

StatusKeeping read_status(TomlSection status, double& false_flags) {
  StatusKeeping out;
  StatusRules& r = out.rules;
  r.confirmations = read_count(status, "confirmations", kConfirmationsMax, r.confirmations);
  r.confirm_within = status.hours("confirm_within_hours", r.confirm_within);
  r.restorations = read_count(status, "restorations", kConfirmationsMax, r.restorations);
  r.unproven_after = status.hours("unproven_after_hours", r.unproven_after);
  r.silent_after = status.hours("silent_after_hours", r.silent_after);
  r.overdue_after = status.hours("overdue_after_hours", r.overdue_after);
  r.lost_proof_after = status.hours("lost_proof_after_hours", r.lost_proof_after);
  r.dispute_most = status.hours("dispute_most_hours", r.dispute_most);
  r.absence_most = status.hours("absence_most_hours", r.absence_most);
  r.absences_a_year = status.hours("absences_a_year_hours", r.absences_a_year);
  if (r.absences_a_year < r.absence_most) {
    status.fault(
        "absences_a_year_hours",
        "is less than absence_most_hours, so that no absence could be as long as that says; make it " +
            hours_of(r.absence_most) + " or more, or absence_most_hours shorter");
  }
  out.cleared_is_enough = status.boolean("cleared_is_enough", out.cleared_is_enough);
  false_flags = status.number("false_flags_per_chip_year", 1e-9, 1.0, false_flags);
  return out;
}

OrderRules read_orders(TomlSection orders) {
  OrderRules out;
  out.hold_share = read_count(orders, "hold_share_percent", 100, out.hold_share);
  out.release_share = read_count(orders, "release_share_percent", 100, out.release_share);
  out.hold_least = read_count(orders, "hold_least", 1'000'000, out.hold_least);
  out.silent_counts = orders.boolean("silent_counts", out.silent_counts);
  out.unproven_counts = orders.boolean("unproven_counts", out.unproven_counts);
  out.lift_most = orders.hours("lift_most_hours", out.lift_most);
  if (out.release_share >= out.hold_share) {
    orders.fault(
        "release_share_percent",
        "is not below hold_share_percent, so that a chip that comes and goes makes holds come and go; make it "
        "less than " +
            std::to_string(out.hold_share));
  }
  return out;
}

CaseRules read_cases(TomlSection cases) {
  CaseRules out;
  out.reopen_within = cases.hours("reopen_within_hours", out.reopen_within);
  out.attempt_confirmations = read_count(cases, "attempt_confirmations", 8, out.attempt_confirmations);
  out.attempt_within = cases.hours("attempt_within_hours", out.attempt_within);
  return out;
}

void read_retention(TomlSection retention, Retention& keep, NoticeRetention& notices) {
  const auto days = [&](std::string_view key, std::int64_t most, Nanoseconds otherwise) {
    return hours{24 * retention.integer(key, {.min = 1, .max = most, .otherwise = as_hours(otherwise) / 24})};
  };
  const auto number = [&](std::string_view key, std::uint64_t otherwise) {
    return static_cast<std::uint64_t>(retention.integer(
        key, {.min = 1'000, .max = 1'000'000'000, .otherwise = static_cast<std::int64_t>(otherwise)}));
  };
  keep.mesh =
      hours{retention.integer("mesh_hours", {.min = 1, .max = 87'600, .otherwise = as_hours(keep.mesh)})};
  keep.mesh_windows = number("mesh_windows", keep.mesh_windows);
  keep.knocks = days("knocks_days", 36'500, keep.knocks);
  keep.knocks_max = number("knocks", keep.knocks_max);
  notices.sent = days("notices_days", 3'650, notices.sent);
  notices.unsent = days("unsent_days", 3'650, notices.unsent);
  notices.log_entries = number("notice_log", notices.log_entries);
}

}  // namespace

RulesRead read_rules(TomlReader& file) {
  RulesRead out;
  const auto section = [&](RuleSection which) {
    TomlSection found = file.section(name_of(which));
    if (found.present()) out.has.insert(which);
    return found;
  };
  TomlSection names = file.section("groups");
  Groups groups = read_groups(names);
  PolicyRules& rules = out.rules;
  rules.scheduler = read_scheduler(section(RuleSection::kScheduler), groups);
  for (const auto& [name, group] : groups) {
    if (!group.named)
      names.fault(name,
                  "is named by nothing; write \"@" + name + "\" into scheduler.transshipment, or remove it");
  }
  rules.status = read_status(section(RuleSection::kStatus), rules.false_flags);
  rules.orders = read_orders(section(RuleSection::kOrders));
  rules.cases = read_cases(section(RuleSection::kCases));
  rules.cases.dispute_most = rules.status.rules.dispute_most;  // of a case and of its chips alike
  read_retention(section(RuleSection::kRetention), rules.retention, rules.notices);
  return out;
}

}  // namespace chiploc
