#pragma once
#include <functional>
#include <string>
#include <vector>

namespace chiploc {

/// What `chiploc lab ...` runs, with the arguments behind "lab"; returns an exit code. Handed in by the main,
/// so that the command line knows nothing of the simulator.
using LabCommand = std::function<int(const std::vector<std::string>& arguments)>;

/// The program `chiploc`: parses, runs one command, prints to standard output and error, and returns the exit
/// code (exit_code.hpp). Reads the environment and the clock once. An empty `lab` says that this build has
/// none.
[[nodiscard]] int run_cli(int argc, const char* const* argv, const LabCommand& lab);

}  // namespace chiploc
