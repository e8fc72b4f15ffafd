#include "server/eval/axes.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace chiploc {
namespace {

constexpr Ink kText{0x222222, 0xe6e9ec};
constexpr Ink kGrid{0xdddddd, 0x3a424b};
constexpr Ink kAxis{0x444444, 0xaab4be};

std::string tick_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

double share_of(const Axes::Scale& scale, double value) {
  const double inside = std::clamp(value, scale.low, scale.high);
  return scale.logarithmic ? std::log(inside / scale.low) / std::log(scale.high / scale.low)
                           : (inside - scale.low) / (scale.high - scale.low);
}

}  // namespace

void add_line(Drawing& drawing, DrawnLine points, const Ink& ink, double width, bool dashed) {
  drawing.below.push_back(DrawnPath{{std::move(points)},
                                    false,
                                    std::nullopt,
                                    Stroke{ink, width, dashed ? Dash::kLong : Dash::kNone},
                                    "",
                                    ""});
}

void add_box(Drawing& drawing, double x, double y, double width, double height, const Ink& fill) {
  drawing.below.push_back(DrawnPath{{{{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}}},
                                    true,
                                    fill,
                                    std::nullopt,
                                    "",
                                    ""});
}

void add_text(Drawing& drawing, double x, double y, std::string_view words, DrawnWords::Align align,
              double size, bool upright) {
  drawing.below.push_back(
      DrawnWords{{x, y}, std::string{words}, kText, size, align, upright, std::nullopt, "", ""});
}

Axes::Axes(Drawing& drawing, double left, double top, double width, double height, std::string_view title,
           Scale x_scale, Scale y_scale)
    : drawing_{drawing},
      left_{left},
      top_{top},
      width_{width},
      height_{height},
      x_{std::move(x_scale)},
      y_{std::move(y_scale)} {
  using Align = DrawnWords::Align;
  const double bottom = top_ + height_;
  for (const double tick : x_.ticks) {
    add_line(drawing_, {{x(tick), top_}, {x(tick), bottom}}, kGrid);
    add_text(drawing_, x(tick), bottom + 16, tick_text(tick), Align::kMiddle);
  }
  for (const double tick : y_.ticks) {
    add_line(drawing_, {{left_, y(tick)}, {left_ + width_, y(tick)}}, kGrid);
    add_text(drawing_, left_ - 6, y(tick) + 4, tick_text(tick), Align::kEnd);
  }
  add_line(drawing_, {{left_, top_}, {left_, bottom}, {left_ + width_, bottom}}, kAxis);
  add_text(drawing_, left_ + width_ / 2, top_ - 12, title, Align::kMiddle, 15.0);
  add_text(drawing_, left_ + width_ / 2, bottom + 36, x_.label, Align::kMiddle);
  add_text(drawing_, left_ - 42, top_ + height_ / 2, y_.label, Align::kMiddle, 12.0, true);
}

double Axes::x(double value) const { return left_ + width_ * share_of(x_, value); }
double Axes::y(double value) const { return top_ + height_ * (1.0 - share_of(y_, value)); }

void Axes::curve(const std::vector<std::pair<double, double>>& values, const Ink& ink, bool dashed) {
  DrawnLine points;
  for (const auto& [value_x, value_y] : values) points.push_back({x(value_x), y(value_y)});
  add_line(drawing_, std::move(points), ink, 1.8, dashed);
}

}  // namespace chiploc
