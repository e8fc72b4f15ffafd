#include "server/sim/fit/fit_plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "server/eval/axes.hpp"
#include "server/picture/inks.hpp"
#include "server/picture/svg.hpp"

namespace chiploc {
namespace {

using Points = std::vector<std::pair<double, double>>;

constexpr double kPlotWidth = 440.0, kPlotHeight = 300.0, kPlotTop = 70.0;
constexpr double kFirstLeft = 70.0, kSecondLeft = 620.0, kThirdLeft = 1'170.0;
constexpr Ink kGrey{0x999999, 0x78838e};

Points shares_up_to(const std::vector<double>& sorted, double low, double high) {
  Points points;
  for (int step = 0; step <= 400; ++step) {
    const double share = step / 400.0;
    points.emplace_back(std::clamp(sorted_quantile(sorted, share), low, high), 100.0 * share);
  }
  return points;
}

Points errors_of(const HeldQuantiles& held) {
  Points points;
  for (std::size_t s = 0; s < kHeldShares.size(); ++s)
    points.emplace_back(100.0 * kHeldShares[s], std::clamp(100.0 * held.error(s), -40.0, 40.0));
  return points;
}

void legend(Drawing& drawing, double left, double y, const std::string& text, const Ink& ink, bool dashed) {
  add_line(drawing, {{left, y - 4}, {left + 30, y - 4}}, ink, 1.8, dashed);
  add_text(drawing, left + 36, y, text);
}

/// One quantile over distance: of the pairs fitted to, of the pairs held out, or as simulated.
Points over_distance(const HoldOut& held, std::array<double, 7> HeldQuantiles::*kind, std::size_t share) {
  Points points;
  for (const HeldStep& step : held.steps) points.emplace_back(step.km, (step.ratio.*kind)[share]);
  return points;
}

void draw_distances(Drawing& drawing, const HoldOut& held) {
  Axes axes{drawing,
            kFirstLeft,
            kPlotTop,
            kPlotWidth,
            kPlotHeight,
            "10, 50 and 90 % of the pairs, by distance",
            {100.0, 20'000.0, true, {100, 200, 500, 1'000, 2'000, 5'000, 10'000, 20'000}, "distance (km)"},
            {1.0, 20.0, true, {1, 1.5, 2, 3, 5, 10, 20}, "round trip over light in fibre"}};
  for (const std::size_t share : {std::size_t{1}, std::size_t{3}, std::size_t{5}}) {
    axes.curve(over_distance(held, &HeldQuantiles::fitted_half, share), ink::kCurves[2], false);
    axes.curve(over_distance(held, &HeldQuantiles::measured, share), ink::kCurves[0], false);
    axes.curve(over_distance(held, &HeldQuantiles::simulated, share), ink::kCurves[1], true);
  }
  legend(drawing, kFirstLeft + 250, kPlotTop + 20, "half fitted to", ink::kCurves[2], false);
  legend(drawing, kFirstLeft + 250, kPlotTop + 40, "half held out", ink::kCurves[0], false);
  legend(drawing, kFirstLeft + 250, kPlotTop + 60, "simulated", ink::kCurves[1], true);
}

void draw_shares(Drawing& drawing, const HoldOut& held) {
  constexpr double kLow = 1.0, kHigh = 20.0;
  Axes axes{drawing,
            kSecondLeft,
            kPlotTop,
            kPlotWidth,
            kPlotHeight,
            "Round trip over light in fibre, pairs held out",
            {kLow, kHigh, true, {1, 1.5, 2, 3, 5, 10, 20}, "at most this many times as long"},
            {0.0, 100.0, false, {0, 20, 40, 60, 80, 100}, "pairs (%)"}};
  axes.curve(shares_up_to(held.measured, kLow, kHigh), ink::kCurves[0], false);
  axes.curve(shares_up_to(held.simulated, kLow, kHigh), ink::kCurves[1], true);
  legend(drawing, kSecondLeft + 280, kPlotTop + 240, "measured", ink::kCurves[0], false);
  legend(drawing, kSecondLeft + 280, kPlotTop + 260, "simulated", ink::kCurves[1], true);
}

void draw_errors(Drawing& drawing, const HoldOut& held) {
  Axes axes{drawing,
            kThirdLeft,
            kPlotTop,
            kPlotWidth,
            kPlotHeight,
            "Error of each quantile",
            {0.0, 100.0, false, {5, 10, 25, 50, 75, 90, 95}, "share of the pairs (%)"},
            {-40.0, 40.0, false, {-40, -20, -10, 0, 10, 20, 40}, "simulated over measured (%)"}};
  for (const double level : {-10.0, 0.0, 10.0})
    axes.curve({{0.0, level}, {100.0, level}}, kGrey, level != 0.0);
  const double beside = kThirdLeft + kPlotWidth + 20;
  double y = kPlotTop + 6.0;
  axes.curve(errors_of(held.ratio), ink::kCurves[6], false);
  legend(drawing, beside, y, held.ratio.name, ink::kCurves[6], false);
  for (std::size_t b = 0; b < held.bands.size(); ++b) {
    y += 20.0;
    axes.curve(errors_of(held.bands[b]), ink::kCurves[b % 6], true);
    legend(drawing, beside, y, held.bands[b].name, ink::kCurves[b % 6], true);
  }
}

}  // namespace

std::string hold_out_svg(const std::string& set, const HoldOut& held) {
  Drawing drawing;
  drawing.width = 1'820.0;
  drawing.height = 460.0;
  drawing.title = "chiploc sim fit: " + set + ", fitted to one half of its pairs";
  add_text(drawing, 0.5 * drawing.width, 28.0, drawing.title, DrawnWords::Align::kMiddle, 18);
  draw_distances(drawing, held);
  draw_shares(drawing, held);
  draw_errors(drawing, held);
  return svg_of(drawing);
}

}  // namespace chiploc
