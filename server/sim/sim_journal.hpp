#pragma once
#include <memory>
#include <vector>

#include "server/rounds/surroundings.hpp"
#include "server/sim/sim_world.hpp"

namespace chiploc::sim {

/// A real store that takes simulated time: what is posted within `gather` is one batch, and its outcomes come
/// `commit` after it was begun. Nothing is ever refused.
class SimJournal final : public Journal {
 public:
  struct Times {
    Nanoseconds gather = std::chrono::milliseconds{1};
    Nanoseconds commit = std::chrono::milliseconds{4};
  };

  /// `after_outcomes` is called when outcomes have been told.
  SimJournal(SimWorld& world, Store& store, Times times, std::function<void()> after_outcomes)
      : world_{world}, store_{store}, times_{times}, after_outcomes_{std::move(after_outcomes)} {}

  [[nodiscard]] bool post(Work work, Committed committed, Load load) override;
  [[nodiscard]] bool crowded() const override { return false; }
  [[nodiscard]] std::uint64_t batches() const { return batches_; }

 private:
  void run_batch();

  SimWorld& world_;
  Store& store_;
  Times times_;
  std::function<void()> after_outcomes_;
  std::vector<std::pair<Work, Committed>> waiting_;
  std::uint64_t batches_ = 0;
};

}  // namespace chiploc::sim
