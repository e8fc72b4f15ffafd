#include "server/plan/plan_map.hpp"

#include <algorithm>

#include "server/picture/svg.hpp"
#include "tests/server/plan/small_problems.hpp"

namespace chiploc::test::plan_map_test {
namespace {

std::size_t count_of(const std::vector<DrawnItem>& items, const std::string& role) {
  return static_cast<std::size_t>(std::count_if(items.begin(), items.end(), [&](const DrawnItem& item) {
    return std::visit([&](const auto& it) { return it.role == role; }, item);
  }));
}

TEST_CASE("plan map: every anchor, candidate, step and site is on it, as what it is", "[plan]") {
  const PlanProblem problem = made_problem(4, {9, 2, 6, 0, PlanGoal::kCleared});
  const Plan plan = make_plan(problem, Borders::world(), {3, false, {}}, kOneAfterTheOther);
  REQUIRE_FALSE(plan.steps.empty());
  const Drawing drawing = draw_plan(problem, plan, {"RU", "PL"});
  REQUIRE(drawing.window);
  const auto& items = drawing.window->items;
  CHECK(count_of(items, "anchor") == 2);
  CHECK(count_of(items, "candidate") == 6);
  CHECK(count_of(items, "chosen") == plan.steps.size());
  CHECK(count_of(items, "step") == plan.steps.size());
  const auto sites_that = [&](const auto& is) {
    return static_cast<std::size_t>(std::count_if(plan.sites.begin(), plan.sites.end(), is));
  };
  CHECK(count_of(items, "site before") ==
        sites_that([](const SiteResult& s) { return s.proved && s.since == std::size_t{0}; }));
  CHECK(count_of(items, "site planned") ==
        sites_that([](const SiteResult& s) { return s.proved && s.since != std::size_t{0}; }));
  CHECK(count_of(items, "site never") ==
        sites_that([](const SiteResult& s) { return !s.proved && s.outlook == SiteOutlook::kNever; }));
  CHECK(count_of(items, "land prohibited") >= 2);
  for (const DrawnItem& item : items) {
    const auto* const mark = std::get_if<DrawnMark>(&item);
    if (mark == nullptr) continue;
    CHECK(mark->at.x >= drawing.window->x);
    CHECK(mark->at.x <= drawing.window->x + drawing.window->width);
    CHECK(mark->at.y >= drawing.window->y);
    CHECK(mark->at.y <= drawing.window->y + drawing.window->height);
  }
  const std::string svg = svg_of(drawing);
  CHECK_THAT(svg, Catch::StartsWith("<svg "));
  CHECK(svg == svg_of(draw_plan(problem, plan, {"RU", "PL"})));
}

TEST_CASE("plan map: names are no markup", "[plan]") {
  PlanProblem problem = made_problem(4, {2, 1, 1, 0, PlanGoal::kCleared});
  problem.sites[0].name = "<script>&\"";
  const Plan plan = make_plan(problem, Borders::world(), {1, false, {}}, kOneAfterTheOther);
  CHECK(svg_of(draw_plan(problem, plan, {})).find("<script>") == std::string::npos);
}

}  // namespace
}  // namespace chiploc::test::plan_map_test
