#include "server/plan/plan_reasons.hpp"

#include "tests/server/plan/small_problems.hpp"

namespace chiploc::test::plan_reasons_test {
namespace {

PlanProblem about_szczecin(unsigned faults, PlanGoal goal) {
  PlanProblem problem;
  problem.faults = faults;
  problem.goal = goal;
  problem.sites.push_back(
      {"Prenzlau", place_at(53.32, 13.86), Claim{"", codes({"DE"}), codes({"PL"}), true}});
  problem.anchors = {{"Berlin", place_at(52.52, 13.40), Kilometers{10.0}, 0, 1.0},
                     {"Berlin two", place_at(52.52, 13.40), Kilometers{0.0}, 0, 1.0},
                     {"Hamburg", place_at(53.55, 9.99), Kilometers{0.0}, 1, 1.0},
                     {"Lisbon", place_at(38.72, -9.14), Kilometers{0.0}, 2, 1.0}};
  problem.standing = 1;
  problem.reach = {Kilometers{190.0}, Kilometers{150.0}, Kilometers{420.0}, Kilometers{4'000.0}};
  return problem;
}

TEST_CASE("plan reasons: what is in the way, the nearest first, and the smallest disks", "[plan]") {
  const PlanProblem problem = about_szczecin(1, PlanGoal::kVerified);
  const PlanReason reason = reason_of(problem, 0, Borders::world());
  CHECK(reason.finding == TerritoryFinding::kOpen);
  REQUIRE(reason.nearest.size() == 2);
  CHECK(reason.nearest[0].anchor == 1);  // of one perspective the smaller
  CHECK(reason.nearest[0].radius == Kilometers{150.0});
  CHECK(reason.nearest[1].anchor == 2);
  REQUIRE(reason.in_the_way.size() >= 2);
  CHECK(reason.in_the_way[0].territory == "PL");
  CHECK(reason.in_the_way[0].distance.km() == Approx(33.0).margin(10.0));
  for (std::size_t i = 1; i < reason.in_the_way.size(); ++i) {
    CHECK(reason.in_the_way[i].distance >= reason.in_the_way[i - 1].distance);
    CHECK(reason.in_the_way[i].territory != "PL");
    CHECK(reason.in_the_way[i].territory != "DE");
  }
  const std::string text = reason_text(problem, reason);
  CHECK_THAT(text, Catch::StartsWith("not told apart from PL ("));
  CHECK_THAT(text, Catch::EndsWith("the smallest disks of all are Berlin two 150 km, Hamburg 420 km"));
}

TEST_CASE("plan reasons: to be CLEARED only what is prohibited is in the way", "[plan]") {
  const PlanReason reason = reason_of(about_szczecin(1, PlanGoal::kCleared), 0, Borders::world());
  REQUIRE(reason.in_the_way.size() == 1);
  CHECK(reason.in_the_way[0].territory == "PL");
}

TEST_CASE("plan reasons: the uncertainty of an anchor is part of its disk", "[plan]") {
  PlanProblem problem = about_szczecin(0, PlanGoal::kVerified);
  problem.reach[1] = std::nullopt;
  const PlanReason reason = reason_of(problem, 0, Borders::world());
  REQUIRE(reason.nearest.size() == 1);
  CHECK(reason.nearest[0].radius == Kilometers{200.0});
  CHECK_THAT(reason_text(problem, reason), Catch::EndsWith("the smallest disk of all is Berlin 200 km"));
}

TEST_CASE("plan reasons: too few perspectives, contradictions, elsewhere", "[plan]") {
  const PlanProblem few = about_szczecin(3, PlanGoal::kVerified);
  CHECK(reason_text(few, reason_of(few, 0, Borders::world())) ==
        "only 3 of the 4 perspectives that the fault budget asks for would measure it");
  PlanProblem torn = about_szczecin(0, PlanGoal::kVerified);
  torn.reach = {Kilometers{10.0}, Kilometers{10.0}, Kilometers{10.0}, std::nullopt};
  CHECK_THAT(reason_text(torn, reason_of(torn, 0, Borders::world())), Catch::Contains("no place is left"));
  PlanProblem elsewhere = about_szczecin(0, PlanGoal::kVerified);
  elsewhere.reach = {std::nullopt, std::nullopt, std::nullopt, Kilometers{20.0}};
  CHECK_THAT(reason_text(elsewhere, reason_of(elsewhere, 0, Borders::world())),
             Catch::Contains("cannot be in the licensed territory"));
  elsewhere.sites[0].claim = Claim{"", codes({"DE"}), codes({"PT"}), true};
  CHECK_THAT(reason_text(elsewhere, reason_of(elsewhere, 0, Borders::world())),
             Catch::Contains("in prohibited territory"));
}

}  // namespace
}  // namespace chiploc::test::plan_reasons_test
