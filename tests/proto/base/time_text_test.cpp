#include "proto/base/time_text.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::time_text_test {

TEST_CASE("utc_text: UTC to the second, before and after 1970", "[wire]") {
  CHECK(utc_text(wall_from_unix_seconds(0)) == "1970-01-01 00:00:00Z");
  CHECK(utc_text(wall_from_unix_seconds(1'790'000'000)) == "2026-09-21 14:13:20Z");
  CHECK(utc_iso(wall_from_unix_seconds(951'782'399)) == "2000-02-28T23:59:59Z");
  CHECK(utc_iso(wall_from_unix_seconds(951'782'400)) == "2000-02-29T00:00:00Z");
  CHECK(utc_text(WallTime{std::chrono::nanoseconds{-1}}) == "1969-12-31 23:59:59Z");
}

}  // namespace chiploc::time_text_test
