#include "server/eval/simulate_session.hpp"

#include "geo/path_bound.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::simulate_session_test {
namespace {

TEST_CASE("simulated sessions: what counts is never shorter than the truth", "[eval][property]") {
  SessionTally tally;
  for (std::uint64_t seed = 1; seed <= 60'000; ++seed) {
    Dice dice{seed};
    const Nanoseconds path{static_cast<std::int64_t>(dice.logarithmic(1e3, 3e8))};
    const auto rtt = simulate_session(dice, path, tally);
    if (rtt && *rtt + oscillator_allowance(*rtt) < path) {
      FAIL("seed " << seed << ": " << rtt->count() << " ns of " << path.count());
    }
  }
  // What was tried, and that it would have mattered.
  CHECK(tally.sessions == 60'000);
  CHECK(tally.slews > 20'000);
  CHECK(tally.steps > 4'000);
  CHECK(tally.cards > 25'000);
  CHECK(tally.pauses > 12'000);
  CHECK(tally.short_stamps > 15'000);
  CHECK(tally.short_cards > 20'000);
  CHECK(tally.cut > 4'000);
  CHECK(tally.unborne > 1'000);
  CHECK(tally.unborne < 15'000);
}

TEST_CASE("simulated sessions: all follows from the dice", "[eval]") {
  SessionTally tally;
  Dice one{5};
  Dice two{5};
  for (int i = 0; i < 100; ++i)
    CHECK(simulate_session(one, Nanoseconds{1'000'000}, tally) ==
          simulate_session(two, Nanoseconds{1'000'000}, tally));
}

}  // namespace
}  // namespace chiploc::test::simulate_session_test
