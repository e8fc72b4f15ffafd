#include "server/scenario/power_curve.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "server/eval/axes.hpp"
#include "server/picture/inks.hpp"
#include "server/picture/svg.hpp"

namespace chiploc {
namespace {

const SweepAxis& axis_of(const ScenarioFile& file, const std::string& key) {
  return *std::find_if(file.sweep.axes.begin(), file.sweep.axes.end(),
                       [&](const SweepAxis& axis) { return axis.key == key; });
}

bool anybody_cheats(const ScenarioReport& report) {
  return std::any_of(report.points.begin(), report.points.end(),
                     [](const PointFigures& point) { return point.detected.trials > 0; });
}

/// Leaves ticks out whose numbers would lie on each other. Both ends stay.
void thin_out(Axes::Scale& scale, double width) {
  constexpr double kRoomForNumber = 44.0;
  const auto at = [&](double value) {
    return width * (scale.logarithmic ? std::log(value / scale.low) / std::log(scale.high / scale.low)
                                      : (value - scale.low) / (scale.high - scale.low));
  };
  if (scale.ticks.size() < 3) return;
  std::vector<double> kept{scale.low};
  for (const double tick : scale.ticks) {
    if (at(tick) - at(kept.back()) >= kRoomForNumber && at(scale.high) - at(tick) >= kRoomForNumber)
      kept.push_back(tick);
  }
  kept.push_back(scale.high);
  scale.ticks = std::move(kept);
}

Axes::Scale scale_along(const std::vector<PowerLine>& lines, const SweepAxis& axis, double width) {
  Axes::Scale out;
  out.label = axis.key + ": " + axis.about;
  std::vector<double>& ticks = out.ticks;
  for (const PowerLine& line : lines) {
    for (const PowerLine::At& at : line.points) ticks.push_back(at.x);
  }
  std::sort(ticks.begin(), ticks.end());
  ticks.erase(std::unique(ticks.begin(), ticks.end()), ticks.end());
  out.low = ticks.front();
  out.high = ticks.back();
  // Values that are spread over more than a decade are seen on a logarithmic scale alone.
  out.logarithmic = axis.logarithmic || (out.low > 0.0 && out.high / out.low > 20.0);
  thin_out(out, width);
  if (out.low == out.high) {
    out.logarithmic = false;
    out.low -= 0.5;
    out.high += 0.5;
  }
  return out;
}

}  // namespace

std::vector<PowerLine> power_lines(const ScenarioFile& file, const ScenarioReport& report,
                                   const std::string& key) {
  const bool cheats = anybody_cheats(report);
  const std::vector<std::string> words = grid_values(axis_of(file, key));
  std::vector<PowerLine> lines;
  for (const PointFigures& point : report.points) {
    SweepPoint others;
    std::string value;
    for (const Setting& setting : point.point) {
      if (setting.key == key)
        value = setting.value;
      else
        others.push_back(setting);
    }
    const std::string label = others.empty() ? std::string{} : text_of(others);
    auto line =
        std::find_if(lines.begin(), lines.end(), [&](const PowerLine& l) { return l.label == label; });
    if (line == lines.end()) line = lines.insert(line, PowerLine{label, {}});
    const auto place = std::find(words.begin(), words.end(), value) - words.begin();
    line->points.push_back({.x = number_in(value).value_or(static_cast<double>(place + 1)),
                            .value = value,
                            .detected = cheats ? point.detected : point.proved});
  }
  return lines;
}

Drawing draw_power(const ScenarioFile& file, const ScenarioReport& report, const std::string& key) {
  constexpr double kLeft = 80.0, kTop = 90.0, kWidth = 620.0, kHeight = 340.0;
  const std::vector<PowerLine> lines = power_lines(file, report, key);
  Drawing drawing;
  drawing.width = 760.0;
  drawing.height = 520.0 + 18.0 * static_cast<double>(lines.size() > 1 ? lines.size() : 0);
  drawing.title = "chiploc sim: " + file.name;
  add_text(drawing, drawing.width / 2, 30.0, drawing.title, DrawnWords::Align::kMiddle, 18);
  add_text(drawing, drawing.width / 2, 52.0, file.about, DrawnWords::Align::kMiddle, 12);
  Axes axes{drawing,
            kLeft,
            kTop,
            kWidth,
            kHeight,
            anybody_cheats(report) ? "chips that cheat: flagged" : "honest chips: proved",
            scale_along(lines, axis_of(file, key), kWidth),
            {0.0, 100.0, false, {0, 20, 40, 60, 80, 100}, "trials (%)"}};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Ink& ink = ink::kCurves[i % ink::kCurves.size()];
    std::vector<std::pair<double, double>> curve;
    std::vector<PowerLine::At> in_order = lines[i].points;
    std::stable_sort(in_order.begin(), in_order.end(),
                     [](const PowerLine::At& a, const PowerLine::At& b) { return a.x < b.x; });
    for (const PowerLine::At& at : in_order) {
      curve.emplace_back(at.x, 100.0 * at.detected.share());
      const double x = axes.x(at.x), low = axes.y(100.0 * at.detected.low()),
                   high = axes.y(100.0 * at.detected.high());
      add_line(drawing, {{x, low}, {x, high}}, ink, 1.2);
      add_line(drawing, {{x - 4, low}, {x + 4, low}}, ink, 1.2);
      add_line(drawing, {{x - 4, high}, {x + 4, high}}, ink, 1.2);
    }
    axes.curve(curve, ink, i >= ink::kCurves.size());
    if (lines.size() < 2) continue;
    const double y = kTop + kHeight + 66.0 + 18.0 * static_cast<double>(i);
    add_line(drawing, {{kLeft, y - 4}, {kLeft + 30, y - 4}}, ink, 1.8, i >= ink::kCurves.size());
    add_text(drawing, kLeft + 38, y, lines[i].label);
  }
  return drawing;
}

std::string power_svg(const ScenarioFile& file, const ScenarioReport& report, const std::string& key) {
  return svg_of(draw_power(file, report, key));
}

}  // namespace chiploc
