#include "server/notices/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace chiploc {
namespace {

constexpr std::int64_t kSecondsMost = 1'000'000'000;
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Digits alone; -1 otherwise.
int digits_at(std::string_view text, std::size_t from, std::size_t count) {
  const std::string_view part = text.substr(from, count);
  int value = -1;
  if (all_digits(part)) std::from_chars(part.data(), part.data() + part.size(), value);
  return value;
}

template <class Names>
unsigned index_in(const Names& names, std::string_view name) {
  return static_cast<unsigned>(std::find(names.begin(), names.end(), name) - names.begin());
}

/// Seconds since 1970 of "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<std::int64_t> seconds_of_date(std::string_view text) {
  constexpr std::string_view kForm = "___, __ ___ ____ __:__:__ GMT";
  if (text.size() != kForm.size()) return std::nullopt;
  for (std::size_t i = 0; i < kForm.size(); ++i)
    if (kForm[i] != '_' && kForm[i] != text[i]) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{digits_at(text, 12, 4)},
                                         std::chrono::month{index_in(kMonths, text.substr(8, 3)) + 1},
                                         std::chrono::day{static_cast<unsigned>(digits_at(text, 5, 2))}};
  const int hour = digits_at(text, 17, 2);
  const int minute = digits_at(text, 20, 2);
  const int second = digits_at(text, 23, 2);
  // 60: a leap second.
  if (digits_at(text, 12, 4) < 0 || !date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 60)
    return std::nullopt;
  const std::chrono::sys_days day{date};
  if (kDays.size() <= index_in(kDays, text.substr(0, 3)) ||
      std::chrono::weekday{day} != std::chrono::weekday{index_in(kDays, text.substr(0, 3))})
    return std::nullopt;
  return std::chrono::duration_cast<std::chrono::seconds>(day.time_since_epoch()).count() + hour * 3600 +
         minute * 60 + second;
}

}  // namespace

std::optional<Nanoseconds> retry_after_of(std::string_view value, WallTime now) {
  if (all_digits(value)) {
    std::int64_t seconds = kSecondsMost;
    constexpr std::size_t kDigitsMost = 10;  // leading zeros are not worth more
    if (value.size() <= kDigitsMost) std::from_chars(value.data(), value.data() + value.size(), seconds);
    return std::chrono::seconds{std::min(seconds, kSecondsMost)};
  }
  const auto date = seconds_of_date(value);
  if (!date) return std::nullopt;
  const std::int64_t left = *date - static_cast<std::int64_t>(unix_seconds(now));
  return std::chrono::seconds{std::clamp<std::int64_t>(left, 0, kSecondsMost)};
}

}  // namespace chiploc
