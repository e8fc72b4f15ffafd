#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/cli/command.hpp"

namespace chiploc {

/// A command with a command line of its own.
struct OwnCommand {
  /// Takes the arguments behind its name, returns an exit code.
  std::function<int(const std::vector<std::string>& arguments)> run;
  LineOf line;  ///< shows its command line, for completions

  explicit operator bool() const { return static_cast<bool>(run); }
};

/// `chiploc lab ...`, `eval`, `plan` and `sim`. Handed in by the main, so that the command line knows
/// nothing of the simulator, of measurements and of plans. An empty one says that this build has none.
struct OwnCommands {
  OwnCommand lab;
  OwnCommand eval;
  OwnCommand plan;
  OwnCommand sim;

  /// The one that a first word means; nullptr: a command of the tree.
  [[nodiscard]] const OwnCommand* named(std::string_view first_word) const {
    if (first_word == "lab") return &lab;
    if (first_word == "eval") return &eval;
    if (first_word == "plan") return &plan;
    return first_word == "sim" ? &sim : nullptr;
  }
};

/// The program `chiploc`: parses, runs one command, prints to standard output and error, and returns the exit
/// code (exit_code.hpp). Reads the environment and the clock once.
[[nodiscard]] int run_cli(int argc, const char* const* argv, const OwnCommands& own);

}  // namespace chiploc
