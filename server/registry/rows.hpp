#pragma once
// Between files and records: rows of named cells, each knowing its line. For import.cpp, for the tables that
// `chiploc eval` reads, and for their tests.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/registry/import.hpp"

namespace chiploc {

struct RowCell {
  std::string text;
  std::uint32_t line = 0;  ///< where the cell begins
};
/// One row, its cells in the order of the kind's columns (not of the file's).
struct Row {
  std::uint32_t line = 0;
  std::vector<RowCell> cells;
};

/// The columns of a kind, all of them required, in the order in which Row::cells has them.
[[nodiscard]] std::span<const std::string_view> columns_of(ImportKind kind);

/// Collects the faults of one file: counts all, keeps the first so many.
class FaultLog {
 public:
  FaultLog(std::string file, std::size_t kept_max) : file_{std::move(file)}, kept_max_{kept_max} {}
  void add(std::uint32_t line, std::string_view field, std::string problem);
  [[nodiscard]] std::uint32_t total() const { return total_; }
  /// Sorted by line.
  [[nodiscard]] std::vector<ImportFault> take();

 private:
  std::string file_;
  std::size_t kept_max_;
  std::vector<ImportFault> kept_;
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
/// lines. A column that `columns` does not name is a fault, unless the file may have others of its own.
enum class OtherColumns { kRefuse, kIgnore };
void read_csv(std::string_view content, std::span<const std::string_view> columns, RowBudget& budget,
              FaultLog& faults, const RowSink& sink, OtherColumns others = OtherColumns::kRefuse);
/// An array of objects, UTF-8 with or without BOM. Values are texts; numbers, and true/false for `rendezvous`
/// alone; arrays of texts for `countries` and PEM columns.
void read_json(std::string_view content, std::span<const std::string_view> columns, RowBudget& budget,
               FaultLog& faults, const RowSink& sink);

}  // namespace chiploc
