#include "server/eval/runner.hpp"
#include "server/plan/plan.hpp"
#include "tests/server/plan/small_problems.hpp"

namespace chiploc::test::plan_threads_test {
namespace {

Plan planned(const PlanProblem& problem, const ForEach& for_each) {
  return make_plan(problem, Borders::world(), {5, false, {}}, for_each);
}

std::string names_of(const PlanProblem& problem, const Plan& plan) {
  std::string out;
  for (const PlanStep& step : plan.steps) out += problem.anchors[step.anchor].name + " ";
  return out;
}

TEST_CASE("plan threads: the same for any number of them", "[plan]") {
  for (std::uint64_t seed = 50; seed < 54; ++seed) {
    const PlanProblem problem = made_problem(seed, {12, 1, 10, 1, PlanGoal::kCleared});
    const Plan one = planned(problem, kOneAfterTheOther);
    for (const unsigned threads : {2U, 5U}) {
      const Plan many =
          planned(problem, [&](std::size_t count, const std::function<void(std::size_t)>& work) {
            run_on_threads(count, threads, work);
          });
      CHECK(names_of(problem, many) == names_of(problem, one));
      REQUIRE(many.steps.size() == one.steps.size());
      for (std::size_t i = 0; i < one.steps.size(); ++i) {
        CHECK(many.steps[i].proved == one.steps[i].proved);
        CHECK(many.steps[i].at_most == one.steps[i].at_most);
      }
      CHECK(many.regions == one.regions);
    }
  }
}

}  // namespace
}  // namespace chiploc::test::plan_threads_test
