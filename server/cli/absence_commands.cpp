// What people say of chips that cannot answer for a time: chip absent and chip back.
#include <map>
#include <utility>

#include "proto/base/joined.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/interrupt.hpp"
#include "server/cli/status_text.hpp"
#include "server/service/status_json.hpp"
#include "server/text/moments.hpp"

namespace chiploc {
namespace {

const std::map<std::string, v1::AbsenceKind> kAbsenceKinds{{"transit", v1::ABSENT_IN_TRANSIT},
                                                           {"storage", v1::ABSENT_IN_STORAGE},
                                                           {"maintenance", v1::ABSENT_FOR_MAINTENANCE}};

/// Which chips something is said of.
struct ChipsSaid {
  std::vector<std::string> chips;
  std::string licence;

  void add_to(CLI::App& line, CompletionHints& hints) {
    hints[line.add_option("chips", chips, "Chips: ids, prefixes of 4 digits or more, or serial numbers")]
        .names = NameHint::kChips;
    hints[line.add_option("--licence", licence, "All chips of this licence in their place")].names =
        NameHint::kLicences;
  }
  [[nodiscard]] std::optional<CliFault> fault() const {
    if (chips.empty() != licence.empty()) return std::nullopt;
    return CliFault{ExitCode::kUsage, "name chips, or --licence, and not both"};
  }
  template <class Request>
  void fill(Request& request) const {
    for (const std::string& chip : chips) request.add_chips(chip);
    request.set_licence(licence);
  }
  /// Where to look when the answer is lost.
  [[nodiscard]] std::string look(const std::string& what) const {
    return "whether " + what + ", 'chiploc chip status " +
           (chips.empty() ? "--licence " + licence : chips.front()) + "' says";
  }
};

/// How the chips stand after it.
void write_rows(CommandContext& context, const google::protobuf::RepeatedPtrField<v1::ChipStatusRow>& rows) {
  RecordWriter writer{context.out,
                      context.format,
                      {{"chip_id", "CHIP", ""},
                       {"device_id", "", ""},
                       {"serial", "SERIAL", ""},
                       {"licence", "LICENCE", ""},
                       {"state", "STATUS", ""},
                       {"since", "SINCE", ""},
                       {"next_at", "NEXT", ""},
                       {"next", "", ""}},
                      context.out_colour};
  for (const auto& row : rows) {
    writer.add({{hex_of(row.chip_id())},
                {""},
                {printable(row.serial())},
                {printable(row.licence())},
                {chip_state_name(row.status().state()), colour_of(row.status().state())},
                {short_time(row.status().since_unix_ns())},
                {next_text(row.status())},
                {""}},
               json_of(row));
  }
  writer.finish("no chips");
}

template <class Response>
std::optional<CliFault> lost(const Result<Response, CliFault>& answer, const std::string& look) {
  if (answer) return std::nullopt;
  return answer.error().answer_lost ? CliFault{answer.error().code, answer.error().text + "; " + look}
                                    : answer.error();
}

class ChipAbsent : public RemoteCommand {
 public:
  ChipAbsent()
      : RemoteCommand{
            {.path = "chip absent",
             .text = "Declare that chips cannot answer for a time, on record (registrars, admins)",
             .footer =
                 R"(Until then silence and age are not held against them; what they are accused of is, and what they prove counts. All of
them or none. How long one may be, and all of a chip's within a year, is in [status] of the policy (chiploc policy show).

Examples:
  chiploc chip absent SN-0007 --until 7d --kind transit --reason "moved to Frankfurt, ticket 4711"
  chiploc chip absent --licence L-7 --from 2026-12-24 --until 2027-01-04 --kind maintenance --reason "new cooling")",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                         OutputFormat::kCsv}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    said_.add_to(line, hints);
    line.add_option("--from", from_, "From then on: 2026-12-24, or 2d for in two days (default: now)");
    line.add_option("--until", until_, "The end: 2026-12-24, 2026-12-24T12:30, or 7d for in seven days")
        ->required();
    std::vector<std::string> kinds;
    for (const auto& [name, kind] : kAbsenceKinds) kinds.push_back(name);
    CLI::Option* kind = line.add_option("--kind", kind_, "transit, storage or maintenance");
    kind->required()->transform(CLI::IsMember(kinds, CLI::ignore_case));
    hints[kind].choices = kinds;
    line.add_option("--reason", reason_, "Why; kept in the journal")->required();
  }

 private:
  CommandResult ask(CommandContext& context) override;
  ChipsSaid said_;
  std::string from_, until_, kind_, reason_;
};

CommandResult ChipAbsent::ask(CommandContext& context) {
  if (const auto fault = said_.fault()) return Fail{*fault};
  v1::DeclareAbsenceRequest request;
  said_.fill(request);
  const auto until = parse_coming_moment(until_, context.now);
  if (!until) return Fail{CliFault{ExitCode::kUsage, "--until: " + until.error()}};
  request.set_until_unix_ns(until->since_epoch.count());
  if (!from_.empty()) {
    const auto from = parse_coming_moment(from_, context.now);
    if (!from) return Fail{CliFault{ExitCode::kUsage, "--from: " + from.error()}};
    request.set_from_unix_ns(from->since_epoch.count());
  }
  request.set_kind(kAbsenceKinds.at(kind_));
  request.set_reason(reason_);
  const std::string look = said_.look("the absence was declared");
  on_interrupt_say(look);
  const auto answer = context.client.declare_absence(request);
  if (const auto fault = lost(answer, look)) return Fail{*fault};
  if (context.format == OutputFormat::kTable)
    context.out << "declared absent until " << short_time(request.until_unix_ns()) << " (" << kind_
                << "), on record; when back: chiploc chip back\n";
  write_rows(context, answer->chips());
  return ExitCode::kFine;
}

class ChipBack : public RemoteCommand {
 public:
  ChipBack()
      : RemoteCommand{{.path = "chip back",
                       .text = "End the absence of chips, and take back those to come (registrars, admins)",
                       .footer = R"(Their clocks begin anew now. All of them or none.

Examples:
  chiploc chip back SN-0007
  chiploc chip back --licence L-7)",
                       .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                   OutputFormat::kCsv}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override { said_.add_to(line, hints); }

 private:
  CommandResult ask(CommandContext& context) override;
  ChipsSaid said_;
};

CommandResult ChipBack::ask(CommandContext& context) {
  if (const auto fault = said_.fault()) return Fail{*fault};
  v1::EndAbsenceRequest request;
  said_.fill(request);
  const std::string look = said_.look("the absence was ended");
  on_interrupt_say(look);
  const auto answer = context.client.end_absence(request);
  if (const auto fault = lost(answer, look)) return Fail{*fault};
  if (context.format == OutputFormat::kTable) context.out << "absences ended, on record\n";
  write_rows(context, answer->chips());
  return ExitCode::kFine;
}

}  // namespace

CommandList absence_commands() {
  CommandList list;
  list.push_back(std::make_unique<ChipAbsent>());
  list.push_back(std::make_unique<ChipBack>());
  return list;
}

}  // namespace chiploc
