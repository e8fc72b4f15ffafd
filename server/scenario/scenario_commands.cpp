#include "server/scenario/scenario_commands.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iostream>
#include <optional>
#include <string_view>
#include <thread>

#include "geo/borders/borders.hpp"
#include "server/lab/lab_daemon.hpp"
#include "server/lab/lab_matrix.hpp"
#include "server/lab/lab_state.hpp"
#include "server/scenario/power_curve.hpp"
#include "server/scenario/report_page.hpp"
#include "server/scenario/roc_curve.hpp"
#include "server/scenario/run_watch.hpp"
#include "server/scenario/scenario_file.hpp"
#include "server/scenario/scenario_library.hpp"
#include "server/scenario/scenario_output.hpp"
#include "server/scenario/scenario_rows.hpp"
#include "server/scenario/scenario_run.hpp"
#include "server/text/records.hpp"
#include "server/text/terminal.hpp"

namespace chiploc {
namespace {

int refuse(ScenarioExit code, const std::string& why) {
  std::cout.flush();
  std::cerr << "chiploc sim: " << printable_lines(why) << "\n";
  return code;
}

LabWorld scenario_world() {
  const Borders& borders = Borders::world();
  return {.country_at = [&borders](LatLon place) { return borders.country_at(place); },
          .known = [&borders](CountryCode code) { return borders.knows(code); },
          .claimants_at = [&borders](LatLon place) { return borders.claimants_at(place); },
          .chiplocd = read_daemon_sections,
          .measured = read_lab_matrix};
}

/// Fails with an exit code, and has said why.
Result<ScenarioFile, int> read_scenario(const ScenarioArguments& arguments) {
  const auto path = find_scenario(arguments.file, arguments.library);
  if (!path) {
    return Fail{refuse(kScenarioUsage, arguments.file + " is no file, and no scenario of the library; see: "
                                                        "chiploc sim list")};
  }
  auto file = load_scenario(*path, scenario_world());
  if (file) return *std::move(file);
  for (const std::string& fault : file.error()) std::cerr << printable(fault) << "\n";
  return Fail{static_cast<int>(kScenarioBadFile)};
}

/// Whether a file can be written there, as far as can be told without making one: whoever interrupts the run finds none.
bool can_write(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return false;
  if (std::filesystem::exists(path, error)) return ::access(path.c_str(), W_OK) == 0;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  return path.has_filename() && std::filesystem::is_directory(folder, error) &&
         ::access(folder.c_str(), W_OK | X_OK) == 0;
}

/// Looked at before minutes of work, not after.
std::optional<std::string> cannot_write(const ScenarioArguments& arguments) {
  for (const std::string& path :
       {arguments.chip_days, arguments.csv, arguments.curve, arguments.roc, arguments.html}) {
    if (!path.empty() && !can_write(path)) return path + ": cannot be written; name another file";
  }
  return std::nullopt;
}

bool write_out(const std::string& path, const std::string& content) {
  if (path.empty()) return true;
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  out << content;
  out.close();
  if (out.good()) return true;
  std::cerr << "chiploc sim: " << printable(path) << ": could not be written; look at the disk\n";
  return false;
}

/// A word as a shell takes it.
std::string shell_word(const std::string& text) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view{"-_./,:=+@%"}.find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return out + "'";
}

/// What gives the same figures again: without the files that are written, and the threads that it took.
std::string command_of(const std::string& verb, const ScenarioArguments& arguments) {
  const auto option = [](const char* name, const std::string& value) {
    return value.empty() ? std::string{} : std::string{" "} + name + " " + shell_word(value);
  };
  std::string out = "chiploc sim " + verb + " " + shell_word(arguments.file) +
                    option("--library", arguments.library) + option("--seeds", arguments.seeds) +
                    (arguments.brief ? " --short" : "") + option("--key", arguments.key);
  for (const std::string& detector : arguments.without) out += option("--without", detector);
  return out;
}

struct Ran {
  ScenarioFile file;
  std::vector<PointRuns> runs;
  ScenarioReport report;
};

/// Fails with an exit code, and has said why.
Result<Ran, int> carry_out(ScenarioFile file, const ScenarioArguments& arguments) {
  LabSeeds seeds = arguments.brief ? file.short_seeds : file.seeds;
  if (!arguments.seeds.empty()) {
    const auto given = seeds_of(arguments.seeds);
    if (!given) {
      return Fail{refuse(kScenarioUsage, "--seeds takes a number N for the seeds 1 to N, or A..B, at most " +
                                             std::to_string(kLabSeedsMax) + " of them")};
    }
    seeds = *given;
  }
  DetectorsOff off;
  for (const std::string& name : arguments.without)
    off.add(*detector_of(name));  // the command line has looked
  if (const auto why = cannot_write(arguments)) return Fail{refuse(kScenarioCannot, *why)};
  if (const std::string removed = remove_dead_labs(); !removed.empty())
    std::cerr << "chiploc sim: " << printable(removed) << "\n";
  const CatchInterrupts catching;
  std::optional<RunProgress> progress{std::in_place, "runs"};
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const ScenarioRunOptions options{
      .seeds = seeds,
      .brief = arguments.brief,
      .threads = arguments.threads == 0 ? cores : arguments.threads,
      .progress = [&progress](std::size_t done, std::size_t all) { progress->show(done, all); },
      .stop = &CatchInterrupts::flag(),
      .off = off};
  auto runs = run_scenario(file, Borders::world(), options);
  progress.reset();  // its line is gone before anything else is said
  if (CatchInterrupts::flag())
    return Fail{refuse(kScenarioInterrupted, "interrupted; nothing is reported of a part")};
  if (!runs) return Fail{refuse(kScenarioCannot, runs.error())};
  ScenarioReport report = report_of(file, *runs);
  return Ran{std::move(file), *std::move(runs), std::move(report)};
}

/// `first`: of several scenarios, the first one.
std::string printed(const Ran& ran, const std::string& format, bool first) {
  if (format == "json") return json_of(ran.file, ran.report);
  if (format == "csv") return csv_of(ran.file, ran.report);
  if (format == "markdown") return (first ? markdown_head() : "") + markdown_row(ran.file, ran.runs);
  return (first ? "" : "\n") + table_of(ran.file, ran.report);
}

int print(const Ran& ran, const ScenarioArguments& arguments, const std::string& verb, const std::string& key,
          bool first = true) {
  std::cout << printed(ran, arguments.output, first) << std::flush;
  if (!std::cout)
    return refuse(kScenarioCannot, "standard output could not be written; look at the disk or the pipe");
  if (!write_out(arguments.chip_days, arguments.chip_days.empty() ? "" : chip_days_csv(ran.file, ran.runs)) ||
      !write_out(arguments.csv, csv_of(ran.file, ran.report)))
    return kScenarioCannot;
  if (!arguments.html.empty() &&
      !write_out(
          arguments.html,
          report_page(ran.file, ran.runs, ran.report,
                      {.command = command_of(verb, arguments), .version = CHIPLOC_VERSION, .key = key})))
    return kScenarioCannot;
  if (ran.report.holds()) return kScenarioHolds;
  for (std::size_t i = 0; i < ran.report.judgements.size(); ++i) {
    const ExpectationJudgement& judgement = ran.report.judgements[i];
    if (!judgement.holds)
      std::cerr << "chiploc sim: "
                << printable(ran.file.name + ": does not hold: " + text_of(ran.file.expectations[i]) + ": " +
                             judgement.figures)
                << "\n";
  }
  return kScenarioFails;
}

}  // namespace

namespace {

int run_all(const ScenarioArguments& arguments) {
  if (arguments.output == "json" || arguments.output == "csv" || !arguments.chip_days.empty() ||
      !arguments.html.empty())
    return refuse(kScenarioUsage,
                  "--all goes with -o table and -o markdown; run one scenario for the others");
  const auto folder = scenario_folder(arguments.library);
  if (!folder)
    return refuse(kScenarioUsage, "there is no library of scenarios here; name its folder with --library");
  int code = kScenarioHolds;
  bool first = true;
  for (const auto& path : scenarios_in(*folder)) {
    ScenarioArguments one = arguments;
    one.file = path.string();
    auto file = read_scenario(one);
    if (!file) return file.error();
    const auto ran = carry_out(*std::move(file), one);
    if (!ran) return ran.error();
    if (const int fails = print(*ran, one, "run", "", first); fails != kScenarioHolds) code = fails;
    if (code == kScenarioCannot) return code;
    first = false;
  }
  return code;
}

}  // namespace

int run_scenario_command(const ScenarioArguments& arguments) {
  if (arguments.all) return run_all(arguments);
  if (arguments.file.empty())
    return refuse(kScenarioUsage,
                  "name a scenario's file or one of the library (chiploc sim list), or use --all");
  auto file = read_scenario(arguments);
  if (!file) return file.error();
  // The page of a run has a curve as well, where one goes along what is varied.
  const bool curved = !file->sweep.axes.empty() && file->sweep.design == SweepDesign::kGrid;
  const std::string key = curved ? file->sweep.axes.front().key : "";
  const auto ran = carry_out(*std::move(file), arguments);
  return ran ? print(*ran, arguments, "run", key) : ran.error();
}

namespace {

/// Why a curve of this detector, or of any, cannot come of the run, whatever comes of it.
std::optional<std::string> no_roc(const ScenarioArguments& arguments) {
  if (arguments.roc.empty()) return std::nullopt;
  if (!arguments.roc.ends_with(".svg") && !arguments.roc.ends_with(".csv"))
    return "--roc " + arguments.roc + " is to end with .svg or .csv, by which its form goes";
  const auto is_off = [&](std::string_view name) {
    return std::find(arguments.without.begin(), arguments.without.end(), name) != arguments.without.end();
  };
  if (!arguments.detector.empty()) {
    if (!is_off(arguments.detector)) return std::nullopt;
    return "--detector " + arguments.detector + " is switched off by --without; leave one of them out";
  }
  for (const Detector by : kEveryDetector) {
    if (has_scores(by) && !is_off(name_of(by))) return std::nullopt;
  }
  return std::string{
      "--roc: every detector that has scores is switched off by --without; leave one of them on"};
}

/// Of the detector that is asked for, or the first that has scored anything.
int write_roc(const Ran& ran, const ScenarioArguments& arguments) {
  const bool picture = arguments.roc.ends_with(".svg");
  for (const Detector by : kEveryDetector) {
    if (!has_scores(by) || (!arguments.detector.empty() && detector_of(arguments.detector) != by)) continue;
    const auto lines = roc_lines(ran.runs, by);
    if (lines.empty()) continue;
    const std::string text = picture ? roc_svg(ran.file, by, lines) : roc_csv(ran.file, by, lines);
    return write_out(arguments.roc, text) ? kScenarioHolds : kScenarioCannot;
  }
  return refuse(kScenarioCannot, "--roc: in " + arguments.file +
                                     " rounds of a cheat and of honest chips have no scores" +
                                     (arguments.detector.empty() ? "" : " of " + arguments.detector) +
                                     "; an estimate needs a history, or a site of three chips");
}

}  // namespace

int sweep_scenario_command(const ScenarioArguments& arguments) {
  auto file = read_scenario(arguments);
  if (!file) return file.error();
  const auto& axes = file->sweep.axes;
  if (axes.empty()) return refuse(kScenarioUsage, arguments.file + " has no [[sweep]]; use: chiploc sim run");
  if (file->sweep.design == SweepDesign::kLatin)
    return refuse(
        kScenarioUsage,
        arguments.file + " is a Latin hypercube, along which no curve goes; use: chiploc sim run -o csv");
  const std::string key = arguments.key.empty() ? axes.front().key : arguments.key;
  if (std::none_of(axes.begin(), axes.end(), [&](const SweepAxis& axis) { return axis.key == key; }))
    return refuse(kScenarioUsage, "--key " + key + " is not swept in " + arguments.file);
  if (const auto why = no_roc(arguments)) return refuse(kScenarioUsage, *why);
  const auto ran = carry_out(*std::move(file), arguments);
  if (!ran) return ran.error();
  if (!arguments.curve.empty() && !write_out(arguments.curve, power_svg(ran->file, ran->report, key)))
    return kScenarioCannot;
  const int code = print(*ran, arguments, "sweep", key);
  if (arguments.roc.empty() || code == kScenarioCannot) return code;
  // That something does not hold is what was asked first.
  const int drawn = write_roc(*ran, arguments);
  return code == kScenarioHolds ? drawn : code;
}

int list_scenarios(const ScenarioArguments& arguments) {
  const auto folder = scenario_folder(arguments.library);
  if (!folder)
    return refuse(kScenarioUsage, "there is no library of scenarios here; name its folder with --library");
  RecordWriter out{std::cout,
                   arguments.output == "json"  ? OutputFormat::kJson
                   : arguments.output == "csv" ? OutputFormat::kCsv
                                               : OutputFormat::kTable,
                   {{"name", "NAME", "/name"}, {"attack", "ATTACK", "/attack"}, {"about", "ABOUT", "/about"}},
                   false};
  int code = kScenarioHolds;
  for (const auto& path : scenarios_in(*folder)) {
    const auto head = load_scenario_head(path);
    if (!head) {
      for (const std::string& fault : head.error()) std::cerr << printable(fault) << "\n";
      code = kScenarioBadFile;
      continue;
    }
    const std::string name = path.stem().string();
    out.add({{name}, {head->attack}, {head->about}},
            Json{{"name", name}, {"attack", head->attack}, {"about", head->about}});
  }
  out.finish("no scenario in " + folder->string());
  return code;
}

int explain_scenario(const ScenarioArguments& arguments) {
  const auto file = read_scenario(arguments);
  if (!file) return file.error();
  std::cout << explained(*file);
  return kScenarioHolds;
}

}  // namespace chiploc
