#pragma once
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/time.hpp"
#include "server/sim/sim_task.hpp"

namespace chiploc::sim {

/// One clock, no threads, events in time order: the same seed gives the same run. Events of one moment run in
/// the order in which they were made.
class SimWorld {
 public:
  explicit SimWorld(std::uint64_t seed) : random_{seed} {}
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;

  [[nodiscard]] SteadyTime now() const { return now_; }
  /// The wall clock: the monotonic one plus an offset that a test may step.
  [[nodiscard]] WallTime wall() const { return {kEpoch + now_.since_epoch + wall_offset_}; }
  void step_wall_clock(Nanoseconds by) { wall_offset_ += by; }

  void after(Nanoseconds delay, SimTask event);
  void run_for(Nanoseconds time);
  /// Events that have run.
  [[nodiscard]] std::uint64_t events() const { return ran_; }

  void fill(MutableBytes out);
  /// Uniform in [0, 1).
  [[nodiscard]] double chance() { return static_cast<double>(random_() >> 11U) / 9007199254740992.0; }

  static constexpr Nanoseconds kEpoch = std::chrono::seconds{1'800'000'000};

 private:
  /// A binary heap of these; the tasks stay where they are.
  struct Due {
    Nanoseconds at;
    std::uint64_t order;
    std::uint32_t slot;
    /// std::push_heap keeps the greatest in front: the one that is due first.
    friend bool operator<(const Due& a, const Due& b) {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };

  std::mt19937_64 random_;
  SteadyTime now_{std::chrono::seconds{1000}};
  Nanoseconds wall_offset_{0};
  std::uint64_t order_ = 0;
  std::uint64_t ran_ = 0;
  std::vector<Due> due_;
  std::vector<SimTask> tasks_;
  std::vector<std::uint32_t> free_;
};

}  // namespace chiploc::sim
