#pragma once
#include <atomic>
#include <cstdint>

namespace chiploc::faults {

/// What the shim (fault_shim.cpp) does to a process, in memory that test and process share: a test changes it
/// while the program runs. All zero: nothing. Files are chosen by a part of their path.
struct FaultPlan {
  std::atomic<std::int32_t> write_error{0};  ///< errno of write and pwrite once `room` is used up
  std::atomic<std::int64_t> room{0};         ///< bytes that still go through; the last write is cut short
  std::atomic<std::int32_t> sync_error{0};   ///< errno of fsync and fdatasync
  std::atomic<std::int32_t> create_error{
      0};  ///< errno of open with O_CREAT for a file that is not there, and mkdir
  std::atomic<std::int64_t> clock_offset_ns{0};  ///< added to CLOCK_REALTIME
  /// How much faster CLOCK_REALTIME, CLOCK_MONOTONIC and packet stamps run than the raw clock; set before the
  /// process starts.
  std::atomic<std::int64_t> slew_ppm{0};
  /// The n-th write, sync or rename of these files from here on is the last thing that the process does: then it is killed.
  std::atomic<std::int64_t> kill_at{0};
  std::atomic<std::uint64_t> write_faults{0}, sync_faults{0}, create_faults{0};  ///< how often it struck
  char match[128] = {};  ///< set before the process starts; empty: no file
};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);  // or sharing between processes would not work

/// The plan of this process: that of $CHIPLOC_FAULT_PLAN, a file of sizeof(FaultPlan) bytes, else its own.
FaultPlan& fault_plan();

}  // namespace chiploc::faults
