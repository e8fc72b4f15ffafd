#pragma once
// Scenarios side by side, a row each, as Markdown. Pure.

#include <string>
#include <vector>

#include "server/scenario/scenario_tally.hpp"

namespace chiploc {

/// The two lines above the rows.
[[nodiscard]] std::string markdown_head();
/// The scenario's name is escaped. All points and runs of a scenario together. "no" in its last cell: something that it expects does not hold.
[[nodiscard]] std::string markdown_row(const ScenarioFile& file, const std::vector<PointRuns>& runs);

}  // namespace chiploc
