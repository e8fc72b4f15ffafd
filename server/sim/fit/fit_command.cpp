#include "server/sim/fit/fit_command.hpp"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <optional>

#include "server/sim/fit/fit_output.hpp"
#include "server/sim/fit/fit_plot.hpp"
#include "server/sim/fit/measured_paths.hpp"
#include "server/sim/paths/hold_out.hpp"
#include "server/text/number_check.hpp"
#include "server/text/terminal.hpp"

namespace chiploc {
namespace {

int fail(EvalExit code, const std::string& text) {
  std::cout.flush();
  std::cerr << "chiploc sim fit: " << printable_lines(text) << '\n';
  return static_cast<int>(code);
}

int finish() {
  std::cout.flush();
  if (std::cout) return static_cast<int>(EvalExit::kFine);
  return fail(EvalExit::kInternal, "standard output could not be written; look at the disk or the pipe");
}

bool write_file(const std::string& path, const std::string& content) {
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  out << content;
  out.close();
  return out.good();
}

/// Looked at before the work, not after.
std::optional<std::string> unwritable(const FitArguments& arguments) {
  for (const std::string& path : {arguments.plot, arguments.write}) {
    if (!path.empty() && !std::ofstream{path, std::ios::app})
      return path + ": cannot be written; name another file";
  }
  return std::nullopt;
}

int run_hold_out(const FitArguments& arguments, const MeasuredPaths& folder) {
  std::vector<HoldOut> splits;
  for (unsigned s = 0; s < arguments.splits; ++s) {
    auto held = hold_out(folder.input, arguments.seed + s);
    if (!held) return fail(EvalExit::kBadData, folder.name + ": " + held.error());
    splits.push_back(std::move(held).value());
  }
  write_hold_out(std::cout, arguments.output == "json", folder.name, arguments.seed, splits);
  if (!arguments.plot.empty() && !write_file(arguments.plot, hold_out_svg(folder.name, splits.front())))
    return fail(EvalExit::kUsage, arguments.plot + ": could not be written; is the disk full?");
  return finish();
}

}  // namespace

void add_fit_options(CLI::App& line, FitArguments& to) {
  line.add_option(
          "DIR", to.others.inputs,
          "Folder of nodes.csv, rtt.csv and, if there is one, hourly.csv or hourly.csv.gz; or files of "
          "others, as chiploc eval reads them (see --format)")
      ->type_name("FILE")
      ->required();
  auto* const half =
      line.add_option("--half", to.half, "Which pairs are fitted to: all, or one half of them by --seed")
          ->check(CLI::IsMember({"all", "first", "second"}))
          ->capture_default_str();
  line.add_option("--seed", to.seed, "Of the halves and of the resamples")
      ->check(is_whole())
      ->capture_default_str();
  auto* const resamples =
      line.add_option("--resamples", to.resamples, "Resamples of the nodes for standard errors; 0: none")
          ->check(CLI::Range(0U, 10'000U))
          ->capture_default_str();
  auto* const hold_out =
      line.add_flag("--hold-out", to.hold_out,
                    "Fit one half of the pairs, and hold what is simulated against the other half")
          ->excludes(half)
          ->excludes(resamples);
  line.add_option("--splits", to.splits,
                  "--hold-out: also for so many splits, seeds from --seed on: the errors' median over them")
      ->needs(hold_out)
      ->check(CLI::Range(1U, 1'000U))
      ->capture_default_str();
  line.add_option("--plot", to.plot, "--hold-out: also draw both halves' quantiles into this SVG file")
      ->type_name("FILE")
      ->needs(hold_out);
  auto* const write = line.add_option("--write", to.write, "Also write the parameters into this TOML file")
                          ->type_name("FILE")
                          ->excludes(hold_out);
  line.add_flag("--ends", to.ends, "--write: with what was found of each node")->needs(write);
  line.add_option("-o,--output", to.output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  add_reading_options(line, to.reading);
  add_others_options(line, to.others);
  line.footer(
      "Examples:\n"
      "  chiploc sim fit data/rtt/aws-2020 --write network.toml\n"
      "  chiploc sim fit data/rtt/wonderproxy-2020 --hold-out --plot held-out.svg\n"
      "  chiploc sim fit matrix.csv --provider aws\n"
      "Exit codes: 0 done, 64 usage, 65 a fault in a file or too few pairs, 66 a file is missing.");
}

int run_fit(const FitArguments& arguments) {
  const auto folder = load_measured(arguments.others, reading_of(arguments.reading));
  if (!folder) {
    for (const std::string& line : folder.error().lines) std::cerr << printable(line) << '\n';
    return static_cast<int>(folder.error().code);
  }
  for (const std::string& note : folder->notes) std::cerr << "chiploc sim fit: " << printable(note) << '\n';
  if (const auto fault = unwritable(arguments)) return fail(EvalExit::kUsage, *fault);
  if (arguments.hold_out) return run_hold_out(arguments, *folder);

  PathFitInput input = folder->input;
  if (arguments.half != "all")
    input = half_of(input, seeded_half(input.pairs, arguments.seed), arguments.half == "first");
  const auto fit = fit_paths(input, {arguments.seed, arguments.resamples});
  if (!fit) return fail(EvalExit::kBadData, folder->name + ": " + fit.error());
  if (!arguments.write.empty()) {
    PathParameters parameters = fit->parameters;
    if (arguments.ends) parameters.ends = fit->known;
    const std::string text = "# A network fitted to " + printable(folder->name) + " (" + arguments.half +
                             " pairs): chiploc sim fit\n" + paths_text(parameters);
    // What these measurements say may be more than a network can be.
    if (const auto read = parse_paths(text, arguments.write); !read)
      return fail(EvalExit::kBadData,
                  "nothing was written, for no lab would read it: " + read.error().front());
    if (!write_file(arguments.write, text))
      return fail(EvalExit::kUsage, arguments.write + ": could not be written; is the disk full?");
  }
  write_fit(std::cout, arguments.output == "json", folder->name, input, *fit);
  return finish();
}

}  // namespace chiploc
