#pragma once
// Figures of a scenario, point by point. Pure.

#include <string>
#include <vector>

#include "server/lab/lab_tally.hpp"
#include "server/scenario/detector_figures.hpp"
#include "server/scenario/expectation.hpp"
#include "server/scenario/intervals.hpp"
#include "server/scenario/scenario_file.hpp"

namespace chiploc {

/// A trial is one chip in one run.
struct PointFigures {
  SweepPoint point;
  std::size_t runs = 0;
  LabShare detected;                      ///< of chips that cheat: flagged while they do
  LabShare alarmed;                       ///< of the same: a status that calls somebody
  LabShare noticed;                       ///< runs with a cheat in which at least one was flagged
  std::vector<Nanoseconds> detect_times;  ///< from the cheat's beginning, in order
  std::vector<Nanoseconds> alarm_times;
  EventRate false_flags;   ///< rounds that flagged a chip that behaved, per chip-year of behaving
  EventRate false_alarms;  ///< chips that never cheat and whose status called somebody, per chip-year
  LabShare proved;         ///< of chips that never cheat: VERIFIED at least once
  std::size_t rounds = 0;
  std::size_t pings = 0;  ///< that were asked for
  std::size_t wrong = 0;  ///< verdicts that may not be
  EveryDetectorFigures detectors{};
};
[[nodiscard]] PointFigures figures_of(const PointRuns& runs);

struct ScenarioReport {
  std::vector<PointFigures> points;
  std::vector<ExpectationJudgement> judgements;  ///< beside ScenarioFile::expectations
  [[nodiscard]] bool holds() const;
};
[[nodiscard]] ScenarioReport report_of(const ScenarioFile& file, const std::vector<PointRuns>& runs);

}  // namespace chiploc
