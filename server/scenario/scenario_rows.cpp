#include "server/scenario/scenario_rows.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "server/scenario/figure_text.hpp"
#include "server/text/terminal.hpp"

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

/// As code where it is a name of letters, digits, - _ and . alone; else as text in which nothing means anything to Markdown, to
/// HTML within it, or to a terminal.
std::string name_cell(const std::string& name) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; };
  if (!name.empty() && std::all_of(name.begin(), name.end(), plain)) return "`" + name + "`";
  std::string out;
  for (const char c : printable(name)) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::ispunct(byte) != 0)
      out += "&#" + std::to_string(static_cast<unsigned>(byte)) + ";";
    else
      out += c;
  }
  return out;
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
  const std::vector<std::string> cells{name_cell(file.name),
                                       std::to_string(f.runs),
                                       share_of_trials(f.detected),
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
