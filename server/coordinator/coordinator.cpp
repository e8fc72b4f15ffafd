#include "server/coordinator/coordinator.hpp"

#include <asio/dispatch.hpp>
#include <asio/post.hpp>
#include <utility>

#include "proto/crypto/digest.hpp"
#include "server/coordinator/clocks.hpp"

#include <spdlog/spdlog.h>

namespace chiploc {

Coordinator::Coordinator(asio::io_context& io, CoordinatorOptions options, std::unique_ptr<Signer> key,
                         RegistrySource registry, StoreThread& store, const Borders& borders)
    : io_{io},
      options_{std::move(options)},
      key_{std::move(key)},
      registry_{std::move(registry)},
      store_{store},
      borders_{borders},
      place_learner_{io, borders,
                     [this] {
                       learning_from_ = calibration_->registry;
                       return calibration_->mesh;
                     },
                     [this](const LearntPlaces& learnt) { on_places(learnt); }},
      calibration_worker_{
          io, [this](std::shared_ptr<const LearntMesh> learnt) { on_calibration(std::move(learnt)); }},
      peers_timer_{io},
      scheduler_{options_.scheduler_cadence, random_id<Digest>().bytes},
      schedule_timer_{io},
      unended_timer_{io},
      prune_timer_{io},
      begun_wall_{wall_now()},
      begun_steady_{steady_now()} {
  public_ = key_->public_key().raw_ed25519().value_or(ByteArray<32>{});
  id_ = coordinator_id_of(public_);
  shown_.borders_version = std::string{borders_.version()};
  shown_.policy_version = options_.policy.version;
  shown_.calibration_version = calibration_->line.version;
  shown_.started = wall_now();
}

Coordinator::~Coordinator() {
  judging_thread_.join();
  suggesting_thread_.join();
}

void Coordinator::begin(const std::vector<OpenRound>& cut_rounds) {
  for (const OpenRound& cut : cut_rounds) {
    const RoundId id = cut.intent.round;
    spdlog::warn("round.cut round={} chip={}", id.hex(), cut.intent.chip.hex());
    record_abandoned(id, "chiplocd stopped while this round was in flight");
  }
  prune_later(Nanoseconds{0});
  schedule();
}

void Coordinator::drain(std::function<void()> done) {
  asio::dispatch(io_, [this, done = std::move(done)] {
    draining_ = true;
    schedule_timer_.cancel();
    place_learner_.stop();
    calibration_worker_.stop();
    peers_timer_.cancel();
    prune_timer_.cancel();
    unended_timer_.cancel();
    std::vector<RoundId> ids;
    for (const auto& [id, active] : rounds_) ids.push_back(id);
    for (const RoundId& id : ids) {
      ActiveRound& active = *rounds_.at(id);
      if (active.judging && !active.judged) {
        const Judgement judgement = judge(*active.judging, active.claim, *calibration_, wall_now());
        active.judged.emplace(judgement.checked, judgement.verdict);
        compare(active, active.judged->second);
      }
      if (auto judged = std::exchange(active.judged, std::nullopt))
        conclude(active, judged->first, judged->second, std::nullopt);
    }
    for (const RoundId& id : ids) abandon(id, "chiplocd was stopped", RoundFault::kShuttingDown);
    for (auto& [id, anchor] : attached_)
      anchor.link->end(LinkEnd::kShuttingDown, "chiplocd is stopping; reconnect later");
    attached_.clear();
    done();
  });
}

// ------------------------------------------------------------------------------------------ for people
void Coordinator::start(ChipId chip, std::string requested_by, std::chrono::milliseconds deadline,
                        RoundObserver observer) {
  asio::post(io_,
             [this, chip, by = std::move(requested_by), deadline, observer = std::move(observer)]() mutable {
               const auto started = do_start(chip, by, deadline, observer);
               if (started) return;
               count("rounds_refused");
               if (observer.abandoned) observer.abandoned(started.error());
             });
}

std::chrono::milliseconds Coordinator::least_deadline(const ChipRecord& chip) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      chiploc::least_deadline(options_.round, chip.reach.inbound ? ChipReach::kInbound : ChipReach::kKnocks));
}

CoordinatorStatus Coordinator::status() const {
  const std::scoped_lock lock{shown_mutex_};
  return shown_;
}

std::vector<AnchorStatus> Coordinator::anchors() const {
  const std::scoped_lock lock{shown_mutex_};
  std::vector<AnchorStatus> out;
  std::map<AnchorId, AnchorStatus> all = shown_anchors_;
  for (const auto& [id, problem] : shown_place_problems_) {
    all[id].anchor = id;
    all[id].place_problem = problem;
  }
  for (auto& [id, anchor] : all) out.push_back(std::move(anchor));
  return out;
}

void Coordinator::count(const std::string& name, std::uint64_t times) {
  if (times == 0) return;
  const std::scoped_lock lock{shown_mutex_};
  shown_.counters[name] += times;
}

ActiveRound* Coordinator::find(Bytes round_id) {
  const auto id = RoundId::from_bytes(round_id);
  const auto found = id ? rounds_.find(*id) : rounds_.end();
  return found == rounds_.end() || found->second->judging ? nullptr : found->second.get();
}

void Coordinator::progress(ActiveRound& active, std::size_t seat, std::string stage) {
  AnchorProgress& event = active.progress[seat];
  event.stage = std::move(stage);
  if (active.observer.progress) active.observer.progress(event);
}

// ----------------------------------------------------------------------------------------- scheduler
void Coordinator::schedule() {
  if (draining_ || options_.scheduler_cadence <= Nanoseconds{0}) return;
  const WallTime now = wall_now();
  if (scheduler_.needs_plan(now)) {
    std::vector<ChipId> chips;
    for (const auto& [id, chip] : registry_()->chips()) chips.push_back(id);
    scheduler_.plan(chips, now);
  }
  while (const auto chip = scheduler_.take_due(now)) {
    RoundObserver nobody;
    if (!do_start(*chip, options_.scheduler_name, std::chrono::milliseconds{0}, nobody))
      count("scheduled_rounds_not_started");
  }
  const auto next = scheduler_.next();
  if (!next) return;
  schedule_timer_.expires_after(std::max<Nanoseconds>(*next - wall_now(), std::chrono::milliseconds{1}));
  schedule_timer_.async_wait([this](const asio::error_code& error) {
    if (!error) schedule();
  });
}

}  // namespace chiploc
