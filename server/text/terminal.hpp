#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace chiploc {

enum class ColourChoice { kAuto, kAlways, kNever };

enum class Colour { kNone, kGreen, kYellow, kRed, kBoldRed, kDim, kBold };

/// Whether a stream is to be coloured. kAuto: only a terminal, and only if NO_COLOR is unset or empty and
/// TERM is not "dumb" (no-color.org).
[[nodiscard]] bool use_colour(ColourChoice choice, int file_descriptor);
[[nodiscard]] bool is_terminal(int file_descriptor);
/// 0 if it is no terminal, or one that cannot move its cursor.
[[nodiscard]] std::size_t terminal_rows(int file_descriptor);

/// `text` between the escape sequences of `colour`, or as it is if `enabled` is false or the colour kNone.
[[nodiscard]] std::string paint(std::string_view text, Colour colour, bool enabled);

/// Text from outside made safe to print: whatever acts on a display (proto/base/safe_text.hpp: control
/// characters, escape sequences among them, what turns the direction of text) and bytes that are no UTF-8
/// become '?'. A holder's name must not be able to repaint somebody's terminal. Tables apply it to every
/// cell.
[[nodiscard]] std::string printable(std::string_view text);
/// The same, keeping line breaks.
[[nodiscard]] std::string printable_lines(std::string_view text);

/// Columns that a terminal gives to a UTF-8 text: 2 for East Asian wide characters and emoji, 0 for combining
/// marks. By the ranges of Unicode 15 that matter in names, not by its whole table: good enough to line up
/// columns.
[[nodiscard]] std::size_t display_width(std::string_view text);

}  // namespace chiploc
