// Which format a text is of, by its first lines.

#include <algorithm>
#include <charconv>

#include "server/eval/delimited.hpp"
#include "server/eval/others.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kLinesLooked = 400;

bool is_number(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

/// "NAME : 1.2 - 3", "NAME : xmt/rcv/%loss = ..", "NAME : [0], 64 bytes, .."
bool is_of_fping(std::string_view line) {
  const std::size_t colon = line.find(" : ");
  if (colon == std::string_view::npos || line.starts_with(' ')) return false;
  std::string_view rest = line.substr(colon + 3);
  if (rest.starts_with("xmt/rcv/%") || rest.starts_with("[0], ")) return true;
  while (rest.ends_with(' ')) rest.remove_suffix(1);
  if (rest.empty()) return false;
  while (!rest.empty()) {
    const std::size_t blank = rest.find(' ');
    const std::string_view word = rest.substr(0, blank);
    if (word != "-" && !is_number(word)) return false;
    rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
  }
  return true;
}

/// A matrix if some line's source is a destination too and all cells behind it are numbers or missing; a table if it is
/// as even and they are not. Either, where the two contradict each other: numbers without such a source, or such a
/// source and more numbers than other cells.
void add_cells(std::string_view text, std::vector<OthersFormat>& formats) {
  std::vector<std::string> header;
  std::size_t lines = 0, numbers = 0, others = 0;
  bool square = false, even = true;
  FaultLog faults{"", 1};
  read_delimited(text, delimiter_of(text), {}, faults, [&](const DelimitedLine& line) {
    if (header.empty()) {
      header = line.cells;
      return header.size() > 2;
    }
    ++lines;
    even = even && line.cells.size() == header.size();
    square = square || std::find(header.begin() + 1, header.end(), line.cells.front()) != header.end();
    for (std::size_t i = 1; i < line.cells.size(); ++i)
      ++(is_missing(line.cells[i]) || is_number(line.cells[i]) ? numbers : others);
    return lines < kLinesLooked;
  });
  if (header.size() < 3 || lines == 0 || faults.total() > 0) return;
  if (others == 0 || (square && numbers > others)) formats.push_back(OthersFormat::kMatrix);
  if (even && (others > 0 || !square)) formats.push_back(OthersFormat::kTable);
}

}  // namespace

std::vector<OthersFormat> formats_of(std::string_view text) {
  std::vector<OthersFormat> formats;
  const std::size_t first = text.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  if (first == std::string_view::npos) return formats;
  if (text[first] == '[' || text[first] == '{') {
    // fping's times of day stand in brackets too.
    const std::string_view start = text.substr(first, std::size_t{64} << 10);
    if (start.find("\"prb_id\"") != std::string_view::npos) return {OthersFormat::kAtlas};
    if (text[first] == '{') return formats;
  }
  bool ping = false, fping = false;
  LineReader lines{text};
  for (std::string_view line; lines.next(line) && lines.number() <= kLinesLooked;) {
    ping = ping || line.starts_with("PING ") || line.starts_with("PING6(");
    fping = fping || is_of_fping(line);
  }
  if (ping) formats.push_back(OthersFormat::kPing);
  if (fping) formats.push_back(OthersFormat::kFping);
  if (!ping && !fping) add_cells(text, formats);
  return formats;
}

}  // namespace chiploc
