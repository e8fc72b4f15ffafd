#pragma once
// `chiploc lab ...`

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace chiploc {

/// Runs one lab command and returns an exit code: 0 fine (of `up` and `check`: every verdict is one that may
/// be, a cheat that stays UNRESOLVED included), 1 a verdict that should not be (an honest chip accused, a
/// cheat cleared against the truth, a round without a verdict), 64 usage, 69 a program does not start or a
/// folder cannot be removed, 78 a fault in the lab file, 130 interrupted.
///
///     up FILE [--once] [--json] [--state DIR] [--keep] [--seed N] [--rounds N] [--bin DIR] [--number N]
///     check FILE                  validates the file
///     check FILE [--seeds N|A..B] [--rounds N] [--simulated | --forecast] [-o table|json] [--bin DIR]
///                                 runs the lab for each seed and counts what came of each behaviour
///     clean [--dry-run]           removes what labs that were killed have left
///     set A B (--rtt-ms X | --add-rtt-ms X) --state DIR    changes a pair's round trip in a running lab
///     relay --config FILE         the relay as a process of its own (started by `up`)
///
/// `arguments` are those behind "lab". Blocks SIGINT and SIGTERM in this thread and all that it starts.
[[nodiscard]] int run_lab_command(const std::vector<std::string>& arguments);
/// Shows its command line to whoever makes completions from it.
void with_lab_line(const std::function<void(const CLI::App&)>& use);

}  // namespace chiploc
