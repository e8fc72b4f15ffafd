// RoundEngine: rounds that nobody asked for. Which chips are due, how often, and what becomes of rounds that could not begin.
#include <algorithm>

#include "server/rounds/engine.hpp"
#include "server/rounds/risk_tier.hpp"

namespace chiploc {
namespace {

/// One that only time can mend. A chip that was removed is not due, and one that is being measured has what it was due
/// for.
bool worth_trying_again(RoundFault fault) {
  switch (fault) {
    case RoundFault::kTooManyRounds:
    case RoundFault::kNoAnchors:
    case RoundFault::kAnchorsNotReady:
    case RoundFault::kAnchorsBusy:
    case RoundFault::kIntentNotRecorded:
      return true;
    case RoundFault::kUnknownChip:
    case RoundFault::kAlreadyRunning:
    case RoundFault::kVerdictNotRecorded:
    case RoundFault::kShuttingDown:
    case RoundFault::kDeadlineTooShort:
      return false;
  }
  return false;
}

}  // namespace

void RoundEngine::on_rules(const ScheduleRules& rules, const Retention& retention) {
  const Nanoseconds every = options_.retention.every;
  options_.retention = retention;
  options_.retention.every = every;
  if (schedule_.rules() == rules) return;
  schedule_.adopt(rules);
  schedule();
}

void RoundEngine::on_chip_changed(const ChipId& chip, WallTime at) {
  if (!schedule_.rules().has_tiers()) return;
  WallTime& known = chip_changed_[chip];
  known = std::max(known, at);
}

/// Chips whose record is another one than when this was called last: moved to another licence or delivery, or with
/// another key.
void RoundEngine::note_changed_records(const Registry& registry, WallTime now) {
  if (!planned_by_) return;
  for (const auto& [id, chip] : registry.chips()) {
    const auto before = planned_by_->chips().find(id);
    if (before == planned_by_->chips().end() || before->second == chip) continue;
    const ChipRecord& old = *before->second;
    if (old.licence != chip->licence || old.delivery != chip->delivery ||
        old.certificate != chip->certificate)
      on_chip_changed(id, now);
  }
}

void RoundEngine::forget_old_changes(const Registry& registry, WallTime now) {
  const Nanoseconds kept = schedule_.rules().tiers.recent_change;
  std::erase_if(chip_changed_, [&](const auto& entry) {
    return now - entry.second >= kept || registry.chip(entry.first) == nullptr;
  });
}

void RoundEngine::plan_tiers(WallTime now) {
  const bool standard = schedule_.needs_plan(RiskTier::kStandard, now);
  const bool raised = schedule_.needs_plan(RiskTier::kRaised, now);
  const bool high = schedule_.needs_plan(RiskTier::kHigh, now);
  if (!standard && !raised && !high) return;
  const Registry::Snapshot registry = registry_();
  if (schedule_.rules().has_tiers()) {
    if (registry != planned_by_) note_changed_records(*registry, now);
    forget_old_changes(*registry, now);
  }
  planned_by_ = registry;
  std::array<std::vector<ChipId>, kRiskTiers> chips;
  const bool no_high = schedule_.rules().cadence_of(RiskTier::kHigh) <= Nanoseconds{0};
  for (const auto& [id, chip] : registry->chips()) {
    if (standard) chips[0].push_back(id);
    if (!raised && !high) continue;
    const auto changed = chip_changed_.find(id);
    const TierOf is =
        tier_of(*registry, *chip, schedule_.rules().tiers,
                changed == chip_changed_.end() ? std::nullopt : std::optional{changed->second}, now);
    if (is.tier == RiskTier::kHigh && !no_high) {
      chips[2].push_back(id);
    } else if (is.tier != RiskTier::kStandard) {
      chips[1].push_back(id);
    }
  }
  if (standard) schedule_.plan(RiskTier::kStandard, chips[0], now);
  if (raised) schedule_.plan(RiskTier::kRaised, chips[1], now);
  if (high) schedule_.plan(RiskTier::kHigh, chips[2], now);
}

void RoundEngine::count_missed() {
  const Schedule::Missed missed = schedule_.take_missed();
  for (const RiskTier tier : {RiskTier::kStandard, RiskTier::kRaised, RiskTier::kHigh}) {
    const std::uint64_t rounds = missed[static_cast<std::size_t>(tier)];
    if (rounds == 0) continue;
    count("scheduled_rounds_missed_" + std::string{name_of(tier)}, rounds);
    log(LogLevel::kWarning, "schedule.missed",
        {{"tier", std::string{name_of(tier)}, false}, {"rounds", std::to_string(rounds), false}},
        " these chips were not measured in their period; look at scheduled_rounds_not_started and at the anchors");
  }
}

void RoundEngine::schedule() {
  if (draining_) return;
  const WallTime now = wall();
  plan_tiers(now);
  while (const auto due = schedule_.take_due(now)) {
    const auto started = try_start(due->chip, {.requested_by = options_.scheduler_name, .scheduled = *due});
    if (started) continue;
    count("scheduled_rounds_not_started");
    if (worth_trying_again(started.error()))
      schedule_.put_off(*due, now, ByteReader{draw<Nonce>(parts_.entropy).bytes}.u64());
  }
  count_missed();
  arm_schedule();
}

void RoundEngine::arm_schedule() {
  schedule_at_.reset();
  if (const auto next = schedule_.next())
    schedule_at_ = steady() + std::max<Nanoseconds>(*next - wall(), std::chrono::milliseconds{1});
}

std::size_t RoundEngine::anchors_for(const Wish& wish) const {
  const std::size_t first = schedule_.rules().first_anchors;
  if (!wish.scheduled || first == 0) return options_.anchors_per_round;
  return std::min(std::max(first, wish.scheduled->anchors), options_.anchors_per_round);
}

void RoundEngine::widen(Schedule::Due due, std::size_t anchors, VerdictState state) {
  // Any other state is a finding, and more anchors would not answer for a chip that does not.
  if (draining_ || schedule_.rules().first_anchors == 0 || state != VerdictState::kUnresolved) return;
  if (anchors >= std::min(attached_.size(), options_.anchors_per_round)) return;
  due.anchors = anchors * 2;
  count("scheduled_rounds_widened");
  schedule_.put_off(due, wall(), ByteReader{draw<Nonce>(parts_.entropy).bytes}.u64());
  arm_schedule();
}

bool RoundEngine::are_busy(const std::vector<const AnchorRecord*>& anchors) const {
  const std::size_t most = schedule_.rules().rounds_per_anchor;
  if (most == 0) return false;
  return std::any_of(anchors.begin(), anchors.end(), [this, most](const AnchorRecord* anchor) {
    const auto held = seats_of_anchor_.find(anchor->id);
    return held != seats_of_anchor_.end() && held->second >= most;
  });
}

}  // namespace chiploc
