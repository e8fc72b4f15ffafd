#include "server/text/moments.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

const WallTime kNow = wall_from_unix_seconds(1'790'000'000);  // 2026-09-21 14:13:20Z

std::int64_t seconds_of(std::string_view text) {
  const auto moment = parse_moment(text, kNow);
  INFO(text);
  REQUIRE(moment);
  return std::chrono::duration_cast<std::chrono::seconds>(moment->since_epoch).count();
}

TEST_CASE("moments: days, times and ages", "[text][moments]") {
  CHECK(seconds_of("1970-01-01") == 0);
  CHECK(seconds_of("2026-09-21") == 1'790'000'000 - 14 * 3600 - 13 * 60 - 20);
  CHECK(seconds_of("2026-09-21T14:13") == 1'789'999'980);
  CHECK(seconds_of("2026-09-21T14:13:20") == 1'790'000'000);
  CHECK(seconds_of("2026-09-21T14:13:20Z") == 1'790'000'000);
  CHECK(seconds_of("2026-09-21 14:13Z") == 1'789'999'980);
  CHECK(seconds_of("2028-02-29") == seconds_of("2028-03-01") - 86'400);
  CHECK(seconds_of("90s") == 1'790'000'000 - 90);
  CHECK(seconds_of("15m") == 1'790'000'000 - 900);
  CHECK(seconds_of("2h") == 1'790'000'000 - 7'200);
  CHECK(seconds_of("7d") == 1'790'000'000 - 7 * 86'400);
  CHECK(seconds_of("3w") == 1'790'000'000 - 21 * 86'400);
  CHECK(seconds_of("0s") == 1'790'000'000);
}

TEST_CASE("moments: of what is to come, times are times and ages lie ahead", "[text][moments]") {
  const auto coming = [](std::string_view text) {
    const auto moment = parse_coming_moment(text, kNow);
    INFO(text);
    REQUIRE(moment);
    return std::chrono::duration_cast<std::chrono::seconds>(moment->since_epoch).count();
  };
  CHECK(coming("2026-09-21T14:13:20Z") == 1'790'000'000);
  CHECK(coming("1970-01-01") == 0);
  CHECK(coming("90s") == 1'790'000'090);
  CHECK(coming("2h") == 1'790'007'200);
  CHECK(coming("3w") == 1'790'000'000 + 21 * 86'400);
  for (const char* wrong : {"", "2", "-2h", "soon", "9000w0", "1000000w"})
    CHECK_THAT(parse_coming_moment(wrong, kNow).error(),
               Catch::Contains("or in how long (90s, 15m, 2h, 7d, 3w)"));
}

TEST_CASE("moments: what is no time is refused with what would be", "[text][moments]") {
  for (const char* wrong : {"",
                            "h",
                            "2",
                            "2 h",
                            "-2h",
                            "2y",
                            "2hh",
                            "1000001s",
                            "99999999999999999999s",
                            "100000w",
                            "yesterday",
                            "2026-9-21",
                            "2026-02-30",
                            "2027-02-29",
                            "2026-13-01",
                            "2026-00-10",
                            "1969-12-31",
                            "2200-01-01",
                            "2026-09-21T",
                            "2026-09-21T24:00",
                            "2026-09-21T14:60",
                            "2026-09-21T14:13:60",
                            "2026-09-21T14",
                            "2026-09-21Z",
                            "2026-09-21T14:13ZZ",
                            "2026-09-21T14:13+02:00",
                            "20260921"}) {
    INFO(wrong);
    const auto moment = parse_moment(wrong, kNow);
    CHECK_FALSE(moment);
    if (!moment) CHECK(moment.error().find("is no time; give a day (2026-11-30)") != std::string::npos);
  }
}

}  // namespace
}  // namespace chiploc::test
