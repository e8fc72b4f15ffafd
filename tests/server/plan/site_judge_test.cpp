#include "server/plan/site_judge.hpp"

#include "tests/server/plan/small_problems.hpp"

namespace chiploc::test::site_judge_test {
namespace {

TEST_CASE("site judge: every set of anchors is judged as Region and TerritoryJudge do", "[plan][property]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    const PlanProblem problem = made_problem(
        seed,
        {2, 2, 5, static_cast<unsigned>(seed % 3), seed % 2 == 0 ? PlanGoal::kCleared : PlanGoal::kVerified});
    for (std::size_t site = 0; site < problem.sites.size(); ++site) {
      SiteJudge judge{problem, site, Borders::world()};
      for (unsigned bits = 0; bits < 32; ++bits) {
        const auto anchors = with_bits(problem, bits);
        CHECK(judge.judge(anchors) == plain_finding(problem, site, anchors));
        CHECK(judge.proves(anchors) == plainly_proved(problem, site, anchors));
      }
    }
  }
}

TEST_CASE("site judge: one anchor more is judged as if all were judged anew", "[plan][property]") {
  std::size_t idle = 0, moved = 0;
  for (std::uint64_t seed = 100; seed < 140; ++seed) {
    INFO("seed " << seed);
    const PlanProblem problem =
        made_problem(seed, {2, 3, 6, static_cast<unsigned>(seed % 3), PlanGoal::kCleared});
    for (std::size_t site = 0; site < problem.sites.size(); ++site) {
      SiteJudge judge{problem, site, Borders::world()};
      SiteStand stand{judge, problem.standing_anchors()};
      std::vector<std::size_t> have = problem.standing_anchors();
      for (const std::size_t next : problem.candidates()) {
        for (const std::size_t one : problem.candidates()) {
          auto with = have;
          with.push_back(one);
          CHECK(stand.with(one) == plain_finding(problem, site, with));
          idle += stand.is_idle(one) ? 1U : 0U;
        }
        stand.add(next);
        have.push_back(next);
        moved += stand.finding() == TerritoryFinding::kOpen ? 0U : 1U;
        CHECK(stand.finding() == plain_finding(problem, site, have));
      }
    }
  }
  CHECK(idle > 50);  // or the short cut was not tried
  CHECK(moved > 50);
}

TEST_CASE("site judge: an idle anchor stays idle whatever else is added", "[plan][property]") {
  std::size_t asked = 0;
  for (std::uint64_t seed = 200; seed < 240; ++seed) {
    INFO("seed " << seed);
    const PlanProblem problem =
        made_problem(seed, {2, 3, 5, static_cast<unsigned>(seed % 3), PlanGoal::kVerified});
    for (std::size_t site = 0; site < problem.sites.size(); ++site) {
      SiteJudge judge{problem, site, Borders::world()};
      const SiteStand stand{judge, problem.standing_anchors()};
      for (const std::size_t one : problem.candidates()) {
        if (!stand.is_idle(one)) continue;
        for (unsigned bits = 0; bits < 32; ++bits) {
          const unsigned mine = 1U << (one - problem.standing);
          CHECK(plain_finding(problem, site, with_bits(problem, bits | mine)) ==
                plain_finding(problem, site, with_bits(problem, bits & ~mine)));
          ++asked;
        }
      }
    }
  }
  CHECK(asked > 500);
}

TEST_CASE("site judge: what leaves the same caps is worked out once", "[plan]") {
  PlanProblem problem = made_problem(3, {1, 0, 2, 0, PlanGoal::kCleared});
  const LatLon berlin = place_at(52.52, 13.40);
  problem.sites[0].place = berlin;
  problem.anchors[0].place = problem.anchors[1].place = berlin;
  problem.reach = {Kilometers{50.0}, Kilometers{500.0}};
  SiteJudge judge{problem, 0, Borders::world()};
  const std::vector<std::size_t> one{0}, both{0, 1}, far{1};
  CHECK(judge.judge(one) == judge.judge(both));
  CHECK(judge.regions() == 1);
  CHECK(judge.judge({}) == TerritoryFinding::kNothingExcluded);
  static_cast<void>(judge.judge(far));
  CHECK(judge.regions() == 2);
}

}  // namespace
}  // namespace chiploc::test::site_judge_test
