// Sums and quantiles of waiting times.
#include "server/fleet/fleet_tally.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::fleet {
namespace {

using namespace std::chrono_literals;

TEST_CASE("fleet tally: waits are counted to the hour, and who waits for ever is longer than any",
          "[fleet]") {
  WaitTally waits;
  CHECK_FALSE(waits.hours_to(0.5));
  waits.add(30min);
  waits.add(59min + 59s);
  waits.add(1h);
  waits.add(std::nullopt);
  CHECK(waits.ended() == 3);
  CHECK(waits.trials() == 4);
  CHECK(waits.hours_to(0.5) == 1);
  CHECK(waits.hours_to(0.75) == 2);
  CHECK_FALSE(waits.hours_to(0.76));
  WaitTally more;
  more.add(5h);
  waits.add(more);
  CHECK(waits.ended() == 4);
  CHECK(waits.hours_to(0.8) == 6);
}

TEST_CASE("fleet tally: a sum has every figure of both", "[fleet]") {
  FleetTally a{1, 2}, b{1, 2};
  a.chips = a.rounds = a.judged_in_full = a.checked = a.differences = 1;
  a.honest.fill(1);
  a.cheating.fill(1);
  a.honest_seconds = a.false_flags = a.false_accusations = a.false_alarms = a.diverted = 1;
  a.changes.fill(1);
  a.at_end.fill(1);
  a.detected.add(0h);
  a.alarmed.add(1h);
  a.accused.add(std::nullopt);
  a.rounds_by_hour = {1, 1};
  b = a;
  b.add(a);
  CHECK_FALSE(b == a);
  FleetTally twice = a;
  for (std::uint64_t* figure :
       {&twice.chips, &twice.rounds, &twice.judged_in_full, &twice.checked, &twice.differences,
        &twice.honest_seconds, &twice.false_flags, &twice.false_accusations, &twice.false_alarms,
        &twice.diverted, &twice.accused.never, &twice.detected.within[0], &twice.alarmed.within[1]})
    *figure = 2;
  twice.honest.fill(2);
  twice.cheating.fill(2);
  twice.changes.fill(2);
  twice.at_end.fill(2);
  twice.rounds_by_hour = {2, 2};
  CHECK(b == twice);
}

TEST_CASE("fleet tally: so many threads as have memory for one each, and always one", "[fleet]") {
  CHECK(threads_that_fit(1'440, 256) == 256);
  CHECK(threads_that_fit(50'000'000, 256) == 4);
  CHECK(threads_that_fit(50'000'000, 2) == 2);
  CHECK(threads_that_fit(300'000'000, 256) == 1);
  CHECK(threads_that_fit(0, 3) == 3);
}

TEST_CASE("fleet tally: what calls somebody", "[fleet]") {
  CHECK_FALSE(calls_somebody(ChipState::kPending));
  CHECK_FALSE(calls_somebody(ChipState::kCompliant));
  CHECK_FALSE(calls_somebody(ChipState::kAbsent));
  CHECK(calls_somebody(ChipState::kUnproven));
  CHECK(calls_somebody(ChipState::kDrifted));
}

}  // namespace
}  // namespace chiploc::fleet
