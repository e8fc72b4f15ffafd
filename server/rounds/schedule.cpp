#include "server/rounds/schedule.hpp"

#include <algorithm>
#include <utility>

namespace chiploc {
namespace {

std::size_t index(RiskTier tier) { return static_cast<std::size_t>(tier); }

}  // namespace

Schedule::Schedule(ScheduleRules rules, const std::array<ByteArray<32>, kRiskTiers>& secrets)
    : rules_{std::move(rules)},
      secrets_{secrets},
      plans_{Scheduler{rules_.cadence[0], secrets[0]}, Scheduler{rules_.cadence[1], secrets[1]},
             Scheduler{rules_.cadence[2], secrets[2]}} {}

void Schedule::adopt(ScheduleRules rules) {
  const auto change = [&](RiskTier tier) {
    plans_[index(tier)] = Scheduler{rules.cadence_of(tier), secrets_[index(tier)]};
  };
  if (rules.cadence_of(RiskTier::kStandard) != rules_.cadence_of(RiskTier::kStandard))
    change(RiskTier::kStandard);
  // Both at once: without a cadence for the high tier its chips are of the raised one.
  if (rules.tiers != rules_.tiers ||
      rules.cadence_of(RiskTier::kRaised) != rules_.cadence_of(RiskTier::kRaised) ||
      rules.cadence_of(RiskTier::kHigh) != rules_.cadence_of(RiskTier::kHigh)) {
    change(RiskTier::kRaised);
    change(RiskTier::kHigh);
  }
  std::erase_if(again_,
                [&](const auto& entry) { return rules.cadence_of(entry.second.tier) <= Nanoseconds{0}; });
  rules_ = std::move(rules);
}

bool Schedule::needs_plan(RiskTier tier, WallTime now) const { return plans_[index(tier)].needs_plan(now); }

void Schedule::plan(RiskTier tier, const std::vector<ChipId>& chips, WallTime now) {
  // What was planned and not even asked for, since this process slept, is missed as well.
  missed_[index(tier)] += plans_[index(tier)].left();
  plans_[index(tier)].plan(chips, now);
}

WallTime Schedule::end_of_period(RiskTier tier, WallTime when) const {
  const Nanoseconds cadence = rules_.cadence_of(tier);
  return WallTime{cadence * (when.since_epoch / cadence + 1)};
}

std::optional<WallTime> Schedule::next() const {
  std::optional<WallTime> out;
  const auto sooner = [&out](std::optional<WallTime> when) {
    if (when && (!out || *when < *out)) out = when;
  };
  for (const Scheduler& plan : plans_) sooner(plan.next());
  if (!again_.empty()) sooner(again_.begin()->first);
  return out;
}

std::optional<Schedule::Due> Schedule::take_due(WallTime now) {
  // What was due before goes first; but never in a later period, where a clock was set on.
  while (!again_.empty() && again_.begin()->first <= now) {
    const Due due = again_.begin()->second;
    again_.erase(again_.begin());
    if (now < due.until) return due;
    miss(due);
  }
  for (const RiskTier tier : {RiskTier::kHigh, RiskTier::kRaised, RiskTier::kStandard}) {
    Scheduler& plan = plans_[index(tier)];
    const auto when = plan.next();
    if (!when || *when > now) continue;
    if (const auto chip = plan.take_due(now)) return Due{*chip, tier, end_of_period(tier, *when), 0};
  }
  return std::nullopt;
}

void Schedule::put_off(const Due& due, WallTime now, std::uint64_t random) {
  const Nanoseconds half = std::max(rules_.again / 2, Nanoseconds{1});
  const Nanoseconds wait =
      half + Nanoseconds{static_cast<std::int64_t>(random % static_cast<std::uint64_t>(half.count()))};
  if (now + wait < due.until) {
    again_.emplace(now + wait, due);
  } else {
    miss(due);
  }
}

void Schedule::miss(const Due& due) {
  if (due.anchors == 0) ++missed_[index(due.tier)];
}

Schedule::Missed Schedule::take_missed() { return std::exchange(missed_, {}); }

}  // namespace chiploc
