#include "server/plan/plan_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>

#include "server/eval/runner.hpp"
#include "server/picture/svg.hpp"
#include "server/plan/plan_arguments.hpp"
#include "server/plan/plan_compare.hpp"
#include "server/plan/plan_input.hpp"
#include "server/plan/plan_map.hpp"
#include "server/plan/plan_output.hpp"
#include "server/text/terminal.hpp"
#include "server/text/usage.hpp"

namespace chiploc {
namespace {

int fail_plan(PlanExit code, const std::string& text) {
  std::cout.flush();
  std::cerr << "chiploc plan: " << printable_lines(text) << '\n';
  return static_cast<int>(code);
}

OutputFormat plan_format(const PlanArguments& arguments) {
  if (arguments.output == "json") return OutputFormat::kJson;
  return arguments.output == "csv" ? OutputFormat::kCsv : OutputFormat::kTable;
}

/// What the plan chose, what others would have, and what somebody would who knew all round trips beforehand.
std::vector<ComparedChoice> compare(const PlanArguments& arguments, const PlanInput& input, const Plan& plan,
                                    const std::vector<OtherChoice>& others, const Borders& borders,
                                    const PlanOptions& options, const ForEach& for_each) {
  const auto choice_of = [](std::string name, const Plan& of) {
    OtherChoice out{std::move(name), {}};
    for (const PlanStep& step : of.steps) out.anchors.push_back(step.anchor);
    return out;
  };
  std::vector<OtherChoice> all{choice_of("plan, by " + arguments.chosen_by, plan)};
  all.insert(all.end(), others.begin(), others.end());
  if (arguments.chosen_by == "model")
    all.push_back(
        choice_of("oracle: plan, by measured", make_plan(*input.truth, borders, options, for_each)));
  std::vector<ComparedChoice> out = score_choices(*input.truth, all, borders, for_each);
  out.push_back({"bound: no choice proves more", options.add,
                 most_provable(*input.truth, options.add, borders, for_each)});
  return out;
}

int run(const PlanArguments& arguments) {
  if (const std::string fault = options_fault(arguments); !fault.empty())
    return fail_plan(PlanExit::kUsage, fault);
  const Borders& borders = Borders::world();
  auto input = read_plan_input(arguments, borders);
  if (!input) {
    if (input.error().code == PlanExit::kUsage)
      return fail_plan(PlanExit::kUsage, input.error().lines.front());
    for (const std::string& line : input.error().lines) std::cerr << printable(line) << '\n';
    return static_cast<int>(input.error().code);
  }
  const auto others = other_choices(arguments.compare, input->world.places, input->world.standing,
                                    arguments.add, arguments.seed);
  if (!others) return fail_plan(PlanExit::kUsage, others.error());
  for (const std::string& path : {arguments.list, arguments.map}) {
    if (!path.empty() && !std::ofstream{path, std::ios::app})
      return fail_plan(PlanExit::kUsage, path + ": cannot be written; name another file");
  }
  for (const std::string& note : input->notes) std::cerr << "chiploc plan: " << printable(note) << '\n';

  const ForEach for_each = [&](std::size_t count, const std::function<void(std::size_t)>& work) {
    run_on_threads(count, arguments.threads, work);
  };
  const PlanOptions options{arguments.add, arguments.rank == "gain-per-cost", arguments.budget};
  const Plan plan = make_plan(input->problem, borders, options, for_each);
  PlanReport report{input->problem, plan, input->world.speed, input->round_trips, {}};
  report.start = input->start;
  report.reasons.resize(plan.sites.size());
  for_each(plan.sites.size(), [&](std::size_t i) {
    const SiteResult& site = plan.sites[i];
    if (site.proved) return;
    report.reasons[i] = site.outlook == SiteOutlook::kOpen
                            ? "more of the candidates would prove it"
                            : reason_text(input->problem, reason_of(input->problem, i, borders));
  });
  if (!arguments.compare.empty()) {
    report.compared_before = count_proved(*input->truth, input->truth->standing_anchors(), borders, for_each);
    report.compared = compare(arguments, *input, plan, *others, borders, options, for_each);
  }
  const auto write_file = [](const std::string& path, const auto& write) {
    std::ofstream out{path, std::ios::binary | std::ios::trunc};
    write(out);
    out.close();
    return out.good();
  };
  if (!arguments.list.empty() &&
      !write_file(arguments.list, [&](std::ostream& out) { write_plan_sites(out, report); }))
    return fail_plan(PlanExit::kUsage, arguments.list + ": could not be written; is the disk full?");
  if (!arguments.map.empty()) {
    std::vector<std::string> codes;
    for (const CountryCode code : input->prohibited) codes.push_back(code.text());
    if (!write_file(arguments.map,
                    [&](std::ostream& out) { out << svg_of(draw_plan(input->problem, plan, codes)); }))
      return fail_plan(PlanExit::kUsage, arguments.map + ": could not be written; is the disk full?");
  }
  write_plan(std::cout, plan_format(arguments), report);
  std::cout.flush();
  if (std::cout) return static_cast<int>(PlanExit::kFine);
  return fail_plan(PlanExit::kInternal, "standard output could not be written; look at the disk or the pipe");
}

/// The command line of `chiploc plan`.
struct PlanLine {
  CLI::App app{
      "Says where the next anchors make most licences provable: one after the other, each the one that proves most "
      "sites more, by the rules of every verdict, with a bound on what any choice could prove.",
      "chiploc plan"};
  PlanArguments given;
  PlanLine() { add_plan_options(app, given); }
};

}  // namespace

void with_plan_line(const std::function<void(const CLI::App&)>& use) { use(PlanLine{}.app); }

int run_plan_command(const std::vector<std::string>& arguments) {
  PlanLine line;
  std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};  // as CLI11 wants them
  try {
    line.app.parse(reversed);
  } catch (const CLI::Success& wanted) {
    return line.app.exit(wanted, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    return fail_plan(PlanExit::kUsage, usage_fault(line.app, error));
  }
  return run(line.given);
}

}  // namespace chiploc
