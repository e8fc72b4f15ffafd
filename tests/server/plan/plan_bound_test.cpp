#include "server/plan/plan_bound.hpp"

#include <bit>

#include "server/plan/plan.hpp"
#include "tests/server/plan/small_problems.hpp"

namespace chiploc::test::plan_bound_test {
namespace {

constexpr std::size_t kCandidates = 7;

PlanProblem problem_of(std::uint64_t seed) {
  return made_problem(seed, {6, 1 + seed % 3, kCandidates, static_cast<unsigned>(seed % 3),
                             seed % 2 == 0 ? PlanGoal::kCleared : PlanGoal::kVerified});
}

/// The most that any choice of so many candidates proves, by trying all.
std::vector<std::size_t> best_by_force(const PlanProblem& problem) {
  std::vector<std::size_t> best(kCandidates + 1, 0);
  for (unsigned bits = 0; bits < (1U << kCandidates); ++bits) {
    std::size_t& most = best[static_cast<std::size_t>(std::popcount(bits))];
    most = std::max(most, plainly_proved_by(problem, with_bits(problem, bits)));
  }
  return best;
}

TEST_CASE("plan bound: no choice proves more than the bound says", "[plan][property]") {
  std::size_t tight = 0, below_all = 0, asked = 0;
  for (std::uint64_t seed = 1; seed <= 36; ++seed) {
    const PlanProblem problem = problem_of(seed);
    const std::vector<std::size_t> best = best_by_force(problem);
    for (std::size_t add = 1; add <= 4; ++add) {
      INFO("seed " << seed << ", " << add << " anchors");
      const std::size_t bound = most_provable(problem, add, Borders::world(), kOneAfterTheOther);
      CHECK(bound >= best[add]);
      tight += bound == best[add] ? 1U : 0U;
      below_all += bound < best[kCandidates] ? 1U : 0U;
      ++asked;
    }
  }
  CHECK(2 * tight > asked);  // a bound that is always everything would be none
  CHECK(below_all > 5);
}

TEST_CASE("plan bound: every proof of an open site meets its rows", "[plan][property]") {
  std::size_t twice = 0, proofs = 0;
  for (std::uint64_t seed = 1; seed <= 36; ++seed) {
    const PlanProblem problem = problem_of(seed);
    for (std::size_t site = 0; site < problem.sites.size(); ++site) {
      SiteJudge judge{problem, site, Borders::world()};
      if (outlook_of(problem, judge) != SiteOutlook::kOpen) continue;
      const auto rows = need_rows(problem, site, judge, problem.standing_anchors(), problem.candidates());
      REQUIRE_FALSE(rows.empty());
      for (const NeedRow& row : rows) {
        INFO("seed " << seed << ", site " << site << ", need " << row.need);
        CHECK(row.site == site);
        twice += row.need == 2 ? 1 : 0;
        for (unsigned bits = 0; bits < (1U << kCandidates); ++bits) {
          const auto anchors = with_bits(problem, bits);
          if (!plainly_proved(problem, site, anchors)) continue;
          const auto met = std::count_if(anchors.begin(), anchors.end(), [&](std::size_t anchor) {
            return std::binary_search(row.candidates.begin(), row.candidates.end(), anchor);
          });
          CHECK(met >= row.need);
          ++proofs;
        }
      }
    }
  }
  CHECK(twice > 5);
  CHECK(proofs > 500);
}

TEST_CASE("plan bound: the outlook is what all subsets say", "[plan][property]") {
  std::array<int, 4> seen{};
  for (std::uint64_t seed = 1; seed <= 36; ++seed) {
    const PlanProblem problem = problem_of(seed);
    for (std::size_t site = 0; site < problem.sites.size(); ++site) {
      INFO("seed " << seed << ", site " << site);
      SiteJudge judge{problem, site, Borders::world()};
      const SiteOutlook outlook = outlook_of(problem, judge);
      ++seen[static_cast<std::size_t>(outlook)];
      std::size_t proofs = 0;
      for (unsigned bits = 0; bits < (1U << kCandidates); ++bits)
        proofs += plainly_proved(problem, site, with_bits(problem, bits)) ? 1U : 0U;
      if (outlook == SiteOutlook::kProved) CHECK(proofs == (1U << kCandidates));
      if (outlook == SiteOutlook::kNever) CHECK(proofs == 0);
      if (outlook == SiteOutlook::kOpen) {
        CHECK(proofs > 0);
        CHECK_FALSE(plainly_proved(problem, site, problem.standing_anchors()));
      }
    }
  }
  for (const SiteOutlook outlook : {SiteOutlook::kProved, SiteOutlook::kOpen, SiteOutlook::kNever})
    CHECK(seen[static_cast<std::size_t>(outlook)] > 0);
}

TEST_CASE("plan bound: bounds that leave no place are no ground for a bound", "[plan]") {
  PlanProblem problem = made_problem(1, {1, 1, 2, 0, PlanGoal::kCleared});
  problem.sites[0].place = place_at(52.52, 13.40);
  problem.sites[0].claim.licensed = codes({"DE"});
  for (PlanAnchor& anchor : problem.anchors) anchor.place = problem.sites[0].place;
  problem.anchors[2].place = place_at(40.42, -3.70);
  problem.reach = {Kilometers{5'000.0}, Kilometers{20.0}, Kilometers{20.0}};  // Madrid's says: near Madrid
  SiteJudge judge{problem, 0, Borders::world()};
  CHECK(outlook_of(problem, judge) == SiteOutlook::kContradicts);
  // One proves it all the same.
  CHECK(most_provable(problem, 1, Borders::world(), kOneAfterTheOther) == 1);
}

TEST_CASE("plan bound: rows by hand", "[plan]") {
  // Three sites that need one of two each, in a circle: one candidate is in two rows.
  const std::vector<NeedRow> circle{{0, 1, {5, 6}}, {1, 1, {6, 7}}, {2, 1, {5, 7}}};
  CHECK(most_met(circle, 1) == 2);
  CHECK(most_met(circle, 2) == 3);
  // Two of a row: one candidate meets none, but may be half of each; two meet one site.
  const std::vector<NeedRow> twice{{0, 2, {1, 2}}, {1, 2, {3, 4}}, {2, 2, {5, 6}}};
  CHECK(most_met(twice, 1) == 0);
  CHECK(most_met(twice, 2) == 1);
  CHECK(most_met(twice, 6) == 3);
  CHECK(most_met({}, 3) == 0);
  // The same site in two rows counts once.
  const std::vector<NeedRow> both{{4, 1, {1}}, {4, 1, {2}}};
  CHECK(most_met(both, 1) <= 1);
  CHECK(most_met(both, 2) == 1);
}

}  // namespace
}  // namespace chiploc::test::plan_bound_test
