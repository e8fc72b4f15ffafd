#pragma once
// A scenario that was run, as one page. Pure.

#include <string>
#include <vector>

#include "server/scenario/scenario_tally.hpp"

namespace chiploc {

/// What the page says of where it comes from. Texts from outside, all of them.
struct ReportFacts {
  std::string command;  ///< that gives the same figures again
  std::string version;  ///< of the program
  std::string key;      ///< along which the power curve goes; empty: none is drawn
};

/// One HTML page in the syntax of XML: name, story, command, seeds, version and digests, what was expected and whether it came so, a map,
/// the power curve, a timeline of each point's first run (of up to kReportTimelines points), the figures of every point, and the file itself. It
/// loads nothing and runs nothing: its policy allows its own style alone. Bright and dark, and bright on paper; whatever is told
/// by a colour is told by a sign or a word as well. The same runs give the same bytes.
///
/// Takes     At least one point, each with a run and its index among the points of the file; `report` is report_of() of them.
[[nodiscard]] std::string report_page(const ScenarioFile& file, const std::vector<PointRuns>& runs,
                                      const ScenarioReport& report, const ReportFacts& facts);
inline constexpr std::size_t kReportTimelines = 6;

}  // namespace chiploc
