// RFC 4180 by libcsv. The library knows no line numbers, but takes its input in pieces: fed one physical line
// at a time, it calls back within the line where a cell or a row ends, which gives every cell its line.

#include <csv.h>

#include <algorithm>
#include <optional>

#include "proto/base/joined.hpp"
#include "server/tables/csv_cell.hpp"
#include "server/tables/rows.hpp"
#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

std::vector<std::string_view> split(std::string_view line, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = line.find(separator);
    std::string_view part = line.substr(0, at);
    const auto dressed = [](char c) { return c == ' ' || c == '\t' || c == '"' || c == '\r' || c == '\n'; };
    while (!part.empty() && dressed(part.front())) part.remove_prefix(1);
    while (!part.empty() && dressed(part.back())) part.remove_suffix(1);
    parts.push_back(part);
    if (at == std::string_view::npos) return parts;
    line.remove_prefix(at + 1);
  }
}

/// What separates the columns of a first line, if that is no comma; empty: nothing else.
std::string other_separator(std::string_view line, std::span<const std::string_view> columns) {
  const auto known = [&](char separator) {
    const auto parts = split(line, separator);
    return std::count_if(parts.begin(), parts.end(), [&](std::string_view part) {
      return std::find(columns.begin(), columns.end(), part) != columns.end();
    });
  };
  const auto by_comma = known(',');
  for (const auto& [separator, name] : {std::pair{';', ";"}, std::pair{'\t', "tabs"}, std::pair{'|', "|"}}) {
    const bool said = split(line, '\n').front() == "sep=" + std::string{separator};  // Excel's own first line
    if (said || (line.find(separator) != std::string_view::npos && known(separator) > by_comma)) return name;
  }
  return {};
}

class CsvReader {
 public:
  CsvReader(std::span<const std::string_view> columns, RowBudget& budget, FaultLog& faults,
            const RowSink& sink, OtherColumns others, std::size_t optional)
      : columns_{columns},
        required_{columns.size() - std::min(optional, columns.size())},
        budget_{budget},
        faults_{faults},
        sink_{sink},
        others_{others} {
    csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI);
  }
  ~CsvReader() { csv_free(&parser_); }
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  void read(std::string_view content) {
    if (content.substr(0, kBom.size()) == kBom) content.remove_prefix(kBom.size());
    if (std::string problem = other_encoding(content); !problem.empty()) {
      faults_.add(1, "", std::move(problem));
      return;
    }
    while (!content.empty() && !stopped_) {
      const std::size_t size = line_size(content);
      feed(content.substr(0, size));
      content.remove_prefix(size);
    }
    if (stopped_) return;
    if (csv_fini(&parser_, &CsvReader::on_cell, &CsvReader::on_row, this) != 0) {
      faults_.add(cell_line_, column_name(cells_.size()),
                  "begins with \" and never ends; close the quotes (a \" inside is written \"\")");
    } else if (positions_.empty() && faults_.total() == 0) {
      faults_.add(1, "", "the file is empty; its first line names the columns: " + joined(columns_, ", "));
    }
  }

 private:
  static std::size_t line_size(std::string_view rest) {
    const std::size_t at = rest.find_first_of("\r\n");
    if (at == std::string_view::npos) return rest.size();
    return rest[at] == '\r' && at + 1 < rest.size() && rest[at + 1] == '\n' ? at + 2 : at + 1;
  }

  void feed(std::string_view line) {
    ++line_;
    const bool blank = line.find_first_not_of(" \t\r\n") == std::string_view::npos;
    if (!row_open_ && blank) return;
    if (!row_open_) {
      row_line_ = line_;
      cell_line_ = line_;
    }
    if (const auto other = header_done_ || row_open_ ? std::string{} : other_separator(line, columns_);
        !other.empty()) {
      faults_.add(
          line_, "",
          "the columns are separated by " + other +
              ", a comma is asked for: save it as \"CSV UTF-8 (comma delimited)\" in Excel (where the region's "
              "list separator is a comma) or with the field delimiter , in LibreOffice; or give JSON");
      stopped_ = true;
      return;
    }
    row_open_ = true;
    if (csv_parse(&parser_, line.data(), line.size(), &CsvReader::on_cell, &CsvReader::on_row, this) !=
        line.size()) {
      stopped_ = true;
      if (csv_error(&parser_) == CSV_EPARSE) {
        faults_.add(
            line_, column_name(cells_.size()),
            "has a \" in the wrong place; put the whole field in quotes and write \" inside it as \"\"");
      } else {
        faults_.add(line_, "", std::string{"cannot be read: "} + csv_strerror(csv_error(&parser_)));
      }
    }
  }

  // libcsv calls these from C: what they call may run out of memory only, which ends the process anyway.
  static void on_cell(void* text, std::size_t size, void* self) noexcept {
    static_cast<CsvReader*>(self)->cell({static_cast<const char*>(text), size});
  }
  static void on_row(int /*terminator*/, void* self) noexcept { static_cast<CsvReader*>(self)->row(); }

  void cell(std::string_view text) {
    if (stopped_) return;
    if (text.size() > budget_.field_bytes) {
      faults_.add(cell_line_, column_name(cells_.size()),
                  "has " + std::to_string(text.size()) + " bytes; at most " +
                      std::to_string(budget_.field_bytes) + " are allowed");
      row_is_bad_ = true;
      text = {};
    }
    cells_.push_back({std::string{plain_cell(text)}, cell_line_});
    cell_line_ = line_;
  }

  void row() {
    row_open_ = false;
    if (!stopped_ && header_done_) {
      data_row();
    } else if (!stopped_) {
      header_row();
    }
    cells_.clear();
    row_is_bad_ = false;
  }

  void header_row() {
    header_done_ = true;
    positions_.assign(columns_.size(), std::nullopt);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      header_.push_back(cells_[i].text);
      const auto known = std::find(columns_.begin(), columns_.end(), cells_[i].text);
      if (known == columns_.end()) {
        if (others_ == OtherColumns::kIgnore) continue;
        faults_.add(
            cells_[i].line, "",
            "column " + shown(cells_[i].text) + " is not known; the columns are " + joined(columns_, ", "));
        stopped_ = true;
        continue;
      }
      auto& position = positions_[static_cast<std::size_t>(known - columns_.begin())];
      if (position) {
        faults_.add(cells_[i].line, *known, "the column stands twice; keep one");
        stopped_ = true;
      }
      position = i;
    }
    for (std::size_t c = 0; c < required_; ++c) {
      if (positions_[c]) continue;
      faults_.add(row_line_, columns_[c],
                  "the column is missing; the first line names the columns: " + joined(columns_, ", "));
      stopped_ = true;
    }
  }

  void data_row() {
    if (budget_.rows_left == 0) {
      faults_.add(row_line_, "",
                  "more than " + std::to_string(budget_.rows_max) + " rows " + std::string{budget_.remedy});
      stopped_ = true;
      return;
    }
    --budget_.rows_left;
    if (cells_.size() != header_.size()) {
      faults_.add(row_line_, "",
                  "has " + std::to_string(cells_.size()) + " fields where the first line names " +
                      std::to_string(header_.size()) +
                      "; is a comma missing, or a field with a comma not in quotes? "
                      "(Decimals stand behind a point.)");
      return;
    }
    if (row_is_bad_) return;
    Row row{row_line_, {}, columns_};
    for (const auto& position : positions_)
      row.cells.push_back(position ? std::move(cells_[*position]) : RowCell{});
    sink_(std::move(row));
  }

  std::string column_name(std::size_t index) const {
    return index < header_.size() ? header_[index] : std::string{};
  }

  std::span<const std::string_view> columns_;
  std::size_t required_;  // the first so many
  RowBudget& budget_;
  FaultLog& faults_;
  const RowSink& sink_;
  OtherColumns others_;
  csv_parser parser_{};
  std::uint32_t line_ = 0, row_line_ = 0, cell_line_ = 0;
  bool row_open_ = false, header_done_ = false, stopped_ = false, row_is_bad_ = false;
  std::vector<RowCell> cells_;
  std::vector<std::string> header_;
  std::vector<std::optional<std::size_t>> positions_;  // column of the kind -> index in the file's rows
};

}  // namespace

void read_csv(std::string_view content, std::span<const std::string_view> columns, RowBudget& budget,
              FaultLog& faults, const RowSink& sink, OtherColumns others, std::size_t optional) {
  CsvReader{columns, budget, faults, sink, others, optional}.read(content);
}

}  // namespace chiploc
