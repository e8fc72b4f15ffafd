#include "server/registry/spreadsheet.hpp"

#include <algorithm>
#include <array>

#include "server/registry/characters.hpp"
#include "server/registry/fields.hpp"

namespace chiploc {
namespace {

/// Reads a text from its front.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_{text} {}
  [[nodiscard]] bool done() const { return rest_.empty(); }
  /// One of these characters, or '\0'.
  char one_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return '\0';
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  std::string_view digits(std::size_t least, std::size_t most) { return run(is_digit, least, most); }
  std::string_view letters() { return run(is_letter, 1, 20); }
  void blanks() {
    while (one_of(" ") != '\0') {
    }
  }

 private:
  std::string_view run(bool (*kind)(char), std::size_t least, std::size_t most) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), kind);
    const auto size = static_cast<std::size_t>(end - rest_.begin());
    if (size < least || size > most) return {};
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  std::string_view rest_;
};

constexpr std::size_t kAny = 400;

enum class Number { kNone, kRounded, kEither, kFraction };

Number number_in(std::string_view text) {
  Reader in{text};
  in.one_of("+-");
  if (in.digits(1, kAny).empty()) return Number::kNone;
  const bool fraction = in.one_of(".,") != '\0';
  const std::string_view decimals = fraction ? in.digits(1, kAny) : std::string_view{};
  if (fraction && decimals.empty()) return Number::kNone;
  if (in.done()) {
    const bool zeros = decimals.find_first_not_of('0') == std::string_view::npos;
    return fraction && zeros ? Number::kFraction : Number::kNone;
  }
  if (in.one_of("eE") == '\0') return Number::kNone;
  const bool sign = in.one_of("+-") != '\0';
  if (in.digits(1, 4).empty() || !in.done()) return Number::kNone;
  return fraction || sign ? Number::kRounded : Number::kEither;
}

int value_of(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}
bool is_day(int value) { return value >= 1 && value <= 31; }
bool is_month(int value) { return value >= 1 && value <= 12; }

/// English, German, French and Spanish, as far as ASCII writes them.
bool is_month_name(std::string_view word) {
  static constexpr std::array<std::string_view, 39> kNames{
      "jan",       "feb",      "mar",      "apr",      "may",    "jun",     "jul",  "aug",
      "sep",       "sept",     "oct",      "nov",      "dec",    "mrz",     "mai",  "okt",
      "dez",       "january",  "february", "march",    "april",  "june",    "july", "august",
      "september", "october",  "november", "december", "januar", "februar", "juni", "juli",
      "oktober",   "dezember", "ene",      "abr",      "ago",    "dic",     "janv"};
  std::string lower{word};
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::find(kNames.begin(), kNames.end(), lower) != kNames.end();
}

/// What may follow a date: nothing, or a time.
bool ends_as_time(Reader& in, bool needed) {
  if (!needed) {
    if (in.done()) return true;
    if (in.one_of("T ") == '\0') return false;
    in.blanks();
  }
  const auto hours = in.digits(1, 2);
  if (hours.empty() || in.one_of(":") == '\0' || in.digits(2, 2).empty()) return false;
  if (in.one_of(":") != '\0' && in.digits(2, 2).empty()) return false;
  if (in.one_of(".,") != '\0' && in.digits(1, 9).empty()) return false;
  in.blanks();
  in.one_of("zZaApP");
  in.one_of("mM");
  return in.done() && value_of(hours) <= 24;
}

/// 2026-03-12, 12.03.2026, 3/12/26.
bool is_date_of_numbers(std::string_view text) {
  Reader in{text};
  const auto first = in.digits(1, 4);
  const char mark = in.one_of("-/.");
  const auto second = in.digits(1, 2);
  if (first.empty() || first.size() == 3 || mark == '\0' || second.empty() ||
      in.one_of(std::string_view{&mark, 1}) == '\0')
    return false;
  const auto third = in.digits(1, 4);
  const bool year_first = first.size() == 4 && third.size() >= 1 && third.size() <= 2;
  const bool year_last = first.size() <= 2 && (third.size() == 2 || third.size() == 4);
  if (!year_first && !year_last) return false;
  const int a = value_of(year_first ? third : first);
  const int b = value_of(second);
  const bool possible = (is_day(a) && is_month(b)) || (is_month(a) && is_day(b));
  return possible && ends_as_time(in, /*needed=*/false);
}

/// 12-Mar, Mar-26, 12. Mrz 2026.
bool is_date_of_words(std::string_view text) {
  static constexpr std::string_view kMarks{"-. /"};
  const auto marks = [](Reader& in) {
    bool any = false;
    while (in.one_of(kMarks) != '\0') any = true;
    return any;
  };
  Reader day_first{text};
  if (const auto day = day_first.digits(1, 2);
      !day.empty() && is_day(value_of(day)) && marks(day_first) && is_month_name(day_first.letters())) {
    marks(day_first);
    if (day_first.done()) return true;
    const auto year = day_first.digits(2, 4);
    if ((year.size() == 2 || year.size() == 4) && ends_as_time(day_first, /*needed=*/false)) return true;
  }
  Reader month_first{text};
  if (!is_month_name(month_first.letters()) || !marks(month_first)) return false;
  const auto number = month_first.digits(1, 4);
  return (number.size() == 4 || (!number.empty() && number.size() <= 2)) && month_first.done();
}

/// 15 digits that count and then three zeros or more.
bool is_cut_at_fifteen(std::string_view text) {
  constexpr std::size_t kDigitsOfDouble = 15;
  constexpr std::size_t kLeast = 18;
  return text.size() >= kLeast && text.front() != '0' && std::all_of(text.begin(), text.end(), is_digit) &&
         text.find_first_not_of('0', kDigitsOfDouble) == std::string_view::npos;
}

}  // namespace

std::optional<std::string> spreadsheet_damage(std::string_view text) {
  const auto sentence = [&](const std::string& what) {
    return shown(text) + " " + what +
           ". Format the column as text in the source and export anew; or, if it is meant as it stands, "
           "write an "
           "apostrophe before it";
  };
  if (text.empty()) return std::nullopt;
  if (text.front() == '#') return sentence("is a spreadsheet's error, or a column that was too narrow");
  switch (number_in(text)) {
    case Number::kRounded:
      return sentence("is what a spreadsheet makes of a long number: its digits are lost");
    case Number::kEither:
      return sentence("is either what a program made of a long number, or a name that looks like one");
    case Number::kFraction:
      return sentence("is what a program makes of a whole number that it takes for a fraction");
    case Number::kNone:
      break;
  }
  Reader time{text};
  if (is_date_of_numbers(text) || is_date_of_words(text) || ends_as_time(time, /*needed=*/true))
    return sentence("is a date or a time, which spreadsheets make of names");
  if (is_cut_at_fifteen(text))
    return sentence("has only zeros behind its fifteenth digit, where a spreadsheet stops");
  return std::nullopt;
}

std::optional<std::string_view> meant_as_it_stands(std::string_view text) {
  if (text.size() < 2 || text.front() != '\'') return std::nullopt;
  return text.substr(1);
}

}  // namespace chiploc
