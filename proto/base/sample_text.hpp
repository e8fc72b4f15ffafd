#pragma once
#include <string>
#include <string_view>

namespace chiploc {

/// A TOML basic string: `Example "Net"` -> `"Example \"Net\""`. Control characters are escaped.
[[nodiscard]] std::string toml_quoted(std::string_view text);
/// A cell of CSV in quotes (RFC 4180).
[[nodiscard]] std::string csv_quoted(std::string_view text);
/// The same for an id or a serial number that a spreadsheet could take for a number or a date: with an
/// apostrophe in front, which import understands and drops.
[[nodiscard]] std::string csv_quoted_name(std::string_view text);

/// A sample configuration, line by line, into which values are put: all comments stay, so that whoever opens
/// the file finds every key explained. The samples are our own: what is not found in one is our own bug, and
/// ends the program.
class SampleText {
 public:
  explicit SampleText(std::string_view text) : text_{text} {}
  /// Puts `value`, as TOML writes it, behind `key = ` in the first [table] or [[table]] of this name. What
  /// follows the old value on its line, as a rule a comment, stays.
  void set(std::string_view table, std::string_view key, std::string_view value);
  /// Inserts whole lines before the line that begins with this.
  void insert_before(std::string_view line, std::string_view lines);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace chiploc
