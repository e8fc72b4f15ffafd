#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

#include "proto/base/joined.hpp"
#include "server/cli/command_tree.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/import_text.hpp"
#include "server/cli/interrupt.hpp"
#include "server/service/json_view.hpp"
#include "server/service/registry_kinds.hpp"

namespace chiploc {
namespace {

/// The server's limit; asked here so that a wrong file is not sent first.
constexpr std::uintmax_t kTotalMax = std::uintmax_t{128} << 20;

Result<v1::ImportFile, CliFault> read_import_file(v1::ImportKind kind, const std::string& path) {
  v1::ImportFile file;
  file.set_kind(kind);
  file.set_name(path);
  std::string suffix = std::filesystem::path{path}.extension().string();
  if (kind == v1::TERRITORIES && suffix == ".geojson")
    suffix = ".json";  // what is missing in it is told by line
  if (suffix != ".csv" && suffix != ".json") {
    return Fail{
        CliFault{ExitCode::kUsage, path + ": neither .csv nor .json; the suffix says how to read it"}};
  }
  file.set_format(suffix.substr(1));
  std::error_code failed;
  const std::uintmax_t size = std::filesystem::file_size(path, failed);
  std::ifstream in{path, std::ios::binary};
  if (failed || !in) {
    return Fail{CliFault{ExitCode::kNotFound, path + ": cannot be read; check the path and its permissions"}};
  }
  if (size > kTotalMax) {
    return Fail{CliFault{ExitCode::kBadData, path + ": larger than 128 MiB; split it into several imports"}};
  }
  std::ostringstream content;
  content << in.rdbuf();
  file.set_content(content.str());
  return file;
}

/// "3 chips added, 1 licence changed, 2 anchors unchanged"; nothing for an import without records.
std::string counts_text(const v1::ImportResponse& response) {
  std::vector<std::string> parts;
  const auto add = [&](const RegistryKind& kind, std::uint32_t count, const char* what) {
    if (count > 0)
      parts.push_back(std::to_string(count) + " " + std::string{count == 1 ? kind.one : kind.some} + " " +
                      what);
  };
  const auto each = [&](auto count_of, const char* what) {
    for (const RegistryKind& kind : kRegistryKinds) {
      for (const auto& counts : response.counts()) {
        if (counts.kind() == kind.kind) add(kind, count_of(counts), what);
      }
    }
  };
  each([](const auto& counts) { return counts.added(); }, "added");
  each([](const auto& counts) { return counts.changed(); }, "changed");
  each([](const auto& counts) { return counts.unchanged(); }, "unchanged");
  return joined(parts, ", ");
}

void write_faults(CommandContext& context, const v1::ImportResponse& response) {
  RecordWriter writer{
      context.out,
      context.format,
      {{"file", "WHERE", ""}, {"line", "", ""}, {"field", "FIELD", ""}, {"problem", "PROBLEM", ""}},
      context.out_colour};
  for (const auto& fault : response.faults()) {
    std::string where = printable(fault.file());
    if (fault.line() > 0) where += ":" + std::to_string(fault.line());
    writer.add({{where}, {""}, {printable(fault.field())}, {printable(fault.problem()), Colour::kRed}},
               json_of(fault));
  }
  if (response.faults_total() > 0 || context.format != OutputFormat::kTable) writer.finish("");
}

/// How long a coordinator is waited for that went away while it imported: a unit starts it again in seconds.
constexpr std::chrono::seconds kFateWait{10};
constexpr const char* kLookItUp =
    "chiplocd takes all of the files or none: give the same command with --dry-run, which counts 0 added and 0 changed "
    "if they were imported";

/// An import whose answer did not come back. The same files as a dry run say what became of it: they are all
/// there, or none is. Those that an answer was lost for wait behind it, so it is done or undone by then.
CommandResult tell_fate(CommandContext& context, v1::ImportRequest request, const CliFault& lost) {
  context.err << "chiploc: " << printable(lost.text) << "\nchiploc: asking what became of the import, for "
              << kFateWait.count() << " s at most" << std::endl;
  request.set_dry_run(true);
  on_interrupt_say(std::string{"whether the files were imported is not known; "} + kLookItUp);
  const auto answer = context.client.import(request, kFateWait);
  if (!answer) {
    return Fail{CliFault{ExitCode::kUnreachable,
                         std::string{"whether the files were imported is not known. Once chiplocd "
                                     "runs again, look it up: "} +
                             kLookItUp}};
  }
  if (context.format == OutputFormat::kJson)
    write_json(context.out, context.format, import_json(*answer, true));
  if (answer->faults_total() > 0) {
    if (context.format != OutputFormat::kJson) write_faults(context, *answer);
    return Fail{CliFault{
        ExitCode::kUnreachable,
        "whether the files were imported is not known: as chiplocd stands now they have faults; compare "
        "with what 'chiploc chip list' and 'chiploc licence list' show"}};
  }
  if (answer->added() + answer->changed() > 0)
    return Fail{CliFault{ExitCode::kUnreachable, "nothing was imported; import again"}};
  context.err << "imported: all " << answer->unchanged() << " records are there" << std::endl;
  return ExitCode::kFine;
}

class Import : public RemoteCommand {
 public:
  Import()
      : RemoteCommand{
            {.path = "import",
             .text = "Import registry files: all of them or nothing (registrars, admins)",
             .footer =
                 R"(A fault names file, line and field; with one fault nothing is imported (exit code 65).

Examples:
  chiploc import --makers makers.json --licences licences.csv --chips chips.csv
  chiploc import --chips new.csv --dry-run
  chiploc import --orders orders.csv --deliveries d.csv --reason "invoice 77"
  chiploc import --revocations acme-crl.json)",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                         OutputFormat::kCsv}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override;

 private:
  CommandResult ask(CommandContext& context) override;
  [[nodiscard]] Result<v1::ImportRequest, CliFault> request() const;

  std::map<v1::ImportKind, std::vector<std::string>> paths_;
  std::string reason_;
  bool dry_run_ = false;
};

void Import::add_options(CLI::App& line, CompletionHints& hints) {
  const auto add = [&](const char* flag, v1::ImportKind kind, const char* text) {
    hints[line.add_option(flag, paths_[kind], text)->allow_extra_args(false)].files = true;
  };
  add("--makers", v1::MAKERS, "Makers and their certificate authorities; .csv or .json");
  add("--models", v1::MODELS, "Models and their export classification; .csv or .json");
  add("--chips", v1::CHIPS, "Chips; .csv or .json; may be repeated, as all of these");
  add("--entities", v1::ENTITIES,
      "Exporters, buyers, end users, operators, and who is watched; .csv or .json");
  add("--sites", v1::SITES, "Sites that chips are delivered to; .csv or .json");
  add("--licences", v1::LICENCES, "Licences; .csv or .json");
  add("--conditions", v1::CONDITIONS, "Conditions of licences; .csv or .json");
  add("--orders", v1::ORDERS, "Orders; .csv or .json");
  add("--deliveries", v1::DELIVERIES, "Deliveries; .csv or .json");
  add("--anchors", v1::ANCHORS, "Anchors; .csv or .json");
  add("--territories", v1::TERRITORIES,
      "Groups of countries, and areas in GeoJSON, that licences may name; .csv or .json");
  add("--prohibited", v1::PROHIBITED_TERRITORIES, "Prohibited territories, the whole list; .csv or .json");
  add("--revocations", v1::REVOCATIONS, "Makers' revocation lists, all of a maker at once; .csv or .json");
  line.add_option("--reason", reason_, "Why; stays in the journal and the history");
  line.add_flag("--dry-run", dry_run_, "Check only; change nothing");
}

/// The request's files, in an order that reads well in the answer.
Result<v1::ImportRequest, CliFault> Import::request() const {
  v1::ImportRequest request;
  request.set_dry_run(dry_run_);
  std::uintmax_t total = 0;
  std::string faults;  // of all files that cannot be read; the first one's code
  ExitCode code = ExitCode::kFine;
  request.set_reason(reason_);
  for (const RegistryKind& known : kRegistryKinds) {
    const auto kind = known.kind;
    for (const std::string& path : paths_.at(kind)) {
      auto file = read_import_file(kind, path);
      if (!file) {
        if (faults.empty()) code = file.error().code;
        faults += (faults.empty() ? "" : "\n") + file.error().text;
        continue;
      }
      total += file->content().size();
      *request.add_files() = std::move(*file);
    }
  }
  if (!faults.empty()) return Fail{CliFault{code, std::move(faults)}};
  if (request.files().empty()) {
    return Fail{
        CliFault{ExitCode::kUsage,
                 "nothing to import; name at least one of --makers --models --chips --entities --sites "
                 "--licences --conditions --orders --deliveries --anchors --territories --prohibited "
                 "--revocations"}};
  }
  if (total > kTotalMax) {
    return Fail{CliFault{ExitCode::kBadData,
                         "the files have more than 128 MiB together; split them into several imports"}};
  }
  return request;
}

CommandResult Import::ask(CommandContext& context) {
  const bool rows = context.format == OutputFormat::kCsv || context.format == OutputFormat::kNdjson;
  if (rows && dry_run_) {
    return Fail{CliFault{ExitCode::kUsage,
                         "-o " + name_of(context.format) +
                             " has one line for each fault and no place for changes, areas and warnings; "
                             "with --dry-run use -o json, or leave it out"}};
  }
  const auto wanted = request();
  if (!wanted) return Fail{wanted.error()};
  if (!dry_run_) on_interrupt_say(std::string{"the import may be done or not; "} + kLookItUp);
  const auto answer = context.client.import(*wanted);
  if (!answer && answer.error().answer_lost && !dry_run_) return tell_fate(context, *wanted, answer.error());
  if (!answer) return Fail{answer.error()};
  if (context.format == OutputFormat::kJson) {
    write_json(context.out, context.format, import_json(*answer, dry_run_));
  } else {
    write_faults(context, *answer);
  }
  if (answer->faults_total() > 0) {
    const auto hidden = answer->faults_total() - static_cast<unsigned>(answer->faults_size());
    return Fail{
        CliFault{ExitCode::kBadData,
                 "nothing was imported: " + std::to_string(answer->faults_total()) + " fault(s)" +
                     (hidden > 0 ? ", the first " + std::to_string(answer->faults_size()) + " shown" : "") +
                     "; mend the files and import again"}};
  }
  if (rows) write_import_text(context.err, *answer, /*dry_run=*/false, /*colour=*/false);
  if (context.format == OutputFormat::kTable) {
    write_import_text(context.out, *answer, dry_run_, context.out_colour);
    context.out << (dry_run_ ? "no faults; would be: " : "imported: ") << answer->added() << " added, "
                << answer->changed() << " changed, " << answer->unchanged() << " unchanged\n";
    if (const std::string counts = counts_text(*answer); !counts.empty()) context.out << counts << '\n';
  }
  return ExitCode::kFine;
}

}  // namespace

CommandList import_commands() {
  CommandList list;
  list.push_back(std::make_unique<Import>());
  return list;
}

}  // namespace chiploc
