// Whole fleets on simulated time: the production engine, gate, prober, mesh, responder and verifier.
//
//     sim_day_test "[day]"     a day of 1,000 chips and 16 anchors, twice; prints what it took

#include <cstdio>
#include <ctime>

#include "server/sim/sim_fleet.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/replayed.hpp"
#include "tests/support/temp_dir.hpp"

#include <spdlog/spdlog.h>

namespace chiploc::sim::sim_day_test {
namespace {

using namespace std::chrono_literals;

struct Day {
  SimFleet::Figures figures;
  std::map<std::string, std::uint64_t> counters;
  std::vector<std::string> log;
  Digest digest;
  double seconds = 0;  ///< of processor time, the fleet's making included
};

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Day run_day(const FleetOptions& options, Nanoseconds length = 24h, bool judge_again = false) {
  spdlog::set_level(spdlog::level::err);
  TempDir folder;
  const double begun = processor_seconds();
  auto store = open_sqlite_store({.path = (folder.path() / "sim.db").string(), .durable = false}).value();
  SimFleet fleet{options, *store, Borders::world()};
  fleet.run_for(length);
  Day day;
  day.seconds = processor_seconds() - begun;
  day.figures = fleet.figures();
  day.counters = fleet.coordinator().counters();
  day.log = fleet.coordinator().log();
  day.digest = fleet.digest();
  VerdictQuery all;
  all.limit = judge_again ? 10'000 : 1;
  const VerdictPage page = store->verdicts().list_verdicts(all).value();
  for (std::size_t i = 0; judge_again && i < page.rows.size(); ++i)
    test::check_replay(store->rounds(), page.rows[i].round);
  return day;
}

void print(const FleetOptions& options, const Day& day) {
  std::printf(
      "%zu chips, %zu anchors: %.1f s of processor time; %llu rounds, %llu abandoned, %zu chips measured, %llu "
      "datagrams, %llu events, %llu batches; digest %s\n",
      options.chips, options.anchors, day.seconds, static_cast<unsigned long long>(day.figures.rounds),
      static_cast<unsigned long long>(day.figures.abandoned), day.figures.chips_measured,
      static_cast<unsigned long long>(day.figures.datagrams),
      static_cast<unsigned long long>(day.figures.events),
      static_cast<unsigned long long>(day.figures.batches), day.digest.hex().c_str());
  for (const auto& [state, count] : day.figures.states)
    std::printf("  %s %llu\n", state.c_str(), static_cast<unsigned long long>(count));
  for (const auto& [name, count] : day.counters)
    std::printf("  %s %llu\n", name.c_str(), static_cast<unsigned long long>(count));
  for (std::size_t i = 0; i < std::min<std::size_t>(day.log.size(), 5); ++i)
    std::printf("  %s\n", day.log[i].c_str());
}

/// What must hold of every day without loss: each chip once, with a verdict, and the diverted ones not
/// cleared.
void check_day(const FleetOptions& options, const Day& day) {
  CHECK(day.figures.rounds == options.chips);
  CHECK(day.figures.chips_measured == options.chips);
  CHECK(day.figures.abandoned == 0);
  CHECK(day.log.empty());
  CHECK(day.counters.count("scheduled_rounds_not_started") == 0);
  CHECK(day.counters.count("anchor_messages_lost") == 0);
  CHECK(day.counters.count("statements_doubted") == 0);
  CHECK(day.counters.at("mesh_refits") > 0);
  for (const auto& [state, count] : day.figures.states) {
    CAPTURE(state, count);
    CHECK(state != "SILENT");
    CHECK(state != "INVALID");
  }
}

TEST_CASE("sim day: a small fleet's day, twice, is one day to the byte, and judged again the same", "[sim]") {
  FleetOptions options;
  options.knock_mean = 5min;
  options.mesh_interval = 5min;
  options.mesh_report = 30min;
  const Day day = run_day(options);
  check_day(options, day);
  const Day again = run_day(options, 24h, /*judge_again=*/true);
  CHECK(again.digest == day.digest);
  CHECK(again.figures.events == day.figures.events);
  CHECK(again.counters == day.counters);
  options.chips = 10;
  options.cadence = 2h;
  const Day short_one = run_day(options, 2h);
  CHECK(short_one.figures.rounds > options.chips / 2);  // the others are under way
  options.seed = 2;
  CHECK(run_day(options, 2h).digest != short_one.digest);
}

TEST_CASE("sim day: a coordinator that measures takes no simulated sample for a proof, nor for an accusation",
          "[sim]") {
  FleetOptions options;
  options.chips = 10;
  options.diverted_every = 2;
  options.knock_mean = 5min;
  options.mesh_interval = 5min;
  const Day simulated = run_day(options);
  CHECK(simulated.figures.states.count("OUTSIDE") == 1);
  CHECK(simulated.figures.states.count("CLEARED") == 1);
  options.realm = Realm::kMeasured;
  const Day measured = run_day(options, 24h, /*judge_again=*/true);
  CHECK(measured.figures.rounds == simulated.figures.rounds);
  for (const auto& [state, count] : measured.figures.states) {
    CAPTURE(state, count);
    CHECK((state == "UNRESOLVED" || state == "SILENT"));
  }
}

TEST_CASE("sim day: where datagrams are lost, rounds still end with verdicts, and nobody is accused",
          "[sim]") {
  FleetOptions options;
  options.chips = 20;
  options.diverted_every = 0;
  options.knock_mean = 5min;
  options.mesh_interval = 5min;
  options.path = {.delay = 0ns, .jitter = 2ms, .loss = 0.05, .duplication = 0.02};
  const Day day = run_day(options);
  CHECK(day.figures.rounds + day.figures.abandoned == options.chips);
  CHECK(day.figures.states.count("INVALID") == 0);
  CHECK(day.figures.states.count("OUTSIDE") == 0);
  CHECK(day.figures.states.count("PROHIBITED") == 0);
}

TEST_CASE("sim day: a thousand chips and sixteen anchors, twice to the same bytes", "[.][day]") {
  FleetOptions options;
  options.chips = 1'000;
  options.anchors = 16;
  const Day day = run_day(options);
  print(options, day);
  check_day(options, day);
  const Day again = run_day(options);
  print(options, again);
  CHECK(again.digest == day.digest);
}

}  // namespace
}  // namespace chiploc::sim::sim_day_test
