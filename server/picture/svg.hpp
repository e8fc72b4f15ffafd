#pragma once
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "server/picture/drawing.hpp"

namespace chiploc {

/// A drawing as SVG 1.1 text: one file that needs nothing beside it, bright or dark as the viewer prefers
/// (prefers-color-scheme). The same drawing gives the same bytes.
[[nodiscard]] std::string svg_of(const Drawing& drawing);

/// The parts of it, for html.hpp.
struct SvgParts {
  std::string style;    ///< CSS: what every class of `picture` looks like
  std::string picture;  ///< the element <svg>, without a style of its own
};
/// Takes     `decimals` of a pixel that are written: 1 for the eye, more for what is zoomed into.
[[nodiscard]] SvgParts svg_parts(const Drawing& drawing, int decimals = 1);

/// Text from outside between tags or quotes of XML and HTML: markup is escaped; what acts on a display, and
/// bytes that are no UTF-8, become '?' (proto/base/safe_text.hpp), as neither may stand in XML.
[[nodiscard]] std::string xml_text(std::string_view text);

}  // namespace chiploc
