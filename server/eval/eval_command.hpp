#pragma once
// `chiploc eval ...`

#include <string>
#include <vector>

namespace chiploc {

/// Runs the engine over a folder of real measurements, or over simulated rounds, prints the answer to
/// standard output, and returns an exit code (exit_codes.hpp). `arguments` are those behind "eval". README.md
/// has the options and how each figure is defined.
[[nodiscard]] int run_eval_command(const std::vector<std::string>& arguments);

}  // namespace chiploc
