#include <algorithm>
#include <charconv>

#include "proto/base/joined.hpp"
#include "server/eval/delimited.hpp"
#include "server/eval/others.hpp"
#include "server/tables/characters.hpp"
#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

/// A column's number from 1; nullopt: it is a name.
std::optional<std::size_t> number_in(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

/// What a header says of its round trips, and a row does not.
bool is_word(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && !is_missing(text) && text != "nan" && text != "inf";
}

class TableReader {
 public:
  TableReader(const OthersColumns& columns, char delimiter, RowTaker& to)
      : columns_{columns}, delimiter_{delimiter}, to_{to} {}

  bool take(const DelimitedLine& line) {
    if (cells_ == 0) {
      cells_ = line.cells.size();
      first_ = line.line;
      if (!find_columns(line)) return false;
      if (has_header_) return true;
    }
    if (line.cells.size() != cells_) {
      to_.fault(line.line, "",
                "has " + std::to_string(line.cells.size()) + " cells, and line " + std::to_string(first_) +
                    " has " + std::to_string(cells_) + " (parted by " +
                    std::string{delimiter_name(delimiter_)} + ")");
      return true;
    }
    take_row(line);
    return !to_.full();
  }

 private:
  bool find_columns(const DelimitedLine& line) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& name = columns_[i];
      if (const auto number = number_in(name)) {
        if (*number > cells_) return missing(line, name, "and the line has " + std::to_string(cells_));
        at_[i] = *number - 1;
        continue;
      }
      const auto found = std::find(line.cells.begin(), line.cells.end(), name);
      if (found == line.cells.end()) {
        return missing(line, name,
                       "and it is none of " +
                           joined(line.cells, ", ", [](const std::string& cell) { return shown(cell); }));
      }
      if (std::find(found + 1, line.cells.end(), name) != line.cells.end())
        return missing(line, name, "and it stands more than once; name it by its number");
      has_header_ = true;
      at_[i] = static_cast<std::size_t>(found - line.cells.begin());
    }
    has_header_ = has_header_ || is_word(line.cells[at_[2]]);
    return true;
  }
  bool missing(const DelimitedLine& line, const std::string& name, const std::string& why) {
    to_.fault(line.line, "", "--columns asks for column " + shown(name) + ", " + why);
    return false;
  }

  void take_row(const DelimitedLine& line) {
    const std::string& source = line.cells[at_[0]];
    const std::string& target = line.cells[at_[1]];
    const std::string& cell = line.cells[at_[2]];
    if (!to_.is_name(line.line, columns_[0], source) || !to_.is_name(line.line, columns_[1], target)) return;
    if (source == target) {
      to_.self();
    } else if (is_missing(cell)) {
      to_.lose();
    } else if (const auto ms = to_.round_trip(line.line, columns_[2], cell)) {
      to_.add(line.line, source, target, {}, *ms);
    }
  }

  const OthersColumns& columns_;
  char delimiter_;
  RowTaker& to_;
  std::size_t cells_ = 0;
  std::uint32_t first_ = 0;
  bool has_header_ = false;
  std::array<std::size_t, 3> at_{};
};

}  // namespace

void read_table(const OthersFile& file, const OthersColumns& columns, RowTaker& to) {
  const char delimiter = delimiter_of(file.text);
  TableReader reader{columns, delimiter, to};
  const DelimitedLimits limits{1'000, to.limits().field_bytes};
  read_delimited(file.text, delimiter, limits, to.faults(),
                 [&](const DelimitedLine& line) { return reader.take(line); });
  if (to.faults().total() == 0 && to.found() == 0) to.fault(1, "", "holds no row of measurements");
}

}  // namespace chiploc
