#pragma once
#include "server/anchor/sample.hpp"

namespace chiploc {

/// All clocks, read together: up to four tries for a spread under a microsecond, the best one counts. Four
/// reads through the vDSO, some 0.1 us together; where the kernel has none of CLOCK_MONOTONIC_RAW (Linux
/// before 5.3), a system call for that clock.
[[nodiscard]] ClockReading read_clocks();

}  // namespace chiploc
