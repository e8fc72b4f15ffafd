#include "server/scenario/scenario_tally.hpp"

#include <algorithm>

namespace chiploc {
namespace {

void tally_share(LabShare& share, bool hit) {
  ++share.trials;
  share.hits += hit ? 1 : 0;
}

void add_cheat(const ChipOutcome& chip, PointFigures& out) {
  tally_share(out.detected, chip.detected.has_value());
  tally_share(out.alarmed, chip.alarmed.has_value());
  if (chip.detected) out.detect_times.push_back(*chip.detected - *chip.cheats_from);
  if (chip.alarmed) out.alarm_times.push_back(*chip.alarmed - *chip.cheats_from);
}

}  // namespace

PointFigures figures_of(const PointRuns& runs) {
  PointFigures out;
  out.point = runs.point;
  out.runs = runs.runs.size();
  for (const RunOutcome& run : runs.runs) {
    bool cheats = false, noticed = false;
    for (const ChipOutcome& chip : run.chips) {
      const double years = years_of(chip.honest_time);
      out.false_flags.events += chip.false_flags;
      out.false_flags.exposure += years;
      out.wrong += chip.wrong;
      if (chip.cheats_from) {
        cheats = true;
        noticed = noticed || chip.detected.has_value();
        add_cheat(chip, out);
        continue;
      }
      out.false_alarms.events += chip.alarmed ? 1U : 0U;
      out.false_alarms.exposure += years;
      tally_share(out.proved, chip.had("VERIFIED"));
    }
    if (cheats) tally_share(out.noticed, noticed);
    out.rounds += run.rounds();
    out.pings += run.pings();
  }
  out.detectors = detector_figures(runs.runs);
  std::sort(out.detect_times.begin(), out.detect_times.end());
  std::sort(out.alarm_times.begin(), out.alarm_times.end());
  return out;
}

bool ScenarioReport::holds() const {
  return std::all_of(judgements.begin(), judgements.end(),
                     [](const ExpectationJudgement& j) { return j.holds; });
}

ScenarioReport report_of(const ScenarioFile& file, const std::vector<PointRuns>& runs) {
  ScenarioReport out;
  for (const PointRuns& point : runs) out.points.push_back(figures_of(point));
  for (const Expectation& expectation : file.expectations) out.judgements.push_back(judge(expectation, runs));
  return out;
}

}  // namespace chiploc
