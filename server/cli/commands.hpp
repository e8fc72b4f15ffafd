#pragma once
#include <ostream>

#include "proto/base/time.hpp"
#include "server/cli/client.hpp"
#include "server/cli/command_tree.hpp"
#include "server/cli/exit_code.hpp"
#include "server/text/records.hpp"

namespace chiploc {

/// What a command works with. `out` gets the answer, `err` progress and remarks.
struct CommandContext {
  const CliOptions& options;
  OutputFormat format;
  std::ostream& out;
  std::ostream& err;
  bool out_colour = false;
  bool err_colour = false;
  std::size_t err_rows = 0;  ///< of the terminal at `err`; 0: none
  WallTime now;              ///< to say whether a verdict has expired
  Client& client;
};
using CommandResult = Result<ExitCode, CliFault>;

// One function per command; each writes its answer in `format`, which run_cli has checked to be one of its
// own.
[[nodiscard]] CommandResult chip_list(CommandContext& context);
[[nodiscard]] CommandResult chip_show(CommandContext& context);
[[nodiscard]] CommandResult chip_restart_counters(CommandContext& context);
[[nodiscard]] CommandResult licence_list(CommandContext& context);
[[nodiscard]] CommandResult anchor_list(CommandContext& context);
[[nodiscard]] CommandResult coordinator_status(CommandContext& context);
[[nodiscard]] CommandResult import_files(CommandContext& context);
[[nodiscard]] CommandResult verify_chip(CommandContext& context);
[[nodiscard]] CommandResult verdict_list(CommandContext& context);
[[nodiscard]] CommandResult verdict_show(CommandContext& context);
[[nodiscard]] CommandResult verdict_map_file(CommandContext& context);

// Shared by them.
[[nodiscard]] std::vector<v1::VerdictState> states_of(const std::vector<std::string>& names);
/// "VERIFIED", or "VERIFIED (expired)" without its colour: nothing stays green because nothing was measured.
[[nodiscard]] Cell state_cell(const v1::Verdict& verdict, WallTime now);
[[nodiscard]] bool expired(const v1::Verdict& verdict, WallTime now);
/// A verdict in the context's format: text, JSON, CSV or a map.
void write_verdict_as(CommandContext& context, const v1::Verdict& verdict);

}  // namespace chiploc
