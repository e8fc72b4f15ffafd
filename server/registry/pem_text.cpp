// PEM as people keep it: bundles with comments, OpenSSL's -text output between the blocks, any line ends and
// blanks.
#include <algorithm>
#include <optional>

#include "server/registry/fields.hpp"
#include "server/tables/characters.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kPemBegin = "-----BEGIN ";
constexpr std::string_view kDashes = "-----";
constexpr std::string_view kMark = "\xEF\xBB\xBF";

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_base64(char c) {
  return is_upper(c) || is_lower(c) || is_digit(c) || c == '+' || c == '/' || c == '=';
}

/// How many bytes of UTF-8 are white space beyond ASCII there, and whether they end a line: what word
/// processors and web pages put into a text.
std::pair<std::size_t, char> wide_blank(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  if (at(0) == 0xC2U && at(1) == 0xA0U) return {2, ' '};   // no-break space
  if (at(0) == 0xC2U && at(1) == 0x85U) return {2, '\n'};  // next line
  const bool general = at(0) == 0xE2U && at(1) == 0x80U;
  if (general && (at(2) == 0xA8U || at(2) == 0xA9U)) return {3, '\n'};  // separators
  if (general && at(2) >= 0x80U && at(2) <= 0x8BU) return {3, ' '};     // of all widths, none as well
  if (general && at(2) == 0xAFU) return {3, ' '};                       // narrow
  if (at(0) == 0xE2U && at(1) == 0x81U && (at(2) == 0x9FU || at(2) == 0xA0U)) return {3, ' '};
  if (at(0) == 0xE1U && at(1) == 0x9AU && at(2) == 0x80U) return {3, ' '};  // ogham
  if (at(0) == 0xE3U && at(1) == 0x80U && at(2) == 0x80U) return {3, ' '};  // ideographic
  return {0, ' '};
}

/// LF for CRLF and CR, a plain blank for wide ones, no byte order marks (a bundle joined from files may have
/// several).
std::string with_plain_lines(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, kMark.size()) == kMark) {
      i += kMark.size() - 1;
    } else if (const auto [size, plain] = wide_blank(text.substr(i)); size > 0) {
      out += plain;
      i += size - 1;
    } else if (text[i] != '\r') {
      out += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      out += '\n';
    }
  }
  return out;
}

/// What a comment may not look like: a piece of a block, since whoever loses its BEGIN line loses an
/// authority.
bool looks_like_pem(std::string_view line) {
  std::string plain;  // runs of blanks as one, in capitals
  for (const char c : line) {
    if (is_white(c) && !plain.empty() && plain.back() == ' ') continue;
    const char capital = is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
    plain += is_white(c) ? ' ' : capital;
  }
  for (const char* mark : {"BEGIN CERT", "END CERT", "BEGIN X509", "END X509"}) {
    if (plain.find(mark) != std::string::npos && plain.find("--") != std::string::npos) return true;
  }
  constexpr std::size_t kRun = 40;
  return line.size() >= kRun && std::all_of(line.begin(), line.end(), is_base64) &&
         std::any_of(line.begin(), line.end(), is_upper) && std::any_of(line.begin(), line.end(), is_lower) &&
         std::any_of(line.begin(), line.end(), is_digit);
}

/// Whether digits of a block stand there: a word of base64 that is longer than any of a language.
bool has_digits_of_a_block(std::string_view text) {
  constexpr std::size_t kLongest = 32;
  std::size_t run = 0;
  for (const char c : text) {
    run = is_base64(c) ? run + 1 : 0;
    if (run > kLongest) return true;
  }
  return false;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_white(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_white(text.back())) text.remove_suffix(1);
  return text;
}

class PemSplitter {
 public:
  PemSplitter(std::string_view text, std::string_view label)
      : text_{with_plain_lines(text)},
        label_{label},
        what_{label == "CERTIFICATE" ? "certificate" : "revocation list"} {}

  Field<std::vector<std::string>> run() {
    for (std::size_t at = 0; at < text_.size();) {
      const auto begin = next_begin(at);
      if (!begin) return Fail{fault_};
      if (*begin == text_.size()) break;
      const auto end = take_block(*begin);
      if (!end) return Fail{fault_};
      at = *end;
    }
    if (blocks_.empty()) {
      return Fail<std::string>{
          (trimmed(text_).empty() ? "is empty"
                                  : "has no " + what_ + " in PEM, only " + shown(trimmed(text_))) +
          "; give a " + what_ + " in PEM, beginning \"" + std::string{kPemBegin} + label_ + "-----\""};
    }
    return std::move(blocks_);
  }

 private:
  [[nodiscard]] std::string place(std::size_t at) const {
    const auto lines = std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return "line " + std::to_string(lines + 1) + " of the text";
  }

  /// Where the line ends that holds `at`. Kept, since a bundle may be one line of many megabytes.
  std::size_t line_end_of(std::size_t at) {
    if (at >= line_end_ || line_end_ == 0) line_end_ = std::min(text_.find('\n', at), text_.size());
    return line_end_;
  }

  /// Where the next block begins, past comments; text_.size(): nowhere. nullopt: a fault.
  std::optional<std::size_t> next_begin(std::size_t at) {
    const auto wrong = [&](std::string_view what, const std::string& why) {
      fault_ = shown(what) + " (" + place(at) + ") " + why;
      return std::nullopt;
    };
    while (at < text_.size()) {
      const std::size_t line_end = line_end_of(at);
      const std::string_view line = std::string_view{text_}.substr(at, line_end - at);
      const std::size_t begin = line.find(kPemBegin);
      const std::string_view before = trimmed(line.substr(0, begin));
      if (begin != std::string_view::npos && before.empty()) return at + begin;
      const bool comment = !before.empty() && before.front() == '#';
      if (begin != std::string_view::npos) {
        // "# -----BEGIN X-----" begins a block that somebody took out, "# see -----BEGIN X----- below" says
        // something of one; with digits behind it, line ends were lost.
        const std::string_view behind = line.substr(begin + kPemBegin.size());
        if (comment && has_digits_of_a_block(behind))
          return wrong(line,
                       "has a block behind a comment, on one line: were line ends lost? Give the block a "
                       "line of its own, or take it out");
        if (!comment)
          return wrong(line,
                       "has text before \"-----BEGIN\" on its line: a comment, or a block? Give the block a "
                       "line of its own, or put # before each of its lines");
      } else if (!comment && looks_like_pem(before)) {
        return wrong(before, "looks like a piece of a " + what_ + " without its \"" + std::string{kPemBegin} +
                                 label_ + "-----\"; mend the block, or put # before each of its lines");
      }
      at = line_end + 1;
    }
    return text_.size();
  }

  /// Takes the block there; where it ends. nullopt: a fault.
  std::optional<std::size_t> take_block(std::size_t begin) {
    const std::size_t name_at = begin + kPemBegin.size();
    const std::size_t name_end = text_.find(kDashes, name_at);
    const std::string name = name_end == std::string::npos ? "" : text_.substr(name_at, name_end - name_at);
    const bool right = name == label_ || (label_ == "CERTIFICATE" && name == "X509 CERTIFICATE");
    if (!right) {
      fault_ = "has a block " + shown(name) + " (" + place(begin) + ") where a " + what_ +
               " should stand; give \"" + std::string{kPemBegin} + label_ + "-----\" blocks only";
      return std::nullopt;
    }
    const std::size_t body = name_end + kDashes.size();
    const std::string end_line = "-----END " + name + "-----";
    const std::size_t end = text_.find(kDashes, body);
    if (end == std::string::npos || text_.compare(end, end_line.size(), end_line) != 0) {
      fault_ = "has a PEM block (" + place(begin) + ") without its \"" + end_line + "\"; is the file cut?";
      return std::nullopt;
    }
    std::string digits;
    for (const char c : std::string_view{text_}.substr(body, end - body)) {
      if (is_white(c)) continue;
      if (!is_base64(c)) {
        fault_ = "has a PEM block (" + place(begin) + ") with " + shown({&c, 1}) +
                 " in it, which is no digit of base64; export the " + what_ + " anew";
        return std::nullopt;
      }
      digits += c;
    }
    std::string block{kPemBegin};
    block += label_ + "-----\n";
    constexpr std::size_t kLine = 64;
    for (std::size_t i = 0; i < digits.size(); i += kLine) block += digits.substr(i, kLine) + "\n";
    blocks_.push_back(std::move(block) + "-----END " + label_ + "-----\n");
    return end + end_line.size();
  }

  std::string text_;
  std::size_t line_end_ = 0;
  std::string label_;
  std::string what_;
  std::string fault_;
  std::vector<std::string> blocks_;
};

}  // namespace

Field<std::vector<std::string>> split_pem(std::string_view text, std::string_view label) {
  return PemSplitter{text, label}.run();
}

}  // namespace chiploc
