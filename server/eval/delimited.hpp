#pragma once
// Lines of cells whose columns nobody knows beforehand: matrices, and tables of others. Where the columns are
// known, server/tables/rows.hpp reads CSV.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/tables/rows.hpp"

namespace chiploc {

struct DelimitedLine {
  std::uint32_t line = 0;
  std::vector<std::string> cells;
};

/// What parts the cells of a first line: a tab if it has one, otherwise ';' or ',', whichever is more often
/// outside quotes; ' ' if it has none of them.
[[nodiscard]] char delimiter_of(std::string_view text);
/// "tabs", "commas" ..
[[nodiscard]] std::string_view delimiter_name(char delimiter);

struct DelimitedLimits {
  std::size_t cells = 20'000;
  std::size_t cell_bytes = 4'096;
};

/// Hands out every line that is not blank, until `sink` returns false.
///
/// Cells     Blanks around them are dropped. Quoted as in RFC 4180, line ends within quotes included; parted by
///           blanks (' ': one or more, tabs too) there are no quotes.
/// Fails     Into `faults`, at once: bytes that are no UTF-8 text, a quote that is not closed or in the middle
///           of a cell, more than the limits.
void read_delimited(std::string_view text, char delimiter, const DelimitedLimits& limits, FaultLog& faults,
                    const std::function<bool(const DelimitedLine&)>& sink);

}  // namespace chiploc
