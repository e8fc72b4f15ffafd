#include "server/notices/retry_after.hpp"

#include "tests/server/notices/notice_maker.hpp"

namespace chiploc::test {
namespace {

using std::chrono::seconds;

/// At 2026-12-01 12:00:00 UTC, a Tuesday.
std::optional<Nanoseconds> asked(std::string_view value) { return retry_after_of(value, noon(0)); }

}  // namespace

TEST_CASE("retry-after: seconds", "[notices]") {
  CHECK(asked("0") == seconds{0});
  CHECK(asked("120") == seconds{120});
  CHECK(asked("0120") == seconds{120});
  CHECK(asked("1000000001") == seconds{1'000'000'000});
  CHECK(asked("9999999999") == seconds{1'000'000'000});
  CHECK(asked("99999999999999999999999999") == seconds{1'000'000'000});
  for (const char* value : {"", " 1", "1 ", "-1", "+1", "1.5", "0x10", "1e3", "1,2", "one"})
    CHECK_FALSE(asked(value));
}

TEST_CASE("retry-after: a date, in the one form that may be sent", "[notices]") {
  CHECK(asked("Tue, 01 Dec 2026 12:02:00 GMT") == seconds{120});
  CHECK(asked("Wed, 02 Dec 2026 12:00:01 GMT") == seconds{86'401});
  CHECK(asked("Tue, 01 Dec 2026 12:00:00 GMT") == seconds{0});
  CHECK(asked("Sun, 06 Nov 1994 08:49:37 GMT") == seconds{0});
  CHECK(asked("Tue, 01 Dec 2026 12:00:60 GMT") == seconds{60});
  CHECK(asked("Fri, 31 Dec 9999 23:59:59 GMT") == seconds{1'000'000'000});
  for (const char* value :
       {"Mon, 01 Dec 2026 12:02:00 GMT", "Tue, 1 Dec 2026 12:02:00 GMT", "Tue, 01 dec 2026 12:02:00 GMT",
        "Tue, 01 Dec 2026 12:02:00 UTC", "Tue, 01 Dec 2026 24:00:00 GMT", "Tue, 01 Dec 2026 12:60:00 GMT",
        "Tue, 01 Dec 2026 12:02:61 GMT", "Tue, 31 Nov 2026 12:02:00 GMT", "Tue, 01 Dec -026 12:02:00 GMT",
        "Tuesday, 01-Dec-26 12:02:00 GMT", "Tue Dec  1 12:02:00 2026", "Tue, 01 Dec 2026 12:02:0x GMT",
        "Tue, 01 Dec 2026 -1:02:00 GMT", "Tue, 01 Dec 2026 12:-2:00 GMT", "Tue, 01 Dec 2026 12:02:-1 GMT",
        "Tue, 00 Dec 2026 12:02:00 GMT", "Tue, 01 Dex 2026 12:02:00 GMT", "Txe, 01 Dec 2026 12:02:00 GMT",
        "Tue, 01 Dec 2026 12:02:00 GMT "})
    CHECK_FALSE(asked(value));
}

TEST_CASE("retry-after: every second of many years is read as it is written", "[notices][property]") {
  holds("dates", [] {
    const auto second = *rc::gen::inRange<std::int64_t>(0, 9'000'000'000);
    const std::chrono::sys_seconds time{std::chrono::seconds{second}};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    static const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char text[40];
    std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                  kDays[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                  kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    const auto before = *rc::gen::inRange<std::int64_t>(0, 100'000);
    const auto read = retry_after_of(
        text, wall_from_unix_seconds(static_cast<std::uint64_t>(std::max<std::int64_t>(0, second - before))));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == std::chrono::seconds{std::min(before, second)});
  });
}

}  // namespace chiploc::test
