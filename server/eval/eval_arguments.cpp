#include "server/eval/eval_arguments.hpp"

#include <iostream>

#include "geo/borders/country_meant.hpp"
#include "server/eval/soundness.hpp"
#include "server/text/number_check.hpp"
#include "server/text/terminal.hpp"

namespace chiploc {
namespace {

constexpr double kUncertaintyMost = 1'000.0;

}  // namespace

EvalOptions add_eval_options(CLI::App& app, EvalArguments& to) {
  EvalOptions options{};
  options.folder =
      app.add_option(
             "DIR", to.others.inputs,
             "Folder of nodes.csv, rtt.csv and, if there are any, subsets.csv; or files of others (see "
             "--format)")
          ->type_name("FILE");
  options.convert = app.add_subcommand("convert", "Write files of others as a folder: nodes.csv and rtt.csv");
  options.convert->add_option("IN", to.convert.others.inputs, "Files to read, or NAME=FILE: who measured")
      ->type_name("FILE")
      ->required();
  options.convert->add_option("--to", to.convert.folder, "The folder to write; it must not be there")
      ->type_name("DIR")
      ->required();
  add_others_options(*options.convert, to.convert.others);
  options.convert->footer(
      "Examples:\n"
      "  chiploc eval convert matrix.csv --to aws\n"
      "  chiploc eval convert fra1=a.log par1=b.log --nodes nodes.csv --to mesh\n"
      "  chiploc eval convert results.json --probes probes.json --nodes anchors.csv --to atlas");
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
                 "How far anchors may stand from where they say, those that state no more (uncertainty_km)")
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
  add_reading_options(app, to.reading);
  app.add_option(
         "--targets", to.targets,
         "File of the only targets: id, and for nodes that nodes.csv lacks name, lat, lon, country_iso2; "
         "all others are anchors")
      ->type_name("FILE");
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
  app.add_option("--plot", to.plot, "Also draw errors, calibration and claims into this SVG file")
      ->type_name("FILE");
  app.add_option("--list", to.list, "Also write one line per case into this CSV file")->type_name("FILE");
  app.add_flag("--digest", to.digest, "Print the SHA-256 of the quantised results instead of the rows");
  app.add_flag(
         "--would-resolve", to.would_resolve,
         "Instead of the rows: how many UNRESOLVED true claims the anchors help that the verdict asks for")
      ->excludes("--plot")
      ->excludes("--list")
      ->excludes("--digest")
      ->excludes("--relay-score");
  add_others_options(app, to.others);
  options.soundness =
      app.add_option("--soundness", to.soundness,
                     "Without DIR: simulate this many rounds, and look for the truth in each region")
          ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}));
  app.add_option(
         "--seed", to.seed,
         "--soundness: seed of the first round; the next ones count up. With DIR nothing is left to chance")
      ->check(is_whole())
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
      "  chiploc eval DIR --anchors spread-16 --prohibited CN,RU,IR --would-resolve\n"
      "  chiploc eval matrix.csv --provider aws\n"
      "  chiploc eval convert *.log --format ping --nodes nodes.csv --to DIR\n"
      "  chiploc eval --soundness 1000000 --liars 2\n"
      "Exit codes: 0 done, 1 --soundness found a miss, 64 usage, 65 a fault in a file, or "
      "no case, 66 a file is missing.");
  return options;
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
      return Fail{"--prohibited " + text + ": not a territory that the borders know; give " +
                  country_meant(text).value_or("ISO 3166-1 codes")};
    options.prohibited.push_back(*code);
  }
  return options;
}

RttReading reading_of(const EvalArguments& arguments) {
  RttReading reading = reading_of(arguments.reading);
  if (arguments.statistic == "mean") reading.statistic = RttStatistic::kMean;
  if (arguments.statistic == "median") reading.statistic = RttStatistic::kMedian;
  reading.place_uncertainty = Kilometers{arguments.uncertainty_km};
  return reading;
}

OutputFormat format_of(const EvalArguments& arguments) {
  if (arguments.output == "json") return OutputFormat::kJson;
  return arguments.output == "csv" ? OutputFormat::kCsv : OutputFormat::kTable;
}

int fail_eval(EvalExit code, const std::string& text) {
  std::cout.flush();
  std::cerr << "chiploc eval: " << printable_lines(text) << '\n';
  return static_cast<int>(code);
}

int fail_eval(const FolderFault& fault) {
  std::cout.flush();
  for (const std::string& line : fault.lines) std::cerr << printable(line) << '\n';
  return static_cast<int>(fault.code);
}

void tell_eval(const std::string& text) { std::cerr << "chiploc eval: " << printable(text) << '\n'; }

int finish_eval(EvalExit code) {
  std::cout.flush();
  if (std::cout) return static_cast<int>(code);
  return fail_eval(EvalExit::kInternal, "standard output could not be written; look at the disk or the pipe");
}

}  // namespace chiploc
