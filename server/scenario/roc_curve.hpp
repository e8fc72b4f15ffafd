#pragma once
// What a detector's score finds at which price: rounds of a cheat against rounds of honest chips. Pure.

#include <string>
#include <vector>

#include "server/scenario/expectation.hpp"
#include "server/scenario/scenario_file.hpp"

namespace chiploc {

/// Everything that scores at least `threshold` is called a cheat.
struct RocPoint {
  double threshold = 0.0;
  double false_alarm = 0.0;  ///< share of the rounds in which a chip behaved
  double found = 0.0;        ///< share of those in which one did not
};

struct RocLine {
  SweepPoint point;
  std::size_t honest = 0, cheating = 0;  ///< rounds with a score
  /// From the highest threshold down: that of no false alarm, then each of so many false alarms as tell anything new, up to
  /// all. A round counts by itself: whoever adds up several finds more.
  std::vector<RocPoint> curve;
};

/// `baseline` and `cohort` have a score (ChipTurn); of others there is nothing.
[[nodiscard]] bool has_scores(Detector detector);
/// A line for each point with rounds of both kinds.
[[nodiscard]] std::vector<RocLine> roc_lines(const std::vector<PointRuns>& runs, Detector detector);
/// A row for each point of each line; the swept keys are columns. Thresholds are written whole: whoever reads one back finds the same
/// rounds beyond it.
[[nodiscard]] std::string roc_csv(const ScenarioFile& file, Detector detector,
                                  const std::vector<RocLine>& lines);
/// The same as a picture: found over the share of false alarms, which is logarithmic. The same figures give the same bytes.
[[nodiscard]] std::string roc_svg(const ScenarioFile& file, Detector detector,
                                  const std::vector<RocLine>& lines);

}  // namespace chiploc
