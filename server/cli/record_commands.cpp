// Single records of the registry: shown, removed, and who brought them.
#include <utility>

#include "proto/base/joined.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/service/record_json.hpp"
#include "server/service/registry_kinds.hpp"

namespace chiploc {
namespace {

const std::vector<OutputFormat> kRecordFormats{OutputFormat::kTable, OutputFormat::kJson,
                                               OutputFormat::kNdjson, OutputFormat::kCsv};

class Lines {
 public:
  explicit Lines(std::ostream& out) : out_{out} {}
  void add(std::string_view label, const std::string& text) {
    out_ << label << std::string(label.size() < 13 ? 13 - label.size() : 1, ' ') << printable(text) << '\n';
  }

 private:
  std::ostream& out_;
};

/// One record in a format other than the table's.
void write_one(CommandContext& context, std::vector<Column> columns, const Json& record) {
  if (context.format != OutputFormat::kCsv) return write_json(context.out, context.format, record);
  RecordWriter writer{context.out, context.format, std::move(columns), false};
  writer.add({}, record);
  writer.finish("");
}

/// "3 VERIFIED, 1 OUTSIDE, 2 never measured".
std::string states_text(const google::protobuf::Map<std::string, std::uint64_t>& by_state,
                        std::uint64_t chips) {
  std::vector<std::string> parts;
  std::uint64_t measured = 0;
  for (int state = v1::VERIFIED; state <= v1::INVALID; ++state) {
    const std::string& name = v1::VerdictState_Name(static_cast<v1::VerdictState>(state));
    const auto at = by_state.find(name);
    if (at == by_state.end()) continue;
    parts.push_back(std::to_string(at->second) + " " + name);
    measured += at->second;
  }
  if (measured < chips) parts.push_back(std::to_string(chips - measured) + " never measured");
  return parts.empty() ? "none" : joined(parts, ", ");
}

class LicenceShow : public RemoteCommand {
 public:
  LicenceShow()
      : RemoteCommand{{.path = "licence show",
                       .text = "One licence, whether it is in force, and how its chips stand",
                       .footer = "Examples:\n  chiploc licence show L-7\n  chiploc licence show l-7 -o json",
                       .formats = kRecordFormats}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("licence", licence_, "Its id, in any case of letters")->required()].names =
        NameHint::kLicences;
  }

 private:
  CommandResult ask(CommandContext& context) override;
  std::string licence_;
};

CommandResult LicenceShow::ask(CommandContext& context) {
  v1::GetLicenceRequest request;
  request.set_licence(licence_);
  const auto answer = context.client.licence(request);
  if (!answer) return Fail{answer.error()};
  const v1::Licence& licence = answer->licence();
  if (context.format != OutputFormat::kTable) {
    std::vector<Column> columns;
    for (const char* name : {"licence", "holder", "countries", "valid_from", "valid_to", "chips", "standing"})
      columns.push_back({name, "", ""});
    write_one(context, std::move(columns), json_of(*answer));
    return ExitCode::kFine;
  }
  Lines lines{context.out};
  lines.add("licence", licence.licence());
  lines.add("holder", licence.holder());
  lines.add("countries", joined(licence.countries(), " ", printable));
  lines.add("valid", licence.valid_from() + " to " + licence.valid_to());
  lines.add("standing", answer->standing().empty() ? "in force" : answer->standing());
  if (!licence.end_user().empty()) lines.add("end user", licence.end_user());
  if (licence.quantity() > 0) lines.add("quantity", std::to_string(licence.quantity()) + " chips at most");
  if (answer->orders() > 0) lines.add("orders", std::to_string(answer->orders()));
  for (const auto& condition : answer->conditions()) {
    lines.add("condition",
              condition.condition() + " " + condition.kind() + ": " +
                  (condition.met().empty() ? "due " + condition.due() : "met " + condition.met()) +
                  (condition.evidence().empty() ? "" : ", " + condition.evidence()));
  }
  lines.add("chips",
            std::to_string(licence.chips()) + ": " + states_text(answer->chips_by_state(), licence.chips()));
  if (answer->expired() > 0) lines.add("expired", std::to_string(answer->expired()) + " of these verdicts");
  for (const auto& territory : answer->territories()) {
    lines.add("territory",
              territory.territory() + ": " +
                  (territory.geojson_sha256().empty() ? joined(territory.countries(), " ", printable)
                                                      : km2_text(territory.area_km2()) + " km2"));
  }
  return ExitCode::kFine;
}

class TerritoryShow : public RemoteCommand {
 public:
  TerritoryShow()
      : RemoteCommand{{.path = "territory show",
                       .text = "One named territory: its countries or its area, and what names it",
                       .footer = R"(GeoJSON is the drawing as it was imported (auditors, admins).

Examples:
  chiploc territory show fra-campus
  chiploc territory show fra-campus -o geojson > campus.geojson)",
                       .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                   OutputFormat::kCsv, OutputFormat::kGeojson}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("territory", territory_, "Its name, in any case of letters")->required()].names =
        NameHint::kTerritories;
  }

 private:
  CommandResult ask(CommandContext& context) override;
  std::string territory_;
};

CommandResult TerritoryShow::ask(CommandContext& context) {
  v1::GetTerritoryRequest request;
  request.set_territory(territory_);
  const auto answer = context.client.territory(request);
  if (!answer) return Fail{answer.error()};
  const v1::Territory& territory = answer->territory();
  const bool area = !territory.geojson_sha256().empty();
  if (context.format == OutputFormat::kGeojson) {
    if (!area)
      return Fail{
          CliFault{ExitCode::kUsage, territory.territory() + " is a group of countries and has no drawing"}};
    if (answer->geojson().empty()) {
      return Fail{CliFault{
          ExitCode::kRefused,
          "the drawing is not shown to this certificate's role; use an auditor's or an admin's, or a "
          "regulator's or an analyst's with --why"}};
    }
    context.out << answer->geojson() << '\n';
    return ExitCode::kFine;
  }
  if (context.format != OutputFormat::kTable) {
    std::vector<Column> columns;
    for (const char* name :
         {"territory", "countries", "area_km2", "geojson_sha256", "used_by", "used_by_total"})
      columns.push_back({name, "", ""});
    write_one(context, std::move(columns), json_of(*answer));
    return ExitCode::kFine;
  }
  Lines lines{context.out};
  lines.add("territory", territory.territory());
  if (area) {
    lines.add("area", km2_text(territory.area_km2()) + " km2");
    lines.add("drawing", "sha256 " + hex_of(territory.geojson_sha256()));
  } else {
    lines.add("countries", joined(territory.countries(), " ", printable));
  }
  const auto shown = static_cast<std::uint64_t>(answer->used_by_size());
  std::string users = joined(answer->used_by(), ", ", printable);
  if (answer->used_by_total() > shown)
    users += " and " + std::to_string(answer->used_by_total() - shown) + " more";
  lines.add("used by", users.empty()
                           ? "nothing; remove it with: chiploc remove territory " + territory.territory()
                           : users);
  return ExitCode::kFine;
}

class Remove : public RemoteCommand {
 public:
  Remove()
      : RemoteCommand{
            {.path = "remove",
             .text = "Remove a record of the registry that nothing uses (registrars, admins)",
             .footer =
                 R"(Refused (69) with who uses it: a territory by licences, sites and the prohibited list, a licence by chips,
orders and conditions, a maker by models and chips, a model by chips, an entity by orders, licences and sites, a site or an
order by deliveries, a delivery by chips, a chip by its rounds and knocks, an anchor while it is connected. Rounds keep what
they were judged by. A maker's revocation lists go with it. A chip that was measured stays: its maker's revocation list ends
it, or its licence does. What was removed stays in the history (chiploc registry history).

Examples:
  chiploc remove territory fra-campus
  chiploc remove licence L-7
  chiploc remove chip SN-0001)",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    CLI::Option* kind = line.add_option("kind", kind_, joined(names(), ", "));
    kind->required()->transform(CLI::IsMember(names(), CLI::ignore_case));
    hints[kind].choices = names();
    line.add_option("name", name_, "Its name or id, or a chip's serial number, in any case of letters")
        ->required();
    line.add_option("--reason", reason_, "Why; stays in the journal and the history");
  }

 private:
  static std::vector<std::string> names() {
    std::vector<std::string> out;
    for (const RegistryKind& known : kRegistryKinds) {
      if (removed_singly(known)) out.emplace_back(known.one);
    }
    return out;
  }
  CommandResult ask(CommandContext& context) override;
  std::string kind_, name_, reason_;
};

CommandResult Remove::ask(CommandContext& context) {
  v1::RemoveRequest request;
  for (const RegistryKind& known : kRegistryKinds) {
    if (known.one == kind_) request.set_kind(known.kind);
  }
  request.set_name(name_);
  request.set_reason(reason_);
  const auto answer = context.client.remove(request);
  if (!answer) return Fail{answer.error()};
  if (context.format == OutputFormat::kTable) {
    context.out << "removed: " << kind_ << ' ' << printable(answer->name()) << '\n';
  } else {
    write_json(context.out, context.format, removed_json(request.kind(), *answer));
  }
  return ExitCode::kFine;
}

class Imports : public RemoteCommand {
 public:
  Imports()
      : RemoteCommand{{.path = "imports",
                       .text = "Who imported or removed what, newest first (registrars, auditors, admins)",
                       .footer = "Examples:\n  chiploc imports\n  chiploc imports --limit 1 -o json",
                       .formats = kRecordFormats}} {}

  void add_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_option("--limit", limit_, "At most so many")
        ->check(CLI::Range(1U, 1000U))
        ->capture_default_str();
  }

 private:
  CommandResult ask(CommandContext& context) override;
  unsigned limit_ = 100;
};

CommandResult Imports::ask(CommandContext& context) {
  v1::ListImportsRequest request;
  request.set_limit(limit_);
  const auto answer = context.client.imports(request);
  if (!answer) return Fail{answer.error()};
  RecordWriter writer{context.out,
                      context.format,
                      {{"version", "VERSION", "", true},
                       {"at", "AT", ""},
                       {"by", "BY", ""},
                       {"certificate_sha256", "CERTIFICATE", ""},
                       {"added", "ADDED", "", true},
                       {"changed", "CHANGED", "", true},
                       {"unchanged", "UNCHANGED", "", true},
                       {"removed", "REMOVED", "", true},
                       {"files", "OF", "/files"},
                       {"reason", "REASON", ""}},
                      context.out_colour};
  constexpr std::size_t kDigitsShown = 16;
  for (const auto& entry : answer->imports()) {
    const std::string certificate = hex_of(entry.certificate_sha256()).substr(0, kDigitsShown);
    writer.add({{std::to_string(entry.version())},
                {short_time(entry.at_unix_ns())},
                {printable(entry.by())},
                {certificate.empty() ? "-" : certificate},
                {std::to_string(entry.added())},
                {std::to_string(entry.changed())},
                {std::to_string(entry.unchanged())},
                {std::to_string(entry.removed())},
                {joined(entry.files(), ", ",
                        [](const auto& file) {
                          return std::string{table_of(file.kind())} + " " + printable(file.name());
                        })},
                {printable(entry.reason())}},
               json_of(entry));
  }
  writer.finish("no imports");
  return ExitCode::kFine;
}

}  // namespace

CommandList record_commands() {
  CommandList list;
  list.push_back(std::make_unique<LicenceShow>());
  list.push_back(std::make_unique<TerritoryShow>());
  list.push_back(std::make_unique<Remove>());
  list.push_back(export_command());
  list.push_back(std::make_unique<Imports>());
  return list;
}

}  // namespace chiploc
