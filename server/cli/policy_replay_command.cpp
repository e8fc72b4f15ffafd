// policy replay: what another policy would have said of the rounds that are stored.
#include <algorithm>
#include <map>

#include "server/cli/interrupt.hpp"
#include "server/cli/policy_commands.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/service/policy_json.hpp"
#include "server/text/moments.hpp"
#include "server/text/number_check.hpp"

namespace chiploc {
namespace {

using Moved = v1::ReplayPolicyResponse::Moved;
using Change = v1::ReplayPolicyResponse::Change;

/// Of one chip: how many rounds would have another state, and the newest of them.
struct ChipTrial {
  std::uint64_t rounds = 0;
  Change newest;
};

/// All pages together.
struct TrialSums {
  std::uint64_t rounds = 0, changed = 0;
  std::map<std::pair<int, int>, std::uint64_t> moved;
  std::map<std::string, std::uint64_t> unjudged;
  std::map<std::string, ChipTrial> chips;

  void add(const v1::ReplayPolicyResponse& page) {
    for (const Moved& one : page.moved()) {
      moved[{one.was(), one.is()}] += one.rounds();
      rounds += one.rounds();
      if (one.was() != one.is()) changed += one.rounds();
    }
    for (const auto& one : page.unjudged()) unjudged[one.why()] += one.rounds();
    for (const Change& change : page.changes()) {
      ChipTrial& chip = chips[change.chip_id()];
      ++chip.rounds;
      chip.newest = change;  // pages come oldest first
    }
  }
};

Json moved_json(const TrialSums& sums) {
  Json out = Json::array();
  for (const auto& [states, rounds] : sums.moved) {
    Moved moved;
    moved.set_was(static_cast<v1::VerdictState>(states.first));
    moved.set_is(static_cast<v1::VerdictState>(states.second));
    moved.set_rounds(rounds);
    out.push_back(json_of(moved));
  }
  return out;
}

Json unjudged_json(const TrialSums& sums) {
  Json out = Json::array();
  for (const auto& [why, rounds] : sums.unjudged) out.push_back({{"why", why}, {"rounds", rounds}});
  return out;
}

Json chip_json(const ChipTrial& chip) {
  Json out = json_of(chip.newest);
  out["rounds_changed"] = chip.rounds;
  return out;
}

Cell cell_of(v1::VerdictState state) { return {state_name(state), colour_of(state)}; }

class PolicyReplay : public RemoteCommand {
 public:
  PolicyReplay()
      : RemoteCommand{
            {.path = "policy replay",
             .text = "What another policy would have said of stored rounds (auditors, admins)",
             .footer =
                 R"(Counts rounds by the state that they have and the one that they would have, and lists the chips of which some round would have
another, with the newest of these rounds. It changes nothing. Evidence is not verified again (chiploc verdict replay does
that), unless the fault budget decides whether it holds.

Examples:
  chiploc policy replay fibre.toml --since 30d
  chiploc policy replay strict.toml --since 30d --licence L-2026-1 --limit 0
  chiploc policy replay strict.toml -o json | jq '.chips[] | select(.is == "UNRESOLVED")')",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                         OutputFormat::kCsv}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("file", file_, "File with the section [policy], by which to judge")->required()]
        .files = true;
    hints[line.add_option("--licence", licence_, "Only of chips of this licence")].names =
        NameHint::kLicences;
    line.add_option("--since", since_, "Only rounds decided from then on: 2026-11-30, 2h, 30d");
    line.add_option("--until", until_, "Only rounds decided before then");
    line.add_option("--limit", limit_, "List at most so many chips; 0: all")
        ->check(is_whole())
        ->capture_default_str();
  }

 private:
  CommandResult ask(CommandContext& context) override;
  void write(CommandContext& context, const v1::ReplayPolicyResponse& last, const TrialSums& sums) const;
  [[nodiscard]] std::size_t shown_of(const TrialSums& sums) const {
    return limit_ == 0 ? sums.chips.size() : std::min<std::size_t>(limit_, sums.chips.size());
  }
  std::string file_, licence_, since_, until_;
  unsigned limit_ = 100;
};

/// A time of the command line in nanoseconds; 0 for none.
Result<std::int64_t, CliFault> trial_moment(const char* option, const std::string& text, WallTime now) {
  if (text.empty()) return std::int64_t{0};
  const auto time = parse_moment(text, now);
  if (!time) return Fail{CliFault{ExitCode::kUsage, std::string{option} + ": " + time.error()}};
  return std::int64_t{time->since_epoch.count()};
}

CommandResult PolicyReplay::ask(CommandContext& context) {
  v1::ReplayPolicyRequest request;
  auto policy = read_policy_file(file_);
  if (!policy) return Fail{policy.error()};
  *request.mutable_policy() = std::move(*policy);
  request.set_licence(licence_);
  const auto since = trial_moment("--since", since_, context.now);
  if (!since) return Fail{since.error()};
  const auto until = trial_moment("--until", until_, context.now);
  if (!until) return Fail{until.error()};
  request.set_since_unix_ns(*since);
  request.set_until_unix_ns(*until);
  on_interrupt_say("stopped; nothing was changed\n");
  TrialSums sums;
  v1::ReplayPolicyResponse last;
  std::uint64_t told = 0;
  do {
    auto page = context.client.replay_policy(request);
    if (!page) return Fail{policy_file_fault(page.error(), request.policy())};
    sums.add(*page);
    request.set_page_token(page->next_page_token());
    last = *std::move(page);
    constexpr std::uint64_t kTellEvery = 20'000;
    if (context.err_rows > 0 && sums.rounds >= told + kTellEvery) {
      told = sums.rounds;
      context.err << number_text(static_cast<double>(told), 0) << " rounds judged ...\n";
    }
  } while (!request.page_token().empty());
  write(context, last, sums);
  return ExitCode::kFine;
}

void PolicyReplay::write(CommandContext& context, const v1::ReplayPolicyResponse& last,
                         const TrialSums& sums) const {
  const std::vector<Column> chip_columns{{"chip_id", "CHIP", "/chip_id"},
                                         {"serial", "SERIAL", "/serial"},
                                         {"rounds_changed", "ROUNDS", "/rounds_changed", true},
                                         {"was", "WAS", "/was"},
                                         {"would_be", "WOULD BE", "/would_be"},
                                         {"reason_code", "REASON", "/reason_code"},
                                         {"verdict_id", "NEWEST VERDICT", "/verdict_id"},
                                         {"decided_at", "DECIDED", "/decided_at"}};
  if (context.format == OutputFormat::kJson || context.format == OutputFormat::kNdjson) {
    Json chips = Json::array();
    std::size_t left = shown_of(sums);
    for (const auto& [id, chip] : sums.chips) {
      if (left-- == 0) break;
      chips.push_back(chip_json(chip));
    }
    write_json(context.out, context.format,
               {{"sha256", hex_of(last.sha256())},
                {"version", last.version()},
                {"rounds", sums.rounds},
                {"rounds_changed", sums.changed},
                {"moved", moved_json(sums)},
                {"unjudged", unjudged_json(sums)},
                {"chips_changed", sums.chips.size()},
                {"chips", std::move(chips)}});
    return;
  }
  if (context.format == OutputFormat::kTable) {
    context.out << number_text(static_cast<double>(sums.rounds), 0) << " rounds by "
                << printable(last.version()) << ": " << number_text(static_cast<double>(sums.changed), 0)
                << " would have another state\n\n";
    std::vector<std::vector<Cell>> rows;
    for (const auto& [states, rounds] : sums.moved) {
      rows.push_back({cell_of(static_cast<v1::VerdictState>(states.first)),
                      cell_of(static_cast<v1::VerdictState>(states.second)),
                      {number_text(static_cast<double>(rounds), 0)}});
    }
    write_table(context.out, {{"", "WAS", ""}, {"", "WOULD BE", ""}, {"", "ROUNDS", "", true}}, rows,
                context.out_colour);
    for (const auto& [why, rounds] : sums.unjudged) {
      context.out << number_text(static_cast<double>(rounds), 0)
                  << " more cannot be judged again: " << printable(why) << '\n';
    }
    context.out << '\n';
  }
  RecordWriter writer{context.out, context.format, chip_columns, context.out_colour};
  std::size_t left = shown_of(sums);
  for (const auto& [id, chip] : sums.chips) {
    if (left-- == 0) break;
    writer.add({{hex_of(id)},
                {printable(chip.newest.serial())},
                {number_text(static_cast<double>(chip.rounds), 0)},
                cell_of(chip.newest.was()),
                cell_of(chip.newest.is()),
                {printable(chip.newest.reason())},
                {hex_of(chip.newest.verdict_id())},
                {short_time(chip.newest.decided_unix_ns())}},
               chip_json(chip));
  }
  writer.finish("no chip would have another state");
  if (shown_of(sums) < sums.chips.size()) {
    context.err << "showing " << number_text(static_cast<double>(shown_of(sums)), 0) << " of "
                << number_text(static_cast<double>(sums.chips.size()), 0) << " chips; --limit 0 shows all\n";
  }
}

}  // namespace

std::unique_ptr<Command> policy_replay_command() { return std::make_unique<PolicyReplay>(); }

}  // namespace chiploc
