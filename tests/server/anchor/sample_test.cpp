#include "server/anchor/sample.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

/// A round trip of `trip` between kernel stamps, `around` of user space on either side, and a wall clock that
/// steps by `step` while the ping is away.
struct Exchange {
  Nanoseconds trip = 10ms;
  Nanoseconds around = 50us;
  Nanoseconds step = 0ns;
  TransmitStamps transmit;
  ReceiveStamps receive;
  Exchange(Nanoseconds trip_time, Nanoseconds wall_step) : trip{trip_time}, step{wall_step} {
    const SteadyTime start{5s};
    const WallTime wall{1'000'000s};
    transmit.before = {start, wall, 0ns};
    transmit.kernel = wall + around;
    receive.kernel = wall + around + trip + step;
    receive.after = {start + around + trip + around, wall + around + trip + around + step, 0ns};
  }
};

TEST_CASE("measure: kernel stamps at both ends give the trip without the time in user space",
          "[anchor][sample]") {
  const Exchange e{10ms, 0ns};
  const auto sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  CHECK(sample->rtt == 10ms);
  CHECK(sample->bracket == 10ms + 100us);
  CHECK(sample->source == StampSource::kKernelBoth);
}

TEST_CASE("measure: every stamp that is missing makes the round trip longer, and the source says so",
          "[anchor][sample]") {
  Exchange e{10ms, 0ns};
  e.transmit.kernel.reset();
  auto sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  CHECK(sample->rtt == 10ms + 50us);
  CHECK(sample->source == StampSource::kKernelReceive);
  e.receive.kernel.reset();
  sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  CHECK(sample->rtt == 10ms + 100us);
  CHECK(sample->source == StampSource::kUserBoth);
  // A transmit stamp alone is no pair of one clock: the bracket it is.
  e.transmit.kernel = WallTime{1'000'000s} + 50us;
  sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  CHECK(sample->source == StampSource::kUserBoth);
}

TEST_CASE("measure: the card's clock is preferred when it stamped both ends", "[anchor][sample]") {
  Exchange e{10ms, 0ns};
  e.transmit.hardware = HardwareTime{77s};
  auto sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  CHECK(sample->source == StampSource::kKernelBoth);
  e.receive.hardware = HardwareTime{77s + 9'990us};
  sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  CHECK(sample->rtt == 9'990us);
  CHECK(sample->source == StampSource::kHardware);
  e.receive.hardware = HardwareTime{77s + 11ms};
  CHECK(measure(e.transmit, e.receive).error() == SampleFault::kOutsideBracket);
  e.receive.hardware = HardwareTime{76s};
  CHECK(measure(e.transmit, e.receive).error() == SampleFault::kNegative);
}

TEST_CASE("measure: a sample across a clock step is discarded, whichever way the clock went",
          "[anchor][sample]") {
  for (const Nanoseconds step : {Nanoseconds{1s}, Nanoseconds{-1s}, Nanoseconds{5ms}, Nanoseconds{-5ms},
                                 Nanoseconds{20us}, Nanoseconds{-20us}, Nanoseconds{1h}, Nanoseconds{-1h}}) {
    CAPTURE(step.count());
    const Exchange e{10ms, step};
    CHECK(measure(e.transmit, e.receive).error() == SampleFault::kClockStepped);
  }
  // Without the reading of both clocks at both ends a backward step of 5 ms would have passed as a trip of 5
  // ms.
}

TEST_CASE("measure: slewing by up to 500 ppm is no step", "[anchor][sample]") {
  for (const std::int64_t sign : {1, -1}) {
    const Exchange within{10ms, sign * 5us};
    CHECK(measure(within.transmit, within.receive));
    const Exchange beyond{10ms, sign * 5200ns};
    CHECK_FALSE(measure(beyond.transmit, beyond.receive));
  }
}

TEST_CASE("measure: what the two readings leave open is allowed for", "[anchor][sample]") {
  Exchange e{10ms, 6us};
  CHECK_FALSE(measure(e.transmit, e.receive));
  e.transmit.before.spread = 1us;
  e.receive.after.spread = 1us;
  CHECK(measure(e.transmit, e.receive));
}

TEST_CASE("measure: a receive stamp before the transmit stamp is refused", "[anchor][sample]") {
  Exchange e{10ms, 0ns};
  e.receive.kernel = *e.transmit.kernel - 1ns;
  CHECK(measure(e.transmit, e.receive).error() == SampleFault::kNegative);
  e.receive.after.steady = e.transmit.before.steady - 1ns;
  CHECK(measure(e.transmit, e.receive).error() == SampleFault::kNegative);
}

TEST_CASE("measure: kernel stamps outside the monotonic bracket are refused", "[anchor][sample]") {
  Exchange e{10ms, 0ns};
  e.transmit.kernel = e.transmit.before.wall - 1ms;  // stamped before the send call began: cannot be
  CHECK(measure(e.transmit, e.receive).error() == SampleFault::kOutsideBracket);
}

}  // namespace
}  // namespace chiploc
