#include "server/cli/command_tree.hpp"

#include <algorithm>

#include "proto/v1/evidence.pb.h"
#include "server/text/number_check.hpp"

namespace chiploc {
namespace {

const std::vector<std::string> kFormatNames{"table", "json", "ndjson", "csv", "geojson"};

std::vector<std::string> state_names() {
  std::vector<std::string> names;
  for (int state = v1::VERIFIED; state <= v1::INVALID; ++state) {
    names.push_back(v1::VerdictState_Name(static_cast<v1::VerdictState>(state)));
  }
  return names;
}

constexpr const char* kExitCodes = R"(Exit codes:
   0  fine; of verify: VERIFIED          64  wrong flag or argument
  10  verify: CLEARED                    65  a file to import has faults
  11  verify: UNRESOLVED                 66  no such chip, verdict or file
  12  verify: OUTSIDE                    69  coordinator not reachable, or it cannot do it now
  13  verify: PROHIBITED                 70  internal error
  14  verify: SILENT                     77  refused: the certificate's role may not do this
  15  verify: INVALID                    78  the configuration has a fault

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
  add_registry_commands();
  add_import();
  add_verify();
  add_verdict_commands();
  add_other_commands();
  app.footer(kExitCodes);  // last, or every command would inherit it
}

void CommandTree::add_global_options() {
  auto& connection = options.connection;
  hints[app.add_option("--config", connection.config,
                       "Configuration file; else $CHIPLOC_CONFIG, else ~/.config/chiploc/cli.toml")]
      .files = true;
  app.add_option("--server", connection.server, "Coordinator, HOST:PORT")->envname("CHIPLOC_SERVER");
  app.add_option("--server-name", connection.server_name, "Name in the coordinator's certificate")
      ->envname("CHIPLOC_SERVER_NAME");
  hints[app.add_option("--ca", connection.ca, "Authority's certificate, PEM")->envname("CHIPLOC_CA")].files =
      true;
  hints[app.add_option("--certificate", connection.certificate, "Own certificate, PEM")
            ->envname("CHIPLOC_CERTIFICATE")]
      .files = true;
  hints[app.add_option("--tls-key", connection.tls_key, "Its private key, PEM, mode 0600")
            ->envname("CHIPLOC_TLS_KEY")]
      .files = true;
  hints[app.add_option("-o,--output", options.output, "Format: table, json, ndjson, csv or geojson")
            ->check(CLI::IsMember(kFormatNames))]
      .choices = kFormatNames;
  const std::vector<std::string> colours{"auto", "always", "never"};
  hints[app.add_option("--color", options.colour, "Colour: auto, always or never")
            ->check(CLI::IsMember(colours))]
      .choices = colours;
  app.add_option("--timeout", options.timeout_s, "Seconds to wait for an answer")
      ->check(CLI::Range(1U, 3600U))
      ->capture_default_str();
  app.add_flag("--check-config", options.check_config, "Check the configuration and exit");
}

void CommandTree::add_registry_commands() {
  CLI::App* chip = app.add_subcommand("chip", "Chips of the registry");
  chip->require_subcommand(1);
  CLI::App* list = chip->add_subcommand("list", "All chips with their latest verdicts");
  list->add_option("--licence", options.licence, "Only chips of this licence");
  hints[list->add_option("--state", options.states,
                         "Only chips whose latest verdict is this; may be repeated")
            ->check(CLI::IsMember(state_names()))
            ->allow_extra_args(false)]
      .choices = state_names();
  list->footer(
      "Examples:\n  chiploc chip list --state SILENT\n  chiploc chip list --licence L-7 -o csv > chips.csv");
  CLI::App* show = chip->add_subcommand("show", "One chip and its latest verdict");
  show->add_option("chip", options.chip, "Chip id, a prefix of it (4 digits or more), or a serial number")
      ->required();
  show->footer("Examples:\n  chiploc chip show 9f3a\n  chiploc chip show SN-0007 -o json");

  CLI::App* restart = chip->add_subcommand(
      "restart-counters", "Let the counters of a chip's present key begin anew, on record (admins)");
  restart->add_option("chip", options.chip, "Chip id, a prefix of it (4 digits or more), or a serial number")
      ->required();
  restart->add_option("--reason", options.reason, "Why; kept in the journal and shown with the next verdict")
      ->required();
  restart->footer(
      "For a chip that lost its counters, say with its firmware's storage. Until its next round a copy of "
      "its key with\n"
      "old counters would be taken too, so ask who says that they are lost. A new key needs none of this.\n\n"
      "Example:\n  chiploc chip restart-counters 9f3a --reason \"flash replaced, ticket 4711\"");

  CLI::App* licence = app.add_subcommand("licence", "Licences of the registry");
  licence->require_subcommand(1);
  licence->add_subcommand("list", "All licences, named and prohibited territories")
      ->footer("Example:\n  chiploc licence list");
  CLI::App* anchor = app.add_subcommand("anchor", "Anchors of the registry");
  anchor->require_subcommand(1);
  anchor->add_subcommand("list", "All anchors and which are connected")
      ->footer("Examples:\n  chiploc anchor list\n  chiploc anchor list -o geojson > anchors.geojson");
}

void CommandTree::add_import() {
  CLI::App* import = app.add_subcommand("import", "Import registry files: all of them or nothing (admins)");
  const auto add = [&](const char* flag, std::vector<std::string>& into, const char* text) {
    hints[import->add_option(flag, into, text)->allow_extra_args(false)].files = true;
  };
  add("--makers", options.makers, "Makers and their certificate authorities; .csv or .json");
  add("--chips", options.chips, "Chips; .csv or .json; may be repeated, as all of these");
  add("--licences", options.licences, "Licences; .csv or .json");
  add("--anchors", options.anchors, "Anchors; .csv or .json");
  add("--territories", options.territories,
      "Groups of countries, and areas in GeoJSON, that licences may name; .csv or .json");
  add("--prohibited", options.prohibited, "Prohibited territories, the whole list; .csv or .json");
  add("--revocations", options.revocations,
      "Makers' revocation lists, all of a maker at once; .csv or .json");
  import->add_flag("--dry-run", options.dry_run, "Check only; change nothing");
  import->footer(
      "A fault names file, line and field; with one fault nothing is imported (exit code 65).\n\n"
      "Examples:\n  chiploc import --makers makers.json --licences licences.csv --chips chips.csv\n"
      "  chiploc import --chips new.csv --dry-run\n"
      "  chiploc import --revocations acme-crl.json");
}

void CommandTree::add_verify() {
  CLI::App* verify = app.add_subcommand("verify", "Measure a chip now and print its verdict (admins)");
  verify->add_option("chip", options.chip, "Chip id, a prefix of it (4 digits or more), or a serial number")
      ->required();
  verify->add_flag("--watch", options.watch,
                   "Show each anchor's progress (on standard error; with -o ndjson as lines)");
  verify->add_option("--deadline", options.deadline_s, "Seconds for the round; else the policy's")
      ->check(is_number())
      ->check(CLI::Range(1.0, 600.0));
  verify->footer(
      "The exit code is the verdict: 0 VERIFIED, 10 CLEARED, 11 UNRESOLVED, 12 OUTSIDE, 13 PROHIBITED,\n"
      "14 SILENT, 15 INVALID. Interrupting does not stop the round.\n\n"
      "Examples:\n  chiploc verify 9f3a --watch\n  chiploc verify SN-0007 --deadline 30 -o json");
}

void CommandTree::add_verdict_commands() {
  CLI::App* verdict = app.add_subcommand("verdict", "Verdicts and their evidence");
  verdict->require_subcommand(1);
  CLI::App* list = verdict->add_subcommand("list", "Verdicts, newest first");
  list->add_option("--chip", options.chip, "Only of this chip");
  hints[list->add_option("--state", options.states, "Only of this state; may be repeated")
            ->check(CLI::IsMember(state_names()))
            ->allow_extra_args(false)]
      .choices = state_names();
  list->add_option("--limit", options.limit, "At most so many; 0: all")->capture_default_str();
  list->footer(
      "Examples:\n  chiploc verdict list --chip 9f3a\n  chiploc verdict list --state INVALID --limit 0 -o "
      "ndjson");

  const char* const kVerdictHelp = "Verdict id or a prefix of it; or a chip: its newest verdict";
  CLI::App* show = verdict->add_subcommand("show", "One verdict with its reasons, or its evidence as files");
  show->add_option("verdict", options.verdict, kVerdictHelp)->required();
  hints[show->add_option("--evidence", options.evidence_folder,
                         "Also write the round's raw evidence into this new folder (admins)")]
      .folders = true;
  show->footer(
      "Examples:\n  chiploc verdict show 9f3a\n  chiploc verdict show 9f3a --evidence evidence-9f3a\n"
      "  chiploc verdict show 9f3a -o json | jq .reasons");
  CLI::App* map =
      verdict->add_subcommand("map", "One verdict as GeoJSON: region, anchors, disks, estimate (admins)");
  map->add_option("verdict", options.verdict, kVerdictHelp)->required();
  hints[map->add_option("--out", options.out_file, "File to write; else standard output")].files = true;
  map->footer("Example:\n  chiploc verdict map 9f3a --out 9f3a.geojson");
}

void CommandTree::add_other_commands() {
  app.add_subcommand("status", "The coordinator: versions, anchors, rounds, counters")
      ->footer("Example:\n  chiploc status -o json");
  CLI::App* completion = app.add_subcommand("completion", "Print a shell's completion script");
  const std::vector<std::string> shells{"bash", "zsh", "fish"};
  hints[completion->add_option("shell", options.shell, "bash, zsh or fish")
            ->required()
            ->check(CLI::IsMember(shells))]
      .choices = shells;
  completion->footer(
      "Examples:\n  source <(chiploc completion bash)\n  chiploc completion zsh > \"${fpath[1]}/_chiploc\"\n"
      "  chiploc completion fish > ~/.config/fish/completions/chiploc.fish");
  app.add_subcommand("eval", "The engine on real measurements: chiploc eval --help")->prefix_command();
  app.add_subcommand("lab", "A whole world on this machine: chiploc lab --help")->prefix_command();
  app.add_subcommand("version", "Print the version")->footer("Example:\n  chiploc version");
}

std::vector<OutputFormat> formats_of(const std::string& command) {
  using F = OutputFormat;
  if (command == "verdict map") return {F::kGeojson};
  if (command == "completion" || command == "eval" || command == "lab" || command.empty()) return {};
  if (command == "version") return {F::kTable, F::kJson, F::kNdjson};
  if (command == "anchor list" || command == "verdict show" || command == "verify") {
    return {F::kTable, F::kJson, F::kNdjson, F::kCsv, F::kGeojson};
  }
  return {F::kTable, F::kJson, F::kNdjson, F::kCsv};
}

std::string name_of(OutputFormat format) { return kFormatNames.at(static_cast<std::size_t>(format)); }

}  // namespace chiploc
