#pragma once
// `chiploc lab ...`

#include <string>
#include <vector>

namespace chiploc {

/// Runs one lab command and returns an exit code: 0 fine (of `up`: every verdict is an expected one), 1 a
/// verdict that should not be, 64 usage, 69 a program does not start, 78 a fault in the lab file, 130
/// interrupted.
///
///     up FILE [--once] [--json] [--state DIR] [--keep] [--seed N] [--rounds N] [--bin DIR] [--number N]
///     check FILE [--seeds N]      validates the file; with --seeds, forecasts the verdicts of seeds 1 to N
///     set A B (--rtt-ms X | --add-rtt-ms X) --state DIR    changes a pair's round trip in a running lab
///     relay --config FILE         the relay as a process of its own (started by `up`)
///
/// `arguments` are those behind "lab". Blocks SIGINT and SIGTERM in this thread and all that it starts.
[[nodiscard]] int run_lab_command(const std::vector<std::string>& arguments);

}  // namespace chiploc
