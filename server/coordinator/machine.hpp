#pragma once
// The machine's clocks, chance and store, as the engine takes them.

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "proto/crypto/digest.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/rounds/surroundings.hpp"
#include "server/storage/store_thread.hpp"

namespace chiploc {

class MachineClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime steady() const override { return steady_now(); }
  [[nodiscard]] WallTime wall() const override { return wall_now(); }
};

class MachineEntropy final : public Entropy {
 public:
  void fill(MutableBytes out) override { random_bytes_or_abort(out); }
};

/// The store's thread, with outcomes brought to the thread that runs `io`. After each, `settle` is called
/// there.
class StoreJournal final : public Journal {
 public:
  StoreJournal(StoreThread& store, asio::io_context& io, std::function<void()> settle)
      : store_{store}, io_{io}, settle_{std::move(settle)} {}

  [[nodiscard]] bool post(Work work, Committed committed, Load load) override {
    auto hear = std::make_shared<const Committed>(std::move(committed));
    return store_.post(std::move(work),
                       [this, hear = std::move(hear)](const Stored<Done>& outcome) {
                         asio::post(io_, [this, hear, outcome] {
                           (*hear)(outcome);
                           settle_();
                         });
                       },
                       {.rows = load.rows, .patient = load.patient});
  }
  [[nodiscard]] bool crowded() const override { return store_.crowded(); }

 private:
  StoreThread& store_;
  asio::io_context& io_;
  std::function<void()> settle_;
};

}  // namespace chiploc
