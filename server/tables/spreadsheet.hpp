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
///     1650222014738.0  1650222014738.  a number with a fraction nobody wrote
///     1,650,222,014,738  (12)        a number as it is shown
///     12-Mar  3/12/2026  2026-03-12 00:00:00  12:30   a date or a time
///     #NAME?  ########               an error, or a column too narrow
///     123456789012345000             18 digits or more of which only the first 15 are not 0: what a double
///                                    holds
///
/// Not seen  What looks like any other number: leading zeros that were dropped, fewer than three digits lost
///           behind the fifteenth, the number of a day. Import compares with the certificate (ids) and with
///           what is registered (spreadsheet_loss).
[[nodiscard]] std::optional<std::string> spreadsheet_damage(std::string_view text);

/// The same of a text that would replace a registered one:
///
///     000123            -> 123                leading zeros
///     1650222014738123  -> 1650222014738120   rounded to 15 digits or fewer, or to a double
///     1650222014738     -> 1650220000000      1.65022E+12 written out
///     12E3, 1.10        -> 12000, 1.1         one number, in a spreadsheet's own form
///     MAR1, 2-3, 12:30  -> 44256, 44595, 0.52 the number of a day, a part of it
///
/// The way back is none: 123 may become 000123.
[[nodiscard]] std::optional<std::string> spreadsheet_loss(std::string_view registered, std::string_view now);

/// The text behind an apostrophe, by which somebody says that it is meant as it stands: '12E3. nullopt
/// without one.
[[nodiscard]] std::optional<std::string_view> meant_as_it_stands(std::string_view text);

}  // namespace chiploc
