// Coordinator, third part: what a disk that fails does to rounds.
#include <asio/post.hpp>

#include "proto/base/safe_text.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/coordinator/coordinator.hpp"

#include <spdlog/spdlog.h>

namespace chiploc {
namespace {
/// How soon the end of a round is recorded again after the store refused it.
constexpr std::chrono::seconds kRecordAgain{5};
}  // namespace

void Coordinator::note_store(const StoreFault* fault) {
  if ((fault != nullptr) == store_failing_) return;
  store_failing_ = fault != nullptr;
  if (fault != nullptr) {
    spdlog::error(
        "store.failing problem=\"{}\"; no round begins and nothing is acknowledged to the anchors, which "
        "keep "
        "what they have until it works again",
        log_text(fault->text, 500));
  } else {
    spdlog::warn("store.recovered");
  }
}

void Coordinator::record_or_abandon(ActiveRound& active, std::string what,
                                    std::function<Stored<Done>(Store&)> work) {
  const RoundId id = active.round.id();
  auto lost = active.evidence_lost;
  auto outcome = std::make_shared<Stored<Done>>(Done{});
  const bool posted = store_.post(
      [outcome, lost, work = std::move(work)](Store& s) {
        *outcome = work(s);
        if (!*outcome) *lost = true;
      },
      [this, id, outcome, lost, what](const Stored<Done>& committed) {
        if (committed && *outcome) return;
        *lost = true;
        asio::post(io_, [this, id, what, fault = committed ? outcome->error() : committed.error()] {
          note_store(&fault);
          abandon(id, what + " could not be recorded", RoundFault::kVerdictNotRecorded);
        });
      });
  if (posted) return;
  count("store_refused");
  *lost = true;
  // Not at once: the caller still works with the round.
  asio::post(io_, [this, id, what] {
    abandon(id, what + " could not be recorded: the store's queue is full", RoundFault::kVerdictNotRecorded);
  });
}

void Coordinator::record_abandoned(RoundId id, const std::string& why) {
  auto outcome = std::make_shared<Stored<Done>>(Done{});
  const bool posted = store_.post(
      [outcome, id, why](Store& s) { *outcome = s.rounds().abandon_round(id, why, wall_now()); },
      [this, id, why, outcome](const Stored<Done>& committed) {
        asio::post(io_, [this, id, why, outcome, committed] {
          const StoreFault* fault = !committed ? &committed.error() : !*outcome ? &outcome->error() : nullptr;
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
        });
      });
  if (posted) return;
  count("store_refused");
  record_again(id, why);
}

/// A round that stays open in the database for ever would look as if it were still being measured.
void Coordinator::record_again(RoundId id, const std::string& why) {
  unended_[id] = why;
  if (unended_.size() > 1) return;  // the timer runs
  unended_timer_.expires_after(kRecordAgain);
  unended_timer_.async_wait([this](const asio::error_code& error) {
    if (error) return;
    const auto ids = std::move(unended_);
    unended_.clear();
    for (const auto& [round, reason] : ids) record_abandoned(round, reason);
  });
}

// ------------------------------------------------------------------------------------------- what is old
void Coordinator::prune_later(Nanoseconds how_soon) {
  if (options_.retention.every <= Nanoseconds{0} || draining_) return;
  prune_timer_.expires_after(how_soon);
  prune_timer_.async_wait([this](const asio::error_code& error) {
    if (!error) prune({});
  });
}

/// One step, and the next when it is in the store: whatever else waits there comes in between.
void Coordinator::prune(Pruned so_far) {
  if (draining_) return;
  const WallTime now = wall_now();
  // A clock that jumped ahead would make everything old at once. It is looked at again later.
  const Nanoseconds jumped = (now - begun_wall_) - (steady_now() - begun_steady_);
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
  const bool posted = store_.post(
      [step, order](Store& s) { *step = s.mesh().prune_some(order); },
      [this, step, so_far](const Stored<Done>& committed) {
        asio::post(io_, [this, step, so_far, committed]() mutable {
          if (!committed || !*step) {
            note_store(committed ? &step->error() : &committed.error());
            return prune_later(options_.retention.every);
          }
          so_far.mesh_windows += (*step)->mesh_windows;
          so_far.mesh_pairs += (*step)->mesh_pairs;
          so_far.knocks += (*step)->knocks;
          so_far.knocks_kept += (*step)->knocks_kept;
          knocks_seen_ = (*step)->knocks_seen;
          count("pruned_mesh_windows", (*step)->mesh_windows);
          count("pruned_knocks", (*step)->knocks);
          if ((*step)->more) return prune(so_far);
          if (so_far.mesh_windows + so_far.knocks > 0) {
            spdlog::info("store.pruned mesh_windows={} mesh_pairs={} knocks={} knocks_kept={}",
                         so_far.mesh_windows, so_far.mesh_pairs, so_far.knocks, so_far.knocks_kept);
          }
          prune_later(options_.retention.every);
        });
      },
      {.rows = order.rows, .patient = true});
  if (!posted) prune_later(options_.retention.every);
}

}  // namespace chiploc
