#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/picture/drawing.hpp"

namespace chiploc {

/// A step along the outline of letters. A curve is a quadratic one, over `control`.
struct OutlineStep {
  enum class Kind { kMove, kLine, kCurve };
  Kind kind = Kind::kMove;
  DrawnPoint to;
  DrawnPoint control;
};

/// Words in DejaVu Sans, whose outlines are in this library: no font needs to be installed. `size` as in CSS,
/// in pixels. The pen begins at (0, 0) and goes to the right; filled by the non-zero rule.
///
/// Takes     UTF-8; what acts on a display, and bytes that are none, are drawn as '?'. Letters stand side by
///           side: scripts that join theirs, or go from right to left, are not shaped, and what the font has not
///           (East Asian scripts) is an empty box.
[[nodiscard]] std::vector<OutlineStep> outline_of(std::string_view words, double size);
/// The font itself, a TrueType file, for formats that carry it with them.
[[nodiscard]] std::span<const unsigned char> font_bytes();
/// How far the pen goes. Other sans-serif fonts are narrower.
[[nodiscard]] double width_of(std::string_view words, double size);

/// The words, or their beginning and "...", no wider than `width`.
[[nodiscard]] std::string words_within(std::string_view words, double size, double width);
/// Lines no wider than `width`, broken at blanks; a word that is wider is cut. `most` lines at most, the last
/// ends in "..." if there would be more.
[[nodiscard]] std::vector<std::string> lines_within(std::string_view words, double size, double width,
                                                    std::size_t most);

}  // namespace chiploc
