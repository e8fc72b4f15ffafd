#include "server/scenario/sim_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "proto/base/joined.hpp"
#include "server/cost/cost_command.hpp"
#include "server/scenario/detector.hpp"
#include "server/scenario/fleet_command.hpp"
#include "server/scenario/roc_curve.hpp"
#include "server/scenario/scenario_commands.hpp"
#include "server/sim/fit/fit_command.hpp"
#include "server/text/number_check.hpp"
#include "server/text/usage.hpp"

namespace chiploc {
namespace {

/// The command line of `chiploc sim`.
struct SimLine {
  CLI::App app{
      "Attacks and troubles in simulated time: what is noticed, how soon, and what is flagged wrongly; and "
      "networks fitted to measured ones.",
      "chiploc sim"};
  ScenarioArguments given;
  FitArguments fitted;
  FleetArguments given_fleet;
  CostArguments cost_given;
  CLI::App *run = nullptr, *sweep = nullptr, *list = nullptr, *explain = nullptr, *fit = nullptr,
           *fleet = nullptr, *cost = nullptr;

  SimLine() {
    app.require_subcommand(1);
    run = app.add_subcommand("run", "Run a scenario; exit code 0 if all that it expects holds");
    CLI::Option* file = add_file(*run);
    run->add_flag("--all", given.all, "Every scenario of the library")->excludes(file);
    add_running(*run, {"table", "json", "csv", "markdown"});
    sweep =
        app.add_subcommand("sweep", "Run a scenario and draw how likely detection is over what it varies");
    add_file(*sweep)->required();
    add_running(*sweep, {"table", "json", "csv"});
    sweep->add_option("--key", given.key, "Along which the curve goes (default: the first that is swept)");
    sweep->add_option("--curve", given.curve, "Write the curve, with 95 % intervals, as SVG")
        ->type_name("FILE");
    sweep->add_option("--csv", given.csv, "Write its figures as CSV")->type_name("FILE");
    CLI::Option* roc = sweep->add_option("--roc", given.roc,
                                         "Write what a detector finds at which false alarms, as SVG or CSV");
    roc->type_name("FILE");
    std::vector<std::string> scoring;
    for (const Detector detector : kEveryDetector) {
      if (has_scores(detector)) scoring.emplace_back(name_of(detector));
    }
    sweep->add_option("--detector", given.detector, "Whose scores (default: the first that has any)")
        ->check(CLI::IsMember(scoring))
        ->needs(roc);
    list = app.add_subcommand("list", "The scenarios of the library");
    add_library(*list);
    add_output(*list, given.output, {"table", "json", "csv"});
    explain = app.add_subcommand("explain", "What a scenario does, what it varies, what it expects and why");
    add_file(*explain)->required();
    fit = app.add_subcommand("fit",
                             "Fit a network to measured round trips, or hold it against pairs not fitted to");
    add_fit_options(*fit, fitted);
    fleet = app.add_subcommand(
        "fleet", "Millions of chips for weeks: false flags, detection, load. No datagram, no signature");
    fleet->add_option("FILE", given_fleet.file, "A fleet's TOML file (server/fleet/README.md)")
        ->type_name("FILE")
        ->required();
    fleet->add_option("--seed", given_fleet.seed, "Which network and dice (default: the file's)")
        ->check(is_whole());
    fleet
        ->add_option("--threads", given_fleet.threads,
                     "Default: one for each core; the figures are the same with any")
        ->check(CLI::Range(1U, 256U));
    fleet
        ->add_option("--check", given_fleet.check,
                     "Judge about so many of the rounds again by the production code alone; 1 if one differs")
        ->type_name("N");
    add_output(*fleet, given_fleet.output, {"table", "json", "csv"});
    cost = app.add_subcommand("cost", "What it costs to get round a policy, by the cheapest known way");
    add_cost(*cost);
  }

 private:
  void add_cost(CLI::App& line) {
    line.add_option("POLICY", cost_given.policy, "A policy's TOML file (chiploc policy show > policy.toml)")
        ->type_name("FILE")
        ->required();
    line.add_option("--chips", cost_given.chips, "In use where they may not be (default: 1000)")
        ->check(is_number())
        ->check(CLI::Range(1.0, 1e8));
    line.add_option("--months", cost_given.months, "For so long (default: 12)")
        ->check(is_number())
        ->check(CLI::Range(0.1, 240.0));
    line.add_option("--distance-km", cost_given.distance_km, "So far from the licensed site (default: 1000)")
        ->check(is_number())
        ->check(CLI::Range(0.0, 20'040.0));
    line.add_option("--anchors", cost_given.anchors, "Perspectives that measure a chip (default: 8)")
        ->check(CLI::Range(1U, 64U));
    line.add_option("--margin-km", cost_given.margin_km,
                    "By so much a region may grow until nothing is proved: the chips' verdicts say it")
        ->check(is_number())
        ->check(CLI::Range(0.0, 20'040.0));
    line.add_option("--goal", cost_given.goal,
                    "Where they may not be: in prohibited land, or in a third country (default: prohibited)")
        ->check(CLI::IsMember({"prohibited", "third-country"}));
    line.add_option("--tier", cost_given.tier, "By whose cadence: standard, raised or high")
        ->check(CLI::IsMember({"standard", "raised", "high"}));
    line.add_option("--key", cost_given.key, "Where the chip's key is: in its die, or passing a memory's bus")
        ->check(CLI::IsMember({"die", "memory"}));
    line.add_option("--without", cost_given.without, "Ways that are out of the question: anchors,key")
        ->delimiter(',')
        ->type_name("WAYS");
    line.add_option("--assumptions", cost_given.assumptions, "Values that replace the program's own, as TOML")
        ->type_name("FILE");
    line.add_option("--write-assumptions", cost_given.write_assumptions, "Write those in use as such a file")
        ->type_name("FILE");
    line.add_option("-o,--output", cost_given.output, "table, json, csv or markdown")
        ->check(CLI::IsMember({"table", "json", "csv", "markdown"}));
  }
  void add_library(CLI::App& line) {
    line.add_option("--library", given.library, "Folder of the library (default: deploy/scenarios)")
        ->type_name("DIR");
  }
  CLI::Option* add_file(CLI::App& line) {
    CLI::Option* file =
        line.add_option("FILE", given.file, "A scenario's TOML file, or a name of the library")
            ->type_name("FILE");
    add_library(line);
    return file;
  }
  static void add_output(CLI::App& line, std::string& output, const std::vector<std::string>& formats) {
    line.add_option("-o,--output", output, joined(formats, ", "))->check(CLI::IsMember(formats));
  }
  void add_running(CLI::App& line, const std::vector<std::string>& formats) {
    CLI::Option* seeds =
        line.add_option("--seeds", given.seeds, "N: the networks 1 to N; A..B: those (default: the file's)");
    line.add_flag("--short", given.brief, "The file's few seeds and points instead of its many")
        ->excludes(seeds);
    line.add_option("--threads", given.threads,
                    "Runs at once (default: one for each core); the figures are the same with any")
        ->check(CLI::Range(1U, 256U));
    std::vector<std::string> names;
    for (const Detector detector : kEveryDetector) names.emplace_back(name_of(detector));
    line.add_option("--without", given.without, "Switch a detector off; may be given again")
        ->type_name("DETECTOR")
        ->allow_extra_args(false)
        ->check(CLI::IsMember(names));
    line.add_option("--chip-days", given.chip_days, "Write a row for each chip and day as CSV")
        ->type_name("FILE");
    line.add_option("--html", given.html,
                    "Write one page with map, timelines and figures, which loads nothing")
        ->type_name("FILE");
    add_output(line, given.output, formats);
  }
};

}  // namespace

void with_sim_line(const std::function<void(const CLI::App&)>& use) { use(SimLine{}.app); }

int run_sim_command(const std::vector<std::string>& arguments) {
  SimLine line;
  std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};  // as CLI11 wants them
  try {
    line.app.parse(reversed);
  } catch (const CLI::Success& wanted) {  // --help
    return line.app.exit(wanted);
  } catch (const CLI::ParseError& error) {
    std::cerr << "chiploc sim: " << usage_fault(line.app, error) << "\n";
    return kScenarioUsage;
  }
  if (*line.fit) return run_fit(line.fitted);
  if (*line.run) return run_scenario_command(line.given);
  if (*line.sweep) return sweep_scenario_command(line.given);
  if (*line.list) return list_scenarios(line.given);
  if (*line.fleet) return run_fleet_command(line.given_fleet);
  if (*line.cost) return run_cost_command(line.cost_given);
  return explain_scenario(line.given);
}

}  // namespace chiploc
