#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "proto/wire/ticket.hpp"
#include "server/policy/policy.hpp"
#include "server/policy/retention.hpp"
#include "server/rounds/mesh_peers.hpp"
#include "server/rounds/round.hpp"
#include "server/rounds/schedule.hpp"
#include "server/verifier/realm.hpp"

namespace chiploc {

struct CoordinatorOptions {
  /// Which world its evidence is of. A coordinator of the simulated one accepts no measured evidence, and the
  /// other way round; no configuration file names it.
  Realm realm = Realm::kMeasured;
  RoundOptions round;
  Policy policy;
  std::size_t rounds_max = 1024;                ///< in flight; each holds some 100 KiB of evidence
  std::size_t anchors_per_round = kAnchorsMax;  ///< the nearest to the licensed territory, if more are there
  std::size_t mesh_peers = kMeshPeersMax;       ///< that an anchor is given, if more are there
  Retention retention;
  ScheduleRules schedule;                    ///< without a cadence: rounds only on request
  std::string scheduler_name = "scheduler";  ///< requested_by of its rounds
};

}  // namespace chiploc
