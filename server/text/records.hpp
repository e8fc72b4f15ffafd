#pragma once
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "server/text/terminal.hpp"

namespace chiploc {

/// Keys stay in the order in which they are written: people read this too.
using Json = nlohmann::ordered_json;

enum class OutputFormat { kTable, kJson, kNdjson, kCsv, kGeojson };

/// One column of a list, for table and CSV.
struct Column {
  std::string name;    ///< CSV header
  std::string title;   ///< table header; empty: not in tables
  std::string path;    ///< where the CSV value stands in the record's JSON, e.g. "/last_verdict/state"
  bool right = false;  ///< numbers line up at the right
};

/// A table cell: what a person reads. The CSV value comes from the JSON record instead.
struct Cell {
  std::string text;
  Colour colour = Colour::kNone;
};

/// A list on its way out, in any of the formats but GeoJSON. ndjson and CSV are written record by record, so
/// that a list of millions needs no memory; table and json wait for finish().
class RecordWriter {
 public:
  RecordWriter(std::ostream& out, OutputFormat format, std::vector<Column> columns, bool colour);
  /// One cell per column. A record that is not wanted in the table's words may leave `cells` empty in other
  /// formats.
  void add(std::vector<Cell> cells, Json record);
  /// Ends the document. A table without rows says `empty_text`; json gives [], CSV its header.
  void finish(std::string_view empty_text);

 private:
  void write_csv_record(const Json& record);
  std::ostream& out_;
  OutputFormat format_;
  std::vector<Column> columns_;
  bool colour_;
  std::vector<std::vector<Cell>> rows_;
  Json records_ = Json::array();
};

/// One field by RFC 4180: quoted if it holds a comma, a quote or a line break; quotes doubled.
[[nodiscard]] std::string csv_field(std::string_view text);
/// A JSON value as a CSV field: strings as they are, null empty, lists joined with ';', the rest as JSON.
[[nodiscard]] std::string csv_value(const Json& value);

/// Rows aligned by display width, columns two blanks apart, no blanks at line ends; each line indented by
/// `indent`.
void write_table(std::ostream& out, const std::vector<Column>& columns,
                 const std::vector<std::vector<Cell>>& rows, bool colour, std::size_t indent = 0);

/// One object: as indented JSON, as one line of ndjson.
void write_json(std::ostream& out, OutputFormat format, const Json& object);

}  // namespace chiploc
