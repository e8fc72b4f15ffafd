#include <algorithm>
#include <cmath>
#include <utility>

#include "proto/base/joined.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/evidence_folder.hpp"
#include "server/cli/interrupt.hpp"
#include "server/cli/map_command.hpp"
#include "server/cli/replay_command.hpp"
#include "server/cli/verdict_map.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/cli/watch.hpp"
#include "server/service/json_view.hpp"
#include "server/text/number_check.hpp"

namespace chiploc {
namespace {

constexpr const char* kVerdictHelp = "Verdict id or a prefix of it; or a chip: its newest verdict";

std::vector<Column> verdict_columns() {
  return {{"decided_at", "DECIDED", ""},   {"verdict_id", "VERDICT", ""},
          {"chip_id", "CHIP", ""},         {"state", "STATE", ""},
          {"reason_codes", "REASONS", ""}, {"countries", "COUNTRIES", ""},
          {"expires_at", "EXPIRES", ""},   {"expired", "", ""}};
}

Json verdict_record(const v1::Verdict& verdict, WallTime now) {
  Json record = json_of(verdict);
  record["expired"] = expired(verdict, now);
  return record;
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

}  // namespace

bool expired(const v1::Verdict& verdict, WallTime now) {
  return Nanoseconds{verdict.expires_unix_ns()} <= now.since_epoch;
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

class Verify : public RemoteCommand {
 public:
  Verify()
      : RemoteCommand{
            {.path = "verify",
             .text = "Measure a chip now and print its verdict (admins)",
             .footer =
                 R"(The exit code is the verdict: 0 VERIFIED, 10 CLEARED, 11 UNRESOLVED, 12 OUTSIDE, 13 PROHIBITED,
14 SILENT, 15 INVALID. Interrupting (exit code 130) does not stop the round.

Examples:
  chiploc verify 9f3a --watch
  chiploc verify SN-0007 --deadline 30 -o json)",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson, OutputFormat::kCsv,
                         OutputFormat::kGeojson}}} {}

  void add_options(CLI::App& line, CompletionHints& /*hints*/) override {
    add_chip_argument(line, chip_);
    line.add_flag("--watch", watch_,
                  "Show each anchor's progress (on standard error; with -o ndjson as lines)");
    line.add_option("--deadline", deadline_s_, "Seconds for the round; else the policy's")
        ->check(is_number())
        ->check(CLI::Range(1.0, 600.0));
  }

 private:
  CommandResult ask(CommandContext& context) override;
  std::string chip_;
  bool watch_ = false;
  double deadline_s_ = 0;  // 0: the policy's
};

CommandResult Verify::ask(CommandContext& context) {
  using std::chrono::milliseconds;
  v1::VerifyRequest request;
  request.set_chip(chip_);
  const milliseconds deadline{std::llround(deadline_s_ * 1000)};
  request.set_deadline_ms(static_cast<std::uint32_t>(deadline.count()));
  // Without --deadline the policy's holds, which only the coordinator knows; no policy allows more than ten
  // minutes.
  constexpr milliseconds kLongestRound = std::chrono::minutes{10};
  const milliseconds patience = (deadline.count() > 0 ? deadline : kLongestRound) + context.patience;

  RoundWatch watch{context.err, context.err_rows, context.err_colour};
  const bool lines = watch_ && context.format == OutputFormat::kNdjson;
  const std::string look = "'chiploc verdict show " + chip_ + "' has its verdict when it is done";
  on_interrupt_say("if the round has begun it goes on; " + look);
  const auto verdict = context.client.verify(request, patience, [&](const v1::VerifyEvent& event) {
    if (event.has_started())
      on_interrupt_say("round " + hex_of(event.started().round_id()) + " goes on; " + look);
    if (lines) {
      write_json(context.out, context.format, json_of(event));
      context.out.flush();
    } else if (watch_) {
      watch.on_event(event);
    }
  });
  if (!verdict) return Fail{CliFault{verdict.error().code, in_terms_of_option(verdict.error().text)}};
  if (!lines) write_verdict_as(context, *verdict);
  return exit_code_of(verdict->state());
}

class VerdictList : public RemoteCommand {
 public:
  VerdictList()
      : RemoteCommand{{.path = "verdict list",
                       .text = "Verdicts, newest first",
                       .footer = R"(Examples:
  chiploc verdict list --chip 9f3a
  chiploc verdict list --state INVALID --limit 0 -o ndjson)",
                       .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                   OutputFormat::kCsv}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    line.add_option("--chip", chip_, "Only of this chip");
    add_state_option(line, hints, states_, "Only of this state; may be repeated");
    line.add_option("--limit", limit_, "At most so many; 0: all")->capture_default_str();
  }

 private:
  CommandResult ask(CommandContext& context) override;
  std::string chip_;
  std::vector<std::string> states_;
  unsigned limit_ = 100;
};

CommandResult VerdictList::ask(CommandContext& context) {
  constexpr unsigned kPage = 500;
  RecordWriter writer{context.out, context.format, verdict_columns(), context.out_colour};
  v1::ListVerdictsRequest request;
  request.set_chip(chip_);
  for (const auto state : states_of(states_)) request.add_states(state);
  unsigned left = limit_ == 0 ? ~0U : limit_;
  while (left > 0) {
    request.set_page_size(std::min(left, kPage));
    const auto page = context.client.list_verdicts(request);
    if (!page) return Fail{page.error()};
    for (const auto& verdict : page->verdicts()) {
      writer.add(verdict_cells(verdict, context.now), verdict_record(verdict, context.now));
    }
    left -= std::min(left, static_cast<unsigned>(page->verdicts_size()));
    request.set_page_token(page->next_page_token());
    if (request.page_token().empty()) break;
  }
  writer.finish("no verdicts");
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
    line.add_option("verdict", verdict_, kVerdictHelp)->required();
    CLI::Option* folder = line.add_option(
        "--evidence", evidence_folder_, "Also write the round's raw evidence into this new folder (admins)");
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
  write_verdict_as(context, answer->verdict());
  return ExitCode::kFine;
}

}  // namespace

CommandList verdict_commands() {
  CommandList list;
  list.push_back(std::make_unique<Verify>());
  list.push_back(std::make_unique<VerdictList>());
  list.push_back(std::make_unique<VerdictShow>());
  list.push_back(map_command());
  list.push_back(replay_command());
  return list;
}

}  // namespace chiploc
