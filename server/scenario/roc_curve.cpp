#include "server/scenario/roc_curve.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "server/eval/axes.hpp"
#include "server/picture/inks.hpp"
#include "server/picture/svg.hpp"
#include "server/scenario/figure_text.hpp"

namespace chiploc {
namespace {

/// Numbers of false alarms at which the curve is told: all small ones, then each a tenth more than the one before.
std::vector<std::size_t> counts_up_to(std::size_t most) {
  std::vector<std::size_t> out;
  for (std::size_t n = 0; n <= most; n += std::max<std::size_t>(1, n / 10)) out.push_back(n);
  if (out.empty() || out.back() != most) out.push_back(most);
  return out;
}

/// `scores` from the highest down: so many are at least `threshold`.
std::size_t at_least(const std::vector<double>& scores, double threshold) {
  return static_cast<std::size_t>(
      std::upper_bound(scores.begin(), scores.end(), threshold, std::greater<>{}) - scores.begin());
}

double share_of(std::size_t part, std::size_t all) {
  return static_cast<double>(part) / static_cast<double>(all);
}

std::vector<RocPoint> curve_of(const std::vector<double>& honest, const std::vector<double>& cheating) {
  std::vector<RocPoint> out;
  for (const std::size_t n : counts_up_to(honest.size())) {
    // Just above the highest honest score, or at the n-th; equal ones are called alike.
    const double threshold =
        n == 0 ? std::nextafter(honest.front(), std::numeric_limits<double>::infinity()) : honest[n - 1];
    const std::size_t false_alarms = at_least(honest, threshold);
    if (!out.empty() && out.back().threshold == threshold) continue;
    out.push_back({threshold, share_of(false_alarms, honest.size()),
                   share_of(at_least(cheating, threshold), cheating.size())});
  }
  return out;
}

std::string label_of(const RocLine& line) {
  return line.point.empty() ? "as the file says" : text_of(line.point);
}

/// The decade below one false alarm in all rounds: what is seen of none at all is drawn there.
double lowest_share(const std::vector<RocLine>& lines) {
  std::size_t most = 1;
  for (const RocLine& line : lines) most = std::max(most, line.honest);
  return std::pow(10.0, -std::ceil(std::log10(static_cast<double>(most)) + 1e-9));
}

}  // namespace

bool has_scores(Detector detector) {
  return detector == Detector::kBaseline || detector == Detector::kCohort;
}

std::vector<RocLine> roc_lines(const std::vector<PointRuns>& runs, Detector detector) {
  std::vector<RocLine> out;
  for (const PointRuns& point : runs) {
    std::vector<double> honest, cheating;
    for (const RunOutcome& run : point.runs) {
      for (const ChipOutcome& chip : run.chips) {
        for (const ChipTurn& turn : chip.turns) {
          const auto& score = detector == Detector::kCohort ? turn.cohort_score : turn.change_score;
          if (score) (turn.honest ? honest : cheating).push_back(*score);
        }
      }
    }
    if (honest.empty() || cheating.empty()) continue;
    std::sort(honest.begin(), honest.end(), std::greater<>{});
    std::sort(cheating.begin(), cheating.end(), std::greater<>{});
    out.push_back({point.point, honest.size(), cheating.size(), curve_of(honest, cheating)});
  }
  return out;
}

std::string roc_csv(const ScenarioFile& file, Detector detector, const std::vector<RocLine>& lines) {
  std::vector<std::string> head{"scenario", "detector"};
  for (const SweepAxis& axis : file.sweep.axes) head.push_back(axis.key);
  for (const char* name : {"honest_rounds", "cheating_rounds", "threshold", "false_alarm", "found"})
    head.emplace_back(name);
  std::string out = csv_row(head);
  for (const RocLine& line : lines) {
    for (const RocPoint& at : line.curve) {
      std::vector<std::string> row{file.name, std::string{name_of(detector)}};
      for (const Setting& setting : line.point) row.push_back(csv_value_of(setting.value));
      for (std::string field : {std::to_string(line.honest), std::to_string(line.cheating),
                                exact(at.threshold), figure(at.false_alarm), figure(at.found)})
        row.push_back(std::move(field));
      out += csv_row(row);
    }
  }
  return out;
}

std::string roc_svg(const ScenarioFile& file, Detector detector, const std::vector<RocLine>& lines) {
  constexpr double kLeft = 80.0, kTop = 90.0, kWidth = 620.0, kHeight = 340.0, kRow = 18.0;
  Drawing drawing;
  drawing.width = 760.0;
  drawing.height = 520.0 + kRow * static_cast<double>(lines.size());
  drawing.title = "chiploc sim: " + file.name;
  add_text(drawing, drawing.width / 2, 30.0, drawing.title, DrawnWords::Align::kMiddle, 18);
  add_text(drawing, drawing.width / 2, 52.0, file.about, DrawnWords::Align::kMiddle, 12);
  Axes::Scale along{lowest_share(lines), 1.0, true, {}, "honest rounds that score as high (share)"};
  for (double tick = along.low; tick < 1.5; tick *= 10.0) along.ticks.push_back(tick);
  Axes axes{drawing, kLeft,
            kTop,    kWidth,
            kHeight, "single rounds of a cheat: found by " + std::string{name_of(detector)},
            along,   {0.0, 100.0, false, {0, 20, 40, 60, 80, 100}, "rounds of a cheat (%)"}};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Ink& ink = ink::kCurves[i % ink::kCurves.size()];
    const bool dashed = i >= ink::kCurves.size();
    std::vector<std::pair<double, double>> curve;
    for (const RocPoint& at : lines[i].curve)
      curve.emplace_back(std::max(at.false_alarm, along.low), 100.0 * at.found);
    axes.curve(curve, ink, dashed);
    const double y = kTop + kHeight + 66.0 + kRow * static_cast<double>(i);
    add_line(drawing, {{kLeft, y - 4}, {kLeft + 30, y - 4}}, ink, 1.8, dashed);
    add_text(drawing, kLeft + 38, y,
             label_of(lines[i]) + ": " + std::to_string(lines[i].honest) + " honest rounds, " +
                 std::to_string(lines[i].cheating) + " of a cheat");
  }
  return svg_of(drawing);
}

}  // namespace chiploc
