#pragma once
// `chiploc sim ...`

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace chiploc {

/// Runs one command and returns an exit code: 0 all expectations hold, 1 one does not (says which, with figures), 64 usage,
/// 69 a run cannot be carried out or a file not be written, 78 a fault in the scenario, 130 interrupted.
///
///     run FILE|NAME|--all [--seeds N|A..B] [--short] [--threads N] [--without DETECTOR]... [-o table|json|csv|markdown]
///         [--chip-days FILE] [--html FILE] [--library DIR]
///     sweep FILE|NAME [--key KEY] [--curve FILE.svg] [--csv FILE] [--roc FILE.svg|FILE.csv] [--detector baseline|cohort] and
///         what `run` has. Where nothing has scores for --roc: 1 if something does not hold, otherwise 69
///     list [-o table|json|csv] [--library DIR]
///     explain FILE|NAME [--library DIR]
///     cost POLICY [..]: server/cost
///     fleet FILE [--seed S] [--threads N] [--check N] [-o table|json|csv]
///     fit DIR|FILE.. [--hold-out [--splits N] [--plot FILE.svg]] [--write FILE.toml [--ends]]; server/sim/fit
///
/// `fit` has codes of its own: 64 usage, 65 a fault in a file or too few pairs, 66 no such file, 70 no output.
///
/// `arguments` are those behind "sim".
[[nodiscard]] int run_sim_command(const std::vector<std::string>& arguments);
/// Shows its command line to whoever makes completions from it.
void with_sim_line(const std::function<void(const CLI::App&)>& use);

}  // namespace chiploc
