#include "server/lab/lab_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "server/lab/lab_plan.hpp"
#include "server/lab/lab_run.hpp"
#include "server/lab/relay_config.hpp"
#include "server/text/number_check.hpp"
#include "server/text/usage.hpp"

namespace chiploc {
namespace {

/// The command line of `chiploc lab`.
struct LabLine {
  CLI::App app{
      "An emulated world on this machine: coordinator, anchors and agents as real programs, with the "
      "distances made by a relay.",
      "chiploc lab"};
  LabArguments given;
  CLI::App *up = nullptr, *check = nullptr, *clean = nullptr, *set = nullptr, *relay = nullptr;
  CLI::Option *rtt = nullptr, *add = nullptr;

  LabLine() {
    app.require_subcommand(1);
    up = app.add_subcommand("up", "Start a lab from a file, measure every chip, print the verdicts");
    up->add_option("FILE", given.file, "The lab's TOML file, for example deploy/lab/sample.toml")
        ->type_name("FILE")
        ->required();
    up->add_flag("--once", given.once,
                 "End after the table; exit code 0 only if every verdict is an expected one");
    up->add_flag("--json", given.json, "Print one line of JSON instead of the table");
    up->add_flag("--keep", given.keep, "Keep the state folder");
    up->add_option(
          "--state", given.state,
          "Folder for keys, databases and logs; new or empty, and kept (default: a fresh one that is removed)")
        ->type_name("DIR");
    up->add_option("--bin", given.bin,
                   "Folder of chiplocd, chiploc-anchor and chiploc-agent (default: beside this program)")
        ->type_name("DIR");
    up->add_option("--seed", given.seed, "Another network than the file's");
    up->add_option("--rounds", given.rounds, "Rounds per chip instead of the file's")
        ->check(CLI::Range(1, 100));
    up->add_option("--number", given.number,
                   "Which loopback addresses to use (default: the first free number)")
        ->check(CLI::Range(0, kLabNumbersMax - 1));
    check = app.add_subcommand(
        "check",
        "Validate a lab file; with --seeds, --simulated or --forecast run it and count what came of each behaviour");
    check->add_option("FILE", given.file, "The lab's TOML file")->type_name("FILE")->required();
    check->add_option(
        "--seeds", given.seeds,
        "N: the seeds 1 to N; A..B: those (default of --simulated and --forecast: the file's own)");
    check->add_option("--rounds", given.rounds, "Rounds per chip instead of the file's")
        ->check(CLI::Range(1, 100));
    CLI::Option* simulated =
        check->add_flag("--simulated", given.simulated,
                        "In simulated time instead of real programs: seconds instead of minutes");
    check->add_flag("--forecast", given.forecast, "By geometry alone: no round, no program")
        ->excludes(simulated);
    check->add_option("-o,--output", given.output, "table or json")->check(CLI::IsMember({"table", "json"}));
    check->add_option("--bin", given.bin, "Folder of the programs (default: beside this program)")
        ->type_name("DIR");
    check
        ->add_option("--number", given.number,
                     "Which loopback addresses to use (default: the first free number)")
        ->check(CLI::Range(0, kLabNumbersMax - 1));
    clean = app.add_subcommand("clean", "Remove the folders, with keys, of labs that were killed");
    clean->add_flag("--dry-run", given.dry_run, "Only say which");
    set = app.add_subcommand("set", "Change the round trip between two ends of a running lab");
    set->add_option("A", given.a, "Name of an anchor, or serial number of a chip")->required();
    set->add_option("B", given.b, "The other end")->required();
    set->add_option("--state", given.state, "The lab's state folder")->type_name("DIR")->required();
    rtt = set->add_option("--rtt-ms", given.rtt_ms, "The round trip without queueing")->check(is_number());
    add = set->add_option("--add-rtt-ms", given.add_rtt_ms, "How much longer it becomes; negative: shorter")
              ->check(is_number())
              ->excludes(rtt);
    relay = app.add_subcommand("relay", "The relay as a process of its own");
    relay->group("");  // started by `up`, hidden from people
    relay->add_option("--config", given.file, "relay.toml")->required();
  }
};

}  // namespace

void with_lab_line(const std::function<void(const CLI::App&)>& use) { use(LabLine{}.app); }

int run_lab_command(const std::vector<std::string>& arguments) {
  LabLine line;
  std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};  // as CLI11 wants them
  try {
    line.app.parse(reversed);
  } catch (const CLI::Success& wanted) {  // --help
    return line.app.exit(wanted);
  } catch (const CLI::ParseError& error) {
    std::cerr << "chiploc lab: " << usage_fault(line.app, error) << "\n";
    return kLabUsage;
  }
  if (*line.up) return run_up(line.given);
  if (*line.check) return run_check(line.given);
  if (*line.clean) return run_clean(line.given);
  if (*line.relay) return run_relay(line.given.file);
  if (line.rtt->count() + line.add->count() == 0) {
    std::cerr << "chiploc lab set: give --rtt-ms or --add-rtt-ms\n";
    return kLabUsage;
  }
  return run_set(line.given);
}

}  // namespace chiploc
