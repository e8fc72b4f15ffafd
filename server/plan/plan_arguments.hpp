#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chiploc {

/// What `chiploc plan` tells the shell; the numbers are those of server/cli/exit_code.hpp.
enum class PlanExit : int {
  kFine = 0,
  kUsage = 64,     ///< a flag or argument is wrong, or a file cannot be written
  kBadData = 65,   ///< a file has faults
  kNotFound = 66,  ///< a file or folder is missing or cannot be read
  kInternal = 70,  ///< standard output could not be written
};

/// What the command line of `chiploc plan` says.
struct PlanArguments {
  std::string sites, anchors, candidates, measured, start;
  std::size_t add = 5;
  unsigned faults = 1, threads = 0;
  std::string goal = "verified", speed = "vacuum", delay = "law", rank = "gain", chosen_by = "model",
              output = "table";
  std::vector<std::string> prohibited, territories, compare;
  double quantile = 0.5, uncertainty_km = 0.0, grid_deg = 5.0;
  std::uint64_t people = 1'000'000, seed = 1;
  std::optional<double> budget;
  std::string list, map;
};

/// Adds the options to `app`. What they store into must outlive it.
void add_plan_options(CLI::App& app, PlanArguments& to);

/// What is wrong with the options together: a sentence; empty if nothing is.
[[nodiscard]] std::string options_fault(const PlanArguments& arguments);

}  // namespace chiploc
