#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chiploc {

/// A drawing as SVG 1.1 text: lines, boxes and words, all in pixels from the top left.
class SvgDrawing {
 public:
  SvgDrawing(double width, double height);
  enum class Anchor { kStart, kMiddle, kEnd };

  void line(double x1, double y1, double x2, double y2, std::string_view colour, double width = 1.0);
  void path(const std::vector<std::pair<double, double>>& points, std::string_view colour, bool dashed);
  void box(double x, double y, double width, double height, std::string_view fill);
  void dot(double x, double y, std::string_view fill);
  void text(double x, double y, std::string_view words, Anchor anchor = Anchor::kStart, int size = 12,
            bool upright = false);
  [[nodiscard]] std::string finish() const;

 private:
  std::string body_;
  double width_, height_;
};

/// The inside of a diagram with two axes, drawn onto an SvgDrawing. Values outside the range are drawn at its
/// edge.
class SvgAxes {
 public:
  struct Scale {
    double low = 0.0, high = 1.0;
    bool logarithmic = false;
    std::vector<double> ticks;
    std::string label;
  };
  SvgAxes(SvgDrawing& drawing, double left, double top, double width, double height, std::string_view title,
          Scale x, Scale y);

  [[nodiscard]] double x(double value) const;
  [[nodiscard]] double y(double value) const;
  /// A line through points given as values.
  void curve(const std::vector<std::pair<double, double>>& values, std::string_view colour, bool dashed);

 private:
  SvgDrawing& drawing_;
  double left_, top_, width_, height_;
  Scale x_, y_;
};

}  // namespace chiploc
