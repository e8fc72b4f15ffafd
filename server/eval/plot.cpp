#include "server/eval/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "server/eval/axes.hpp"
#include "server/picture/inks.hpp"
#include "server/picture/svg.hpp"

namespace chiploc {
namespace {

using Points = std::vector<std::pair<double, double>>;

constexpr double kPanelWidth = 440.0, kPanelHeight = 300.0;
constexpr double kLeft = 70.0, kTop = 70.0, kAcross = 690.0, kDown = 410.0;

struct Style {
  Ink colour;
  bool dashed;
};
/// Behind the last colour they begin again, dashed.
Style style_of(std::size_t row) {
  return {ink::kCurves[row % ink::kCurves.size()], row >= ink::kCurves.size()};
}

/// Share of the values up to each of them, in percent: ends below 100 where some are infinite.
Points distribution(std::vector<double> values, double low, double high) {
  std::sort(values.begin(), values.end());
  Points points{{low, 0.0}};
  const auto n = static_cast<double>(values.size());
  const std::size_t step = std::max<std::size_t>(1, values.size() / 400);
  for (std::size_t i = 0; i < values.size() && values[i] <= high; i += step) {
    points.emplace_back(std::max(low, values[i]), 100.0 * static_cast<double>(i + 1) / n);
  }
  const auto within = std::upper_bound(values.begin(), values.end(), high) - values.begin();
  points.emplace_back(high, n > 0.0 ? 100.0 * static_cast<double>(within) / n : 0.0);
  return points;
}

void draw_errors(Drawing& drawing, std::span<const RowOutcome> rows) {
  constexpr double kLow = 1.0, kHigh = 20'000.0;
  Axes axes{drawing,
            kLeft,
            kTop,
            kPanelWidth,
            kPanelHeight,
            "Error of the estimate",
            {kLow, kHigh, true, {1, 3, 10, 30, 100, 300, 1000, 3000, 10000}, "at most this far off (km)"},
            {0.0, 100.0, false, {0, 20, 40, 60, 80, 100}, "cases (%)"}};
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::vector<double> errors;
    for (const CaseOutcome& outcome : rows[r].cases) errors.push_back(outcome.error_km);
    axes.curve(distribution(std::move(errors), kLow, kHigh), style_of(r).colour, style_of(r).dashed);
  }
}

void draw_calibration(Drawing& drawing, std::span<const RowOutcome> rows) {
  const std::vector<double> ticks{0, 20, 40, 60, 80, 100};
  Axes axes{drawing,
            kAcross,
            kTop,
            kPanelWidth,
            kPanelHeight,
            "Calibration of the credible regions",
            {0.0, 100.0, false, ticks, "stated probability (%)"},
            {0.0, 100.0, false, ticks, "truth inside (%)"}};
  axes.curve({{0.0, 0.0}, {100.0, 100.0}}, Ink{0x999999, 0x78838e}, true);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::vector<double> levels;
    for (const CaseOutcome& outcome : rows[r].cases) levels.push_back(100.0 * outcome.credible_level);
    axes.curve(distribution(std::move(levels), 0.0, 100.0), style_of(r).colour, style_of(r).dashed);
  }
}

void draw_row_legend(Drawing& drawing, std::span<const RowOutcome> rows) {
  double y = kTop + 6.0;
  add_text(drawing, kAcross + kPanelWidth + 20, y, "anchors", DrawnWords::Align::kStart, 13);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    y += 20.0;
    add_line(drawing, {{kAcross + kPanelWidth + 20, y - 4}, {kAcross + kPanelWidth + 50, y - 4}},
             style_of(r).colour, 1.8, style_of(r).dashed);
    add_text(drawing, kAcross + kPanelWidth + 56, y, rows[r].anchors);
  }
}

// ------------------------------------------------------------------------------ claims by border distance
constexpr std::array<double, 9> kBinsKm{0.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 40'000.0};
constexpr std::size_t kBins = kBinsKm.size() - 1;

struct AnswerKind {
  ClaimAnswer answer;
  Ink colour;
  const char* name;
};
constexpr std::array<AnswerKind, 4> kAnswers{{{ClaimAnswer::kAccepted, {0x009e73, 0x009e73}, "accepted"},
                                              {ClaimAnswer::kCleared, {0x56b4e9, 0x56b4e9}, "cleared"},
                                              {ClaimAnswer::kUnresolved, {0xcccccc, 0x6b7580}, "unresolved"},
                                              {ClaimAnswer::kFlagged, {0xd55e00, 0xd55e00}, "flagged"}}};

std::size_t bin_of(double km) {
  const auto above = std::upper_bound(kBinsKm.begin() + 1, kBinsKm.end() - 1, km);
  return static_cast<std::size_t>(above - kBinsKm.begin()) - 1;
}

std::string bin_name(std::size_t bin) {
  char text[48];
  if (bin + 1 == kBins) {
    std::snprintf(text, sizeof text, ">%g", kBinsKm[bin]);
  } else {
    std::snprintf(text, sizeof text, "%g-%g", kBinsKm[bin], kBinsKm[bin + 1]);
  }
  return text;
}

using Counts = std::array<std::array<std::size_t, kAnswers.size()>, kBins>;

void count(Counts& counts, double border_km, ClaimAnswer answer) {
  for (std::size_t k = 0; k < kAnswers.size(); ++k) {
    if (kAnswers[k].answer == answer) ++counts[bin_of(border_km)][k];
  }
}

void draw_answers(Drawing& drawing, double left, const std::string& title, const Counts& counts) {
  const double top = kTop + kDown;
  const Axes axes{drawing,
                  left,
                  top,
                  kPanelWidth,
                  kPanelHeight,
                  title,
                  {0.0, static_cast<double>(kBins), false, {}, ""},
                  {0.0, 100.0, false, {0, 20, 40, 60, 80, 100}, "claims (%)"}};
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    std::size_t total = 0;
    for (const std::size_t n : counts[bin]) total += n;
    const double from = axes.x(static_cast<double>(bin) + 0.08), to = axes.x(static_cast<double>(bin) + 0.92);
    double below = 0.0;
    for (std::size_t k = 0; k < kAnswers.size() && total > 0; ++k) {
      const double share = 100.0 * static_cast<double>(counts[bin][k]) / static_cast<double>(total);
      add_box(drawing, from, axes.y(below + share), to - from, axes.y(below) - axes.y(below + share),
              kAnswers[k].colour);
      below += share;
    }
    const double middle = (from + to) / 2;
    add_text(drawing, middle, top + kPanelHeight + 16, bin_name(bin), DrawnWords::Align::kMiddle, 11);
    add_text(drawing, middle, top + kPanelHeight + 30, "n=" + std::to_string(total),
             DrawnWords::Align::kMiddle, 10);
  }
  add_text(drawing, left + kPanelWidth / 2, top + kPanelHeight + 50, "nearest border of another country (km)",
           DrawnWords::Align::kMiddle);
}

void draw_claims(Drawing& drawing, const RowOutcome& row, const ClaimPolicy& policy) {
  Counts true_claims{}, false_claims{};
  for (const CaseOutcome& outcome : row.cases) {
    if (!outcome.own_open)
      count(true_claims, outcome.border_km, answer_of(outcome.true_claim, Grade::kEstimate, policy));
    for (const ClaimOutcome& claim : outcome.false_claims) {
      count(false_claims, outcome.border_km, answer_of(claim, Grade::kEstimate, policy));
    }
  }
  draw_answers(drawing, kLeft, "True claims, anchors: " + row.anchors, true_claims);
  draw_answers(drawing, kAcross, "False claims, anchors: " + row.anchors, false_claims);
  double y = kTop + kDown + 6.0;
  for (const AnswerKind& kind : kAnswers) {
    add_box(drawing, kAcross + kPanelWidth + 20, y - 10, 14, 14, kind.colour);
    add_text(drawing, kAcross + kPanelWidth + 40, y + 1, kind.name);
    y += 20.0;
  }
}

}  // namespace

std::string plot_svg(const RttSet& set, std::span<const RowOutcome> rows, const ClaimPolicy& policy) {
  Drawing drawing;
  drawing.width = 1270.0;
  drawing.height = 870.0;
  drawing.title = "chiploc eval: " + set.name;
  add_text(drawing, 635.0, 28.0, drawing.title, DrawnWords::Align::kMiddle, 18);
  draw_errors(drawing, rows);
  draw_calibration(drawing, rows);
  draw_row_legend(drawing, rows);
  const auto all =
      std::find_if(rows.begin(), rows.end(), [](const RowOutcome& r) { return r.anchors == "all"; });
  if (!rows.empty()) draw_claims(drawing, all != rows.end() ? *all : rows.back(), policy);
  return svg_of(drawing);
}

}  // namespace chiploc
