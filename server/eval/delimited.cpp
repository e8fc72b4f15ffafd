#include "server/eval/delimited.hpp"

#include <algorithm>

#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return std::string{text};
}

class DelimitedReader {
 public:
  DelimitedReader(std::string_view text, char delimiter, const DelimitedLimits& limits, FaultLog& faults)
      : text_{text}, delimiter_{delimiter}, limits_{limits}, faults_{faults} {}

  void run(const std::function<bool(const DelimitedLine&)>& sink) {
    while (at_ < text_.size()) {
      DelimitedLine line{line_, {}};
      if (!read_line(line)) return;
      const bool blank = line.cells.size() == 1 && line.cells.front().empty();
      if (!blank && !line.cells.empty() && !sink(line)) return;
    }
  }

 private:
  bool stop(std::string problem) {
    faults_.add(line_, "", std::move(problem));
    return false;
  }
  [[nodiscard]] bool at_end_of_line() const {
    return at_ >= text_.size() || text_[at_] == '\n' || text_[at_] == '\r';
  }
  void pass_line_end() {
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
    ++line_;
  }

  bool read_line(DelimitedLine& line) {
    for (;;) {
      std::string cell;
      if (delimiter_ == ' ') {
        while (!at_end_of_line() && is_blank(text_[at_])) ++at_;
        if (at_end_of_line()) break;
        while (!at_end_of_line() && !is_blank(text_[at_])) cell.push_back(text_[at_++]);
      } else if (!read_cell(cell)) {
        return false;
      }
      if (cell.size() > limits_.cell_bytes)
        return stop("a cell has " + std::to_string(cell.size()) + " bytes; at most " +
                    std::to_string(limits_.cell_bytes) + " are allowed");
      if (line.cells.size() == limits_.cells)
        return stop("more than " + std::to_string(limits_.cells) + " cells in a line; leave some out");
      line.cells.push_back(std::move(cell));
      if (at_end_of_line()) break;
      if (delimiter_ != ' ') ++at_;  // the delimiter; a cell may follow that is empty
    }
    pass_line_end();
    return true;
  }

  bool read_cell(std::string& cell) {
    const std::size_t begin = at_;
    while (!at_end_of_line() && is_blank(text_[at_]) && text_[at_] != delimiter_) ++at_;
    if (at_end_of_line() || text_[at_] != '"') {
      at_ = begin;
      while (!at_end_of_line() && text_[at_] != delimiter_) {
        if (text_[at_] == '"')
          return stop("a quote in the middle of a cell; quote all of it, and double the quote");
        ++at_;
      }
      cell = trimmed(text_.substr(begin, at_ - begin));
      return true;
    }
    const std::uint32_t opened = line_;
    for (++at_;; ++at_) {
      if (at_ >= text_.size()) {
        line_ = opened;
        return stop("a quote is opened and not closed");
      }
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] != '"') {
        cell.push_back(text_[at_]);
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        cell.push_back('"');
        ++at_;
      } else {
        break;
      }
      if (cell.size() > limits_.cell_bytes) {
        line_ = opened;
        return stop("a quoted cell begins here that has more than " + std::to_string(limits_.cell_bytes) +
                    " bytes; is its quote closed?");
      }
    }
    ++at_;
    while (!at_end_of_line() && is_blank(text_[at_]) && text_[at_] != delimiter_) ++at_;
    if (at_end_of_line() || text_[at_] == delimiter_) return true;
    return stop("something stands behind a closing quote; quote all of the cell");
  }

  std::string_view text_;
  char delimiter_;
  const DelimitedLimits& limits_;
  FaultLog& faults_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
};

std::string_view without_bom(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

}  // namespace

char delimiter_of(std::string_view text) {
  text = without_bom(text);
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  // A matrix may begin with an empty corner, so what stands before the first letter counts too.
  const std::size_t line = text.substr(0, begin).find_last_of("\r\n");
  text.remove_prefix(line == std::string_view::npos ? 0 : line + 1);
  text = text.substr(0, text.find_first_of("\r\n"));
  std::size_t commas = 0, semicolons = 0;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\t') return '\t';
    commas += c == ',' ? 1U : 0U;
    semicolons += c == ';' ? 1U : 0U;
  }
  if (commas + semicolons == 0) return ' ';
  return semicolons > commas ? ';' : ',';
}

std::string_view delimiter_name(char delimiter) {
  if (delimiter == '\t') return "tabs";
  if (delimiter == ' ') return "blanks";
  return delimiter == ';' ? "semicolons" : "commas";
}

void read_delimited(std::string_view text, char delimiter, const DelimitedLimits& limits, FaultLog& faults,
                    const std::function<bool(const DelimitedLine&)>& sink) {
  if (std::string problem = other_encoding(text); !problem.empty()) {
    faults.add(1, "", std::move(problem));
    return;
  }
  DelimitedReader{without_bom(text), delimiter, limits, faults}.run(sink);
}

}  // namespace chiploc
