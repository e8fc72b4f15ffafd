#include "server/service/status_requests.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

using std::chrono::hours;
constexpr WallTime kNow{std::chrono::seconds{1'790'000'000}};
std::int64_t ns(WallTime time) { return time.since_epoch.count(); }

TEST_CASE("status requests: known states only, each once, as the core numbers them", "[service]") {
  google::protobuf::RepeatedField<int> states;
  CHECK(check_chip_states(states)->empty());
  states.Add(v1::CHIP_ABSENT);
  states.Add(v1::CHIP_PENDING);
  states.Add(v1::CHIP_ABSENT);
  CHECK(check_chip_states(states).value() == std::vector<std::uint32_t>{9, 0});
  for (const int other : {0, 11, -1, 1'000}) {
    google::protobuf::RepeatedField<int> one;
    one.Add(other);
    CHECK(check_chip_states(one).error().text ==
          "states: " + std::to_string(other) + " is no state; use CHIP_PENDING to CHIP_ABSENT");
  }
}

TEST_CASE("status requests: an absence is of a kind", "[service]") {
  CHECK(check_absence_kind(v1::ABSENT_IN_TRANSIT).value() == 1);
  CHECK(check_absence_kind(v1::ABSENT_FOR_MAINTENANCE).value() == 3);
  for (const int other : {0, 4, -1})
    CHECK(check_absence_kind(static_cast<v1::AbsenceKind>(other)).error().text ==
          "kind: is none; use transit, storage or maintenance");
}

TEST_CASE("status requests: an absence has an end, and begins within a year", "[service]") {
  const auto times = [](WallTime from, WallTime until) {
    return check_absence_times(ns(from), ns(until), kNow);
  };
  auto checked = times(WallTime{}, kNow + hours{5});
  REQUIRE(checked);
  CHECK(checked->from == kNow);
  CHECK(checked->until == kNow + hours{5});
  CHECK(times(kNow - hours{5}, kNow + hours{5})->from == kNow);  // what is over needs no excuse any more
  CHECK(times(kNow + hours{2}, kNow + hours{5})->from == kNow + hours{2});
  CHECK(times(kNow + hours{24 * 365}, kNow + hours{24 * 366}));
  CHECK_THAT(times(kNow + hours{24 * 365} + Nanoseconds{1}, kNow + hours{24 * 366}).error().text,
             Catch::Contains("more than a year ahead"));
  CHECK_THAT(times(WallTime{}, WallTime{}).error().text, Catch::Contains("until: is missing"));
  CHECK_THAT(check_absence_times(-1, 1, kNow).error().text,
             Catch::Contains("from_unix_ns: lies before 1970"));
  CHECK_THAT(check_absence_times(0, -1, kNow).error().text,
             Catch::Contains("until_unix_ns: lies before 1970"));
  const WallTime end{std::chrono::seconds{7'258'118'400}};
  CHECK(times(WallTime{}, end - Nanoseconds{1}));
  CHECK_THAT(times(WallTime{}, end).error().text, Catch::Contains("beyond 2199"));
}

TEST_CASE("status requests: tokens of changes are read back to themselves, and no others", "[service]") {
  for (const StatusChangeCursor& cursor : {StatusChangeCursor{1, 0}, StatusChangeCursor{1'234'567, 89},
                                           StatusChangeCursor{INT64_MAX, INT64_MAX}})
    CHECK(read_status_change_token(status_change_token(cursor)).value() == cursor);
  CHECK_FALSE(read_status_change_token("").value());
  for (const char* other :
       {"00", "x", "0000000000000000000000000000000", "000000000000000000000000000000000000"})
    CHECK_THAT(read_status_change_token(other).error().text, Catch::Contains("page_token: is none"));
}

}  // namespace
}  // namespace chiploc::test
