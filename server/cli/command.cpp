#include "server/cli/command.hpp"

#include "proto/v1/evidence.pb.h"
#include "server/cli/commands.hpp"

namespace chiploc {
namespace {

std::vector<std::string> state_names() {
  std::vector<std::string> names;
  for (int state = v1::VERIFIED; state <= v1::INVALID; ++state) {
    names.push_back(v1::VerdictState_Name(static_cast<v1::VerdictState>(state)));
  }
  return names;
}

}  // namespace

CommandResult RemoteCommand::run(CommandOutput& output, const GlobalOptions& options) {
  const auto settings = load_settings(options.connection);
  if (!settings) return Fail{settings.error()};
  const std::chrono::seconds patience{options.timeout_s};
  auto client = Client::open(*settings, patience);
  if (!client) return Fail{client.error()};
  if (!client->remark().empty()) output.err << "chiploc: " << printable(client->remark()) << '\n';
  CommandContext context{output, *client, patience};
  return ask(context);
}

void add_chip_argument(CLI::App& line, CompletionHints& hints, std::string& chip) {
  CLI::Option* option =
      line.add_option("chip", chip, "Chip id, a prefix of it (4 digits or more), or a serial number")
          ->required();
  hints[option].names = NameHint::kChips;
}

void add_state_option(CLI::App& line, CompletionHints& hints, std::vector<std::string>& states,
                      const std::string& text) {
  CLI::Option* option = line.add_option("--state", states, text);
  option->delimiter(',')->transform(CLI::IsMember(state_names(), CLI::ignore_case))->allow_extra_args(false);
  hints[option].choices = state_names();
}

std::vector<v1::VerdictState> states_of(const std::vector<std::string>& names) {
  std::vector<v1::VerdictState> states;
  for (const std::string& name : names) {
    v1::VerdictState state{};
    if (v1::VerdictState_Parse(name, &state)) states.push_back(state);  // CLI11 has checked the names
  }
  return states;
}

}  // namespace chiploc
