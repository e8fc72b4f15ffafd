#pragma once
#include "server/anchor/sample.hpp"

namespace chiploc {

/// All clocks, read together: up to four tries for a spread under a microsecond, the best one counts. Four
/// reads through the vDSO, some 0.1 us together; where the kernel has none of CLOCK_MONOTONIC_RAW (Linux
/// before 5.3), a system call for that clock.
[[nodiscard]] ClockReading read_clocks();

/// How often the wall clock was set since this process first asked, forward or back, as the kernel tells of
/// it (a timerfd that a set clock cancels): two settings that cancel each other count as well, though no
/// reading before and after them shows anything. A system call, some 0.2 us. Stays 0 where there is no such
/// timer. Any thread.
[[nodiscard]] std::uint32_t count_wall_steps();
/// The same as it was when somebody last counted: no system call.
[[nodiscard]] std::uint32_t wall_steps_counted();

}  // namespace chiploc
