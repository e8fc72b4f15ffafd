#include "server/tables/spreadsheet.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "server/tables/characters.hpp"
#include "server/tables/shown.hpp"

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
  /// Of any script: bytes of UTF-8 beyond ASCII are taken for letters.
  std::string_view letters() {
    return run([](char c) { return is_letter(c) || static_cast<unsigned char>(c) >= 0x80U; }, 1, 20);
  }
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
  if (fraction && decimals.empty()) return in.done() ? Number::kFraction : Number::kNone;
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

/// English and German in any case, as both write them; what other languages have beside these as spreadsheets
/// write it, in small letters: SET-12 and AVR-128 are names of things.
bool is_month_name(std::string_view word) {
  static constexpr std::array<std::string_view, 39> kNames{
      "jan",       "feb",      "mar",      "apr",      "may",    "jun",     "jul",  "aug",
      "sep",       "sept",     "oct",      "nov",      "dec",    "mrz",     "mai",  "okt",
      "dez",       "january",  "february", "march",    "april",  "june",    "july", "august",
      "september", "october",  "november", "december", "januar", "februar", "juni", "juli",
      "oktober",   "dezember", "ene",      "abr",      "ago",    "dic",     "janv"};
  static constexpr std::array<std::string_view, 28> kOthers{"M\xC3\xA4rz",
                                                            "m\xC3\xA4rz",
                                                            "M\xC3\xA4r",
                                                            "J\xC3\xA4n",
                                                            "F\xC3\xA9vr",
                                                            "f\xC3\xA9vr",
                                                            "d\xC3\xA9"
                                                            "c",
                                                            "ao\xC3\xBBt",
                                                            "mars",
                                                            "avr",
                                                            "juin",
                                                            "juil",
                                                            "gen",
                                                            "mag",
                                                            "giu",
                                                            "lug",
                                                            "set",
                                                            "ott",
                                                            "fev",
                                                            "mrt",
                                                            "mei",
                                                            "out",
                                                            "enero",
                                                            "abril",
                                                            "maart",
                                                            "maj",
                                                            "juli",
                                                            "avril"};
  if (std::find(kOthers.begin(), kOthers.end(), word) != kOthers.end()) return true;
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

/// 1,650,222,014,738 and (12): how numbers are shown, with blanks of any width for the commas.
bool is_dressed_number(std::string_view text) {
  if (text.size() > 2 && text.front() == '(' && text.back() == ')')
    return std::all_of(text.begin() + 1, text.end() - 1,
                       [](char c) { return is_digit(c) || c == '.' || c == ','; });
  std::string plain;  // every one of those marks as a comma
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool wide = text.substr(i, 2) == "\xC2\xA0";
    const bool thin = text.substr(i, 3) == "\xE2\x80\xAF" || text.substr(i, 3) == "\xE2\x80\x99";
    const bool mark = wide || thin || text[i] == ' ' || text[i] == '\'';
    plain += mark ? ',' : text[i];
    if (thin) i += 2U;
    if (wide) i += 1U;
  }
  Reader in{plain};
  in.one_of("+-");
  if (in.digits(1, 3).empty()) return false;
  bool groups = false;
  while (in.one_of(",") != '\0') {
    if (in.digits(3, 3).empty()) return false;
    groups = true;
  }
  if (in.one_of(".") != '\0' && in.digits(1, kAny).empty()) return false;
  return groups && in.done();
}

/// 15 digits that count and then three zeros or more.
bool is_cut_at_fifteen(std::string_view text) {
  constexpr std::size_t kDigitsOfDouble = 15;
  constexpr std::size_t kLeast = 18;
  return text.size() >= kLeast && text.front() != '0' && std::all_of(text.begin(), text.end(), is_digit) &&
         text.find_first_not_of('0', kDigitsOfDouble) == std::string_view::npos;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}
bool only_zeros(std::string_view digits) { return digits.find_first_not_of('0') == std::string_view::npos; }
std::string_view without_leading_zeros(std::string_view digits) {
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

/// A decimal number without what may be left out: digits * 10^exponent, no zeros at either end.
struct Decimal {
  std::string digits;
  long exponent = 0;
  bool scientific = false;
  [[nodiscard]] bool same_value(const Decimal& other) const {
    return digits == other.digits && exponent == other.exponent;
  }
};
std::optional<Decimal> decimal_of(std::string_view text) {
  Reader in{text};
  const auto whole = in.digits(1, kAny);
  const auto decimals = in.one_of(".") != '\0' ? in.digits(0, kAny) : std::string_view{};
  Decimal out{std::string{whole} + std::string{decimals}, -static_cast<long>(decimals.size())};
  if (whole.empty()) return std::nullopt;
  if (in.one_of("eE") != '\0') {
    const bool minus = in.one_of("+-") == '-';
    const auto exponent = in.digits(1, 4);
    if (exponent.empty()) return std::nullopt;
    out.exponent += minus ? -value_of(exponent) : value_of(exponent);
    out.scientific = true;
  }
  if (!in.done()) return std::nullopt;
  out.digits = std::string{without_leading_zeros(out.digits)};
  while (!out.digits.empty() && out.digits.back() == '0') {
    out.digits.pop_back();
    ++out.exponent;
  }
  if (out.digits.empty()) out.exponent = 0;
  return out;
}

/// The next number with as many digits, or one more: 1299 -> 1300.
std::string incremented(std::string digits) {
  for (auto at = digits.rbegin(); at != digits.rend(); ++at) {
    if (*at != '9') {
      ++*at;
      return digits;
    }
    *at = '0';
  }
  return "1" + digits;
}

/// Whether `now` is `before` as numbers of 15 digits, or as short as 1.65022E+12 written out, or as a double.
bool is_rounded(std::string_view before, std::string_view now) {
  constexpr std::size_t kDigitsOfDouble = 15;
  constexpr std::size_t kDigitsOfGeneral = 6;
  constexpr std::size_t kWidthOfGeneral = 11;  // longer numbers are shown as 1.65022E+12
  if (before.size() <= kWidthOfGeneral || before == now) return false;
  const std::size_t most = before.size() > kDigitsOfDouble ? kDigitsOfDouble : kDigitsOfGeneral;
  for (std::size_t kept = 1; kept <= most; ++kept) {
    const std::string zeros(before.size() - kept, '0');
    const std::string cut{before.substr(0, kept)};
    if (now == cut + zeros || (before[kept] >= '5' && now == incremented(cut) + zeros)) return true;
  }
  if (before.size() <= kDigitsOfDouble) return false;
  const double value = std::strtod(std::string{before}.c_str(), nullptr);
  std::array<char, kAny> exact{};
  std::snprintf(exact.data(), exact.size(), "%.0f", value);
  std::array<char, 40> shortest{};
  std::snprintf(shortest.data(), shortest.size(), "%.17g", value);
  const auto short_form = decimal_of(shortest.data());
  const auto seen = decimal_of(now);
  return now == exact.data() || (short_form && seen && short_form->same_value(*seen));
}

/// MAR1, 2-3, 1/2, 12-Dec, 2026-3-1: what becomes the number of a day.
bool becomes_a_day(std::string_view text) {
  if (is_date_of_numbers(text) || is_date_of_words(text)) return true;
  Reader numbers{text};
  const auto first = numbers.digits(1, 4);
  if (const char mark = numbers.one_of("-/."); !first.empty() && mark != '\0') {
    const auto second = numbers.digits(1, 4);
    const int a = value_of(first);
    const int b = value_of(second);
    const bool day_or_year = second.size() != 3 && is_month(a);  // 2-3, 3/2026
    const bool named_first = first.size() == 4 || is_day(a);     // 2026-03, 31-1
    if (numbers.done() && !second.empty() && (day_or_year || (named_first && is_month(b)))) return true;
  }
  Reader named{text};  // MAR1, 1MAR, MAR2026: no mark between
  const auto day = named.digits(0, 2);
  if (!is_month_name(named.letters())) return false;
  const auto number = named.digits(0, 4);
  return named.done() && day.empty() != number.empty() && number.size() != 3;
}

std::string in_capitals(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

/// What the spreadsheet did to `before`; nullopt if it did not.
std::optional<std::string> loss_of(std::string_view before, std::string_view now) {
  if (all_digits(before) && all_digits(now)) {
    const std::string_view significant = without_leading_zeros(before);
    if (significant.size() < before.size() && (significant == now || (only_zeros(before) && now == "0")))
      return "without its leading zeros, which spreadsheets drop";
    if (is_rounded(significant, now)) return "with its last digits lost, as spreadsheets round long numbers";
  }
  if ((now == "TRUE" || now == "FALSE") && in_capitals(before) == now)
    return "taken for a truth, which spreadsheets write in capitals";
  const auto number = decimal_of(before);
  const auto seen = decimal_of(now);
  if (number && seen && !seen->scientific && number->same_value(*seen) &&
      (number->scientific || now.size() < before.size()))
    return "taken for a number, which spreadsheets write in their own way";
  if (!seen || seen->scientific) return std::nullopt;
  const double value = std::strtod(std::string{now}.c_str(), nullptr);
  constexpr double kFirstDay = 20'000;  // in 1954
  constexpr double kLastDay = 60'000;   // in 2064
  if (value >= kFirstDay && value <= kLastDay && becomes_a_day(before))
    return "taken for a date, of which spreadsheets keep the number of the day";
  Reader time{before};
  if (value < 2 && ends_as_time(time, /*needed=*/true))
    return "taken for a time, of which spreadsheets keep the part of the day";
  return std::nullopt;
}

std::string with_ways_out(const std::string& what) {
  return what +
         ". Format the column as text in the source and export anew; or, if it is meant as it stands, write "
         "an apostrophe before it";
}

}  // namespace

std::optional<std::string> spreadsheet_loss(std::string_view registered, std::string_view now) {
  if (registered == now) return std::nullopt;
  const auto loss = loss_of(registered, now);
  if (!loss) return std::nullopt;
  return with_ways_out(shown(now) + " is the registered " + shown(registered) + " " + *loss);
}

std::optional<std::string> spreadsheet_damage(std::string_view text) {
  const auto sentence = [&](const std::string& what) { return with_ways_out(shown(text) + " " + what); };
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
  if (is_dressed_number(text)) return sentence("is a number as spreadsheets show it, not a name");
  if (is_cut_at_fifteen(text))
    return sentence("has only zeros behind its fifteenth digit, where a spreadsheet stops");
  return std::nullopt;
}

std::optional<std::string_view> meant_as_it_stands(std::string_view text) {
  if (text.size() < 2 || text.front() != '\'') return std::nullopt;
  return text.substr(1);
}

}  // namespace chiploc
