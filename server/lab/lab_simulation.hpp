#pragma once
// A lab without programs: the production engine, anchors, agents and verdict in simulated time, over the same
// emulated network.

#include <atomic>
#include <string>

#include "geo/borders/borders.hpp"
#include "proto/base/result.hpp"
#include "server/lab/lab_plan.hpp"
#include "server/lab/lab_report.hpp"

namespace chiploc {

struct SimulationOptions {
  const std::atomic<bool>* stop = nullptr;
  /// Once, from the first half hour of the anchors' mesh: verdicts have a posterior from then on.
  bool learn_places = false;
  bool judge_again = false;  ///< every round, from what was stored of it: LabReport::stored
};

/// All rounds and events of the lab, as LabWorldRunner has them.
///
/// Same       the network (RelayPaths, by the lab's seed), keys' roles, registry through the production import,
///            rounds, events, what is expected of each verdict.
/// Not        sockets, programs and the machine: nothing adds the lab's own delay (kLabOverhead, some 60 km of
///            disk), a restart takes no time, and no estimate of a place is learnt unless the options say so. All keys are Ed25519 and
///            follow from the seed: two calls give the same report.
/// Fails      with a sentence that begins with what could not be done; soon after `options.stop` was set.
[[nodiscard]] Result<LabReport, std::string> simulate_lab(const LabPlan& plan, const Borders& borders,
                                                          const SimulationOptions& options = {});

}  // namespace chiploc
