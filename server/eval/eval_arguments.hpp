#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/eval/convert_command.hpp"
#include "server/eval/exit_codes.hpp"
#include "server/eval/fix.hpp"
#include "server/eval/rtt_input.hpp"
#include "server/eval/summary.hpp"
#include "server/text/records.hpp"

namespace chiploc {

/// What the command line of `chiploc eval` says.
struct EvalArguments {
  OthersArguments others;  ///< a folder, or files of others
  std::vector<std::string> anchors, prohibited;
  std::string speed = "vacuum", output = "table", plot, list, statistic = "minimum", targets;
  unsigned faults = 0, threads = 0;
  double uncertainty_km = 0.0, added_ms = 0.0;
  ReadingArguments reading;
  ClaimPolicy policy;
  bool with_faulty = false, digest = false, relay = false, would_resolve = false;
  std::uint64_t soundness = 0, seed = 1;
  unsigned liars = 0;
  ConvertArguments convert;
};

struct EvalOptions {
  CLI::Option* folder;
  CLI::Option* soundness;
  CLI::App* convert;
};
/// Adds the options to `app`. What they store into must outlive it.
[[nodiscard]] EvalOptions add_eval_options(CLI::App& app, EvalArguments& to);

/// How each case is fixed; a sentence if a prohibited territory is none.
[[nodiscard]] Result<FixOptions, std::string> fix_options(const EvalArguments& arguments,
                                                          const Borders& borders);
/// How the folder's numbers are to be understood.
[[nodiscard]] RttReading reading_of(const EvalArguments& arguments);
[[nodiscard]] OutputFormat format_of(const EvalArguments& arguments);

/// Ends the command with a sentence on standard error.
int fail_eval(EvalExit code, const std::string& text);
/// The same with the lines of a fault of files.
int fail_eval(const FolderFault& fault);
/// One line of standard error that is no failure.
void tell_eval(const std::string& text);
/// Ends it after an answer. A full disk or a closed pipe must not look like success.
int finish_eval(EvalExit code);

/// `chiploc eval --soundness N`: simulated rounds in place of a folder (soundness_command.cpp).
int run_soundness_command(const EvalArguments& arguments);

}  // namespace chiploc
