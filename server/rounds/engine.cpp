// RoundEngine: its clock-work. Events and actions, timers, the scheduler, what status shows.
#include "server/rounds/engine.hpp"

#include <algorithm>

#include "proto/crypto/digest.hpp"

namespace chiploc {

RoundEngine::RoundEngine(CoordinatorOptions options, RegistrySource registry, const Parts& parts)
    : options_{std::move(options)},
      registry_{std::move(registry)},
      parts_{parts},
      schedule_{options_.schedule,
                {draw<Digest>(parts.entropy).bytes, draw<Digest>(parts.entropy).bytes,
                 draw<Digest>(parts.entropy).bytes}},
      begun_wall_{wall()},
      begun_steady_{steady()} {
  public_ = parts_.key.public_key().raw_ed25519().value_or(ByteArray<32>{});
  id_ = coordinator_id_of(public_);
  show().borders_version = std::string{parts_.borders.version()};
  show().policy_version = options_.policy.version;
  show().calibration_version = calibration_->line.version;
  show().started = begun_wall_;
}

RoundEngine::~RoundEngine() = default;

void RoundEngine::on_policy(const Policy& policy) {
  options_.policy = policy;
  show().policy_version = policy.version;
  log(LogLevel::kInfo, "policy.in_force",
      {{"version", policy.version, true}, {"sha256", to_hex(digest_of(policy).bytes)}});
}

// ------------------------------------------------------------------------------------------ beginning, end
void RoundEngine::begin(const std::vector<OpenRound>& cut_rounds) {
  for (const OpenRound& cut : cut_rounds) {
    const RoundId id = cut.intent.round;
    log(LogLevel::kWarning, "round.cut", {{"round", id.hex()}, {"chip", cut.intent.chip.hex()}});
    record_abandoned(id, "chiplocd stopped while this round was in flight");
  }
  prune_later(Nanoseconds{0});
  schedule();
}

void RoundEngine::drain() {
  draining_ = true;
  schedule_at_.reset();
  peers_at_.reset();
  peers_.clear();
  prune_at_.reset();
  unended_at_.reset();
  const std::vector<RoundId> ids = rounds_in_order();
  for (const RoundId& id : ids) {
    ActiveRound& active = *rounds_.at(id);
    if (active.judging && !active.judged && !active.concluded) {
      active.judged = judge(*active.judging, parts_.borders);
      remember(active, *active.judged);
    }
    if (auto judged = std::exchange(active.judged, std::nullopt)) {
      judged->explanation.posterior_left_out =
          active.calibration->model && worth_suggesting(judged->decision);
      conclude(active, std::move(*judged));
    } else if (active.concluded) {
      finish(active);
    }
  }
  for (const RoundId& id : ids) abandon(id, "chiplocd was stopped", RoundFault::kShuttingDown);
  for (const auto& [id, anchor] : attached_)
    act(act::End{anchor.link, LinkEnd::kShuttingDown, "chiplocd is stopping; reconnect later"});
  attached_.clear();
  held_.clear();
}

// -------------------------------------------------------------------------------------------------- timers
std::optional<SteadyTime> RoundEngine::next_deadline() const {
  std::optional<SteadyTime> next;
  const auto earlier = [&next](std::optional<SteadyTime> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  if (!due_.empty()) earlier(due_.begin()->first);
  if (!held_.empty()) earlier(held_.begin()->first);
  if (!peers_.empty()) earlier(SteadyTime{});  // at once: some at a time, and others' events between them
  earlier(peers_at_);
  earlier(schedule_at_);
  earlier(unended_at_);
  earlier(prune_at_);
  return next;
}

void RoundEngine::on_timer() {
  const SteadyTime now = steady();
  const auto passed = [now](std::optional<SteadyTime>& at) {
    if (!at || *at > now) return false;
    at.reset();
    return true;
  };
  held_.erase(held_.begin(), held_.upper_bound(now));
  std::vector<RoundId> ids;
  for (auto at = due_.begin(); at != due_.end() && at->first <= now; ++at) ids.push_back(at->second);
  for (const RoundId& id : ids) {
    const auto found = rounds_.find(id);
    if (found == rounds_.end()) continue;
    run(*found->second, found->second->round.on_timer(now, wall()));
  }
  if (!peers_.empty()) send_some_peers();
  if (passed(peers_at_)) gather_peers();
  if (passed(schedule_at_)) schedule();
  if (passed(unended_at_)) {
    const auto again = std::exchange(unended_, {});
    for (const auto& [round, reason] : again) record_abandoned(round, reason);
  }
  if (passed(prune_at_)) prune({});
  bury_doomed();
}

void RoundEngine::hold(const ReadCredit& credit, Nanoseconds how_long) {
  if (how_long <= Nanoseconds{0}) return;
  count("anchor_reads_delayed");
  if (!draining_) held_.emplace(steady() + how_long, credit);
}

// -------------------------------------------------------------------------------------------------- people
void RoundEngine::start(const ChipId& chip, const Requester& requested_by, std::chrono::milliseconds deadline,
                        WatcherId watcher) {
  const auto started = try_start(
      chip, {.requested_by = requested_by, .deadline = deadline, .watcher = watcher, .scheduled = {}});
  if (!started) {
    count("rounds_refused");
    if (watcher != 0) act(act::TellAbandoned{watcher, started.error()});
  }
  bury_doomed();
}

std::chrono::milliseconds RoundEngine::least_deadline(const ChipRecord& chip,
                                                      const std::optional<KnockRhythm>& rhythm) const {
  Nanoseconds wait{0};
  if (!chip.reach.inbound) {
    // Of a chip that was never heard nobody knows better than that it knocks as agents usually do.
    const bool known = rhythm && rhythm->longest > Nanoseconds{0};
    wait = known ? knock_wait_for(rhythm, options_.round)
                 : std::min(usual_knock_wait(options_.round), options_.round.knock_wait);
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(chiploc::least_deadline(options_.round, wait));
}

// -------------------------------------------------------------------------------------------------- shared
void RoundEngine::log(LogLevel level, std::string event, std::vector<act::Log::Field> fields,
                      std::string rest) {
  act(act::Log{level, std::move(event), std::move(fields), std::move(rest)});
}

std::string act::text_of(const Log& line) {
  std::string out = line.event;
  for (const Log::Field& field : line.fields) {
    out += " " + field.key + "=";
    out += field.quoted ? "\"" + field.value + "\"" : field.value;
  }
  return out + line.rest;
}

void RoundEngine::count(std::string name, std::uint64_t times) {
  if (times > 0) changes_.counts.emplace_back(std::move(name), times);
}

CoordinatorStatus& RoundEngine::show() {
  changes_.standing.emplace();  // filled in when it is taken
  return shown_;
}

AnchorStatus& RoundEngine::show(const AnchorId& anchor) {
  changed_anchors_.insert(anchor);
  AnchorStatus& shown = shown_anchors_[anchor];
  shown.anchor = anchor;
  return shown;
}

RoundEngine::Changes RoundEngine::take_changes() {
  if (changes_.standing) changes_.standing = shown_;
  for (const AnchorId& id : changed_anchors_) changes_.anchors.push_back(shown_anchors_.at(id));
  changed_anchors_.clear();
  return std::exchange(changes_, {});
}

ActiveRound* RoundEngine::find(Bytes round_id) {
  const auto id = RoundId::from_bytes(round_id);
  const auto found = id ? rounds_.find(*id) : rounds_.end();
  return found == rounds_.end() || found->second->judging ? nullptr : found->second.get();
}

std::vector<RoundId> RoundEngine::rounds_in_order() const {
  std::vector<RoundId> out;
  for (const auto& [id, active] : rounds_) out.push_back(id);
  std::sort(out.begin(), out.end());  // not as the table happens to have them: two runs of one seed are one
  return out;
}

void RoundEngine::progress(ActiveRound& active, std::size_t seat, std::string stage) {
  AnchorProgress& event = active.progress[seat];
  event.stage = std::move(stage);
  if (active.watcher != 0) act(act::TellProgress{active.watcher, event});
}

}  // namespace chiploc
