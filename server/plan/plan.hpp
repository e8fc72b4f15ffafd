#pragma once
// Where the next anchors make most licences provable.

#include <optional>
#include <vector>

#include "geo/borders/borders.hpp"
#include "server/plan/plan_bound.hpp"
#include "server/plan/plan_problem.hpp"

namespace chiploc {

struct PlanOptions {
  std::size_t add = 5;
  bool per_cost = false;           ///< the largest gain for its cost, instead of the largest gain
  std::optional<double> budget{};  ///< what all of them together may cost
};

struct PlanStep {
  std::size_t anchor = 0;
  std::ptrdiff_t gain = 0;    ///< sites proved with it, less those proved without it
  std::size_t proved = 0;     ///< with it and all before it
  std::size_t at_most = 0;    ///< no choice of as many anchors proves more
  double cost_so_far = 0.0;   ///< of what was added
  bool is_of_a_pair = false;  ///< taken for what two do together, where no single one proves another site
};

struct SiteResult {
  SiteOutlook outlook = SiteOutlook::kOpen;
  bool proved = false;                 ///< in the end
  std::optional<std::size_t> since{};  ///< if so: the step from which on; 0: by the anchors that stand
};

struct Plan {
  std::size_t proved_before = 0;
  std::size_t provable =
      0;  ///< with every candidate; sites whose bounds contradict their claim counted as proved
  std::vector<PlanStep> steps;
  std::vector<SiteResult> sites;
  std::size_t regions = 0;   ///< worked out in all
  bool is_complete = false;  ///< all that can be proved is
  bool is_stuck = false;  ///< there was room for more, but neither one nor two candidates prove another site
  bool is_spent = false;  ///< there was room for more, but none that the budget still pays
};

/// Adds one candidate after the other: each time the one whose gain is the largest, by the verdict's own rules for
/// every candidate and site (SiteJudge). Of equal ones the cheaper, then the first by name.
///
/// Greedy    With a fault budget f a site needs f + 1 perspectives near it: the first of them may gain nothing, and
///           the next one more. So the gains are not submodular. No gain of an earlier step is taken for a bound of
///           a later one (lazy greedy would be wrong), and greedy is not within 1 - 1/e of the best. What is left
///           out is only what cannot differ: see SiteStand and SiteJudge; sites that all candidates together do not
///           prove are not asked about again.
/// Pairs     Where no candidate gains, the two that together prove most of the sites that are not proved, by the
///           same rules (need_rows() says which pairs can).
/// Bound     PlanStep::at_most: what stands, sites that contradict their claim, and most_met() of the others. For
///           one anchor, what the best one proves.
/// The same for any `for_each`.
[[nodiscard]] Plan make_plan(const PlanProblem& problem, const Borders& borders, const PlanOptions& options,
                             const ForEach& for_each);

/// How many sites these anchors prove.
[[nodiscard]] std::size_t count_proved(const PlanProblem& problem, const std::vector<std::size_t>& anchors,
                                       const Borders& borders, const ForEach& for_each);

/// How many any choice of `add` candidates could prove at most.
[[nodiscard]] std::size_t most_provable(const PlanProblem& problem, std::size_t add, const Borders& borders,
                                        const ForEach& for_each);

}  // namespace chiploc
