#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/picture/drawing.hpp"

namespace chiploc {

/// The inside of a diagram with two axes, drawn onto a Drawing. Values outside the range are drawn at its edge.
class Axes {
 public:
  struct Scale {
    double low = 0.0, high = 1.0;
    bool logarithmic = false;
    std::vector<double> ticks;
    std::string label;
  };
  Axes(Drawing& drawing, double left, double top, double width, double height, std::string_view title,
       Scale x, Scale y);

  [[nodiscard]] double x(double value) const;
  [[nodiscard]] double y(double value) const;
  /// A line through points given as values.
  void curve(const std::vector<std::pair<double, double>>& values, const Ink& ink, bool dashed);

 private:
  Drawing& drawing_;
  double left_, top_, width_, height_;
  Scale x_, y_;
};

// What diagrams are made of, in pixels.
void add_line(Drawing& drawing, DrawnLine points, const Ink& ink, double width = 1.0, bool dashed = false);
void add_box(Drawing& drawing, double x, double y, double width, double height, const Ink& fill);
void add_text(Drawing& drawing, double x, double y, std::string_view words,
              DrawnWords::Align align = DrawnWords::Align::kStart, double size = 12.0, bool upright = false);

}  // namespace chiploc
