#pragma once
// What is drawn, before anybody decides as what: paths, marks and words in pixels from the top left. The
// writers (svg.hpp, html.hpp, png.hpp) add nothing of their own.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace chiploc {

struct DrawnPoint {
  double x = 0.0;
  double y = 0.0;
};
using DrawnLine = std::vector<DrawnPoint>;

/// A colour for bright surroundings and one for dark ones: 0xRRGGBB.
struct Ink {
  std::uint32_t light = 0x000000;
  std::uint32_t dark = 0xffffff;
  double opacity = 1.0;
  friend auto operator<=>(const Ink&, const Ink&) = default;
};
enum class Theme { kLight, kDark };

enum class Dash { kNone, kShort, kLong };
struct Stroke {
  Ink ink;
  double width = 1.0;
  Dash dash = Dash::kNone;
};

/// `role` says what a thing stands for ("region", "anchor"): the class of it in SVG. `hover` is shown to who
/// points at it, where the format can.
struct DrawnPath {
  std::vector<DrawnLine> lines;
  bool closed = false;  ///< each line back to its beginning; filled by the even-odd rule
  std::optional<Ink> fill;
  std::optional<Stroke> stroke;
  std::string role;
  std::string hover;
};

/// A sign of the same size however far one has zoomed in.
struct DrawnMark {
  enum class Shape { kDot, kDiamond, kSquare, kTriangle, kCross };
  DrawnPoint at;
  Shape shape = Shape::kDot;
  double size = 8.0;  ///< from end to end
  Ink fill;
  Ink edge;
  std::string role;
  std::string hover;
};

struct DrawnWords {
  enum class Align { kStart, kMiddle, kEnd };
  DrawnPoint at;  ///< on the line that the letters stand on
  std::string words;
  Ink ink;
  double size = 12.0;
  Align align = Align::kStart;
  bool upright = false;     ///< turned by 90 degrees, from bottom to top
  std::optional<Ink> halo;  ///< around the letters, where they stand on a map
  std::string role;
  std::string hover;
};

using DrawnItem = std::variant<DrawnPath, DrawnMark, DrawnWords>;

/// A bar that says how long a length is on the map, and keeps saying it when somebody zooms.
struct ScaleBar {
  DrawnPoint at;  ///< its left end
  double longest = 160.0;
  double km_per_pixel = 1.0;
  Ink ink;
};

/// A rectangle through which one looks at things that may reach beyond it: cut off at its edges, and moved
/// under it in HTML.
struct DrawnWindow {
  double x = 0.0, y = 0.0, width = 0.0, height = 0.0;
  std::vector<DrawnItem> items;  ///< in the drawing's pixels, like everything else
  std::optional<ScaleBar> scale;
};

struct Drawing {
  double width = 0.0;
  double height = 0.0;
  std::string title;  ///< for who cannot see it, and for a browser's tab
  Ink paper{0xffffff, 0x14181d};
  std::vector<DrawnItem> below;  ///< the window
  std::optional<DrawnWindow> window;
  std::vector<DrawnItem> above;  ///< the window, unmoved
};

/// The largest of 1, 2 and 5 times a power of ten that is at most `limit`, which is above 0: for scale bars
/// and grids.
[[nodiscard]] double round_length(double limit);
/// "14,000 km", "27.3 km", "850 m": as many digits as matter.
[[nodiscard]] std::string km_text(double km);
/// The bar as lines and words, at a scale of `zoom` times that of the drawing.
[[nodiscard]] std::vector<DrawnItem> scale_bar_items(const ScaleBar& bar, double zoom = 1.0);

/// A mark as the path that it is, about a point.
[[nodiscard]] DrawnPath mark_path(const DrawnMark& mark, DrawnPoint at);

}  // namespace chiploc
