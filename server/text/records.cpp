#include "server/text/records.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "proto/base/safe_text.hpp"
#include "server/tables/csv_cell.hpp"

namespace chiploc {
namespace {

// Names come from certificates and files: bytes that are no UTF-8 must not make the writer throw, and what
// acts on a display is written as JSON's escapes, of which readers make the same text.
std::string dump(const Json& value, int indent) {
  const std::string plain = value.dump(indent, ' ', false, Json::error_handler_t::replace);
  std::string out;
  out.reserve(plain.size());
  std::string_view left = plain;
  const auto append = [&out](unsigned unit) {
    char text[8];
    std::snprintf(text, sizeof text, "\\u%04x", unit & 0xFFFFU);
    out += text;
  };
  while (!left.empty()) {
    const std::string_view before = left;
    const auto point = take_code_point(left);
    if (!point || *point < 0x20U || !acts_on_display(*point)) {  // below 0x20: the line breaks of an indent
      out.append(before.substr(0, before.size() - left.size()));
    } else if (*point < 0x10000U) {
      append(static_cast<unsigned>(*point));
    } else {  // a surrogate pair
      const auto rest = static_cast<unsigned>(*point) - 0x10000U;
      append(0xD800U + (rest >> 10U));
      append(0xDC00U + (rest & 0x3FFU));
    }
  }
  return out;
}

std::size_t width_of(const std::vector<std::vector<Cell>>& rows, std::size_t column, std::size_t width) {
  for (const auto& row : rows) width = std::max(width, display_width(row[column].text));
  return width;
}

}  // namespace

std::string csv_field(std::string_view plain) {
  const std::string text = harmless_cell(plain);
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  const bool blanks = !text.empty() && (blank(text.front()) || blank(text.back()));  // a reader may drop them
  if (!blanks && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out{"\""};
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  return out + "\"";
}

std::string csv_value(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return dump(value, -1);
  std::string out;
  for (const Json& item : value) {
    if (!out.empty()) out += ';';
    out += csv_value(item);
  }
  return out;
}

void write_table(std::ostream& out, const std::vector<Column>& columns,
                 const std::vector<std::vector<Cell>>& rows, bool colour, std::size_t indent) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    widths.push_back(width_of(rows, i, display_width(columns[i].title)));
  }
  const auto write_row = [&](const auto& cell_of) {
    std::string line(indent, ' ');
    std::string blanks;  // owed before the next text, so that none stand at the line's end
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].title.empty()) continue;  // a column of the CSV only
      const Cell cell = cell_of(i);
      const std::string pad(widths[i] - display_width(cell.text), ' ');
      if (columns[i].right) blanks += pad;
      if (!cell.text.empty()) {
        line += std::exchange(blanks, "") + paint(cell.text, cell.colour, colour);
      }
      if (!columns[i].right) blanks += pad;
      blanks += "  ";
    }
    out << line << '\n';
  };
  write_row([&](std::size_t i) { return Cell{columns[i].title, Colour::kBold}; });
  for (const auto& row : rows) write_row([&](std::size_t i) { return row[i]; });
}

void write_json(std::ostream& out, OutputFormat format, const Json& object) {
  out << dump(object, format == OutputFormat::kNdjson ? -1 : 2) << '\n';
}

RecordWriter::RecordWriter(std::ostream& out, OutputFormat format, std::vector<Column> columns, bool colour)
    : out_{out}, format_{format}, columns_{std::move(columns)}, colour_{colour} {
  if (format_ != OutputFormat::kCsv) return;
  for (std::size_t i = 0; i < columns_.size(); ++i)
    out_ << (i == 0 ? "" : ",") << csv_field(columns_[i].name);
  out_ << '\n';
}

void RecordWriter::write_csv_record(const Json& record) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Json::json_pointer at{columns_[i].path.empty() ? "/" + columns_[i].name : columns_[i].path};
    out_ << (i == 0 ? "" : ",")
         << (record.contains(at) ? csv_field(printable_lines(csv_value(record.at(at)))) : "");
  }
  out_ << '\n';
}

void RecordWriter::add(std::vector<Cell> cells, Json record) {
  switch (format_) {
    case OutputFormat::kTable:
      for (Cell& cell : cells) cell.text = printable(cell.text);
      rows_.push_back(std::move(cells));
      return;
    case OutputFormat::kNdjson:
      write_json(out_, format_, record);
      return;
    case OutputFormat::kCsv:
      write_csv_record(record);
      return;
    case OutputFormat::kJson:
    case OutputFormat::kGeojson:
      records_.push_back(std::move(record));
      return;
  }
}

void RecordWriter::finish(std::string_view empty_text) {
  if (format_ == OutputFormat::kJson) write_json(out_, format_, records_);
  if (format_ != OutputFormat::kTable) return;
  if (rows_.empty()) {
    out_ << empty_text << '\n';
  } else {
    write_table(out_, columns_, rows_, colour_);
  }
}

}  // namespace chiploc
