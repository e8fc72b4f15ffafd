#pragma once
#include <string>
#include <vector>

#include "server/cli/command.hpp"

namespace chiploc {

// The commands, each file its own; the order is that of the help.
[[nodiscard]] CommandList chip_commands();      ///< chip list, chip show, chip restart-counters
[[nodiscard]] CommandList registry_commands();  ///< licence list, anchor list
[[nodiscard]] CommandList import_commands();    ///< import
[[nodiscard]] CommandList
verdict_commands();  ///< verify, verdict list, verdict show, verdict map, verdict replay
[[nodiscard]] CommandList pki_commands();    ///< pki init, issue, list, show, revoke, renew
[[nodiscard]] CommandList other_commands();  ///< status, completion, eval, lab, version

// Shared by them.
/// The argument CHIP, which names one chip.
void add_chip_argument(CLI::App& line, std::string& chip);
/// --state, which may be repeated.
void add_state_option(CLI::App& line, CompletionHints& hints, std::vector<std::string>& states,
                      const std::string& text);
[[nodiscard]] std::vector<v1::VerdictState> states_of(const std::vector<std::string>& names);
/// "VERIFIED", or "VERIFIED (expired)" without its colour: nothing stays green because nothing was measured.
[[nodiscard]] Cell state_cell(const v1::Verdict& verdict, WallTime now);
[[nodiscard]] bool expired(const v1::Verdict& verdict, WallTime now);
/// A verdict in the context's format: text, JSON, CSV or a map.
void write_verdict_as(CommandContext& context, const v1::Verdict& verdict);

}  // namespace chiploc
