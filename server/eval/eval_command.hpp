#pragma once
// `chiploc eval ...`

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace chiploc {

/// Runs the engine over a folder of real measurements, or over simulated rounds, prints the answer to
/// standard output, and returns an exit code (exit_codes.hpp). `arguments` are those behind "eval". README.md
/// has the options and how each figure is defined.
[[nodiscard]] int run_eval_command(const std::vector<std::string>& arguments);
/// Shows its command line to whoever makes completions from it.
void with_eval_line(const std::function<void(const CLI::App&)>& use);

}  // namespace chiploc
