// RoundEngine: what is recorded, and what a disk that fails does to rounds.
#include "proto/base/safe_text.hpp"
#include "server/rounds/engine.hpp"

namespace chiploc {
namespace {
/// How soon the end of a round is recorded again after the store refused it.
constexpr std::chrono::seconds kRecordAgain{5};
}  // namespace

void RoundEngine::note_store(const StoreFault* fault) {
  if ((fault != nullptr) == store_failing_) return;
  store_failing_ = fault != nullptr;
  if (fault == nullptr) return log(LogLevel::kWarning, "store.recovered", {});
  log(LogLevel::kError, "store.failing", {{"problem", log_text(fault->text, 500), true}},
      "; no round begins and nothing is acknowledged to the anchors, which keep what they have until it "
      "works again");
}

void RoundEngine::store_then_acknowledge(const SpoolRef& spool, v1::AnchorMessage::BodyCase kind,
                                         std::function<Stored<Appended>(Store&)> work, Journal::Load load,
                                         const ReadCredit& credit, ActiveRound* rests_on_it) {
  auto appended = std::make_shared<Stored<Appended>>(Appended::kNew);
  const auto round = rests_on_it == nullptr ? std::nullopt : std::optional{rests_on_it->round.id()};
  const auto on_committed = [this, spool, kind, appended, round](const Stored<Done>& committed) {
    const bool unknown = !*appended && appended->error().code == StoreFaultCode::kNotFound;
    const bool surplus = *appended && **appended == Appended::kSurplus;
    const bool failed = !committed || (!*appended && !unknown);
    if (round) on_written(*round, failed || unknown || surplus ? "what anchors sent" : "");
    if (failed) {
      // No acknowledgement: the anchor keeps it and sends it again.
      note_store(committed ? &appended->error() : &committed.error());
      return count("store_failures");
    }
    note_store(nullptr);
    if (!unknown && !surplus) return acknowledge(spool.anchor, spool.spool_id);
    if (attached_.contains(spool.anchor)) drop(spool, kind, surplus ? Dropped::kSurplus : Dropped::kNoSeat);
  };
  const bool posted =
      parts_.journal.post([appended, work = std::move(work)](Store& s) { *appended = work(s); },
                          [this, on_committed, credit](const Stored<Done>& committed) {
                            on_committed(committed);
                            bury_doomed();
                          },
                          load);
  if (posted && round) ++rests_on_it->writes_open;
  if (posted) return;
  count("store_refused");
  if (round) doom(*round, "what anchors sent could not be recorded: the store's queue is full");
}

void RoundEngine::record_or_abandon(ActiveRound& active, const std::string& what,
                                    std::function<Stored<Done>(Store&)> work) {
  const RoundId id = active.round.id();
  auto outcome = std::make_shared<Stored<Done>>(Done{});
  const bool posted = parts_.journal.post([outcome, work = std::move(work)](Store& s) { *outcome = work(s); },
                                          [this, id, outcome, what](const Stored<Done>& committed) {
                                            const bool kept = committed && *outcome;
                                            if (!kept)
                                              note_store(committed ? &outcome->error() : &committed.error());
                                            on_written(id, kept ? "" : what);
                                            bury_doomed();
                                          },
                                          {});
  if (posted) {
    ++active.writes_open;
    return;
  }
  count("store_refused");
  doom(id, what + " could not be recorded: the store's queue is full");
}

void RoundEngine::on_written(const RoundId& id, const std::string& lost) {
  const auto found = rounds_.find(id);
  if (found == rounds_.end()) return;
  ActiveRound& active = *found->second;
  --active.writes_open;
  if (!lost.empty()) return doom(id, lost + " could not be recorded");
  if (active.concluded && active.writes_open == 0) finish(active);
}

void RoundEngine::doom(const RoundId& id, std::string why) { doomed_.emplace_back(id, std::move(why)); }

void RoundEngine::bury_doomed() {
  for (const auto& [id, why] : std::exchange(doomed_, {})) abandon(id, why, RoundFault::kVerdictNotRecorded);
}

void RoundEngine::record_abandoned(const RoundId& id, const std::string& why) {
  auto outcome = std::make_shared<Stored<Done>>(Done{});
  const bool posted = parts_.journal.post(
      [outcome, id, why, now = wall()](Store& s) { *outcome = s.rounds().abandon_round(id, why, now); },
      [this, id, why, outcome](const Stored<Done>& committed) {
        const StoreFault* fault = nullptr;
        if (!committed) {
          fault = &committed.error();
        } else if (!*outcome) {
          fault = &outcome->error();
        }
        // Its intent never reached the disk, or it is over already: nothing is left open.
        const bool nothing_open =
            fault == nullptr || (committed && (fault->code == StoreFaultCode::kNotFound ||
                                               fault->code == StoreFaultCode::kConflict));
        note_store(nothing_open ? nullptr : fault);
        if (nothing_open) {
          unended_.erase(id);
        } else {
          record_again(id, why);
        }
      },
      {});
  if (posted) return;
  count("store_refused");
  record_again(id, why);
}

/// A round that stays open in the database for ever would look as if it were still being measured.
void RoundEngine::record_again(const RoundId& id, const std::string& why) {
  unended_[id] = why;
  if (!unended_at_ && !draining_) unended_at_ = steady() + kRecordAgain;
}

// ------------------------------------------------------------------------------------------- what is old
void RoundEngine::prune_later(Nanoseconds how_soon) {
  if (options_.retention.every <= Nanoseconds{0} || draining_) return;
  prune_at_ = steady() + how_soon;
}

/// One step, and the next when it is in the store: whatever else waits there comes in between.
void RoundEngine::prune(Pruned so_far) {
  if (draining_) return;
  const WallTime now = wall();
  // A clock that jumped ahead would make everything old at once. It is looked at again later.
  const Nanoseconds jumped = (now - begun_wall_) - (steady() - begun_steady_);
  if (jumped > std::chrono::hours{1}) {
    count("prunings_put_off_for_the_clock");
    return prune_later(options_.retention.every);
  }
  const Retention& keep = options_.retention;
  const PruneOrder order{.mesh_before = now - keep.mesh,
                         .mesh_windows_max = keep.mesh_windows,
                         .knocks_before = now - keep.knocks,
                         .knocks_max = keep.knocks_max,
                         .knocks_seen = knocks_seen_};
  auto step = std::make_shared<Stored<Pruned>>(Pruned{});
  const bool posted = parts_.journal.post([step, order](Store& s) { *step = s.mesh().prune_some(order); },
                                          [this, step, so_far](const Stored<Done>& committed) mutable {
                                            if (!committed || !*step) {
                                              note_store(committed ? &step->error() : &committed.error());
                                              return prune_later(options_.retention.every);
                                            }
                                            const Pruned& done = **step;
                                            so_far.mesh_windows += done.mesh_windows;
                                            so_far.mesh_pairs += done.mesh_pairs;
                                            so_far.knocks += done.knocks;
                                            so_far.knocks_kept += done.knocks_kept;
                                            knocks_seen_ = done.knocks_seen;
                                            count("pruned_mesh_windows", done.mesh_windows);
                                            count("pruned_knocks", done.knocks);
                                            if (done.more) return prune(so_far);
                                            if (so_far.mesh_windows + so_far.knocks > 0) {
                                              log(LogLevel::kInfo, "store.pruned",
                                                  {{"mesh_windows", std::to_string(so_far.mesh_windows)},
                                                   {"mesh_pairs", std::to_string(so_far.mesh_pairs)},
                                                   {"knocks", std::to_string(so_far.knocks)},
                                                   {"knocks_kept", std::to_string(so_far.knocks_kept)}});
                                            }
                                            prune_later(options_.retention.every);
                                          },
                                          {.rows = order.rows, .patient = true});
  if (!posted) prune_later(options_.retention.every);
}

}  // namespace chiploc
