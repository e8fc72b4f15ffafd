#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>
#include <utility>

#include "proto/base/joined.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/interrupt.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/cli/watch.hpp"
#include "server/text/number_check.hpp"

namespace chiploc {
namespace {

constexpr unsigned kParallelMost = 32;
/// Without --deadline the policy's holds, which only the coordinator knows; no policy allows more than ten
/// minutes.
constexpr std::chrono::milliseconds kLongestRound = std::chrono::minutes{10};

/// As the person typed it: --deadline, and the command that has the verdict of the round that runs.
std::string in_terms_of_verify(std::string fault, const std::string& chip) {
  constexpr std::string_view kInTheList = "in the verdict list";
  fault = in_terms_of_option(std::move(fault));
  if (const std::size_t at = fault.find(kInTheList); at != std::string::npos)
    fault.replace(at, kInTheList.size(), "with: chiploc verdict list --chip " + chip);
  return fault;
}

/// What became of one chip of several.
struct ChipOutcome {
  std::string chip;  ///< as it was named
  std::optional<v1::Verdict> verdict;
  std::optional<CliFault> fault;  ///< instead of it

  [[nodiscard]] ExitCode code() const { return verdict ? exit_code_of(verdict->state()) : fault->code; }
};

Json record_of(const ChipOutcome& outcome, WallTime now) {
  Json record = outcome.verdict ? verdict_record(*outcome.verdict, now) : Json::object();
  record["asked_for"] = outcome.chip;
  record["fault"] = outcome.fault ? Json(outcome.fault->text) : Json(nullptr);
  return record;
}

std::vector<Column> outcome_columns() {
  std::vector<Column> columns{{"asked_for", "CHIP", ""}};
  for (Column& column : verdict_columns()) {
    if (column.name == "chip_id") column.title.clear();
    columns.push_back(std::move(column));
  }
  columns.push_back({"fault", "FAULT", ""});
  return columns;
}

std::vector<Cell> cells_of(const ChipOutcome& outcome, WallTime now) {
  std::vector<Cell> cells{{printable(outcome.chip)}};
  std::vector<Cell> more = outcome.verdict ? verdict_cells(*outcome.verdict, now)
                                           : std::vector<Cell>(verdict_columns().size(), {"-"});
  cells.insert(cells.end(), more.begin(), more.end());
  cells.push_back({outcome.fault ? printable(outcome.fault->text) : "", Colour::kRed});
  return cells;
}

class Verify : public RemoteCommand {
 public:
  Verify()
      : RemoteCommand{
            {.path = "verify",
             .text = "Measure chips now and print their verdicts (verifiers, admins)",
             .footer =
                 R"(The exit code is the verdict: 0 VERIFIED, 10 CLEARED, 11 UNRESOLVED, 12 OUTSIDE, 13 PROHIBITED,
14 SILENT, 15 INVALID. Of several chips it is the highest, faults of single chips (64 and above) included.
Interrupting (exit code 130) does not stop the rounds.

Examples:
  chiploc verify 9f3a --watch
  chiploc verify SN-0007 --deadline 30 -o json
  chiploc verify SN-0007 SN-0008 9f3a
  chiploc verify --licence L-7 --parallel 8 -o csv)",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson, OutputFormat::kCsv,
                         OutputFormat::kGeojson}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("chip", chips_, "Chip ids, prefixes of them (4 digits or more), or serial numbers")]
        .names = NameHint::kChips;
    hints[line.add_option("--licence", licence_, "Every chip of this licence")].names = NameHint::kLicences;
    line.add_option("--parallel", parallel_, "Of several chips so many at a time")
        ->check(CLI::Range(1U, kParallelMost))
        ->capture_default_str();
    line.add_flag("--watch", watch_,
                  "Show each anchor's progress (on standard error; with -o ndjson as lines); of one chip");
    line.add_option("--deadline", deadline_s_, "Seconds for a round; else the policy's")
        ->check(is_number())
        ->check(CLI::Range(1.0, 600.0));
  }

 private:
  CommandResult ask(CommandContext& context) override;
  CommandResult verify_one(CommandContext& context, const std::string& chip);
  CommandResult verify_several(CommandContext& context, const std::vector<std::string>& chips);
  [[nodiscard]] v1::VerifyRequest request_for(const std::string& chip) const;
  [[nodiscard]] std::chrono::milliseconds patience(const CommandContext& context) const;

  std::vector<std::string> chips_;
  std::string licence_;
  unsigned parallel_ = 4;
  bool watch_ = false;
  double deadline_s_ = 0;  // 0: the policy's
};

v1::VerifyRequest Verify::request_for(const std::string& chip) const {
  v1::VerifyRequest request;
  request.set_chip(chip);
  request.set_deadline_ms(static_cast<std::uint32_t>(std::llround(deadline_s_ * 1000)));
  return request;
}

std::chrono::milliseconds Verify::patience(const CommandContext& context) const {
  const std::chrono::milliseconds deadline{std::llround(deadline_s_ * 1000)};
  return (deadline.count() > 0 ? deadline : kLongestRound) + context.patience;
}

Result<std::vector<std::string>, CliFault> chips_of_licence(CommandContext& context,
                                                            const std::string& licence) {
  std::vector<std::string> out;
  v1::ListChipsRequest request;
  request.set_licence(licence);
  do {
    const auto page = context.client.list_chips(request);
    if (!page) return Fail{page.error()};
    for (const auto& chip : page->chips()) out.push_back(hex_of(chip.chip_id()));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return out;
}

CommandResult Verify::ask(CommandContext& context) {
  const auto wrong = [](const char* text) { return Fail{CliFault{ExitCode::kUsage, text}}; };
  if (chips_.empty() == licence_.empty()) return wrong("name chips, or a --licence whose chips are meant");
  std::vector<std::string> chips = chips_;
  if (!licence_.empty()) {
    auto found = chips_of_licence(context, licence_);
    if (!found) return Fail{found.error()};
    chips = std::move(*found);
    if (chips.empty())
      return Fail{CliFault{ExitCode::kNotFound, "licence " + printable(licence_) + " has no chips"}};
  }
  if (chips.size() == 1 && licence_.empty()) return verify_one(context, chips.front());
  if (watch_) return wrong("--watch shows one chip; leave it out for several");
  if (context.format == OutputFormat::kGeojson)
    return wrong("-o geojson is of one chip; leave it out for several");
  return verify_several(context, chips);
}

CommandResult Verify::verify_one(CommandContext& context, const std::string& chip) {
  RoundWatch watch{context.err, context.err_rows, context.err_colour};
  RoundWait wait{context.err};
  const bool lines = watch_ && context.format == OutputFormat::kNdjson;
  const std::string look = "'chiploc verdict show " + chip + "' has its verdict when it is done";
  on_interrupt_say("if the round has begun it goes on; " + look);
  const auto verdict =
      context.client.verify(request_for(chip), patience(context), [&](const v1::VerifyEvent& event) {
        if (event.has_started())
          on_interrupt_say("round " + hex_of(event.started().round_id()) + " goes on; " + look);
        if (lines) {
          write_json(context.out, context.format, json_of(event));
          context.out.flush();
        } else if (watch_) {
          watch.on_event(event);
        } else {
          wait.on_event(event, context.now);
        }
      });
  if (!verdict) return Fail{CliFault{verdict.error().code, in_terms_of_verify(verdict.error().text, chip)}};
  if (!lines) write_verdict_as(context, *verdict);
  return exit_code_of(verdict->state());
}

/// So many threads as rounds at a time; each takes the next chip. What is done is written as it comes.
CommandResult Verify::verify_several(CommandContext& context, const std::vector<std::string>& chips) {
  on_interrupt_say(
      "rounds that have begun go on; 'chiploc verdict list' has their verdicts when they are done");
  RecordWriter writer{context.out, context.format, outcome_columns(), context.out_colour};
  const bool at_once = context.format == OutputFormat::kNdjson || context.format == OutputFormat::kCsv;
  std::atomic<std::size_t> next{0};
  std::mutex mutex;  // guards what follows
  ExitCode worst = ExitCode::kFine;
  std::map<std::string, std::size_t> counts;
  const auto run = [&] {
    for (std::size_t at = next++; at < chips.size(); at = next++) {
      ChipOutcome outcome{chips[at], std::nullopt, std::nullopt};
      auto verdict =
          context.client.verify(request_for(chips[at]), patience(context), [](const v1::VerifyEvent&) {});
      if (verdict) {
        outcome.verdict = std::move(*verdict);
      } else {
        outcome.fault = CliFault{verdict.error().code, in_terms_of_verify(verdict.error().text, chips[at])};
      }
      const std::lock_guard lock{mutex};
      worst = std::max(worst, outcome.code());
      ++counts[outcome.verdict ? state_name(outcome.verdict->state()) : "failed"];
      writer.add(cells_of(outcome, context.now), record_of(outcome, context.now));
      context.out.flush();
      if (at_once) continue;  // else the list comes when all are done
      context.err << printable(outcome.chip) << ": "
                  << (outcome.verdict ? state_name(outcome.verdict->state()) : printable(outcome.fault->text))
                  << '\n';
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < std::min<std::size_t>(parallel_, chips.size()); ++i) threads.emplace_back(run);
  for (std::thread& thread : threads) thread.join();
  writer.finish("no chips");
  context.err << chips.size() << " chips: " << joined(counts, ", ", [](const auto& counted) {
    return std::to_string(counted.second) + " " + counted.first;
  }) << '\n';
  return worst;
}

}  // namespace

std::unique_ptr<Command> verify_command() { return std::make_unique<Verify>(); }

}  // namespace chiploc
