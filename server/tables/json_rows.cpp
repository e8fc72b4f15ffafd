// JSON by nlohmann's SAX parser, so that a large file is never a tree in memory. The parser tells no
// positions to its handler; it does pull its input one character at a time, so an iterator that counts line
// ends knows the line.

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "server/tables/rows.hpp"
#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

/// Where the parser is in the text.
struct Position {
  std::size_t passed = 0;  ///< characters
  std::uint32_t line = 1;
};

/// Characters of a text; counts them, and the line ends that were passed.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, Position* position) : at_{at}, position_{position} {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (*at_ == '\n') ++position_->line;
    ++position_->passed;
    ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    const auto before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  Position* position_;
};

/// What joins the texts of an array; nullopt: no array may stand there.
std::optional<std::string_view> joint_of(JsonForm form) {
  if (form == JsonForm::kTexts) return ";";
  if (form == JsonForm::kBlocks) return "\n";
  return std::nullopt;
}

/// Depth 0: outside; 1: in the array of rows; 2: in a row; 3: in an array of texts, or in a raw value.
class JsonHandler final : public nlohmann::json_sax<nlohmann::json> {
 public:
  JsonHandler(std::string_view content, std::span<const std::string_view> columns, JsonFormOf form_of,
              RowBudget& budget, FaultLog& faults, const RowSink& sink, const Position& position,
              std::size_t optional)
      : content_{content},
        columns_{columns},
        required_{columns.size() - std::min(optional, columns.size())},
        form_of_{form_of},
        budget_{budget},
        faults_{faults},
        sink_{sink},
        position_{position} {}

  bool null() override { return scalar(std::nullopt, "null"); }
  bool boolean(bool value) override {
    // A text elsewhere: a program that took the serial number TRUE for a truth would make it "yes".
    if (!raw_begin_ && depth_ >= 2 && known_column() && form() != JsonForm::kTruth) {
      const std::string given = value ? "true" : "false";
      return bad(columns_[column_], "is " + given +
                                        " where a text should stand: damage by a spreadsheet or program, if "
                                        "the source has a name there; if it is meant so, write \"" +
                                        given + "\"");
    }
    return scalar(value ? "yes" : "no", "true or false");
  }
  bool number_integer(number_integer_t value) override { return scalar(std::to_string(value), "a number"); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(std::to_string(value), "a number"); }
  bool number_float(number_float_t /*value*/, const string_t& text) override {
    return scalar(text, "a number");
  }
  bool string(string_t& value) override { return scalar(std::move(value), "a text"); }
  bool binary(binary_t& /*value*/) override { return false; }

  bool start_object(std::size_t /*elements*/) override {
    ++depth_;
    if (raw_begin_) return true;
    if (depth_ == 1) return stop("the file is not an array of objects; begin with [");
    if (depth_ == 3 && known_column() && form() == JsonForm::kObject) {
      raw_begin_ = position_.passed - 1;
      return true;
    }
    if (depth_ > 2) return nested("an object");
    row_ = Row{position_.line, std::vector<RowCell>(columns_.size()), columns_};
    given_.assign(columns_.size(), false);
    row_is_bad_ = false;
    if (budget_.rows_left == 0)
      return stop("more than " + std::to_string(budget_.rows_max) +
                  " rows in one request; import in several");
    --budget_.rows_left;
    return true;
  }

  bool key(string_t& name) override {
    if (depth_ != 2) return true;
    key_line_ = position_.line;
    const auto known = std::find(columns_.begin(), columns_.end(), name);
    column_ = static_cast<std::size_t>(known - columns_.begin());
    if (known == columns_.end()) return bad("", "field " + shown(name) + " is not known");
    if (given_[column_]) bad(*known, "stands twice in this object; keep one");
    given_[column_] = true;
    return true;
  }

  bool end_object() override {
    const std::size_t depth = depth_--;
    if (raw_begin_ && depth == 3) {
      keep(std::string{content_.substr(*raw_begin_, position_.passed - *raw_begin_)});
      raw_begin_.reset();
    }
    if (depth != 2) return true;
    for (std::size_t c = 0; c < required_; ++c) {
      if (given_[c]) continue;
      faults_.add(row_.line, columns_[c], "is missing in this object");
      row_is_bad_ = true;
    }
    if (!row_is_bad_) sink_(std::move(row_));
    return true;
  }

  bool start_array(std::size_t /*elements*/) override {
    ++depth_;
    if (raw_begin_ || depth_ == 1) return true;
    if (depth_ == 2) {
      key_line_ = position_.line;
      column_ = columns_.size();
      return nested_row();
    }
    if (depth_ == 3 && known_column() && joint_of(form())) {
      texts_.clear();
      return true;
    }
    return nested("an array");
  }

  bool end_array() override {
    if (depth_-- == 3 && !raw_begin_ && known_column() && joint_of(form())) keep(std::move(texts_));
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::json::exception& error) override {
    const auto end = content_.begin() +
                     static_cast<std::ptrdiff_t>(std::min(position == 0 ? 0 : position - 1, content_.size()));
    const auto line = 1 + std::count(content_.begin(), end, '\n');
    std::string why =
        error.what();  // "[json.exception.parse_error.101] parse error at line 3, column 7: ..."
    if (const auto colon = why.find(": "); colon != std::string::npos) why = why.substr(colon + 2);
    faults_.add(static_cast<std::uint32_t>(line), "", "is not JSON: " + printable(why));
    return false;
  }

 private:
  static std::string printable(const std::string& text) {
    std::string out;
    for (const char c : text.substr(0, 160))
      out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E ? '?' : c;
    return out;
  }
  bool known_column() const { return column_ < columns_.size(); }
  JsonForm form() const { return form_of_(columns_[column_]); }

  bool stop(std::string problem) {
    faults_.add(position_.line, "", std::move(problem));
    return false;
  }
  bool bad(std::string_view field, std::string problem) {
    faults_.add(key_line_, field, std::move(problem));
    row_is_bad_ = true;
    return true;
  }
  bool nested(std::string_view what) {
    // Depth 3 begins a value of a row; what stands deeper was complained of there.
    if (depth_ == 3 && known_column())
      bad(columns_[column_], "is " + std::string{what} + " where a text should stand");
    if (depth_ > 3) row_is_bad_ = true;
    if (depth_ == 4 && known_column() && joint_of(form()))
      bad(columns_[column_], "has " + std::string{what} + " among its texts");
    return true;
  }
  bool nested_row() { return stop("a row is an array; each row is an object, { \"field\": \"text\", ... }"); }

  bool scalar(std::optional<std::string> text, std::string_view what) {
    if (raw_begin_) return true;
    if (depth_ == 0) return stop("the file is not an array of objects; begin with [");
    if (depth_ == 1)
      return stop("a row is " + std::string{what} + "; each row is an object, { \"field\": \"text\", ... }");
    if (!known_column()) return true;
    const auto joint = joint_of(form());
    if (!text) {
      bad(columns_[column_], "is null; give a value");
    } else if (depth_ == 2) {
      keep(std::move(*text));
    } else if (depth_ == 3 && joint) {
      if (texts_.size() + text->size() > budget_.field_bytes)
        return bad(columns_[column_], too_long(texts_.size() + text->size()));
      if (!texts_.empty()) texts_ += *joint;
      texts_ += *text;
    }
    return true;
  }
  std::string too_long(std::size_t size) const {
    return "has " + std::to_string(size) + " bytes or more; at most " + std::to_string(budget_.field_bytes) +
           " are allowed";
  }
  void keep(std::string text) {
    if (text.size() > budget_.field_bytes) {
      bad(columns_[column_], too_long(text.size()));
      return;
    }
    row_.cells[column_] = {std::move(text), key_line_};
  }

  std::string_view content_;
  std::span<const std::string_view> columns_;
  std::size_t required_;  // the first so many
  JsonFormOf form_of_;
  RowBudget& budget_;
  FaultLog& faults_;
  const RowSink& sink_;
  const Position& position_;
  std::uint32_t key_line_ = 0;
  std::size_t depth_ = 0;
  std::size_t column_ = 0;  // of the key last seen; columns_.size(): an unknown one
  bool row_is_bad_ = false;
  Row row_;
  std::vector<bool> given_;
  std::string texts_;
  std::optional<std::size_t> raw_begin_;  // in the content: of the raw value that is being passed
};

}  // namespace

void read_json(std::string_view content, std::span<const std::string_view> columns, JsonFormOf form_of,
               RowBudget& budget, FaultLog& faults, const RowSink& sink, std::size_t optional) {
  if (std::string problem = other_encoding(content); !problem.empty()) {
    faults.add(1, "", std::move(problem));
    return;
  }
  Position position;
  JsonHandler handler{content, columns, form_of, budget, faults, sink, position, optional};
  const CountingIterator first{content.data(), &position};
  const CountingIterator last{content.data() + content.size(), &position};
  // Strict: nothing may stand behind the array.
  nlohmann::json::sax_parse(first, last, &handler, nlohmann::json::input_format_t::json, /*strict=*/true);
}

}  // namespace chiploc
