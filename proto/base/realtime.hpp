#pragma once
#include <string>

#include "proto/base/result.hpp"

namespace chiploc {

/// How the thread of the timed path is scheduled. Linux. The tail of the round trips is scheduling: on a busy
/// machine a real-time priority at both ends cuts their 99th percentile by an order of magnitude.
struct RealtimeOptions {
  int priority = 0;  ///< SCHED_FIFO priority, 1 to 99; 0: the usual scheduler
  int cpu = -1;      ///< the only processor to run on; -1: any
};

/// Applies the options to the calling thread. Threads that it starts later run under the usual scheduler
/// (SCHED_RESET_ON_FORK), but on the same processor.
///
/// Fails with a sentence that names the key of the configuration, what the system said and what to do: no
/// right to the priority, no such processor.
[[nodiscard]] Result<Done, std::string> apply_realtime(const RealtimeOptions& options);

}  // namespace chiploc
