#pragma once
#include <string>
#include <vector>

#include "server/cli/command.hpp"
#include "server/service/answer_json.hpp"

namespace chiploc {

// The commands, each file its own; the order is that of the help.
[[nodiscard]] CommandList chip_commands();  ///< chip list, chip show, chip restart-counters
/// chip status, overdue, history and changes, and absence_commands()
[[nodiscard]] CommandList status_commands();
[[nodiscard]] CommandList absence_commands();   ///< chip absent, chip back
[[nodiscard]] CommandList registry_commands();  ///< licence list, anchor list
[[nodiscard]] CommandList record_commands();    ///< licence show, territory show, remove, export, imports
/// list of models, entities, sites, orders, deliveries and conditions; entity, site and order show; registry history
[[nodiscard]] CommandList order_commands();
[[nodiscard]] CommandList hold_commands();  ///< order hold, lift, override and decide
/// case list and show, and case_deed_commands()
[[nodiscard]] CommandList case_commands();
[[nodiscard]] CommandList
case_deed_commands();  ///< case open, assign, comment, evidence, dispute, decide, resolve, reopen
[[nodiscard]] CommandList import_commands();  ///< import
[[nodiscard]] std::unique_ptr<Command> verify_command();
[[nodiscard]] std::unique_ptr<Command> watch_command();
[[nodiscard]] std::unique_ptr<Command> export_command();
[[nodiscard]] std::unique_ptr<Command> history_command();
[[nodiscard]] CommandList
verdict_commands();  ///< verify, verdict list, verdict show, verdict map, verdict replay, watch
[[nodiscard]] CommandList notice_commands();  ///< notice log, resend, test, sinks, sink, export
[[nodiscard]] CommandList mute_commands();    ///< mute list, add, end
[[nodiscard]] CommandList audit_commands();   ///< audit list
[[nodiscard]] CommandList policy_commands();  ///< policy show, check, diff, replay, activate, list
[[nodiscard]] CommandList report_commands();  ///< report act, fleet, order, operator, verify, keys
[[nodiscard]] CommandList log_commands();     ///< log show, proof, fsck, audit
[[nodiscard]] std::unique_ptr<Command> summary_command();
[[nodiscard]] std::unique_ptr<Command> page_command();
[[nodiscard]] CommandList enrol_commands();  ///< enrol token, list, revoke, and enrol_redeem_commands()
[[nodiscard]] CommandList enrol_redeem_commands();  ///< enrol redeem, renew
[[nodiscard]] CommandList pki_commands();           ///< pki init, issue, list, show, revoke, renew
[[nodiscard]] CommandList other_commands();  ///< status, completion, complete, eval, lab, plan, sim, version

// Shared by them.
/// The argument CHIP, which names one chip.
void add_chip_argument(CLI::App& line, CompletionHints& hints, std::string& chip);
/// --state, in any case, which may be repeated or have several with commas.
void add_state_option(CLI::App& line, CompletionHints& hints, std::vector<std::string>& states,
                      const std::string& text);
[[nodiscard]] std::vector<v1::VerdictState> states_of(const std::vector<std::string>& names);
/// "VERIFIED", or "VERIFIED (expired)" without its colour: nothing stays green because nothing was measured.
[[nodiscard]] Cell state_cell(const v1::Verdict& verdict, WallTime now);
[[nodiscard]] std::vector<Column> verdict_columns();
[[nodiscard]] std::vector<Cell> verdict_cells(const v1::Verdict& verdict, WallTime now);
/// "alice, with the certificate ab12...".
[[nodiscard]] std::string requester_text(const v1::RoundRequester& requester);
/// A verdict in the context's format: text, JSON, CSV or a map.
void write_verdict_as(CommandContext& context, const v1::Verdict& verdict);

}  // namespace chiploc
