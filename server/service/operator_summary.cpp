// The use case of the day at a glance: GetSummary.
#include <algorithm>
#include <chrono>
#include <map>

#include "server/service/chip_choice.hpp"
#include "server/service/day_summary.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/verdict_lookup.hpp"
#include "server/status/story_record.hpp"

namespace chiploc {
namespace {

constexpr std::uint32_t kSoonDays = 14;
constexpr std::uint32_t kSoonDaysMax = 366;
constexpr std::size_t kAbsencesLooked = 10'000;

/// Chips by the state of their newest verdict, and those without any: the registry's, less those that have one.
Answer<Done> add_verdicts(const Registry& registry, VerdictReader& verdicts, const Caller& caller,
                          v1::GetSummaryResponse& out) {
  std::map<std::uint32_t, std::uint64_t> chips;
  const auto measured = [&chips] {
    std::uint64_t sum = 0;
    for (const auto& [state, count] : chips) sum += count;
    return sum;
  };
  bool fits = false;
  if (!caller.holder) {
    auto counted = verdicts.chips_by_state();
    if (!counted) return Fail{fault_of(counted.error())};
    chips = *std::move(counted);
    // A chip that was measured is never removed. Should the numbers not fit, each is looked up.
    fits = measured() <= registry.chips().size();
  }
  if (!fits) {
    const auto looked = count_chips(registry, verdicts, {}, WallTime{});
    if (!looked) return Fail{fault_of(looked.error())};
    chips = looked->by_state;
  }
  out.set_unmeasured(registry.chips().size() - measured());
  for (const auto& [state, count] : chips) {
    if (count == 0) continue;
    v1::VerdictTally& row = *out.add_verdicts();
    row.set_state(static_cast<v1::VerdictState>(state));
    row.set_chips(count);
  }
  return Done{};
}

/// Absences in force that end by then, one row for each day on which some do.
Answer<Done> add_absences(StatusReader& statuses, const ChipFilter& wanted, WallTime now, WallTime until,
                          v1::GetSummaryResponse& out) {
  struct Day {
    WallTime first;  ///< of those that end on it
    std::uint64_t chips = 0;
  };
  std::map<std::chrono::sys_days, Day> days;
  StatusQuery query{.states = {static_cast<std::uint32_t>(ChipState::kAbsent)},
                    .due_before = until,
                    .wanted = wanted,
                    .limit = kAbsencesLooked};
  const auto page = statuses.list_statuses(query);
  if (!page) return Fail{fault_of(page.error())};
  for (const StatusRecord& row : page->rows) {
    const auto at = row.due.value_or(until);
    if (at < now) continue;
    Day& day =
        days[std::chrono::floor<std::chrono::days>(std::chrono::sys_time<Nanoseconds>{at.since_epoch})];
    day.first = day.chips == 0 ? at : std::min(day.first, at);
    ++day.chips;
  }
  for (const auto& [day, of_day] : days) {
    v1::RunsOut& row = *out.add_runs_out();
    row.set_what("absences");
    row.set_name(to_text(Date{day}));
    row.set_at_unix_ns(of_day.first.since_epoch.count());
    row.set_chips(of_day.chips);
  }
  return Done{};
}

}  // namespace

Answer<v1::GetSummaryResponse> OperatorUseCases::get_summary(const v1::GetSummaryRequest& request,
                                                             const Caller& caller) {
  const auto since = check_time("since_unix_ns", request.since_unix_ns());
  if (!since) return Fail{since.error()};
  const auto days = check_page_size(request.soon_days(), kSoonDays, kSoonDaysMax);
  if (!days) {
    return Fail{ApiFault{ApiFaultCode::kBadField, "soon_days: at most " + std::to_string(kSoonDaysMax) +
                                                      "; 0 for " + std::to_string(kSoonDays)}};
  }
  const WallTime now = parts_.now();
  const WallTime from = since->value_or(now - std::chrono::hours{24});
  const WallTime until = now + std::chrono::hours{24} * *days;
  const Registry::Snapshot registry = registry_for(caller);
  const Registry::Snapshot everybodys = parts_.registry.get();
  const ChipFilter wanted = chips_of(*registry, caller);
  const bool all = !caller.holder;
  v1::GetSummaryResponse out;
  out.set_now_unix_ns(now.since_epoch.count());
  out.set_since_unix_ns(from.since_epoch.count());
  out.set_chips(registry->chips().size());
  const auto verdicts = add_verdicts(*registry, parts_.reader.verdicts(), caller, out);
  if (!verdicts) return Fail{verdicts.error()};
  const auto counts = parts_.reader.statuses().chips_by_status(wanted);
  if (!counts) return Fail{fault_of(counts.error())};
  const auto changes = parts_.reader.statuses().count_changes(from, wanted);
  if (!changes) return Fail{fault_of(changes.error())};
  add_tallies(*counts, *changes, out);
  const std::vector<AnchorStatus> anchors = parts_.status.anchors();
  const auto absences = add_absences(parts_.reader.statuses(), wanted, now, until, out);
  if (!absences) return Fail{absences.error()};
  add_runs_out(*registry, anchors, *everybodys, now, until, out);
  add_anchors(*everybodys, anchors, now, out);
  out.set_stories_kept(static_cast<bool>(parts_.stories.open_cases) &&
                       static_cast<bool>(parts_.stories.held_orders));
  if (parts_.stories.open_cases) {
    const auto cases = parts_.stories.open_cases();
    if (!cases) return Fail{fault_of(cases.error())};
    add_cases(*cases, *registry, all, now, out);
  }
  if (parts_.stories.held_orders) {
    const auto orders = parts_.stories.held_orders();
    if (!orders) return Fail{fault_of(orders.error())};
    add_held_orders(*orders, *registry, all, parts_.stories.order_rules(), out);
  }
  if (all) {
    const auto sinks = parts_.reader.outbox().sink_standings();
    if (!sinks) return Fail{fault_of(sinks.error())};
    add_notices(*sinks, out);
  }
  return out;
}

}  // namespace chiploc
