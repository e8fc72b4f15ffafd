#include "server/plan/plan_arguments.hpp"

#include "server/plan/delay_guess.hpp"
#include "server/text/number_check.hpp"

namespace chiploc {
namespace {

void add_world_options(CLI::App& app, PlanArguments& to) {
  app.add_option("--sites", to.sites,
                 "Licensed sites: name, lat, lon, licensed (codes and names of territories)")
      ->type_name("FILE");
  app.add_option(
         "--anchors", to.anchors,
         "Anchors that stand: name, lat, lon and, if there are, uncertainty_km, operator, network (default: "
         "none stands)")
      ->type_name("FILE");
  app.add_option(
         "--candidates", to.candidates,
         "Places for anchors: a file as for --anchors with cost and people besides; or cities; or grid")
      ->type_name("FILE|cities|grid");
  app.add_option("--people", to.people, "cities: those of so many people and more")
      ->check(CLI::Range(std::uint64_t{5'000}, std::uint64_t{100'000'000}))
      ->capture_default_str();
  app.add_option("--grid-deg", to.grid_deg, "grid: degrees between places")
      ->check(is_number())
      ->check(CLI::Range(0.5, 45.0))
      ->capture_default_str();
  app.add_option("--territory", to.territories,
                 "A territory that is an area, NAME=FILE of GeoJSON; may be repeated")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
  app.add_option("--prohibited", to.prohibited,
                 "Prohibited territories: codes and names, e.g. CN,RU (default: none)")
      ->delimiter(',')
      ->allow_extra_args(false);
}

void add_delay_options(CLI::App& app, PlanArguments& to) {
  app.add_option(
         "--measured", to.measured,
         "Folder of measured round trips (as chiploc eval takes it): what it has of places and sites with the "
         "names or ids of its nodes counts instead of the model")
      ->type_name("DIR");
  app.add_option(
         "--start", to.start,
         "With --measured and no files, the plan is over the folder's nodes: so many stand, drawn by --seed, "
         "or those of a label of subsets.csv")
      ->type_name("N|LABEL");
  app.add_option(
         "--delay-model", to.delay,
         "Round trips that nobody measured: law (the law of delays, learnt from the anchors of --measured), or "
         "INFLATION+MS, such as 2.0+1.5: so many times light in fibre and so many ms")
      ->capture_default_str();
  app.add_option("--quantile", to.quantile, "law: the quantile of it, 0.5 the median; more is more cautious")
      ->check(is_number())
      ->check(CLI::Range(0.01, 0.99))
      ->capture_default_str();
  app.add_option(
         "--chosen-by", to.chosen_by,
         "--start: round trips of candidates by which they are chosen: model, which is all that a planner "
         "knows, or measured, which nobody can know beforehand")
      ->check(CLI::IsMember({"model", "measured"}))
      ->capture_default_str();
  app.add_option("--speed", to.speed, "Speed that the proof assumes: vacuum (c), or fibre (2/3 c)")
      ->check(CLI::IsMember({"vacuum", "fibre"}))
      ->capture_default_str();
  app.add_option("--anchor-uncertainty-km", to.uncertainty_km,
                 "How far anchors may stand from where they say, where no file says it")
      ->check(is_number())
      ->check(CLI::Range(0.0, 1'000.0))
      ->capture_default_str();
}

void add_choice_options(CLI::App& app, PlanArguments& to) {
  app.add_option("--add", to.add, "How many anchors")
      ->check(CLI::Range(std::size_t{1}, std::size_t{200}))
      ->capture_default_str();
  app.add_option("--goal", to.goal, "What a site is to be: verified, or cleared at least")
      ->check(CLI::IsMember({"verified", "cleared"}))
      ->capture_default_str();
  app.add_option("--faults", to.faults, "Perspectives that may lie without misleading a proof")
      ->check(CLI::Range(0U, 8U))
      ->capture_default_str();
  app.add_option("--rank", to.rank, "The largest gain, or the largest gain-per-cost")
      ->check(CLI::IsMember({"gain", "gain-per-cost"}))
      ->capture_default_str();
  app.add_option("--budget", to.budget, "What all of them together may cost (default: anything)")
      ->check(is_number())
      ->check(CLI::Range(0.0, 1e15));
  app.add_option(
         "--compare", to.compare,
         "--start: also choose by population and random-K (K draws), and score all by what was measured")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--seed", to.seed, "Of --start N and random-K")->check(is_whole())->capture_default_str();
  app.add_option("--threads", to.threads, "Threads (0: one for each processor); changes no result")
      ->check(CLI::Range(0U, 1'024U))
      ->capture_default_str();
  app.add_option("-o,--output", to.output, "table, json or csv (the steps alone)")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
  app.add_option("--list", to.list, "Also write a line for each site into this CSV file")->type_name("FILE");
  app.add_option("--map", to.map, "Also draw the plan into this SVG file")->type_name("FILE");
}

}  // namespace

void add_plan_options(CLI::App& app, PlanArguments& to) {
  add_world_options(app, to);
  add_delay_options(app, to);
  add_choice_options(app, to);
  app.footer(
      "Examples:\n"
      "  chiploc plan --sites sites.csv --anchors anchors.csv --candidates cities --add 5 --prohibited CN,RU\n"
      "  chiploc plan --sites sites.csv --candidates places.csv --goal cleared --prohibited CN,RU --rank gain-per-cost "
      "--budget 9000 --map plan.svg\n"
      "  chiploc plan --measured data/rtt/wonderproxy-2020 --start 20 --add 10 --compare population,random-3\n"
      "Exit codes: 0 done, 64 usage, 65 a fault in a file, 66 a file is missing, 70 standard output could not be "
      "written.");
}

std::string options_fault(const PlanArguments& arguments) {
  const bool over_folder = !arguments.start.empty();
  if (over_folder) {
    if (arguments.measured.empty())
      return "--start is about the nodes of a folder; name it with --measured DIR";
    if (!arguments.sites.empty() || !arguments.anchors.empty() || !arguments.candidates.empty())
      return "--start takes sites, anchors and candidates from the folder; leave it out, or the files";
  } else {
    if (arguments.sites.empty() || arguments.candidates.empty())
      return "name --sites FILE and --candidates FILE, cities or grid; or --measured DIR with --start; see: chiploc "
             "plan --help";
    if (!arguments.compare.empty() || arguments.chosen_by == "measured")
      return "--compare and --chosen-by measured score by round trips of every candidate; they need --start";
  }
  if (arguments.goal == "cleared" && arguments.prohibited.empty())
    return "--goal cleared is about what is prohibited; name it with --prohibited";
  if (arguments.delay != "law" && !DelayGuess::from_text(arguments.delay))
    return "--delay-model " + arguments.delay +
           ": use law, or INFLATION+MS with an inflation from 1 to 100 and 0 to 1000 ms, such as 2.0+1.5";
  return {};
}

}  // namespace chiploc
