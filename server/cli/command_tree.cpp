#include "server/cli/command_tree.hpp"

#include <algorithm>
#include <iterator>

#include "server/cli/commands.hpp"

namespace chiploc {
namespace {

const std::vector<std::string> kFormatNames{"table", "json", "ndjson", "csv", "geojson"};

/// What the first word of "chip list" is about.
const std::map<std::string, std::string> kGroups{
    {"chip", "Chips of the registry"},
    {"licence", "Licences of the registry"},
    {"territory", "Named territories of the registry"},
    {"anchor", "Anchors of the registry"},
    {"model", "Models of chips and their classification"},
    {"entity", "Exporters, buyers, end users, operators"},
    {"site", "Sites that chips are delivered to"},
    {"order", "Orders and what was delivered of them"},
    {"delivery", "Deliveries of orders"},
    {"condition", "Conditions of licences"},
    {"registry", "What changed in the registry"},
    {"verdict", "Verdicts and their evidence"},
    {"case", "What persons work on"},
    {"report", "Signed reports of what is on record"},
    {"log", "The evidence log, as files"},
    {"notice", "What other systems are told"},
    {"mute", "What keeps notices back for a time"},
    {"policy", "By what verdicts are decided, and what another policy would say"},
    {"audit", "Who looked at what is sealed"},
    {"enrol", "First certificates for anchors and sites, by tokens"},
    {"pki", "Keys and certificates: an authority in a folder"}};

constexpr const char* kExitCodes = R"(Exit codes:
   0  fine; of verify: VERIFIED          64  wrong flag or argument
  10  verify: CLEARED                    65  a file to import has faults
  11  verify: UNRESOLVED                 66  no such chip, verdict, name or file
  12  verify: OUTSIDE                    69  coordinator not reachable, or it cannot do it now
  13  verify: PROHIBITED                 70  internal error
  14  verify: SILENT                     77  refused: the certificate's role may not do this, or it was revoked
  15  verify: INVALID                    78  the configuration has a fault
  16  verdict replay: another record, or what is stored is not what was judged
  17  verdict replay: it cannot be judged again
  18  report verify, log: not what was signed, or by a key that does not count, or not all of it

Examples:
  chiploc chip list
  chiploc verify 9f3a --watch
  chiploc verdict list --state OUTSIDE --state PROHIBITED -o csv
  chiploc COMMAND --help)";

}  // namespace

CommandTree::CommandTree()
    : app{"Where licensed chips are: registry, rounds and verdicts of a chiplocd.", "chiploc"} {
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.set_version_flag("--version", std::string{"chiploc "} + CHIPLOC_VERSION, "Print the version and exit");
  app.fallthrough();  // global options may stand behind the command too
  app.require_subcommand(0, 1);
  add_global_options();
  add(chip_commands());
  add(status_commands());
  add(registry_commands());
  add(record_commands());
  add(order_commands());
  add(hold_commands());
  add(case_commands());
  add(import_commands());
  add(verdict_commands());
  add(notice_commands());
  add(mute_commands());
  add(policy_commands());
  add(audit_commands());
  add(report_commands());
  add(log_commands());
  add(enrol_commands());
  add(pki_commands());
  add(other_commands());
  app.footer(kExitCodes);  // last, or every command would inherit it
}

Command* CommandTree::command(const std::string& path) const {
  const auto found = std::find_if(commands_.begin(), commands_.end(),
                                  [&](const auto& command) { return command->head().path == path; });
  return found == commands_.end() ? nullptr : found->get();
}

void CommandTree::add_global_options() {
  auto& connection = options.connection;
  const auto add_file = [&](const char* flag, auto& into, const char* text) {
    CLI::Option* option = app.add_option(flag, into, text);
    hints[option].files = true;
    return option;
  };
  const auto add_choice = [&](const char* flag, std::string& into, const char* text,
                              const std::vector<std::string>& choices) {
    CLI::Option* option = app.add_option(flag, into, text)->check(CLI::IsMember(choices));
    hints[option].choices = choices;
  };
  add_file("--config", connection.config,
           "Configuration file; else $CHIPLOC_CONFIG, else ~/.config/chiploc/cli.toml");
  app.add_option("--server", connection.server, "Coordinator, HOST:PORT")->envname("CHIPLOC_SERVER");
  app.add_option("--server-name", connection.server_name, "Name in the coordinator's certificate")
      ->envname("CHIPLOC_SERVER_NAME");
  add_file("--ca", connection.ca, "Authority's certificate, PEM")->envname("CHIPLOC_CA");
  add_file("--certificate", connection.certificate, "Own certificate, PEM")->envname("CHIPLOC_CERTIFICATE");
  add_file("--tls-key", connection.tls_key, "Its private key, PEM, mode 0600")->envname("CHIPLOC_TLS_KEY");
  app.add_option("--why", connection.why,
                 "Why you want to see what is sealed (regulators, analysts); it stays on record")
      ->envname("CHIPLOC_WHY");
  add_choice("-o,--output", options.output, "Format: table, json, ndjson, csv or geojson", kFormatNames);
  add_choice("--color", options.colour, "Colour: auto, always or never", {"auto", "always", "never"});
  app.add_option("--timeout", options.timeout_s, "Seconds to wait for an answer")
      ->check(CLI::Range(1U, 3600U))
      ->capture_default_str();
  app.add_flag("--check-config", options.check_config, "Check the configuration and exit");
  app.add_flag("--show-identity", options.show_identity,
               "Print who the configuration's certificate says you are, and exit");
}

void CommandTree::add(CommandList list) {
  for (const auto& command : list) {
    CLI::App* line = line_of(command->head());
    command->add_options(*line, hints);
    line->footer(command->head().footer);
    if (command->head().hidden) line->group("");
  }
  std::move(list.begin(), list.end(), std::back_inserter(commands_));
}

CLI::App* CommandTree::line_of(const CommandHead& head) {
  const std::size_t blank = head.path.find(' ');
  if (blank == std::string::npos) return app.add_subcommand(head.path, head.text);
  const std::string name = head.path.substr(0, blank);
  const auto known = app.get_subcommands([&](const CLI::App* line) { return line->get_name() == name; });
  CLI::App* group = known.empty() ? app.add_subcommand(name, kGroups.at(name)) : known.front();
  group->require_subcommand(1);
  return group->add_subcommand(head.path.substr(blank + 1), head.text);
}

std::string name_of(OutputFormat format) { return kFormatNames.at(static_cast<std::size_t>(format)); }

}  // namespace chiploc
