#pragma once
#include <cstdint>
#include <string>

#include "server/eval/rtt_input.hpp"

namespace chiploc {

/// What `chiploc sim fit` was given.
struct FitArguments {
  OthersArguments others;  ///< a folder, or files of others
  ReadingArguments reading;
  std::string half = "all";
  std::uint64_t seed = 1;
  unsigned resamples = 100;
  bool hold_out = false;
  unsigned splits = 20;
  std::string plot;
  std::string write;
  bool ends = false;
  std::string output = "table";
};

/// Adds its options to `line`. What they store into must outlive it.
void add_fit_options(CLI::App& line, FitArguments& to);

/// Prints the fit, or how it does on pairs held out, to standard output; notes and faults to standard error. Returns an
/// exit code: 0, or 64 to 70 of server/eval/exit_codes.hpp.
[[nodiscard]] int run_fit(const FitArguments& arguments);

}  // namespace chiploc
