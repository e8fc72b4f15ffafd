#pragma once
// Figures on their way out. Pure.

#include <string>

#include "server/scenario/scenario_tally.hpp"

namespace chiploc {

/// For people: a block for each point, and what became of each expectation.
[[nodiscard]] std::string table_of(const ScenarioFile& file, const ScenarioReport& report);
/// One object, indented; README.md has its fields.
[[nodiscard]] std::string json_of(const ScenarioFile& file, const ScenarioReport& report);
/// A row for each point; the swept keys are columns.
[[nodiscard]] std::string csv_of(const ScenarioFile& file, const ScenarioReport& report);
/// A row for each chip and day (24 h of lab time) of each run.
[[nodiscard]] std::string chip_days_csv(const ScenarioFile& file, const std::vector<PointRuns>& runs);
/// What the scenario is: story, knobs, expectations and why.
[[nodiscard]] std::string explained(const ScenarioFile& file);

}  // namespace chiploc
