#pragma once
// The rounds of a fleet's chips, one chip after the other: nothing is kept of a chip when its time is over.

#include <algorithm>
#include <vector>

#include "server/fleet/fleet_plan.hpp"
#include "server/fleet/fleet_tally.hpp"

namespace chiploc::fleet {

struct FleetRunOptions {
  std::uint64_t check = 0;  ///< so many rounds, about, are judged again by decide_checked()
  /// No tree is asked: every round is judged by judge_state(). For tests; it takes some hundred times as long.
  bool all_in_full = false;
};

/// Chips that a thread counts before it asks for more, and whether to stop: some two million rounds, which are a few seconds.
[[nodiscard]] constexpr std::uint64_t portion_of(std::uint64_t rounds_of_a_chip) {
  return std::clamp<std::uint64_t>(2'000'000 / std::max<std::uint64_t>(rounds_of_a_chip, 1), 1, 256);
}

/// Counts the chips `first` to before `last`. Every chip is enrolled when the run begins, is measured once in each period of the
/// cadence at a time drawn within it, and its status is told to the run's end. What is counted of a chip depends on the plan alone, so
/// that any split over threads gives the same sums.
void run_chips(const FleetPlan& plan, std::uint64_t first, std::uint64_t last, const FleetRunOptions& options,
               FleetTally& tally);

/// A situation's round by decide_checked(), as the coordinator would have it from evidence that holds: the state with its
/// whole certificate, by code that shares nothing with VerdictTree but the bounds.
[[nodiscard]] VerdictState decide_again(const FleetPlan& plan, std::size_t situation,
                                        const std::vector<double>& survivals);

/// Rounds in which a path is pinged, by anchor and hour of the run: [anchor * hours + hour].
[[nodiscard]] std::vector<std::uint64_t> sessions_by_anchor(const FleetPlan& plan, const FleetTally& tally);
[[nodiscard]] std::size_t hours_of(const FleetFile& file);

}  // namespace chiploc::fleet
