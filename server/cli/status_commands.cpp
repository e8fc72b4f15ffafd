// What chips are held for: shown, listed, and what people say of chips that cannot answer.
#include <algorithm>
#include <optional>
#include <utility>

#include "proto/base/joined.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/interrupt.hpp"
#include "server/cli/past_policies.hpp"
#include "server/cli/status_text.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/service/status_json.hpp"
#include "server/text/moments.hpp"
#include "server/text/number_check.hpp"

namespace chiploc {
namespace {

constexpr unsigned kStatusPage = 1000;
constexpr unsigned kChangePage = 500;
const std::vector<OutputFormat> kStatusFormats{OutputFormat::kTable, OutputFormat::kJson,
                                               OutputFormat::kNdjson, OutputFormat::kCsv};

std::vector<std::string> chip_state_names() {
  std::vector<std::string> names;
  for (int state = v1::CHIP_PENDING; state <= v1::CHIP_ABSENT; ++state)
    names.push_back(chip_state_name(static_cast<v1::ChipState>(state)));
  return names;
}

void add_chip_state_option(CLI::App& line, CompletionHints& hints, std::vector<std::string>& states,
                           const std::string& text) {
  CLI::Option* option = line.add_option("--state", states, text);
  option->delimiter(',')
      ->transform(CLI::IsMember(chip_state_names(), CLI::ignore_case))
      ->allow_extra_args(false);
  hints[option].choices = chip_state_names();
}

/// 0 for an empty text.
using ReadMoment = Result<WallTime, std::string> (*)(std::string_view, WallTime);
Result<std::int64_t, CliFault> moment_of(const char* option, const std::string& text, WallTime now,
                                         ReadMoment read) {
  if (text.empty()) return std::int64_t{0};
  const auto time = read(text, now);
  if (!time) return Fail{CliFault{ExitCode::kUsage, std::string{option} + ": " + time.error()}};
  return std::int64_t{time->since_epoch.count()};
}

void say_cut_at(std::ostream& err, unsigned limit, std::uint64_t shown, std::uint64_t total,
                bool total_more) {
  if (limit == 0 || (shown >= total && !total_more)) return;
  err << "showing " << number_text(static_cast<double>(shown), 0) << " of "
      << number_text(static_cast<double>(total), 0) << (total_more ? " or more" : "")
      << "; --limit 0 shows all\n";
}

// ---------------------------------------- rows

std::vector<Column> status_columns(bool with_to_do) {
  std::vector<Column> columns{{"chip_id", "CHIP", ""},    {"device_id", "", ""},   {"serial", "SERIAL", ""},
                              {"licence", "LICENCE", ""}, {"state", "STATUS", ""}, {"since", "SINCE", ""},
                              {"next_at", "NEXT", ""},    {"next", "", ""},        {"in_dispute", "", ""},
                              {"rests_on", "", ""},       {"why", "", ""},         {"ended_by", "", ""}};
  if (with_to_do) columns.push_back({"to_do", "TO DO", ""});
  return columns;
}

/// `to_do`: for whom; nullopt: left out.
std::vector<Cell> status_cells(const v1::ChipStatusRow& row, std::optional<StatusFor> to_do) {
  const v1::ChipStatus& status = row.status();
  std::vector<Cell> cells{{hex_of(row.chip_id())},
                          {""},
                          {printable(row.serial())},
                          {printable(row.licence())},
                          {chip_state_name(status.state()), colour_of(status.state())},
                          {short_time(status.since_unix_ns())},
                          {next_text(status)},
                          {""},
                          {""},
                          {""},
                          {""},
                          {""}};
  if (to_do) cells.push_back({printable(what_to_do(status, row.serial(), *to_do))});
  return cells;
}

Json status_record(const v1::ChipStatusRow& row, std::optional<StatusFor> to_do) {
  Json record = json_of(row);
  if (to_do) record["to_do"] = what_to_do(row.status(), row.serial(), *to_do);
  return record;
}

v1::ChipStatusRow row_of_chip(const v1::Chip& chip) {
  v1::ChipStatusRow row;
  row.set_chip_id(chip.chip_id());
  row.set_device_id(chip.device_id());
  row.set_serial(chip.serial());
  row.set_licence(chip.licence());
  *row.mutable_status() = chip.status();
  return row;
}

/// Every chip of the list, page after page; nothing more once `each` has had `limit` of them (0: all).
Result<Done, CliFault> each_status(CommandContext& context, v1::ListStatusesRequest request, unsigned limit,
                                   const std::function<void(const v1::ChipStatusRow&)>& each) {
  request.set_with_total(limit > 0);
  std::uint64_t shown = 0, total = 0;
  bool more = false;
  do {
    request.set_page_size(limit == 0
                              ? kStatusPage
                              : static_cast<unsigned>(std::min<std::uint64_t>(limit - shown, kStatusPage)));
    const auto page = context.client.list_statuses(request);
    if (!page) return Fail{page.error()};
    for (const auto& row : page->chips()) each(row);
    shown += static_cast<std::uint64_t>(page->chips_size());
    if (request.page_token().empty()) {
      total = page->total();
      more = page->total_more();
    }
    request.set_with_total(false);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty() && (limit == 0 || shown < limit));
  if (!request.page_token().empty()) say_cut_at(context.err, limit, shown, total, more);
  return Done{};
}

// ---------------------------------------- chip status, chip overdue

class ChipStatusCommand : public RemoteCommand {
 public:
  ChipStatusCommand()
      : RemoteCommand{
            {.path = "chip status",
             .text = "What chips are held for: compliant, drifted, silent, ..., since when and until when",
             .footer =
                 R"(With a chip: why, the verdicts it rests on, what ends it, what comes next and what to do. Else a list by id.

Examples:
  chiploc chip status SN-0007
  chiploc chip status --state drifted,prohibited,tampered
  chiploc chip status --licence L-7 --since 7d -o csv
  chiploc chip status --due 6h)",
             .formats = kStatusFormats}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("chip", chip_, "Chip id, a prefix of it (4 digits or more), or a serial number")]
        .names = NameHint::kChips;
    add_chip_state_option(line, hints, states_, "Only in these states: one, a,b or repeated");
    hints[line.add_option("--licence", licence_, "Only of this licence")].names = NameHint::kLicences;
    hints[line.add_option("--holder", holder_, "Only of licences of this holder")].names = NameHint::kHolders;
    line.add_option("--since", since_,
                    "Only states entered from then on: 2026-11-30, 2026-11-30T12:30, 2h, 7d");
    line.add_option("--due", due_,
                    "Only states that time alone ends before then: 2026-12-24, or 6h for in 6 hours");
    line.add_option("--limit", limit_, "At most so many; 0: all")->check(is_whole())->capture_default_str();
  }

 private:
  CommandResult ask(CommandContext& context) override {
    return chip_.empty() ? list(context) : show(context);
  }
  CommandResult list(CommandContext& context);
  CommandResult show(CommandContext& context);
  std::string chip_, licence_, holder_, since_, due_;
  std::vector<std::string> states_;
  unsigned limit_ = 0;
};

CommandResult ChipStatusCommand::list(CommandContext& context) {
  v1::ListStatusesRequest request;
  for (const std::string& state : states_) request.add_states(chip_state_named(state));
  request.set_licence(licence_);
  request.set_holder(holder_);
  const auto since = moment_of("--since", since_, context.now, parse_moment);
  if (!since) return Fail{since.error()};
  request.set_since_unix_ns(*since);
  const auto due = moment_of("--due", due_, context.now, parse_coming_moment);
  if (!due) return Fail{due.error()};
  request.set_due_before_unix_ns(*due);
  RecordWriter writer{context.out, context.format, status_columns(false), context.out_colour};
  const auto done = each_status(context, request, limit_, [&](const v1::ChipStatusRow& row) {
    writer.add(status_cells(row, std::nullopt), status_record(row, std::nullopt));
  });
  if (!done) return Fail{done.error()};
  writer.finish("no such chips");
  return ExitCode::kFine;
}

CommandResult ChipStatusCommand::show(CommandContext& context) {
  if (!states_.empty() || !licence_.empty() || !holder_.empty() || !since_.empty() || !due_.empty())
    return Fail{CliFault{ExitCode::kUsage, "a chip is asked for, or a list of chips; leave the other out"}};
  v1::GetChipRequest request;
  request.set_chip(chip_);
  const auto answer = context.client.chip(request);
  if (!answer) return Fail{answer.error()};
  const v1::Chip& chip = answer->chip();
  if (!chip.has_status()) {
    return Fail{CliFault{ExitCode::kUnreachable, "chip " + printable(chip.serial()) +
                                                     " has no status yet; it was imported a moment ago, ask "
                                                     "again in some seconds"}};
  }
  const auto notes = status_notes(context.client, chip);
  if (!notes) return Fail{notes.error()};
  if (context.format == OutputFormat::kTable) {
    context.out << "chip         " << hex_of(chip.chip_id()) << "\nserial       " << printable(chip.serial())
                << "\nlicence      " << printable(chip.licence()) << '\n';
    write_status(context.out, chip.status(), chip.serial(), context.out_colour, *notes);
    return ExitCode::kFine;
  }
  Json record = status_record(row_of_chip(chip), notes->reader);
  const Json status = json_of(chip.status());
  record["absences"] = status["absences"];
  record["past_absences"] = status["past_absences"];
  record["past_policies"] = notes->past_policies;
  if (context.format != OutputFormat::kCsv) {
    write_json(context.out, context.format, record);
    return ExitCode::kFine;
  }
  RecordWriter writer{context.out, context.format, status_columns(true), false};
  writer.add({}, record);
  writer.finish("");
  return ExitCode::kFine;
}

class ChipOverdue : public RemoteCommand {
 public:
  ChipOverdue()
      : RemoteCommand{
            {.path = "chip overdue",
             .text = "Chips that owe a proof beyond their time, and what to do about each",
             .footer =
                 R"(Those that are unproven, overdue or silent; the longest first. Who is accused is listed by
chiploc chip status --state drifted,prohibited,tampered

Examples:
  chiploc chip overdue
  chiploc chip overdue --licence L-7 -o csv)",
             .formats = kStatusFormats}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("--licence", licence_, "Only of this licence")].names = NameHint::kLicences;
    hints[line.add_option("--holder", holder_, "Only of licences of this holder")].names = NameHint::kHolders;
    line.add_option("--limit", limit_, "At most so many; 0: all")->check(is_whole())->capture_default_str();
  }

 private:
  CommandResult ask(CommandContext& context) override;
  std::string licence_, holder_;
  unsigned limit_ = 0;
};

CommandResult ChipOverdue::ask(CommandContext& context) {
  v1::ListStatusesRequest request;
  for (const auto state : {v1::CHIP_UNPROVEN, v1::CHIP_OVERDUE, v1::CHIP_SILENT}) request.add_states(state);
  request.set_licence(licence_);
  request.set_holder(holder_);
  std::vector<v1::ChipStatusRow> rows;
  const auto done =
      each_status(context, request, 0, [&](const v1::ChipStatusRow& row) { rows.push_back(row); });
  if (!done) return Fail{done.error()};
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.status().since_unix_ns() < b.status().since_unix_ns();
  });
  const std::size_t shown = limit_ == 0 ? rows.size() : std::min<std::size_t>(limit_, rows.size());
  RecordWriter writer{context.out, context.format, status_columns(true), context.out_colour};
  const StatusFor reader = status_reader(context.client);
  for (std::size_t i = 0; i < shown; ++i)
    writer.add(status_cells(rows[i], reader), status_record(rows[i], reader));
  writer.finish("no chip owes a proof");
  say_cut_at(context.err, limit_, shown, rows.size(), false);
  return ExitCode::kFine;
}

// ---------------------------------------- chip history, chip changes

class ChipChanges : public RemoteCommand {
 public:
  explicit ChipChanges(bool of_one)
      : RemoteCommand{of_one ? CommandHead{.path = "chip history",
                                           .text = "Every change of one chip's status, newest first",
                                           .footer = "Examples:\n  chiploc chip history SN-0007\n"
                                                     "  chiploc chip history 9f3a --since 7d -o json",
                                           .formats = kStatusFormats}
                             : CommandHead{.path = "chip changes",
                                           .text = "What has become of chips since a time, newest first",
                                           .footer =
                                               "Examples:\n  chiploc chip changes --since 1d\n"
                                               "  chiploc chip changes --since 7d --state drifted,tampered",
                                           .formats = kStatusFormats}},
        of_one_{of_one} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    if (of_one_) {
      add_chip_argument(line, hints, chip_);
    } else {
      hints[line.add_option("--licence", licence_, "Only of this licence")].names = NameHint::kLicences;
    }
    add_chip_state_option(line, hints, states_, "Only into these states: one, a,b or repeated");
    line.add_option("--since", since_, "Only from then on: 2026-11-30, 2026-11-30T12:30, 2h, 7d");
    line.add_option("--limit", limit_, "At most so many; 0: all")->check(is_whole())->capture_default_str();
  }

 private:
  CommandResult ask(CommandContext& context) override;
  bool of_one_;
  std::string chip_, licence_, since_;
  std::vector<std::string> states_;
  unsigned limit_ = 0;
};

CommandResult ChipChanges::ask(CommandContext& context) {
  v1::ListStatusChangesRequest request;
  request.set_chip(chip_);
  request.set_licence(licence_);
  for (const std::string& state : states_) request.add_states(chip_state_named(state));
  const auto since = moment_of("--since", since_, context.now, parse_moment);
  if (!since) return Fail{since.error()};
  request.set_since_unix_ns(*since);
  request.set_with_total(limit_ > 0);
  const char* const chip_title = of_one_ ? "" : "CHIP";
  const char* const serial_title = of_one_ ? "" : "SERIAL";
  RecordWriter writer{context.out,
                      context.format,
                      {{"at", "AT", ""},
                       {"chip_id", chip_title, ""},
                       {"device_id", "", ""},
                       {"serial", serial_title, ""},
                       {"licence", "", ""},
                       {"from", "FROM", ""},
                       {"to", "TO", ""},
                       {"rests_on", "", ""},
                       {"why", "WHY", ""}},
                      context.out_colour};
  std::uint64_t shown = 0, total = 0;
  bool more = false;
  do {
    request.set_page_size(limit_ == 0
                              ? kChangePage
                              : static_cast<unsigned>(std::min<std::uint64_t>(limit_ - shown, kChangePage)));
    const auto page = context.client.list_status_changes(request);
    if (!page) return Fail{page.error()};
    for (const auto& change : page->changes()) {
      writer.add({{short_time(change.at_unix_ns())},
                  {hex_of(change.chip_id())},
                  {""},
                  {printable(change.serial())},
                  {""},
                  {chip_state_name(change.from())},
                  {chip_state_name(change.to()), colour_of(change.to())},
                  {""},
                  {printable(change.why())}},
                 json_of(change));
    }
    shown += static_cast<std::uint64_t>(page->changes_size());
    if (request.page_token().empty()) {
      total = page->total();
      more = page->total_more();
    }
    request.set_with_total(false);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty() && (limit_ == 0 || shown < limit_));
  writer.finish(of_one_ ? "its status has not changed" : "no changes");
  if (!request.page_token().empty()) say_cut_at(context.err, limit_, shown, total, more);
  return ExitCode::kFine;
}

}  // namespace

CommandList status_commands() {
  CommandList list;
  list.push_back(std::make_unique<ChipStatusCommand>());
  list.push_back(std::make_unique<ChipOverdue>());
  list.push_back(std::make_unique<ChipChanges>(true));
  list.push_back(std::make_unique<ChipChanges>(false));
  for (auto& command : absence_commands()) list.push_back(std::move(command));
  return list;
}

}  // namespace chiploc
