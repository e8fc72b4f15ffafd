#include "proto/base/time_text.hpp"

namespace chiploc {
namespace {

std::string digits(long value, std::size_t width) {
  std::string text = std::to_string(value);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

std::string utc_with(WallTime time, char between) {
  using std::chrono::days;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time.since_epoch);
  const auto day = std::chrono::floor<days>(seconds);
  const std::chrono::year_month_day date{std::chrono::sys_days{day}};
  const std::chrono::hh_mm_ss clock{seconds - day};
  return digits(static_cast<int>(date.year()), 4) + "-" + digits(static_cast<unsigned>(date.month()), 2) +
         "-" + digits(static_cast<unsigned>(date.day()), 2) + between + digits(clock.hours().count(), 2) +
         ":" + digits(clock.minutes().count(), 2) + ":" + digits(clock.seconds().count(), 2) + "Z";
}

}  // namespace

std::string utc_text(WallTime time) { return utc_with(time, ' '); }
std::string utc_iso(WallTime time) { return utc_with(time, 'T'); }

}  // namespace chiploc
