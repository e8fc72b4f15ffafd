#include "server/plan/plan_output.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace chiploc {
namespace {

constexpr std::size_t kShownUnproved = 12;

std::string_view goal_name(PlanGoal goal) { return goal == PlanGoal::kVerified ? "VERIFIED" : "CLEARED"; }

std::string short_figure(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

Json step_record(const PlanReport& report, std::size_t number) {
  const PlanStep& step = report.plan.steps[number];
  const PlanAnchor& anchor = report.problem.anchors[step.anchor];
  return {{"step", number + 1},
          {"anchor", anchor.name},
          {"lat_deg", anchor.place.lat_deg()},
          {"lon_deg", anchor.place.lon_deg()},
          {"gain", step.gain},
          {"proved", step.proved},
          {"at_most", step.at_most},
          {"cost", anchor.cost},
          {"cost_so_far", step.cost_so_far},
          {"gain_per_cost", static_cast<double>(step.gain) / anchor.cost},
          {"of_a_pair", step.is_of_a_pair}};
}

std::vector<Column> step_columns() {
  return {{"step", "STEP", "", true},
          {"anchor", "ANCHOR", ""},
          {"lat_deg", "", ""},
          {"lon_deg", "", ""},
          {"gain", "GAIN", "", true},
          {"proved", "PROVED", "", true},
          {"at_most", "AT MOST", "", true},
          {"cost", "COST", "", true},
          {"cost_so_far", "SO FAR", "", true},
          {"gain_per_cost", "GAIN/COST", "", true},
          {"of_a_pair", "", ""}};
}

void write_steps(std::ostream& out, OutputFormat format, const PlanReport& report) {
  const std::vector<Column> columns = step_columns();
  RecordWriter writer{out, format, columns, false};
  if (format == OutputFormat::kTable) {
    const std::string before = std::to_string(report.plan.proved_before);
    writer.add({{"0"},
                {std::to_string(report.problem.standing) + " stand"},
                {""},
                {""},
                {""},
                {before},
                {before},
                {""},
                {"0"},
                {""},
                {""}},
               Json::object());
  }
  for (std::size_t i = 0; i < report.plan.steps.size(); ++i) {
    const Json record = step_record(report, i);
    std::vector<Cell> cells;
    for (const Column& column : columns) {
      const Json& value = record[column.name];
      cells.push_back({value.is_string()         ? value.get<std::string>()
                       : value.is_number_float() ? short_figure(value.get<double>())
                                                 : value.dump()});
    }
    if (report.plan.steps[i].is_of_a_pair) cells[1].text += " (of a pair)";
    writer.add(std::move(cells), record);
  }
  writer.finish("no step");
}

/// The sites that are not proved, those that never are last.
std::vector<std::size_t> unproved_sites(const Plan& plan) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < plan.sites.size(); ++i) {
    if (!plan.sites[i].proved) out.push_back(i);
  }
  std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    return plan.sites[a].outlook < plan.sites[b].outlook;
  });
  return out;
}

std::string ending(const PlanReport& report) {
  const Plan& plan = report.plan;
  if (plan.is_complete)
    return plan.provable == plan.sites.size() ? "All sites are proved."
                                              : "All that any of the candidates prove is proved.";
  if (plan.is_spent) return "The budget pays for no other candidate.";
  if (plan.is_stuck) return "Neither one candidate more nor two together prove another site.";
  return {};
}

void write_unproved(std::ostream& out, const PlanReport& report) {
  const std::vector<std::size_t> sites = unproved_sites(report.plan);
  if (sites.empty()) return;
  const auto never = static_cast<std::size_t>(std::count_if(sites.begin(), sites.end(), [&](std::size_t i) {
    return report.plan.sites[i].outlook == SiteOutlook::kNever;
  }));
  out << '\n'
      << sites.size() << " of " << report.problem.sites.size() << " sites are not proved; " << never
      << " of them not with all candidates:\n";
  std::vector<std::vector<Cell>> rows;
  // Those for which no anchor helps first: they are what a person has to know.
  for (auto it = sites.rbegin(); it != sites.rend() && rows.size() < kShownUnproved; ++it)
    rows.push_back({{report.problem.sites[*it].name}, {report.reasons[*it]}});
  write_table(out, {{"site", "SITE", ""}, {"why", "WHY", ""}}, rows, false);
  if (sites.size() > rows.size())
    out << "and " << sites.size() - rows.size() << " more: --list FILE has all\n";
}

std::vector<Cell> compared_cells(const PlanReport& report, const ComparedChoice& choice) {
  return {{choice.name},
          {std::to_string(choice.anchors)},
          {std::to_string(choice.proved)},
          {std::to_string(static_cast<std::ptrdiff_t>(choice.proved) -
                          static_cast<std::ptrdiff_t>(report.compared_before))}};
}

void write_compared(std::ostream& out, const PlanReport& report) {
  if (report.compared.empty()) return;
  out << "\nScored by measured round trips; " << report.compared_before << " proved by what stands:\n";
  std::vector<std::vector<Cell>> rows;
  for (const ComparedChoice& choice : report.compared) rows.push_back(compared_cells(report, choice));
  write_table(out,
              {{"chosen_by", "CHOSEN BY", ""},
               {"anchors", "ANCHORS", "", true},
               {"proved", "PROVED", "", true},
               {"more", "MORE", "", true}},
              rows, false);
}

Json plan_json(const PlanReport& report) {
  const PlanProblem& problem = report.problem;
  const Plan& plan = report.plan;
  Json out = {{"goal", goal_name(problem.goal)},
              {"faults", problem.faults},
              {"speed_km_s", report.speed.km_s()},
              {"round_trips", report.round_trips},
              {"sites", problem.sites.size()},
              {"anchors", problem.standing},
              {"candidates", problem.anchors.size() - problem.standing},
              {"proved_before", plan.proved_before},
              {"proved", plan.steps.empty() ? plan.proved_before : plan.steps.back().proved},
              {"provable_with_all", plan.provable},
              {"is_complete", plan.is_complete},
              {"is_stuck", plan.is_stuck},
              {"is_spent", plan.is_spent},
              {"regions", plan.regions}};
  out["steps"] = Json::array();
  for (std::size_t i = 0; i < plan.steps.size(); ++i) out["steps"].push_back(step_record(report, i));
  out["unproved"] = Json::array();
  for (const std::size_t i : unproved_sites(plan)) {
    const PlanSite& site = problem.sites[i];
    out["unproved"].push_back({{"site", site.name},
                               {"lat_deg", site.place.lat_deg()},
                               {"lon_deg", site.place.lon_deg()},
                               {"outlook", name_of(plan.sites[i].outlook)},
                               {"why", report.reasons[i]}});
  }
  if (report.compared.empty()) return out;
  out["compared_before"] = report.compared_before;
  out["compared"] = Json::array();
  for (const ComparedChoice& choice : report.compared) {
    out["compared"].push_back(
        {{"chosen_by", choice.name}, {"anchors", choice.anchors}, {"proved", choice.proved}});
  }
  return out;
}

}  // namespace

std::string_view name_of(SiteOutlook outlook) {
  switch (outlook) {
    case SiteOutlook::kProved:
      return "proved";
    case SiteOutlook::kOpen:
      return "open";
    case SiteOutlook::kNever:
      return "never";
    case SiteOutlook::kContradicts:
      return "contradicts";
  }
  return "open";
}

void write_plan(std::ostream& out, OutputFormat format, const PlanReport& report) {
  if (format == OutputFormat::kJson || format == OutputFormat::kNdjson)
    return write_json(out, format, plan_json(report));
  if (format == OutputFormat::kCsv) return write_steps(out, format, report);
  const PlanProblem& problem = report.problem;
  out << problem.sites.size() << " sites to be " << goal_name(problem.goal) << " even if "
      << (problem.faults == 0 ? std::string{"nobody lies"}
                              : std::to_string(problem.faults) + " of the perspectives lie")
      << "; " << problem.standing << " anchors stand" << report.start << ", "
      << problem.anchors.size() - problem.standing << " candidates\n"
      << report.round_trips << "\n\n";
  write_steps(out, format, report);
  if (const std::string end = ending(report); !end.empty()) out << end << '\n';
  out << "With all candidates: " << report.plan.provable << " of " << problem.sites.size() << ".\n";
  write_unproved(out, report);
  write_compared(out, report);
}

void write_plan_sites(std::ostream& out, const PlanReport& report) {
  RecordWriter writer{out,
                      OutputFormat::kCsv,
                      {{"site", "", ""},
                       {"lat_deg", "", ""},
                       {"lon_deg", "", ""},
                       {"proved", "", ""},
                       {"since_step", "", ""},
                       {"outlook", "", ""},
                       {"why", "", ""}},
                      false};
  for (std::size_t i = 0; i < report.problem.sites.size(); ++i) {
    const PlanSite& site = report.problem.sites[i];
    const SiteResult& result = report.plan.sites[i];
    writer.add({}, {{"site", site.name},
                    {"lat_deg", site.place.lat_deg()},
                    {"lon_deg", site.place.lon_deg()},
                    {"proved", result.proved},
                    {"since_step", result.since ? Json(*result.since) : Json(nullptr)},
                    {"outlook", name_of(result.outlook)},
                    {"why", report.reasons[i]}});
  }
  writer.finish("");
}

}  // namespace chiploc
