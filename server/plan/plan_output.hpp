#pragma once
#include <ostream>
#include <string>
#include <vector>

#include "server/plan/plan.hpp"
#include "server/plan/plan_compare.hpp"
#include "server/plan/plan_reasons.hpp"
#include "server/text/records.hpp"

namespace chiploc {

/// A plan with everything that is said of it.
struct PlanReport {
  const PlanProblem& problem;
  const Plan& plan;
  KmPerSecond speed = kLightInVacuum;
  std::string round_trips;                 ///< where they come from, as one sentence
  std::vector<std::string> reasons;        ///< of each site, why it is not proved; empty if it is
  std::vector<ComparedChoice> compared{};  ///< none: not asked for
  std::size_t compared_before = 0;         ///< sites proved by what stands, as measured
  std::string start{};                     ///< of a folder: what stands and from where
};

/// Steps, what stays unproved and the comparison, as a table for people or one JSON object; CSV has the steps alone.
void write_plan(std::ostream& out, OutputFormat format, const PlanReport& report);

/// A line of CSV for each site: name, place, whether it is proved and since which step, its outlook, why not.
void write_plan_sites(std::ostream& out, const PlanReport& report);

/// "proved", "open", "never", "contradicts".
[[nodiscard]] std::string_view name_of(SiteOutlook outlook);

}  // namespace chiploc
