#pragma once
#include <string>
#include <vector>

#include "server/picture/drawing.hpp"
#include "server/plan/plan.hpp"

namespace chiploc {

/// A plan as a map: land, prohibited countries hatched, anchors that stand, candidates, the chosen ones with the
/// numbers of their steps, and each site by what it became. The same plan gives the same drawing.
[[nodiscard]] Drawing draw_plan(const PlanProblem& problem, const Plan& plan,
                                const std::vector<std::string>& prohibited);

}  // namespace chiploc
