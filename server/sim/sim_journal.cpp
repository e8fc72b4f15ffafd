#include "server/sim/sim_journal.hpp"

#include <utility>

namespace chiploc::sim {

bool SimJournal::post(Work work, Committed committed, Load) {
  waiting_.emplace_back(std::move(work), std::move(committed));
  if (waiting_.size() == 1) world_.after(times_.gather, [this] { run_batch(); });
  return true;
}

void SimJournal::run_batch() {
  auto batch = std::exchange(waiting_, {});
  ++batches_;
  Stored<Done> outcome = store_.begin_batch();
  if (outcome) {
    for (const auto& [work, committed] : batch) work(store_);
    outcome = store_.commit_batch();
  }
  world_.after(times_.commit, [this, outcome, batch = std::move(batch)] {
    for (const auto& [work, committed] : batch) committed(outcome);
    after_outcomes_();
  });
}

}  // namespace chiploc::sim
