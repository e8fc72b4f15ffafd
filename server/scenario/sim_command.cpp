#include "server/scenario/sim_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "server/scenario/fleet_command.hpp"
#include "server/scenario/scenario_commands.hpp"
#include "server/sim/fit/fit_command.hpp"
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
  FleetArguments given_fleet;
  CLI::App *run = nullptr, *sweep = nullptr, *list = nullptr, *explain = nullptr, *fleet = nullptr;

  SimLine() {
    app.require_subcommand(1);
    run = app.add_subcommand("run", "Run a scenario; exit code 0 if all that it expects holds");
    add_file(*run);
    add_running(*run);
    sweep =
        app.add_subcommand("sweep", "Run a scenario and draw how likely detection is over what it varies");
    add_file(*sweep);
    add_running(*sweep);
    sweep->add_option("--key", given.key, "Along which the curve goes (default: the first that is swept)");
    sweep->add_option("--curve", given.curve, "Write the curve, with 95 % intervals, as SVG")
        ->type_name("FILE");
    sweep->add_option("--csv", given.csv, "Write its figures as CSV")->type_name("FILE");
    list = app.add_subcommand("list", "The scenarios of the library");
    add_library(*list);
    add_output(*list, given.output);
    explain = app.add_subcommand("explain", "What a scenario does, what it varies, what it expects and why");
    add_file(*explain);
    fleet = app.add_subcommand(
        "fleet", "Millions of chips for weeks: false flags, detection, load. No datagram, no signature");
    fleet->add_option("FILE", given_fleet.file, "A fleet's TOML file (server/fleet/README.md)")
        ->type_name("FILE")
        ->required();
    fleet->add_option("--seed", given_fleet.seed, "Which network and dice (default: the file's)");
    fleet
        ->add_option("--threads", given_fleet.threads,
                     "Default: one for each core; the figures are the same with any")
        ->check(CLI::Range(1U, 256U));
    fleet
        ->add_option("--check", given_fleet.check,
                     "Judge about so many of the rounds again by the production code alone; 1 if one differs")
        ->type_name("N");
    add_output(*fleet, given_fleet.output);
  }

 private:
  void add_library(CLI::App& line) {
    line.add_option("--library", given.library, "Folder of the library (default: deploy/scenarios)")
        ->type_name("DIR");
  }
  void add_file(CLI::App& line) {
    line.add_option("FILE", given.file, "A scenario's TOML file, or a name of the library")
        ->type_name("FILE")
        ->required();
    add_library(line);
  }
  static void add_output(CLI::App& line, std::string& output) {
    line.add_option("-o,--output", output, "table, json or csv")
        ->check(CLI::IsMember({"table", "json", "csv"}));
  }
  void add_running(CLI::App& line) {
    CLI::Option* seeds =
        line.add_option("--seeds", given.seeds, "N: the networks 1 to N; A..B: those (default: the file's)");
    line.add_flag("--short", given.brief, "The file's few seeds instead of its many")->excludes(seeds);
    line.add_option("--threads", given.threads,
                    "Runs at once (default: one for each core); the figures are the same with any")
        ->check(CLI::Range(1U, 256U));
    line.add_option("--chip-days", given.chip_days, "Write a row for each chip and day as CSV")
        ->type_name("FILE");
    add_output(line, given.output);
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
  return explain_scenario(line.given);
}

}  // namespace chiploc
