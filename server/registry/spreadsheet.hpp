#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace chiploc {

/// What a spreadsheet, or a program that took an id for a number or a date, makes of ids and serial numbers:
/// a sentence that says what is seen and both ways out; nullopt if the text shows nothing of the kind.
///
///     1.65022E+12  1,65E+12  2E+12   a long number, rounded: its digits are lost
///     12E3                           either that, or a serial number that looks like it
///     1650222014738.0                a number with a fraction nobody wrote
///     12-Mar  3/12/2026  2026-03-12 00:00:00  12:30   a date or a time
///     #NAME?  ########               an error, or a column too narrow
///     123456789012345000             18 digits or more of which only the first 15 are not 0: what a double
///     holds
///
/// Not seen  Leading zeros that were dropped, and fewer than three digits lost behind the fifteenth. Import
/// compares with the
///           certificate (ids) and with what is registered (leading zeros of serial numbers).
[[nodiscard]] std::optional<std::string> spreadsheet_damage(std::string_view text);

/// The text behind an apostrophe, by which somebody says that it is meant as it stands: '12E3. nullopt
/// without one.
[[nodiscard]] std::optional<std::string_view> meant_as_it_stands(std::string_view text);

}  // namespace chiploc
