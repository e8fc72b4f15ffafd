#include "server/scenario/scenario_rows.hpp"

#include <array>

#include "server/scenario/figure_text.hpp"

namespace chiploc {
namespace {

constexpr std::array<Detector, 4> kEstimates{Detector::kPosterior, Detector::kBaseline, Detector::kCohort,
                                             Detector::kFleet};

/// "baseline 83 %": those that spoke of a chip that cheats.
std::string estimates_of(const EveryDetectorFigures& figures) {
  std::string out;
  for (const Detector by : kEstimates) {
    const LabShare& share = figures[static_cast<std::size_t>(by)].detected;
    if (share.hits == 0) continue;
    out += (out.empty() ? "" : ", ") + std::string{name_of(by)} + " " + figure(100.0 * share.share()) + " %";
  }
  return out.empty() ? "-" : out;
}

std::string false_flags_of(const EventRate& rate) {
  if (rate.exposure <= 0.0) return "-";
  return figure(rate.rate()) + " (" + figure(rate.low()) + " to " + figure(rate.high()) + ")";
}

}  // namespace

std::string markdown_head() {
  return "| scenario | runs | flagged by verdicts | median | estimates | alarm | false flags a chip-year | wrong | rounds | "
         "pings | holds |\n|---|--:|--:|--:|---|--:|--:|--:|--:|--:|---|\n";
}

std::string markdown_row(const ScenarioFile& file, const std::vector<PointRuns>& runs) {
  PointRuns all;
  for (const PointRuns& point : runs) all.runs.insert(all.runs.end(), point.runs.begin(), point.runs.end());
  const PointFigures f = figures_of(all);
  const bool cheats = f.detected.trials > 0;
  const std::vector<std::string> cells{
      "`" + file.name + "`",
      std::to_string(f.runs),
      cheats ? share_of(f.detected) + " of " + std::to_string(f.detected.trials) : "-",
      cheats ? time_of(f.detect_times, f.detected, 0.5) : "-",
      estimates_of(f.detectors),
      cheats ? share_of(f.alarmed) : "-",
      false_flags_of(f.false_flags),
      std::to_string(f.wrong),
      std::to_string(f.rounds),
      std::to_string(f.pings),
      report_of(file, runs).holds() ? "yes" : "no"};
  std::string out = "|";
  for (const std::string& cell : cells) out += " " + cell + " |";
  return out + "\n";
}

}  // namespace chiploc
