#pragma once
// `chiploc sim cost`, once its command line is read.

#include <optional>
#include <string>
#include <vector>

namespace chiploc {

struct CostArguments {
  std::string policy;  ///< the file
  double chips = 1000.0;
  double months = 12.0;
  double distance_km = 1000.0;
  unsigned anchors = 8;
  std::optional<double> margin_km;
  std::string goal = "prohibited";   ///< prohibited, third-country
  std::string tier = "standard";     ///< standard, raised, high
  std::string key = "die";           ///< die, memory
  std::vector<std::string> without;  ///< names of ways that are out of the question
  std::string assumptions;           ///< a file; empty: those of the program
  std::string write_assumptions;     ///< a file to write those in use to; empty: none
  std::string output = "table";      ///< table, json, csv, markdown
};

/// Prints the answer. Returns an exit code, and has said what is wrong: 0, 64 a file that cannot be read or written, 69 standard
/// output could not be written, 78 faults in a file, each with its line.
[[nodiscard]] int run_cost_command(const CostArguments& arguments);

}  // namespace chiploc
