#pragma once
// How long what comes all the time is kept: decided by policy, done by whoever keeps it.

#include <cstdint>

#include "proto/base/time.hpp"

namespace chiploc {

/// How long what anchors deliver all the time is kept. Rounds, and what belongs to them, are kept for ever.
struct Retention {
  Nanoseconds mesh = std::chrono::hours{6};  ///< 1 GB with 64 anchors
  std::uint64_t mesh_windows = 1'000'000;    ///< at most; some 6 KB each
  /// But those beside another boot id of their chip longer.
  Nanoseconds knocks = std::chrono::hours{24 * 90};
  std::uint64_t knocks_max = 10'000'000;        ///< at most, in any case
  Nanoseconds every = std::chrono::minutes{5};  ///< looks for what is old; 0: never. No policy's to say
};

/// How long notices are kept.
struct NoticeRetention {
  Nanoseconds sent = std::chrono::hours{24 * 30};     ///< and what was kept back, and the delivery log
  Nanoseconds unsent = std::chrono::hours{24 * 365};  ///< what is dead, or waits for a sink that is off
  std::uint64_t log_entries = 1'000'000;              ///< at most, in any case
  Nanoseconds every = std::chrono::minutes{5};        ///< looks for what is old. No policy's to say
};

}  // namespace chiploc
