#pragma once
// Files of rows as people and their programs write them, CSV and JSON: rows of named cells, each knowing its
// line. What a row means is for the reader: imports of the registry, the measurements of `chiploc eval`.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chiploc {

struct RowCell {
  std::string text;
  std::uint32_t line =
      0;  ///< where the cell begins; 0: the file does not have it, of a column that may be missing
};
/// One row. Its cells lie in the order of the table's columns, whatever the file's.
struct Row {
  std::uint32_t line = 0;
  std::vector<RowCell> cells;
  std::span<const std::string_view>
      columns;  ///< the cells' names; the caller of read_csv() or read_json() owns them

  /// By the column's name, which must be one of the table's.
  [[nodiscard]] const RowCell& operator[](std::string_view column) const;
};

/// What is wrong, where, and what would be right.
struct RowFault {
  std::string file;
  std::uint32_t line = 0;  ///< 1 is the file's first line; 0: the file as a whole
  std::string field;       ///< empty: the row as a whole
  std::string problem;
  friend bool operator==(const RowFault&, const RowFault&) = default;
};

/// Collects the faults of one file: counts all, keeps the first so many.
class FaultLog {
 public:
  FaultLog(std::string file, std::size_t kept_max) : file_{std::move(file)}, kept_max_{kept_max} {}
  void add(std::uint32_t line, std::string_view field, std::string problem);
  /// Those of another log of the file, in the order in which they were added, as if they had been added here.
  void add_all(FaultLog& other);
  [[nodiscard]] std::uint32_t total() const { return total_; }
  /// Sorted by line.
  [[nodiscard]] std::vector<RowFault> take();

 private:
  std::string file_;
  std::size_t kept_max_;
  std::vector<RowFault> kept_;
  std::uint32_t total_ = 0;
};

/// How far reading may go; `rows_left` counts down over the files of one request.
struct RowBudget {
  std::size_t rows_left = 0;
  std::size_t rows_max = 0;                                       ///< named in the fault
  std::size_t field_bytes = 0;                                    ///< of the file being read
  std::string_view remedy = "in one request; import in several";  ///< ends the sentence "more than N rows"
};

/// Hands every row whose cells are all there to `sink`; what is wrong with the others goes to `faults`.
/// Reading ends early at a fault of syntax, since nothing after it can be trusted, and when the budget is
/// spent.
using RowSink = std::function<void(Row)>;
/// RFC 4180 with a header line, comma-separated, UTF-8 with or without BOM; lines end in LF, CRLF or CR.
/// Of a cell that begins with an apostrophe and then = + - @, tab or line end the apostrophe is dropped
/// (csv_cell.hpp). Blank lines are skipped, blanks around unquoted cells dropped; quoted cells may span
/// lines. A column that `columns` does not name is a fault, unless the file may have others of its own. The
/// last `optional` columns may be missing.
enum class OtherColumns { kRefuse, kIgnore };
void read_csv(std::string_view content, std::span<const std::string_view> columns, RowBudget& budget,
              FaultLog& faults, const RowSink& sink, OtherColumns others = OtherColumns::kRefuse,
              std::size_t optional = 0);
/// What a column's value may be in JSON besides a text or a number.
enum class JsonForm : std::uint8_t {
  kText,
  kTexts,   ///< an array of texts, joined by ';'
  kBlocks,  ///< an array of texts, joined by line ends
  kTruth,   ///< true or false, read as yes or no
  kObject,  ///< an object, kept as it is written
};
using JsonFormOf = JsonForm (*)(std::string_view column);

/// An array of objects, UTF-8 with or without BOM. The last `optional` columns may be missing in an object.
void read_json(std::string_view content, std::span<const std::string_view> columns, JsonFormOf form_of,
               RowBudget& budget, FaultLog& faults, const RowSink& sink, std::size_t optional = 0);

}  // namespace chiploc
