// Whole small fleets: the same sums however they are split, and what the production judge says, and what it must find.
#include "server/fleet/fleet_run.hpp"

#include <fstream>
#include <iterator>
#include <numeric>
#include <thread>

#include "tests/server/fleet/fleet_text.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::fleet {
namespace {

FleetTally run(const FleetPlan& plan, const FleetRunOptions& options = {}) {
  FleetTally out{plan.situations().size(), hours_of(plan.file())};
  run_chips(plan, 0, plan.file().chips(), options, out);
  return out;
}

std::uint64_t count(const std::array<std::uint64_t, kVerdictStates>& verdicts, VerdictState state) {
  return verdicts[static_cast<std::size_t>(state)];
}
std::uint64_t at_end(const FleetTally& tally, ChipState state) {
  return tally.at_end[static_cast<std::size_t>(state)];
}

TEST_CASE("fleet run: one thread, four threads and odd parts count the same", "[fleet]") {
  FleetPlan plan{fleet_of(kSmallFleet), Borders::world()};
  grow(plan);
  const FleetTally whole = run(plan);
  std::vector<FleetTally> parts(4, FleetTally{plan.situations().size(), hours_of(plan.file())});
  std::vector<std::thread> threads;
  const std::uint64_t cuts[] = {0, 13, 14, 61, 100};
  for (std::size_t i = 0; i < 4; ++i)
    threads.emplace_back([&, i] { run_chips(plan, cuts[i], cuts[i + 1], {}, parts[i]); });
  for (std::thread& thread : threads) thread.join();
  FleetTally sum{plan.situations().size(), hours_of(plan.file())};
  for (std::size_t i = 4; i-- > 0;) sum.add(parts[i]);
  CHECK(sum == whole);
  CHECK(whole.chips == 100);
  CHECK(whole.rounds == 100 * 72);
}

TEST_CASE("fleet run: a thread asks for more after some two million rounds", "[fleet]") {
  CHECK(portion_of(1) == 256);
  CHECK(portion_of(720) == 256);
  CHECK(portion_of(8'784) == 227);
  CHECK(portion_of(527'040) == 3);  // each minute of a leap year
  CHECK(portion_of(3'000'000) == 1);
  CHECK(portion_of(0) == 256);
}

TEST_CASE("fleet run: boxes change nothing of what judging every round counts", "[fleet]") {
  for (const char* faults : {"faults = 0", "faults = 1", "faults = 1\nfaults_to_accuse = 2"}) {
    FleetPlan plan{fleet_of(changed(kSmallFleet, "faults = 1", faults)), Borders::world()};
    grow(plan);
    const FleetTally quick = run(plan);
    FleetTally slow = run(plan, {.all_in_full = true});
    CAPTURE(faults, quick.judged_in_full);
    CHECK(slow.judged_in_full > 6'000);
    CHECK(quick.judged_in_full < slow.judged_in_full / 50);
    slow.judged_in_full = quick.judged_in_full;
    CHECK(quick == slow);
  }
}

TEST_CASE("fleet run: rounds judged again by decide() have the same state", "[fleet]") {
  FleetPlan plan{fleet_of(kSmallFleet), Borders::world()};
  grow(plan);
  const FleetTally tally = run(plan, {.check = 200});
  CHECK(tally.checked > 140);
  CHECK(tally.checked < 260);
  CHECK(tally.differences == 0);
}

TEST_CASE(
    "fleet run: who is diverted is found, who goes dark is silent, and nobody else is held for anything",
    "[fleet]") {
  FleetPlan plan{fleet_of(kSmallFleet), Borders::world()};
  grow(plan);
  const FleetTally tally = run(plan);
  CHECK(tally.diverted == 16);
  CHECK(tally.false_flags == 0);
  CHECK(tally.false_accusations == 0);
  CHECK(tally.detected.never == 0);
  CHECK(tally.accused.ended() == 6);
  CHECK(tally.accused.hours_to(6.0 / 16) <= 4);
  // Silence in a row for 12 hours calls somebody, once the last proof holds no more, after 24.
  CHECK(tally.alarmed.never == 0);
  CHECK(tally.alarmed.hours_to(1.0) >= 20);
  CHECK(tally.alarmed.hours_to(1.0) <= 25);
  CHECK(at_end(tally, ChipState::kSilent) == 10);
  CHECK(at_end(tally, ChipState::kProhibited) + at_end(tally, ChipState::kDrifted) == 6);
  CHECK(count(tally.cheating, VerdictState::kSilent) >= 10 * 51);
  CHECK(tally.honest_seconds == 3600U * (84 * 72 + 6 * 30 + 10 * 20));
  CHECK(std::accumulate(tally.at_end.begin(), tally.at_end.end(), std::uint64_t{0}) == 100);
}

TEST_CASE("fleet run: an anchor that stands elsewhere flags honest chips where nobody may be wrong",
          "[fleet]") {
  // All that is known of the chips is a round trip to "par", which is registered in Paris and stands beside them.
  const std::string lying = R"([fleet]
name = "lied-about"
days = 2
[policy]
faults = 0
[[anchor]]
name = "par"
lat = 48.86
lon = 2.35
true_lat = 51.05
true_lon = 13.74
operator = "a"
network = "a"
last_mile_ms = 0.1
[[site]]
name = "Dresden"
lat = 51.05
lon = 13.74
chips = 20
licensed = ["DE"]
last_mile_ms = 0.1
)";
  FleetPlan trusting{fleet_of(lying), Borders::world()};
  FleetPlan doubting{fleet_of(changed(lying, "faults = 0", "faults = 1")), Borders::world()};
  grow(trusting);
  grow(doubting);
  const FleetTally flagged = run(trusting, {.check = 50}), open = run(doubting);
  CHECK(flagged.false_flags > 20 * 48 * 9 / 10);
  CHECK(flagged.false_accusations == 20);
  CHECK(flagged.false_alarms == 20);
  CHECK(at_end(flagged, ChipState::kDrifted) == 20);
  CHECK(flagged.differences == 0);
  CHECK(open.false_flags == 0);
  CHECK(count(open.honest, VerdictState::kUnresolved) == open.rounds);
}

TEST_CASE("fleet run: pings of an anchor are rounds of those whom it measures, and of nobody dark",
          "[fleet]") {
  FleetPlan plan{fleet_of(kSmallFleet), Borders::world()};
  grow(plan);
  const FleetTally tally = run(plan);
  const auto sessions = sessions_by_anchor(plan, tally);
  const std::size_t hours = hours_of(plan.file());
  REQUIRE(sessions.size() == 9 * hours);
  std::uint64_t first = 0, farthest = 0;
  for (std::size_t hour = 0; hour < hours; ++hour) {
    first += sessions[hour];
    farthest += sessions[8 * hours + hour];
  }
  CHECK(first == tally.rounds - count(tally.cheating, VerdictState::kSilent));
  CHECK(farthest == 0);       // of nine, the eight nearest to what is licensed
  CHECK(sessions[0] == 100);  // each chip once in the first hour
}

TEST_CASE("fleet run: ten million chips, of which forty are looked at for a month", "[fleet]") {
  const std::filesystem::path path = source_dir() / "deploy/fleets/ten-million.toml";
  std::ifstream in{path, std::ios::binary};
  FleetPlan plan{fleet_of({std::istreambuf_iterator<char>{in}, {}}), Borders::world()};
  const std::uint64_t chips = plan.file().chips();
  CHECK(chips == 10'000'000);
  FleetTally tally{plan.situations().size(), hours_of(plan.file())};
  // Of the whole run so many that of these forty chips some hundred rounds are judged again.
  const FleetRunOptions options{.check = chips * plan.file().rounds_of_a_chip() / 300};
  for (std::uint64_t chip = 249'999; chip < chips; chip += 250'000) {
    const ChipPlace place = plan.place_of(chip);
    plan.grow_tree(place.honest);
    if (place.diverted) plan.grow_tree(*place.diverted);
    run_chips(plan, chip, chip + 1, options, tally);
  }
  CHECK(tally.rounds == 40 * 720);
  CHECK(tally.checked > 60);
  CHECK(tally.differences == 0);
  CHECK(tally.false_flags == 0);
}

}  // namespace
}  // namespace chiploc::fleet
