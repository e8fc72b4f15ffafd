#include "server/text/moments.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>

namespace chiploc {
namespace {

/// So many digits, no more and no fewer; they are taken off the text.
std::optional<unsigned> take_digits(std::string_view& text, std::size_t count) {
  unsigned value = 0;
  if (text.size() < count) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, value);
  if (error != std::errc{} || end != text.data() + count) return std::nullopt;
  text.remove_prefix(count);
  return value;
}
bool take(std::string_view& text, char sign) {
  if (text.empty() || text.front() != sign) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<WallTime> parse_date_and_time(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                         std::chrono::month{*month}, std::chrono::day{*day}};
  if (!date.ok() || *year < 1970 || *year > 2199) return std::nullopt;
  Nanoseconds since_epoch = std::chrono::sys_days{date}.time_since_epoch();
  if (text.empty()) return WallTime{since_epoch};
  if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  since_epoch += std::chrono::hours{*hour} + std::chrono::minutes{*minute};
  if (take(text, ':')) {
    const auto second = take_digits(text, 2);
    if (!second || *second > 59) return std::nullopt;
    since_epoch += std::chrono::seconds{*second};
  }
  static_cast<void>(take(text, 'Z'));
  if (!text.empty()) return std::nullopt;
  return WallTime{since_epoch};
}

std::optional<Nanoseconds> parse_age(std::string_view text) {
  unsigned count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end + 1 != text.data() + text.size()) return std::nullopt;
  const auto unit = [](char letter) -> std::int64_t {
    switch (letter) {
      case 's':
        return 1;
      case 'm':
        return 60;
      case 'h':
        return 3'600;
      case 'd':
        return 86'400;
      case 'w':
        return 7 * 86'400;
      default:
        return 0;
    }
  }(*end);
  constexpr std::chrono::seconds kMost{std::chrono::hours{24 * 366 * 230}};  // nanoseconds hold it
  const std::chrono::seconds age{count * unit};
  if (unit == 0 || count > 1'000'000 || age > kMost) return std::nullopt;
  return age;
}

}  // namespace

Result<WallTime, std::string> parse_moment(std::string_view text, WallTime now) {
  if (const auto moment = parse_date_and_time(text)) return *moment;
  if (const auto age = parse_age(text); age && *age < now.since_epoch) return now - *age;
  return Fail{
      "\"" + std::string{text} +
      "\" is no time; give a day (2026-11-30), a time in UTC (2026-11-30T12:30), or how long ago (90s, 15m, "
      "2h, 7d, 3w)"};
}

Result<WallTime, std::string> parse_coming_moment(std::string_view text, WallTime now) {
  if (const auto moment = parse_date_and_time(text)) return *moment;
  constexpr WallTime kLast{std::chrono::sys_days{std::chrono::year{2200} / 1 / 1}.time_since_epoch()};
  if (const auto wait = parse_age(text); wait && now < kLast && *wait < kLast - now) return now + *wait;
  return Fail{
      "\"" + std::string{text} +
      "\" is no time; give a day (2026-11-30), a time in UTC (2026-11-30T12:30), or in how long (90s, 15m, 2h, 7d, "
      "3w)"};
}

}  // namespace chiploc
