#include "server/eval/svg.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace chiploc {
namespace {

std::string pixels(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string attribute(std::string_view name, double value) {
  return " " + std::string{name} + "=\"" + pixels(value) + "\"";
}

std::string escaped(std::string_view words) {
  std::string out;
  for (const char c : words) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::string tick_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

}  // namespace

SvgDrawing::SvgDrawing(double width, double height) : width_{width}, height_{height} {}

void SvgDrawing::line(double x1, double y1, double x2, double y2, std::string_view colour, double width) {
  body_ += "<line" + attribute("x1", x1) + attribute("y1", y1) + attribute("x2", x2) + attribute("y2", y2) +
           " stroke=\"" + std::string{colour} + "\"" + attribute("stroke-width", width) + "/>\n";
}

void SvgDrawing::path(const std::vector<std::pair<double, double>>& points, std::string_view colour,
                      bool dashed) {
  body_ += "<polyline fill=\"none\" stroke=\"" + std::string{colour} + "\" stroke-width=\"1.8\"" +
           (dashed ? " stroke-dasharray=\"6 4\"" : "") + " points=\"";
  for (const auto& [x, y] : points) body_ += pixels(x) + "," + pixels(y) + " ";
  body_ += "\"/>\n";
}

void SvgDrawing::box(double x, double y, double width, double height, std::string_view fill) {
  body_ += "<rect" + attribute("x", x) + attribute("y", y) + attribute("width", width) +
           attribute("height", height) + " fill=\"" + std::string{fill} + "\"/>\n";
}

void SvgDrawing::dot(double x, double y, std::string_view fill) {
  body_ +=
      "<circle" + attribute("cx", x) + attribute("cy", y) + " r=\"3\" fill=\"" + std::string{fill} + "\"/>\n";
}

void SvgDrawing::text(double x, double y, std::string_view words, Anchor anchor, int size, bool upright) {
  const char* where = "end";
  if (anchor == Anchor::kStart) where = "start";
  if (anchor == Anchor::kMiddle) where = "middle";
  body_ += "<text" + attribute("x", x) + attribute("y", y) + " text-anchor=\"" + where + "\" font-size=\"" +
           std::to_string(size) + "\"";
  if (upright) body_ += " transform=\"rotate(-90 " + pixels(x) + " " + pixels(y) + ")\"";
  body_ += ">" + escaped(words) + "</text>\n";
}

std::string SvgDrawing::finish() const {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\"" + attribute("width", width_) +
         attribute("height", height_) + " viewBox=\"0 0 " + pixels(width_) + " " + pixels(height_) +
         "\" font-family=\"sans-serif\" fill=\"#222\">\n<rect width=\"100%\" "
         "height=\"100%\" fill=\"white\"/>\n" +
         body_ + "</svg>\n";
}

SvgAxes::SvgAxes(SvgDrawing& drawing, double left, double top, double width, double height,
                 std::string_view title, Scale x_scale, Scale y_scale)
    : drawing_{drawing},
      left_{left},
      top_{top},
      width_{width},
      height_{height},
      x_{std::move(x_scale)},
      y_{std::move(y_scale)} {
  constexpr const char* kGrid = "#ddd";
  const double bottom = top_ + height_;
  for (const double tick : x_.ticks) {
    drawing_.line(x(tick), top_, x(tick), bottom, kGrid);
    drawing_.text(x(tick), bottom + 16, tick_text(tick), SvgDrawing::Anchor::kMiddle);
  }
  for (const double tick : y_.ticks) {
    drawing_.line(left_, y(tick), left_ + width_, y(tick), kGrid);
    drawing_.text(left_ - 6, y(tick) + 4, tick_text(tick), SvgDrawing::Anchor::kEnd);
  }
  drawing_.line(left_, bottom, left_ + width_, bottom, "#444");
  drawing_.line(left_, top_, left_, bottom, "#444");
  drawing_.text(left_ + width_ / 2, top_ - 12, title, SvgDrawing::Anchor::kMiddle, 15);
  drawing_.text(left_ + width_ / 2, bottom + 36, x_.label, SvgDrawing::Anchor::kMiddle);
  drawing_.text(left_ - 42, top_ + height_ / 2, y_.label, SvgDrawing::Anchor::kMiddle, 12, true);
}

namespace {

double share_of(const SvgAxes::Scale& scale, double value) {
  const double inside = std::clamp(value, scale.low, scale.high);
  return scale.logarithmic ? std::log(inside / scale.low) / std::log(scale.high / scale.low)
                           : (inside - scale.low) / (scale.high - scale.low);
}

}  // namespace

double SvgAxes::x(double value) const { return left_ + width_ * share_of(x_, value); }
double SvgAxes::y(double value) const { return top_ + height_ * (1.0 - share_of(y_, value)); }

void SvgAxes::curve(const std::vector<std::pair<double, double>>& values, std::string_view colour,
                    bool dashed) {
  std::vector<std::pair<double, double>> points;
  for (const auto& [value_x, value_y] : values) points.emplace_back(x(value_x), y(value_y));
  drawing_.path(points, colour, dashed);
}

}  // namespace chiploc
