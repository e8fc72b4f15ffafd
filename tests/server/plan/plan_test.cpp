#include "server/plan/plan.hpp"

#include <set>

#include "tests/server/plan/small_problems.hpp"

namespace chiploc::test::plan_test {
namespace {

Plan planned(const PlanProblem& problem, const PlanOptions& options) {
  return make_plan(problem, Borders::world(), options, kOneAfterTheOther);
}

std::string names_of(const PlanProblem& problem, const Plan& plan) {
  std::string out;
  for (const PlanStep& step : plan.steps) out += problem.anchors[step.anchor].name + " ";
  return out;
}

/// Berlin, to be told apart from PL and CZ; anchors are put beside it with disks as one likes.
PlanProblem about_berlin(unsigned faults, const std::vector<std::pair<std::string, double>>& candidates) {
  PlanProblem problem;
  problem.faults = faults;
  problem.goal = PlanGoal::kVerified;
  problem.sites.push_back({"Berlin", place_at(52.52, 13.40), Claim{"", codes({"DE"}), {}, true}});
  std::uint32_t perspective = 0;
  for (const auto& [name, km] : candidates) {
    problem.anchors.push_back({name, place_at(52.5, 13.3), Kilometers{0.0}, perspective++, 1.0});
    problem.reach.emplace_back(Kilometers{km});
  }
  return problem;
}

TEST_CASE("plan: every step is the one that trying all candidates finds", "[plan][property]") {
  std::size_t steps = 0, pairs = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const bool per_cost = seed % 2 == 0;
    const PlanProblem problem = made_problem(seed, {8, 1 + seed % 3, 7, static_cast<unsigned>(seed % 3),
                                                    seed % 4 < 2 ? PlanGoal::kCleared : PlanGoal::kVerified});
    const Plan plan = planned(problem, {4, per_cost, {}});
    std::vector<std::size_t> have = problem.standing_anchors();
    std::size_t proved = plainly_proved_by(problem, have);
    CHECK(plan.proved_before == proved);
    for (const PlanStep& step : plan.steps) {
      INFO("seed " << seed << ", step " << steps);
      std::optional<std::size_t> best;
      std::ptrdiff_t best_gain = 0;
      for (const std::size_t candidate : problem.candidates()) {
        if (std::find(have.begin(), have.end(), candidate) != have.end()) continue;
        auto with = have;
        with.push_back(candidate);
        const auto gain = static_cast<std::ptrdiff_t>(plainly_proved_by(problem, with)) -
                          static_cast<std::ptrdiff_t>(proved);
        if (gain <= 0) continue;
        const PlanAnchor& a = problem.anchors[candidate];
        const auto rank = [&](std::ptrdiff_t g, const PlanAnchor& anchor) {
          return std::tuple{per_cost ? -static_cast<double>(g) / anchor.cost : -static_cast<double>(g),
                            anchor.cost, anchor.name};
        };
        if (!best || rank(gain, a) < rank(best_gain, problem.anchors[*best])) {
          best = candidate;
          best_gain = gain;
        }
      }
      if (!step.is_of_a_pair) {
        REQUIRE(best);
        CHECK(step.anchor == *best);
        CHECK(step.gain == best_gain);
      }
      pairs += step.is_of_a_pair ? 1 : 0;
      have.push_back(step.anchor);
      const std::size_t before = proved;
      proved = plainly_proved_by(problem, have);
      CHECK(step.proved == proved);
      CHECK(step.gain == static_cast<std::ptrdiff_t>(proved) - static_cast<std::ptrdiff_t>(before));
      CHECK(step.at_most >= proved);
      ++steps;
    }
    for (std::size_t site = 0; site < problem.sites.size(); ++site)
      CHECK(plan.sites[site].proved == plainly_proved(problem, site, have));
    if (plan.steps.size() == 4) continue;
    INFO("seed " << seed << ": it ended early, so nothing may be left to gain");
    CHECK((plan.is_stuck || plan.is_complete));
    for (const std::size_t candidate : problem.candidates()) {
      auto with = have;
      with.push_back(candidate);
      CHECK(plainly_proved_by(problem, with) <= proved);
    }
  }
  CHECK(steps > 30);
  CHECK(pairs > 0);
}

TEST_CASE("plan: a pair is the one that trying all pairs finds", "[plan][property]") {
  std::size_t found = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const PlanProblem problem = made_problem(seed, {5, 0, 7, 1, PlanGoal::kCleared});
    const Plan plan = planned(problem, {2, false, {}});
    std::size_t best = 0;
    bool is_single = false;
    for (const std::size_t a : problem.candidates()) {
      is_single = is_single || plainly_proved_by(problem, {a}) > 0;
      for (const std::size_t b : problem.candidates()) {
        if (a < b) best = std::max(best, plainly_proved_by(problem, {a, b}));
      }
    }
    INFO("seed " << seed);
    CHECK_FALSE(is_single);  // one perspective proves nothing if it may lie
    if (best == 0) {
      CHECK(plan.steps.empty());
      CHECK((plan.is_stuck || plan.is_complete));
      continue;
    }
    ++found;
    REQUIRE(plan.steps.size() == 2);
    CHECK(plan.steps[0].is_of_a_pair);
    CHECK(plan.steps[1].is_of_a_pair);
    CHECK(plan.steps[0].gain == 0);
    CHECK(plan.steps[1].proved == best);
    CHECK(plan.steps[1].at_most >= best);
  }
  CHECK(found > 20);
}

TEST_CASE("plan: of equal candidates the cheaper, then the first by name, in whatever order they come",
          "[plan]") {
  PlanProblem problem = about_berlin(0, {{"c", 20.0}, {"b", 20.0}, {"a", 20.0}});
  CHECK(names_of(problem, planned(problem, {1, false, {}})) == "a ");
  problem.anchors[0].cost = 0.5;
  CHECK(names_of(problem, planned(problem, {1, false, {}})) == "c ");
}

TEST_CASE("plan: one perspective proves nothing if it may lie, two do", "[plan]") {
  PlanProblem problem = about_berlin(1, {{"near", 20.0}, {"nearer", 10.0}, {"far", 3'000.0}});
  const Plan one = planned(problem, {1, false, {}});
  CHECK(one.steps.empty());
  CHECK(one.is_stuck);
  CHECK(one.provable == 1);
  const Plan two = planned(problem, {2, false, {}});
  CHECK(names_of(problem, two) == "near nearer ");
  CHECK(two.is_complete);
  CHECK(two.sites[0].since == std::size_t{2});
  // Two of one operator are one perspective.
  problem.anchors[1].perspective = problem.anchors[0].perspective;
  const Plan alone = planned(problem, {3, false, {}});
  CHECK(alone.steps.empty());
  CHECK(alone.sites[0].outlook == SiteOutlook::kNever);
  CHECK(alone.is_complete);  // there is nothing that could be proved
}

TEST_CASE("plan: gain for the cost, and a budget", "[plan]") {
  // "wide" proves two sites for three, "narrow" one for one.
  PlanProblem problem = about_berlin(0, {{"wide", 20.0}, {"narrow", 20.0}});
  problem.sites.push_back({"Potsdam", place_at(52.40, 13.06), problem.sites[0].claim});
  problem.reach = {Kilometers{30.0}, Kilometers{30.0}, Kilometers{40.0}, Kilometers{4'000.0}};
  problem.anchors[0].cost = 3.0;
  CHECK(names_of(problem, planned(problem, {1, false, {}})) == "wide ");
  CHECK(names_of(problem, planned(problem, {1, true, {}})) == "narrow ");
  const Plan poor = planned(problem, {2, false, 2.0});
  CHECK(names_of(problem, poor) == "narrow ");
  CHECK(poor.is_spent);
  CHECK(poor.steps[0].cost_so_far == 1.0);
  const Plan rich = planned(problem, {2, true, 4.0});
  CHECK(names_of(problem, rich) == "narrow wide ");
  CHECK(rich.steps[1].cost_so_far == 4.0);
  CHECK(planned(problem, {2, false, 0.5}).is_spent);
}

TEST_CASE("plan: a candidate that undoes a proof counts for what it takes", "[plan]") {
  PlanProblem problem = about_berlin(0, {{"stands", 20.0}, {"liar", 20.0}, {"good", 20.0}});
  problem.standing = 1;
  problem.anchors[1].place = place_at(40.42, -3.70);
  problem.sites.push_back({"Madrid", place_at(40.42, -3.70), Claim{"", codes({"ES"}), {}, true}});
  // The liar sees Berlin from Madrid; it would prove Madrid and leave no place for Berlin.
  problem.reach = {Kilometers{20.0},    Kilometers{20.0}, Kilometers{20.0},
                   Kilometers{5'000.0}, Kilometers{20.0}, Kilometers{5'000.0}};
  const Plan plan = planned(problem, {2, false, {}});
  CHECK(plan.sites[0].outlook == SiteOutlook::kContradicts);
  CHECK(plan.proved_before == 1);
  for (const PlanStep& step : plan.steps) CHECK(step.proved >= 1);
  CHECK(names_of(problem, plan).find("liar") == std::string::npos);
}

TEST_CASE("plan: counting by other ways is counting by hand", "[plan]") {
  const PlanProblem problem = made_problem(9, {8, 2, 6, 1, PlanGoal::kCleared});
  for (unsigned bits = 0; bits < 64; bits += 7) {
    const auto anchors = with_bits(problem, bits);
    CHECK(count_proved(problem, anchors, Borders::world(), kOneAfterTheOther) ==
          plainly_proved_by(problem, anchors));
  }
}

}  // namespace
}  // namespace chiploc::test::plan_test
