#include "server/eval/eval_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <set>

#include "proto/base/bytes.hpp"
#include "server/eval/digest.hpp"
#include "server/eval/misplaced.hpp"
#include "server/eval/output.hpp"
#include "server/eval/plot.hpp"
#include "server/eval/progress_bar.hpp"
#include "server/eval/rtt_check.hpp"
#include "server/eval/rtt_folder.hpp"
#include "server/eval/soundness.hpp"
#include "server/eval/usage.hpp"
#include "server/text/number_check.hpp"
#include "server/text/terminal.hpp"
#include "server/text/usage.hpp"

namespace chiploc {
namespace {

constexpr double kUncertaintyMost = 1'000.0;

struct EvalArguments {
  std::string folder;
  std::vector<std::string> anchors, prohibited;
  std::string speed = "vacuum", output = "table", plot, list, statistic = "minimum", targets;
  unsigned faults = 0, threads = 0;
  double uncertainty_km = 0.0, added_ms = 0.0;
  std::optional<double> resolution_ms;
  std::vector<double> believed_ms;
  bool truncated = false, believed_fast = false, believed_order = false;
  ClaimPolicy policy;
  bool with_faulty = false, digest = false, relay = false;
  std::uint64_t soundness = 0, seed = 1;
  unsigned liars = 0;
};

int code_of(EvalExit code) { return static_cast<int>(code); }

int fail(EvalExit code, const std::string& text) {
  std::cout.flush();
  std::cerr << "chiploc eval: " << printable_lines(text) << '\n';
  return code_of(code);
}

/// A full disk or a closed pipe must not look like success.
int finish(EvalExit code) {
  std::cout.flush();
  if (!std::cout)
    return fail(EvalExit::kInternal, "standard output could not be written; look at the disk or the pipe");
  return code_of(code);
}

/// Adds the options to `app`. What they store into must outlive it.
struct Options {
  CLI::Option* folder;
  CLI::Option* soundness;
};
Options add_options(CLI::App& app, EvalArguments& to) {
  Options options{};
  options.folder =
      app.add_option("DIR", to.folder, "Folder of nodes.csv, rtt.csv and, if there are any, subsets.csv");
  app.add_option("--anchors", to.anchors,
                 "Who measures: all (all others), all-100km (all others at least 100 km away), or a label of "
                 "subsets.csv; several with commas or repeated (default: every one the folder has)")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--speed", to.speed, "Speed that the proof assumes: vacuum (c), or fibre (2/3 c)")
      ->check(CLI::IsMember({"vacuum", "fibre"}))
      ->capture_default_str();
  app.add_option("--faults", to.faults, "Anchors that may lie without misleading the proof")
      ->check(CLI::Range(0U, 1'000U))
      ->capture_default_str();
  app.add_option("--prohibited", to.prohibited, "Prohibited territories, e.g. CN,RU (default: none)")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--anchor-uncertainty-km", to.uncertainty_km,
                 "How far anchors may stand from where they say")
      ->check(is_number())
      ->check(CLI::Range(0.0, kUncertaintyMost))
      ->capture_default_str();
  app.add_option("--added-delay-ms", to.added_ms,
                 "Add this to every round trip to a target, as a relay or a stalling chip would")
      ->check(is_number())
      ->check(CLI::Range(0.0, 10'000.0))
      ->capture_default_str();
  app.add_option("--statistic", to.statistic,
                 "What the round trips are of several: minimum, mean (column avg_ms or mean_ms, if "
                 "there is one) or median (median_ms)")
      ->check(CLI::IsMember({"minimum", "mean", "median"}))
      ->capture_default_str();
  auto* const resolution =
      app.add_option(
             "--resolution-ms", to.resolution_ms,
             "Step to which the round trips were rounded: half of it is added to each; 0: they are exact")
          ->check(is_number())
          ->check(CLI::Range(0.0, 1'000.0));
  app.add_flag("--truncated", to.truncated, "They were rounded down: the whole step is added")
      ->needs(resolution);
  app.add_option("--believe-ms", to.believed_ms,
                 "A value that repeats like a placeholder and was measured all the same")
      ->check(is_number())
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_flag("--believe-order", to.believed_order,
               "Rows that fit other nodes than their own stand where they belong");
  app.add_flag(
      "--believe-fast", to.believed_fast,
      "Many round trips are faster than light in fibre and were measured all the same (radio links)");
  app.add_option(
      "--targets", to.targets,
      "File of the only targets: id, and for nodes that nodes.csv lacks name, lat, lon, country_iso2; "
      "all others are anchors");
  app.add_flag("--relay-score", to.relay,
               "Also weigh a relay for each case of --list (takes several times as long)");
  app.add_option("--accept", to.policy.accept, "Estimate grade: accept a claim from this probability on")
      ->check(is_number())
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--flag", to.policy.flag, "Estimate grade: flag a claim up to this probability")
      ->check(is_number())
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_flag("--with-faulty", to.with_faulty, "Put the nodes of faulty_nodes.csv back, as anchors");
  app.add_option("--threads", to.threads, "Threads (0: one for each processor); changes no result")
      ->check(CLI::Range(0U, 1'024U))
      ->capture_default_str();
  app.add_option("-o,--output", to.output, "table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
  app.add_option("--plot", to.plot, "Also draw errors, calibration and claims into this SVG file");
  app.add_option("--list", to.list, "Also write one line per case into this CSV file");
  app.add_flag("--digest", to.digest, "Print the SHA-256 of the quantised results instead of the rows");
  options.soundness =
      app.add_option("--soundness", to.soundness,
                     "Without DIR: simulate this many rounds, and look for the truth in each region")
          ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}));
  app.add_option(
         "--seed", to.seed,
         "--soundness: seed of the first round; the next ones count up. With DIR nothing is left to chance")
      ->capture_default_str();
  app.add_option("--liars", to.liars, "--soundness: anchors that lie in each round, and the fault budget")
      ->needs(options.soundness)
      ->check(CLI::Range(0U, kLiarsMax))
      ->capture_default_str();
  options.soundness->excludes(options.folder);
  app.footer(
      "Examples:\n"
      "  chiploc eval data/rtt/wonderproxy-2020\n"
      "  chiploc eval DIR --anchors all,random-16 --speed fibre --faults 1 --prohibited CN,RU,IR -o json\n"
      "  chiploc eval DIR --anchors all --plot eval.svg --list cases.csv\n"
      "  chiploc eval --soundness 1000000 --liars 2\n"
      "Exit codes: 0 done, 1 --soundness found a miss, 64 usage, 65 a fault in a file, or "
      "no case, 66 a file is missing.");
  return options;
}

Json sessions_json(const SessionTally& tally) {
  return {{"sessions", tally.sessions},
          {"slews", tally.slews},
          {"steps", tally.steps},
          {"cards", tally.cards},
          {"pauses", tally.pauses},
          {"short_stamps", tally.short_stamps},
          {"short_cards", tally.short_cards},
          {"cut", tally.cut},
          {"unborne", tally.unborne}};
}

Json claims_json(const ClaimTally& tally) {
  return {{"countries", tally.countries},
          {"country_proofs", tally.country_proofs},
          {"areas", tally.areas},
          {"area_proofs", tally.area_proofs}};
}

/// What was drawn beside plain rounds, so that nobody takes "0 misses" for more than it is.
std::string drawn_text(const SoundnessReport& report) {
  const SessionTally& s = report.sessions;
  const ClaimTally& c = report.claims;
  const auto n = [](std::uint64_t value) { return std::to_string(value); };
  return "sessions on bad clocks: " + n(s.sessions) + "; slewed " + n(s.slews) + ", set " + n(s.steps) +
         ", paused " + n(s.pauses) + ", with cards that lie " + n(s.cards) + "; kernel stamps short " +
         n(s.short_stamps) + ", card stamps short " + n(s.short_cards) + ", samples cut by a pause in " +
         n(s.cut) + ", nothing borne out in " + n(s.unborne) + "\nclaims: " + n(c.countries) +
         " by codes of countries, " + n(c.country_proofs) + " decided; " + n(c.areas) +
         " by areas in parts, " + n(c.area_proofs) + " decided\n";
}

int run_soundness_command(const EvalArguments& arguments) {
  ProgressBar bar;
  const SoundnessReport report = run_soundness(
      {arguments.soundness, arguments.seed, arguments.liars, arguments.threads}, Borders::world(),
      [&bar](std::uint64_t done, std::uint64_t total) { bar.show(done, total); });
  const double rate = report.seconds > 0.0 ? static_cast<double>(report.rounds) / report.seconds : 0.0;
  if (arguments.output == "json") {
    Json misses = Json::array();
    for (const SoundnessMiss& miss : report.misses) {
      misses.push_back({{"seed", miss.round.seed}, {"what", miss.what}, {"round", describe(miss.round)}});
    }
    write_json(std::cout, OutputFormat::kJson,
               {{"rounds", report.rounds},
                {"rounds_on_land", report.rounds_on_land},
                {"liars", arguments.liars},
                {"seed", arguments.seed},
                {"sessions", sessions_json(report.sessions)},
                {"claims", claims_json(report.claims)},
                {"misses_total", report.misses_total},
                {"misses", misses},
                {"rounds_per_s", std::round(rate)}});
  } else if (arguments.output == "csv") {
    std::cout << "rounds,rounds_on_land,liars,seed,misses_total,rounds_per_s\n"
              << report.rounds << ',' << report.rounds_on_land << ',' << arguments.liars << ','
              << arguments.seed << ',' << report.misses_total << ',' << static_cast<std::uint64_t>(rate)
              << '\n';
  } else {
    std::cout << report.rounds << " rounds (" << report.rounds_on_land << " with the truth on land), liars "
              << arguments.liars << ", seeds from " << arguments.seed << ": " << report.misses_total
              << " misses, " << static_cast<std::uint64_t>(rate) << " rounds/s\n"
              << drawn_text(report);
    for (const SoundnessMiss& miss : report.misses) {
      std::cout << "miss: " << miss.what << "; repeat with: chiploc eval --soundness 1 --seed "
                << miss.round.seed << " --liars " << arguments.liars << '\n'
                << describe(miss.round);
    }
  }
  return finish(report.misses_total == 0 ? EvalExit::kFine : EvalExit::kMiss);
}

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

Result<FixOptions, std::string> fix_options(const EvalArguments& arguments, const Borders& borders) {
  FixOptions options;
  options.speed = arguments.speed == "fibre" ? kLightInFibre : kLightInVacuum;
  options.faults = arguments.faults;
  options.anchor_uncertainty = Kilometers{arguments.uncertainty_km};
  options.added_ms = arguments.added_ms;
  options.weigh_relay = arguments.relay;
  for (const std::string& text : arguments.prohibited) {
    const auto code = CountryCode::from_text(text);
    if (!code || !borders.knows(*code))
      return Fail{"--prohibited " + text + ": not a territory that the borders know; give ISO 3166-1 codes"};
    options.prohibited.push_back(*code);
  }
  return options;
}

RttReading reading_of(const EvalArguments& arguments) {
  RttReading reading;
  reading.statistic = arguments.statistic == "mean"     ? RttStatistic::kMean
                      : arguments.statistic == "median" ? RttStatistic::kMedian
                                                        : RttStatistic::kMinimum;
  reading.resolution_ms = arguments.resolution_ms;
  reading.truncated = arguments.truncated;
  reading.believed_ms = arguments.believed_ms;
  reading.believed_order = arguments.believed_order;
  reading.believed_fast = arguments.believed_fast;
  reading.place_uncertainty = Kilometers{arguments.uncertainty_km};
  return reading;
}

void tell(const std::string& text) { std::cerr << "chiploc eval: " << printable(text) << '\n'; }

/// What of the folder is used and how it was read, before anything is computed.
void tell_reading(const RttSet& set, std::span<const CaseRow> rows) {
  for (const std::string& note : set.notes) tell(note);
  if (set.added_ms > 0.0) {
    char text[128];
    std::snprintf(text, sizeof text, "%g ms added to every round trip, for a resolution of %g ms",
                  set.added_ms, set.resolution_ms);
    tell(text);
  }
  if (set.statistic != RttStatistic::kMinimum)
    tell("column " + set.column + " read as the " + std::string{name_of(set.statistic)} + " of several");
  tell(describe_usage(set, rows));
}

int run_folder(const EvalArguments& arguments) {
  const Borders& borders = Borders::world();
  if (arguments.policy.flag >= arguments.policy.accept) {
    char text[128];
    std::snprintf(text, sizeof text, "--flag (%g) must be below --accept (%g), or a claim would be both",
                  arguments.policy.flag, arguments.policy.accept);
    return fail(EvalExit::kUsage, text);
  }
  const auto options = fix_options(arguments, borders);
  if (!options) return fail(EvalExit::kUsage, options.error());
  RttReading reading = reading_of(arguments);
  if (!arguments.targets.empty()) {
    auto text = load_targets(arguments.folder, arguments.targets);
    if (!text) {
      for (const std::string& line : text.error().lines) std::cerr << printable(line) << '\n';
      return code_of(text.error().code);
    }
    reading.targets = std::move(text).value();
    reading.targets_file = arguments.targets;
  }
  auto set = load_rtt_folder(arguments.folder, arguments.with_faulty, borders, reading);
  if (!set) {
    for (const std::string& line : set.error().lines) std::cerr << printable(line) << '\n';
    return code_of(set.error().code);
  }
  std::vector<std::string> labels;
  for (const std::string& label : arguments.anchors.empty() ? supported_rows(*set) : arguments.anchors) {
    if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
  }
  const std::string doubted = mark_misplaced(*set, borders);
  const auto rows = build_rows(*set, labels);
  if (!rows) return fail(EvalExit::kUsage, rows.error());
  if (!doubted.empty()) tell(doubted);
  if (const std::string why = no_cases(*set, *rows, !arguments.anchors.empty()); !why.empty())
    return fail(EvalExit::kBadData, why);
  if (const std::string lost = lost_targets(*set, *rows); !lost.empty())
    return fail(EvalExit::kBadData, lost);
  tell_reading(*set, *rows);
  if (const auto fault = unwritable(arguments)) return fail(EvalExit::kUsage, *fault);

  std::vector<RowOutcome> outcomes;
  {
    ProgressBar bar;
    outcomes = run_rows(*set, *rows, borders, *options, arguments.threads,
                        [&bar](std::size_t done, std::size_t total) { bar.show(done, total); });
  }
  std::set<std::size_t> suspects;
  for (const RowOutcome& row : outcomes) suspects.insert(row.suspects.begin(), row.suspects.end());
  if (!suspects.empty()) {
    std::string text = "left out as anchors, where the others contradict their place or label:";
    for (const std::size_t node : suspects)
      text += (node == *suspects.begin() ? " " : ", ") + label_of(set->nodes[node]);
    tell(text);
  }
  if (!arguments.plot.empty() && !write_file(arguments.plot, plot_svg(*set, outcomes, arguments.policy))) {
    return fail(EvalExit::kUsage, arguments.plot + ": could not be written; is the disk full?");
  }
  if (!arguments.list.empty()) {
    std::ofstream out{arguments.list, std::ios::binary | std::ios::trunc};
    write_case_list(out, *set, outcomes);
    out.close();
    if (!out) return fail(EvalExit::kUsage, arguments.list + ": could not be written; is the disk full?");
  }
  if (arguments.digest) {
    std::cout << "sha256 " << to_hex(digest_of(outcomes).bytes) << '\n';
    return finish(EvalExit::kFine);
  }
  std::vector<SummaryRow> summary;
  for (const RowOutcome& row : outcomes) {
    for (const Grade grade : {Grade::kProof, Grade::kEstimate}) {
      summary.push_back(summarise(*set, row, grade, arguments.policy));
    }
  }
  write_rows(std::cout,
             arguments.output == "json"  ? OutputFormat::kJson
             : arguments.output == "csv" ? OutputFormat::kCsv
                                         : OutputFormat::kTable,
             summary);
  return finish(EvalExit::kFine);
}

}  // namespace

int run_eval_command(const std::vector<std::string>& arguments) {
  EvalArguments given;
  CLI::App app{
      "Runs the engine over real round trips between nodes at known places, each node by turns the chip, "
      "and prints how right, how sure and how fast it was. Two rows for each choice of anchors: what is "
      "proved, and what is estimated beyond that.",
      "chiploc eval"};
  const Options options = add_options(app, given);
  std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};  // as CLI11 wants them
  try {
    app.parse(reversed);
  } catch (const CLI::Success& wanted) {
    return app.exit(wanted, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    return fail(EvalExit::kUsage, usage_fault(app, error));
  }
  if (options.soundness->count() > 0) return run_soundness_command(given);
  if (options.folder->count() == 0) {
    return fail(EvalExit::kUsage,
                "name a folder of measurements, or --soundness N; see: chiploc eval --help");
  }
  return run_folder(given);
}

}  // namespace chiploc
