#pragma once
// Cells of CSV that a spreadsheet opens. One that begins with = + - @, a tab or a line end is a formula to
// it, whoever wrote the name in it (OWASP, "CSV injection"); an apostrophe in front makes it text.

#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

namespace chiploc {

/// Whether a spreadsheet would take the cell, or what stands behind its apostrophes, for a formula.
[[nodiscard]] inline bool begins_a_formula(std::string_view text) {
  const std::size_t at = text.find_first_not_of('\'');
  return at != std::string_view::npos &&
         std::string_view{"=+-@\t\r\n"}.find(text[at]) != std::string_view::npos;
}

/// The text as a cell that no spreadsheet runs: with an apostrophe in front if it needs one. Plain decimal
/// numbers stay as they are: "-33.9" is a latitude. plain_cell() undoes it for every text.
[[nodiscard]] inline std::string harmless_cell(std::string_view text) {
  double number = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  // "-inf" and "-nan(x)" are numbers to from_chars.
  const bool is_number = error == std::errc{} && end == text.data() + text.size() && std::isfinite(number);
  return begins_a_formula(text) && !is_number ? "'" + std::string{text} : std::string{text};
}
/// What a cell says: without the apostrophe that harmless_cell() put before a formula. Other apostrophes
/// stay.
[[nodiscard]] inline std::string_view plain_cell(std::string_view text) {
  if (!text.empty() && text.front() == '\'' && begins_a_formula(text)) text.remove_prefix(1);
  return text;
}

}  // namespace chiploc
