#include "server/sim/host_clock.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "server/sim/sim_anchor.hpp"
#include "tests/server/sim/round_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::host_clock_test {
namespace {

using namespace std::chrono_literals;
using sim::ClockRates;
using sim::HostClock;
using sim::RoundWorld;

const SteadyTime kStart{100s};
const WallTime kWall{1'700'000'000s};

TEST_CASE("host clock: without a word all three show true time", "[sim]") {
  const HostClock clock{kStart, kWall};
  const ClockReading now = clock.read(kStart + 3h + 7ns);
  CHECK(now.steady == kStart + 3h + 7ns);
  CHECK(now.wall == kWall + 3h + 7ns);
  CHECK(now.raw - clock.read(kStart).raw == 3h + 7ns);
  CHECK(now.steps == 0);
}

TEST_CASE("host clock: drift moves all clocks, slew the steered ones, a step the wall clock alone", "[sim]") {
  HostClock clock{kStart, kWall};
  clock.run_at({.drift_ppm = -50.0, .slew_ppm = 0.0}, kStart);
  ClockReading now = clock.read(kStart + 1000s);
  CHECK(now.raw - RawTime{kStart.since_epoch} == 1000s - 50ms);
  CHECK(now.steady - kStart == 1000s - 50ms);
  CHECK(now.wall - kWall == 1000s - 50ms);
  clock.run_at({.drift_ppm = 0.0, .slew_ppm = 83'333.0}, kStart + 1000s);
  now = clock.read(kStart + 2000s);
  CHECK(now.raw - RawTime{kStart.since_epoch} == 2000s - 50ms);
  CHECK(now.steady - kStart == 2000s - 50ms + 83'333ms);
  CHECK(now.wall - kWall == 2000s - 50ms + 83'333ms);
  clock.set_by(-7s, kStart + 2000s);
  now = clock.read(kStart + 2000s);
  CHECK(now.steady - kStart == 2000s - 50ms + 83'333ms);
  CHECK(now.wall - kWall == 1993s - 50ms + 83'333ms);
  CHECK(now.steps == 1);
}

TEST_CASE("host clock: no clock but the wall's ever goes back, whatever daemons do", "[sim][property]") {
  CHECK(rc::check([] {
    HostClock clock{kStart, kWall};
    SteadyTime now = kStart;
    ClockReading before = clock.read(now);
    for (int change = 0; change < 20; ++change) {
      now = now + Nanoseconds{*rc::gen::inRange<std::int64_t>(0, 10'000'000'000)};
      const ClockReading reading = clock.read(now);
      RC_ASSERT(reading.raw >= before.raw);
      RC_ASSERT(reading.steady >= before.steady);
      clock.run_at({*rc::gen::inRange(-100'000, 100'001) * 1.0, *rc::gen::inRange(-100'000, 100'001) * 1.0},
                   now);
      clock.set_by(Nanoseconds{*rc::gen::inRange(-1'000'000, 1'000'001)}, now);
      before = clock.read(now);
      RC_ASSERT(before.raw == reading.raw);
      RC_ASSERT(before.steady == reading.steady);
    }
    RC_ASSERT(before.steps == 20U);
  }));
}

TEST_CASE("host clock: measure() over its readings is never short by more than the oscillator is slow",
          "[sim][property]") {
  CHECK(rc::check([] {
    HostClock clock{kStart, kWall};
    const double drift = *rc::gen::inRange(-500, 501) * 1.0;
    clock.run_at({drift, *rc::gen::inRange(-100'000, 100'001) * 1.0}, kStart);
    const Nanoseconds lead{*rc::gen::inRange(0, 300'000)}, lag{*rc::gen::inRange(0, 300'000)},
        truth{*rc::gen::inRange<std::int64_t>(1'000'000, 300'000'000)};
    TransmitStamps sent{.before = clock.read(kStart), .kernel = {}, .card = {}};
    sent.kernel = clock.read(kStart + lead).wall;
    // A daemon changes its mind while the ping is in flight.
    clock.run_at({drift, *rc::gen::inRange(-100'000, 100'001) * 1.0}, kStart + lead + truth / 3);
    ReceiveStamps got{.after = clock.read(kStart + lead + truth + lag), .kernel = {}, .card = {}};
    got.kernel = clock.read(kStart + lead + truth).wall;
    const auto sample = measure(sent, got);
    RC_ASSERT(sample.has_value());
    RC_ASSERT(static_cast<double>(sample->rtt.count()) >=
              static_cast<double>(truth.count()) * (1.0 + drift * 1e-6) - 10.0);
    // What is set while it is in flight makes no sample.
    clock.set_by(1ms, kStart + lead + truth + lag);
    got.after = clock.read(kStart + lead + truth + lag);
    RC_ASSERT(!measure(sent, got).has_value());
  }));
}

TEST_CASE("simulated anchor: its timers come by its own clock, however it runs", "[sim]") {
  for (const double slew : {0.0, 83'333.0, -83'333.0}) {
    sim::SimWorld world{3};
    sim::SimNetwork network{world, {}};
    MeshOptions mesh;
    mesh.interval = 1s;
    mesh.report_interval = 10s;
    sim::SimAnchor anchor{world, network, sim::sim_endpoint(0, 1, 7411), AnchorId{}, {}, mesh};
    anchor.run_clocks_at({.drift_ppm = 0.0, .slew_ppm = slew});
    const SteadyTime began = anchor.now();
    world.run_for(100s);
    const double passed = static_cast<double>((anchor.now() - began).count()) * 1e-9;
    CHECK(passed == Approx(100.0 * (1.0 + slew * 1e-6)).epsilon(1e-9));
  }
}

TEST_CASE("simulated host: its clocks go on while no program runs, and stand while the guest does", "[sim]") {
  sim::SimWorld world{3};
  sim::SimNetwork network{world, {}};
  const auto host = std::make_shared<sim::SimHost>(world);
  const auto start = [&] {
    return std::make_unique<sim::SimAnchor>(world, network, sim::sim_endpoint(0, 1, 7411), AnchorId{},
                                            ProberOptions{}, MeshOptions{}, nullptr, host);
  };
  auto anchor = start();
  anchor->run_clocks_at({.drift_ppm = 1'000.0, .slew_ppm = 0.0});
  anchor->set_clock_by(5s);
  const ClockReading began = host->clock();
  world.run_for(100s);
  anchor.reset();
  world.run_for(900s);
  anchor = start();
  world.run_for(10s);
  const ClockReading now = anchor->clock();
  CHECK(now.steady - began.steady == Nanoseconds{1'011'010ms});
  CHECK(now.wall - began.wall == Nanoseconds{1'011'010ms});
  CHECK(now.raw - began.raw == Nanoseconds{1'011'010ms});
  CHECK(now.steps == 1);
  // A program that ends while its guest stands: the guest goes on all the same.
  anchor->pause(60s);
  anchor.reset();
  world.run_for(61s);
  CHECK_FALSE(host->stands());
  CHECK(host->clock().steady - now.steady == Nanoseconds{1'001ms});
}

TEST_CASE("clocks: what is slewed or set shortens no sample; an oscillator that is slow shortens all",
          "[sim]") {
  const auto run = [](const ClockRates& rates, bool set) {
    RoundWorld rounds{11, {.delay = 20ms}};
    const auto agent = rounds.make_agent(1, false);
    rounds.anchors[1]->run_clocks_at(rates);
    const auto round = rounds.start_round(agent->endpoint());
    for (int i = 0; i < 100 && set; ++i) {  // back and forth, in the midst of what is in flight
      rounds.world.run_for(13ms);
      rounds.anchors[1]->set_clock_by(i % 2 == 0 ? 400us : -400us);
    }
    rounds.world.run_for(15s);
    auto reports = rounds.reports(round);
    REQUIRE(reports.count(1) == 1);
    REQUIRE(reports[1].sessions.size() == 1);
    if (rates.drift_ppm >= 0.0) rounds.check_samples(reports);
    return reports[1].sessions[0];
  };
  const SessionAccount usual = run({}, false);
  REQUIRE(usual.samples.size() == 12);
  for (const double slew : {83'333.0, -83'333.0, 100'000.0, -100'000.0}) {
    const SessionAccount slewed = run({.drift_ppm = 0.0, .slew_ppm = slew}, false);
    CHECK(slewed.samples.size() == 12);
    CHECK(slewed.samples_discarded == 0);
  }
  const SessionAccount set = run({}, true);
  CHECK(set.samples_discarded > 6);
  CHECK(set.samples.size() + set.samples_discarded == 12);
  const SessionAccount slow = run({.drift_ppm = -100'000.0}, false);
  REQUIRE(slow.samples.size() == 12);
  for (const ReportedSample& sample : slow.samples) CHECK(sample.sample.rtt < 40ms * 0.91);
}

}  // namespace
}  // namespace chiploc::test::host_clock_test
