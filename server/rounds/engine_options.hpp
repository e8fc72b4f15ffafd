#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "proto/wire/ticket.hpp"
#include "server/policy/policy.hpp"
#include "server/rounds/mesh_peers.hpp"
#include "server/rounds/round.hpp"
#include "server/rounds/schedule.hpp"
#include "server/verifier/realm.hpp"

namespace chiploc {

/// How long what anchors deliver all the time is kept. Rounds, and what belongs to them, are kept for ever.
struct Retention {
  Nanoseconds mesh = std::chrono::hours{6};  ///< 1 GB with 64 anchors
  std::uint64_t mesh_windows = 1'000'000;    ///< at most; some 6 KB each
  /// But those beside another boot id of their chip longer.
  Nanoseconds knocks = std::chrono::hours{24 * 90};
  std::uint64_t knocks_max = 10'000'000;        ///< at most, in any case
  Nanoseconds every = std::chrono::minutes{5};  ///< looks for what is old; 0: never
};

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
  ScheduleRules schedule;  ///< without a cadence: rounds only on request
  /// Seats of an anchor in rounds in flight, beyond which rounds that nobody asked for wait; 0: no bound.
  std::size_t rounds_per_anchor = 0;
  std::string scheduler_name = "scheduler";  ///< requested_by of its rounds
};

}  // namespace chiploc
