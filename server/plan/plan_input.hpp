#pragma once
// From the command line to a problem: the files that it names, read and checked.

#include <optional>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/plan/plan_arguments.hpp"
#include "server/plan/plan_world.hpp"

namespace chiploc {

struct PlanFault {
  PlanExit code;
  std::vector<std::string> lines;
};

/// What a plan is computed from. `truth` and `standing_text` are of a folder alone.
struct PlanInput {
  PlanWorld world;
  PlanProblem problem;               ///< by which anchors are chosen
  std::optional<PlanProblem> truth;  ///< all round trips as measured
  std::string round_trips;           ///< of the problem, as a sentence
  std::string start;                 ///< behind "20 anchors stand"
  std::vector<std::string> notes;    ///< for standard error
  std::vector<CountryCode> prohibited;
};

/// Reads everything that the arguments name.
[[nodiscard]] Result<PlanInput, PlanFault> read_plan_input(const PlanArguments& arguments,
                                                           const Borders& borders);

}  // namespace chiploc
