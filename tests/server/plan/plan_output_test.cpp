#include "server/plan/plan_output.hpp"

#include <algorithm>
#include <sstream>

#include "tests/server/plan/small_problems.hpp"

namespace chiploc::test::plan_output_test {
namespace {

struct Reported {
  PlanProblem problem = made_problem(4, {9, 2, 6, 0, PlanGoal::kCleared});
  Plan plan = make_plan(problem, Borders::world(), {3, false, {}}, kOneAfterTheOther);
  PlanReport report{problem, plan, kLightInVacuum, "Round trips: guessed.", std::vector<std::string>(9)};

  Reported() {
    for (std::size_t i = 0; i < 9; ++i) {
      if (!plan.sites[i].proved) report.reasons[i] = "because " + std::to_string(i);
    }
  }
  [[nodiscard]] std::string text(OutputFormat format) const {
    std::ostringstream out;
    write_plan(out, format, report);
    return out.str();
  }
};

TEST_CASE("plan output: JSON has every figure of the plan", "[plan]") {
  const Reported it;
  REQUIRE_FALSE(it.plan.steps.empty());
  const auto json = nlohmann::json::parse(it.text(OutputFormat::kJson));
  CHECK(json["goal"] == "CLEARED");
  CHECK(json["sites"] == 9);
  CHECK(json["anchors"] == 2);
  CHECK(json["candidates"] == 6);
  CHECK(json["proved_before"].get<std::size_t>() == it.plan.proved_before);
  CHECK(json["proved"].get<std::size_t>() == it.plan.steps.back().proved);
  CHECK(json["provable_with_all"].get<std::size_t>() == it.plan.provable);
  REQUIRE(json["steps"].size() == it.plan.steps.size());
  const auto& first = json["steps"][0];
  CHECK(first["step"] == 1);
  CHECK(first["anchor"].get<std::string>() == it.problem.anchors[it.plan.steps[0].anchor].name);
  CHECK(first["at_most"].get<std::size_t>() == it.plan.steps[0].at_most);
  CHECK(first["gain"].get<std::ptrdiff_t>() == it.plan.steps[0].gain);
  CHECK(json["unproved"].size() == 9 - it.plan.steps.back().proved);
  for (const auto& site : json["unproved"])
    CHECK_THAT(site["why"].get<std::string>(), Catch::StartsWith("because "));
  CHECK_FALSE(json.contains("compared"));
}

TEST_CASE("plan output: CSV has the steps alone", "[plan]") {
  const Reported it;
  const std::string csv = it.text(OutputFormat::kCsv);
  CHECK_THAT(
      csv, Catch::StartsWith(
               "step,anchor,lat_deg,lon_deg,gain,proved,at_most,cost,cost_so_far,gain_per_cost,of_a_pair\n"));
  CHECK(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')) == it.plan.steps.size() + 1);
}

TEST_CASE("plan output: the table tells what is unproved, and the comparison if there is one", "[plan]") {
  Reported it;
  const std::string plain = it.text(OutputFormat::kTable);
  CHECK_THAT(plain,
             Catch::StartsWith("9 sites to be CLEARED even if nobody lies; 2 anchors stand, 6 candidates\n"));
  CHECK_THAT(plain, Catch::Contains("2 stand"));
  CHECK_THAT(plain, Catch::Contains("With all candidates: "));
  CHECK(plain.find("CHOSEN BY") == std::string::npos);
  it.report.compared = {{"plan, by model", 3, 8}, {"random 1", 3, 2}};
  it.report.compared_before = 3;
  const std::string compared = it.text(OutputFormat::kTable);
  CHECK_THAT(compared, Catch::Contains("plan, by model        3       8     5"));
  CHECK_THAT(compared, Catch::Contains("random 1              3       2    -1"));
  const auto json = nlohmann::json::parse(it.text(OutputFormat::kJson));
  CHECK(json["compared"][0]["proved"] == 8);
  CHECK(json["compared_before"] == 3);
}

TEST_CASE("plan output: a line for each site", "[plan]") {
  const Reported it;
  std::ostringstream out;
  write_plan_sites(out, it.report);
  const std::string csv = out.str();
  CHECK_THAT(csv, Catch::StartsWith("site,lat_deg,lon_deg,proved,since_step,outlook,why\nsite 0,"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 10);
}

}  // namespace
}  // namespace chiploc::test::plan_output_test
