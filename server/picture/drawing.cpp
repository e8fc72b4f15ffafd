#include "server/picture/drawing.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <utility>

namespace chiploc {

double round_length(double limit) {
  double power = std::pow(10.0, std::floor(std::log10(limit)));
  if (power > limit) power /= 10.0;  // the logarithm was rounded up
  for (const double factor : {5.0, 2.0}) {
    if (factor * power <= limit) return factor * power;
  }
  return power;
}

std::string km_text(double km) {
  char text[48];
  if (km < 1.0) {
    std::snprintf(text, sizeof text, "%g m", std::round(km * 1000.0));
    return text;
  }
  std::snprintf(text, sizeof text, "%.*f", km < 100.0 && km != std::round(km) ? 1 : 0, km);
  std::string digits = text;
  const std::size_t end = std::min(digits.find('.'), digits.size());
  for (std::size_t at = end; at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits + " km";
}

std::vector<DrawnItem> scale_bar_items(const ScaleBar& bar, double zoom) {
  const double km_per_pixel = bar.km_per_pixel / zoom;
  const double km = round_length(bar.longest * km_per_pixel);
  const double length = km / km_per_pixel;
  const auto [x, y] = bar.at;
  DrawnPath line{{{{x, y - 5.0}, {x, y}, {x + length, y}, {x + length, y - 5.0}}},
                 false,
                 std::nullopt,
                 Stroke{bar.ink, 1.5},
                 "scale",
                 ""};
  DrawnWords words{{x + length / 2.0, y - 5.0},
                   km_text(km),
                   bar.ink,
                   12.0,
                   DrawnWords::Align::kMiddle,
                   false,
                   std::nullopt,
                   "scale",
                   ""};
  return {std::move(line), std::move(words)};
}

DrawnPath mark_path(const DrawnMark& mark, DrawnPoint at) {
  const double r = mark.size / 2.0;
  const auto shifted = [at](double x, double y) { return DrawnPoint{at.x + x, at.y + y}; };
  std::vector<DrawnLine> lines;
  double width = 1.0;
  switch (mark.shape) {
    case DrawnMark::Shape::kDot: {
      constexpr int kCorners = 24;
      lines.emplace_back();
      for (int i = 0; i < kCorners; ++i) {
        const double angle = 2.0 * std::numbers::pi * i / kCorners;
        lines.back().push_back(shifted(r * std::cos(angle), r * std::sin(angle)));
      }
      break;
    }
    case DrawnMark::Shape::kDiamond:
      lines = {{shifted(0, -r), shifted(r, 0), shifted(0, r), shifted(-r, 0)}};
      break;
    case DrawnMark::Shape::kSquare:
      lines = {{shifted(-r, -r), shifted(r, -r), shifted(r, r), shifted(-r, r)}};
      break;
    case DrawnMark::Shape::kTriangle:
      lines = {{shifted(0, -r), shifted(r, r), shifted(-r, r)}};
      break;
    case DrawnMark::Shape::kCross:
      lines = {{shifted(-r, -r), shifted(r, r)}, {shifted(-r, r), shifted(r, -r)}};
      width = 2.5;
      break;
  }
  return {std::move(lines), true, mark.fill, Stroke{mark.edge, width}, mark.role, mark.hover};
}

}  // namespace chiploc
