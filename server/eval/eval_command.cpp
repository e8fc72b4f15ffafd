#include "server/eval/eval_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include "proto/base/bytes.hpp"
#include "proto/base/joined.hpp"
#include "server/eval/digest.hpp"
#include "server/eval/eval_arguments.hpp"
#include "server/eval/misplaced.hpp"
#include "server/eval/output.hpp"
#include "server/eval/plot.hpp"
#include "server/eval/progress_bar.hpp"
#include "server/eval/rtt_check.hpp"
#include "server/eval/rtt_input.hpp"
#include "server/eval/usage.hpp"
#include "server/eval/would_resolve.hpp"
#include "server/text/terminal.hpp"
#include "server/text/usage.hpp"

namespace chiploc {
namespace {

bool write_file(const std::string& path, const std::string& content) {
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  out << content;
  out.close();
  return out.good();
}

/// Looked at before hours of work, not after.
std::optional<std::string> unwritable(const EvalArguments& arguments) {
  for (const std::string& path : {arguments.plot, arguments.list}) {
    if (!path.empty() && !std::ofstream{path, std::ios::app})
      return path + ": cannot be written; name another file";
  }
  return std::nullopt;
}

/// What of the folder is used and how it was read, before anything is computed.
void tell_reading(const RttSet& set, std::span<const CaseRow> rows) {
  for (const std::string& note : notes_of(set)) tell_eval(note);
  if (set.statistic != RttStatistic::kMinimum)
    tell_eval("column " + set.column + " read as the " + std::string{name_of(set.statistic)} + " of several");
  tell_eval(describe_usage(set, rows));
}

/// Targets of which nobody knows in which country they are: they count less than they seem to.
void tell_open(const RttSet& set, const std::vector<RowOutcome>& outcomes) {
  std::set<std::size_t> open;
  for (const RowOutcome& row : outcomes) {
    for (const CaseOutcome& outcome : row.cases) {
      if (outcome.own_open) open.insert(outcome.target);
    }
  }
  if (open.empty()) return;
  tell_eval(std::to_string(open.size()) +
            " targets may stand in several countries, as uncertain as their places are: " +
            joined(open, ", ", [&](std::size_t node) { return label_of(set.nodes[node]); }) +
            "; claims about these countries are in no figure");
}

int run_folder(const EvalArguments& arguments) {
  const Borders& borders = Borders::world();
  if (arguments.policy.flag >= arguments.policy.accept) {
    char text[128];
    std::snprintf(text, sizeof text, "--flag (%g) must be below --accept (%g), or a claim would be both",
                  arguments.policy.flag, arguments.policy.accept);
    return fail_eval(EvalExit::kUsage, text);
  }
  const auto options = fix_options(arguments, borders);
  if (!options) return fail_eval(EvalExit::kUsage, options.error());
  RttReading reading = reading_of(arguments);
  if (!arguments.targets.empty()) {
    auto text = load_targets(arguments.others.inputs.front(), arguments.targets);
    if (!text) return fail_eval(text.error());
    reading.targets = std::move(text).value();
    reading.targets_file = arguments.targets;
  }
  auto set = load_rtt_input(arguments.others, arguments.with_faulty, reading, borders);
  if (!set) return fail_eval(set.error());
  std::vector<std::string> labels;
  for (const std::string& label : arguments.anchors.empty() ? supported_rows(*set) : arguments.anchors) {
    if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
  }
  const std::string doubted = mark_misplaced(*set, borders);
  const auto rows = build_rows(*set, labels);
  if (!rows) return fail_eval(EvalExit::kUsage, rows.error());
  if (!doubted.empty()) tell_eval(doubted);
  if (const std::string why = no_cases(*set, *rows, !arguments.anchors.empty()); !why.empty())
    return fail_eval(EvalExit::kBadData, why);
  if (const std::string lost = lost_targets(*set, *rows); !lost.empty())
    return fail_eval(EvalExit::kBadData, lost);
  tell_reading(*set, *rows);
  if (const auto fault = unwritable(arguments)) return fail_eval(EvalExit::kUsage, *fault);

  if (arguments.would_resolve) {
    std::vector<WouldResolveRow> answers;
    {
      ProgressBar bar;
      answers = run_would_resolve(*set, *rows, borders, *options, arguments.threads,
                                  [&bar](std::size_t done, std::size_t total) { bar.show(done, total); });
    }
    write_would_resolve(std::cout, format_of(arguments), set->name, answers);
    return finish_eval(EvalExit::kFine);
  }
  std::vector<RowOutcome> outcomes;
  {
    ProgressBar bar;
    outcomes = run_rows(*set, *rows, borders, *options, arguments.threads,
                        [&bar](std::size_t done, std::size_t total) { bar.show(done, total); });
  }
  tell_open(*set, outcomes);
  std::set<std::size_t> suspects;
  for (const RowOutcome& row : outcomes) suspects.insert(row.suspects.begin(), row.suspects.end());
  if (!suspects.empty()) {
    tell_eval("left out as anchors, where the others contradict their place or label: " +
              joined(suspects, ", ", [&](std::size_t node) { return label_of(set->nodes[node]); }));
  }
  if (!arguments.plot.empty() && !write_file(arguments.plot, plot_svg(*set, outcomes, arguments.policy))) {
    return fail_eval(EvalExit::kUsage, arguments.plot + ": could not be written; is the disk full?");
  }
  if (!arguments.list.empty()) {
    std::ofstream out{arguments.list, std::ios::binary | std::ios::trunc};
    write_case_list(out, *set, outcomes);
    out.close();
    if (!out)
      return fail_eval(EvalExit::kUsage, arguments.list + ": could not be written; is the disk full?");
  }
  if (arguments.digest) {
    std::cout << "sha256 " << to_hex(digest_of(outcomes).bytes) << '\n';
    return finish_eval(EvalExit::kFine);
  }
  std::vector<SummaryRow> summary;
  for (const RowOutcome& row : outcomes) {
    for (const Grade grade : {Grade::kProof, Grade::kEstimate}) {
      summary.push_back(summarise(*set, row, grade, arguments.policy));
    }
  }
  write_rows(std::cout, format_of(arguments), summary);
  return finish_eval(EvalExit::kFine);
}

/// The command line of `chiploc eval`.
struct EvalLine {
  CLI::App app{
      "Runs the engine over real round trips between nodes at known places, each node by turns the chip, "
      "and prints how right, how sure and how fast it was. Two rows for each choice of anchors: what is "
      "proved, and what is estimated beyond that.",
      "chiploc eval"};
  EvalArguments given;
  EvalOptions options = add_eval_options(app, given);
};

}  // namespace

void with_eval_line(const std::function<void(const CLI::App&)>& use) { use(EvalLine{}.app); }

int run_eval_command(const std::vector<std::string>& arguments) {
  EvalLine line;
  std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};  // as CLI11 wants them
  try {
    line.app.parse(reversed);
  } catch (const CLI::Success& wanted) {
    return line.app.exit(wanted, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    return fail_eval(EvalExit::kUsage, usage_fault(line.app, error));
  }
  if (line.options.convert->parsed()) return run_convert_command(line.given.convert);
  if (line.options.soundness->count() > 0) return run_soundness_command(line.given);
  if (line.options.folder->count() == 0) {
    return fail_eval(
        EvalExit::kUsage,
        "name a folder of measurements, files of others, or --soundness N; see: chiploc eval --help");
  }
  return run_folder(line.given);
}

}  // namespace chiploc
