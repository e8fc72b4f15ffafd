#include <algorithm>
#include <utility>

#include "proto/base/joined.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/evidence_folder.hpp"
#include "server/cli/interrupt.hpp"
#include "server/cli/list_options.hpp"
#include "server/cli/map_command.hpp"
#include "server/cli/replay_command.hpp"
#include "server/cli/verdict_map.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

constexpr const char* kVerdictHelp = "Verdict id or a prefix of it; or a chip: its newest verdict";

}  // namespace

std::vector<Column> verdict_columns() {
  return {{"decided_at", "DECIDED", ""},   {"verdict_id", "VERDICT", ""},
          {"chip_id", "CHIP", ""},         {"state", "STATE", ""},
          {"reason_codes", "REASONS", ""}, {"countries", "COUNTRIES", ""},
          {"expires_at", "EXPIRES", ""},   {"expired", "", ""}};
}

std::vector<Cell> verdict_cells(const v1::Verdict& verdict, WallTime now) {
  const std::string reasons =
      joined(verdict.reasons(), " ", [](const auto& reason) { return printable(reason.code()); });
  std::string countries = joined(verdict.countries(), " ", printable);
  constexpr std::size_t kCountriesShown = 24;  // eight codes; more of them say "nearly anywhere"
  if (countries.size() > kCountriesShown) {
    countries = std::to_string(verdict.countries_size()) + " countries";
  }
  return {{short_time(verdict.decided_unix_ns())},
          {hex_of(verdict.verdict_id())},
          {hex_of(verdict.chip_id())},
          state_cell(verdict, now),
          {reasons},
          {countries},
          {short_time(verdict.expires_unix_ns())},
          {""}};
}

std::string requester_text(const v1::RoundRequester& requester) {
  std::string out = printable(requester.name()) + " at " + short_time(requester.at_unix_ns());
  if (!requester.certificate_sha256().empty())
    out += ", with the certificate " + hex_of(requester.certificate_sha256());
  return out;
}

Cell state_cell(const v1::Verdict& verdict, WallTime now) {
  if (expired(verdict, now)) return {state_name(verdict.state()) + " (expired)", Colour::kDim};
  return {state_name(verdict.state()), colour_of(verdict.state())};
}

void write_verdict_as(CommandContext& context, const v1::Verdict& verdict) {
  switch (context.format) {
    case OutputFormat::kTable:
      write_verdict(context.out, verdict, context.out_colour);
      return;
    case OutputFormat::kJson:
    case OutputFormat::kNdjson:
      write_json(context.out, context.format, verdict_record(verdict, context.now));
      return;
    case OutputFormat::kGeojson:
      write_json(context.out, context.format, verdict_map(verdict));
      return;
    case OutputFormat::kCsv: {
      RecordWriter writer{context.out, context.format, verdict_columns(), false};
      writer.add({}, verdict_record(verdict, context.now));
      return;
    }
  }
}

namespace {

class VerdictList : public RemoteCommand {
 public:
  VerdictList()
      : RemoteCommand{{.path = "verdict list",
                       .text = "Verdicts, newest first",
                       .footer = R"(Examples:
  chiploc verdict list --chip 9f3a
  chiploc verdict list --holder Acme --since 7d --state outside,prohibited
  chiploc verdict list --state INVALID --limit 0 -o ndjson)",
                       .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                   OutputFormat::kCsv}}} {
    list_.limit = 100;
  }

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("--chip", chip_, "Only of this chip")].names = NameHint::kChips;
    list_.add_to(line, hints, "a verdict");
    CLI::Option* sort = line.add_option("--sort", sort_, "newest or oldest first, as the rounds began");
    sort->transform(CLI::IsMember({"newest", "oldest"}, CLI::ignore_case))->capture_default_str();
    hints[sort].choices = {"newest", "oldest"};
  }

 private:
  CommandResult ask(CommandContext& context) override;
  ListOptions list_;
  std::string chip_;
  std::string sort_ = "newest";
};

CommandResult VerdictList::ask(CommandContext& context) {
  constexpr unsigned kPage = 500;
  v1::ListVerdictsRequest request;
  if (const auto filled = list_.fill(request, context.now); !filled) return Fail{filled.error()};
  request.set_chip(chip_);
  request.set_oldest_first(sort_ == "oldest");
  RecordWriter writer{context.out, context.format, verdict_columns(), context.out_colour};
  std::uint64_t shown = 0, total = 0;
  bool total_more = false;
  while (list_.limit == 0 || shown < list_.limit) {
    request.set_page_size(list_.limit == 0
                              ? kPage
                              : static_cast<unsigned>(std::min<std::uint64_t>(list_.limit - shown, kPage)));
    const auto page = context.client.list_verdicts(request);
    if (!page) return Fail{page.error()};
    for (const auto& verdict : page->verdicts()) {
      writer.add(verdict_cells(verdict, context.now), verdict_record(verdict, context.now));
    }
    shown += static_cast<std::uint64_t>(page->verdicts_size());
    if (request.page_token().empty()) {
      total = page->total();
      total_more = page->total_more();
    }
    request.set_with_total(false);  // the first page counts them all
    request.set_page_token(page->next_page_token());
    if (request.page_token().empty()) break;
  }
  writer.finish("no verdicts");
  if (!request.page_token().empty()) list_.say_cut(context.err, shown, total, total_more);
  return ExitCode::kFine;
}

class VerdictShow : public RemoteCommand {
 public:
  VerdictShow()
      : RemoteCommand{{.path = "verdict show",
                       .text = "One verdict with its reasons, or its evidence as files",
                       .footer = R"(Examples:
  chiploc verdict show 9f3a
  chiploc verdict show 9f3a --evidence evidence-9f3a
  chiploc verdict show 9f3a -o json | jq .reasons)",
                       .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                   OutputFormat::kCsv, OutputFormat::kGeojson}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("verdict", verdict_, kVerdictHelp)->required()].names = NameHint::kChips;
    CLI::Option* folder =
        line.add_option("--evidence", evidence_folder_,
                        "Also write the round's raw evidence into this new folder (auditors, admins)");
    hints[folder].folders = true;
  }

 private:
  CommandResult ask(CommandContext& context) override;
  std::string verdict_;
  std::string evidence_folder_;
};

CommandResult VerdictShow::ask(CommandContext& context) {
  v1::GetVerdictRequest request;
  request.set_verdict(verdict_);
  request.set_with_evidence(!evidence_folder_.empty());
  const auto answer = context.client.verdict(request);
  if (!answer) return Fail{answer.error()};
  if (!evidence_folder_.empty()) {
    const auto files = evidence_files(answer->evidence());
    const InterruptLater whole;
    if (const auto written = write_evidence(files, evidence_folder_); !written) {
      return Fail{CliFault{ExitCode::kUsage, written.error()}};
    }
    context.err << "evidence: " << files.size() << " files in " << evidence_folder_ << '\n';
  }
  if (context.format == OutputFormat::kJson || context.format == OutputFormat::kNdjson) {
    write_json(context.out, context.format, verdict_answer(*answer, context.now));
    return ExitCode::kFine;
  }
  write_verdict_as(context, answer->verdict());
  if (context.format == OutputFormat::kTable && !answer->requested_by().name().empty())
    context.out << "  requested by " << requester_text(answer->requested_by()) << '\n';
  return ExitCode::kFine;
}

}  // namespace

CommandList verdict_commands() {
  CommandList list;
  list.push_back(verify_command());
  list.push_back(std::make_unique<VerdictList>());
  list.push_back(std::make_unique<VerdictShow>());
  list.push_back(map_command());
  list.push_back(replay_command());
  list.push_back(watch_command());
  return list;
}

}  // namespace chiploc
