#include "server/anchor/sample.hpp"

#include "geo/path_bound.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

/// A round trip of `trip` between kernel stamps, `around` of user space on either side, and a wall clock that
/// steps by `step` while the ping is away. Readings take no time.
struct Exchange {
  Nanoseconds trip = 10ms;
  Nanoseconds around = 40us;
  Nanoseconds step = 0ns;
  TransmitStamps transmit;
  ReceiveStamps receive;
  Exchange(Nanoseconds trip_time, Nanoseconds wall_step, Nanoseconds user = 40us)
      : trip{trip_time}, around{user}, step{wall_step} {
    const Nanoseconds whole = around + trip + around;
    const WallTime wall{1'000'000s};
    transmit.before = {SteadyTime{5s}, wall, RawTime{3s}, 0ns};
    transmit.kernel = wall + around;
    receive.kernel = wall + around + trip + step;
    receive.after = {SteadyTime{5s + whole}, wall + whole + step, RawTime{3s + whole}, 0ns};
  }
  void set_cards(Nanoseconds pair, std::uint32_t sender = 2, std::uint32_t receiver = 2) {
    transmit.card = CardStamp{HardwareTime{77s}, sender};
    receive.card = CardStamp{HardwareTime{77s + pair}, receiver};
  }
};

TEST_CASE("measure: kernel stamps at both ends take three quarters of the time in user space off",
          "[anchor][sample]") {
  const Exchange e{10ms, 0ns};
  const auto sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  CHECK(sample->rtt == 10ms + 20us + 2ns);
  CHECK(sample->bracket == 10ms + 80us);
  CHECK(sample->source == StampSource::kKernelBoth);
  CHECK(sample->card == CardUse::kNone);
}

TEST_CASE("measure: both system clocks slewed by chrony's 8.33 % do not shorten 10 ms to 9.17",
          "[anchor][sample]") {
  // Transmit stamp 0, receive stamp and last readings 9,166,667 ns; only the raw clock knows of 10 ms.
  TransmitStamps transmit;
  transmit.kernel = WallTime{0ns};
  ReceiveStamps receive;
  receive.kernel = WallTime{9'166'667ns};
  receive.after = {SteadyTime{9'166'667ns}, WallTime{9'166'667ns}, RawTime{10ms}, 0ns};
  const auto sample = measure(transmit, receive);
  REQUIRE(sample);
  CHECK(sample->rtt == 10ms);
  CHECK(path_bound(sample->rtt + oscillator_allowance(sample->rtt), kLightInVacuum)->km() >= 1499.0);
}

TEST_CASE("measure: a raw clock that runs slower than the disciplined ones does not shorten either",
          "[anchor][sample]") {
  Exchange e{10ms, 0ns};
  e.receive.after.raw = e.receive.after.raw - 1ms;  // a guest that was told a wrong rate of its counter
  const auto sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  CHECK(sample->rtt >= 10ms);
}

TEST_CASE("measure: every stamp that is missing makes the round trip longer, and the source says so",
          "[anchor][sample]") {
  Exchange e{10ms, 0ns};
  e.transmit.kernel.reset();
  auto sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  CHECK(sample->rtt == 10ms + 50us + 2ns);
  CHECK(sample->source == StampSource::kKernelReceive);
  e.receive.kernel.reset();
  sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  CHECK(sample->rtt == 10ms + 80us);
  CHECK(sample->source == StampSource::kUserBoth);
  // A transmit stamp alone is no pair of one clock: the bracket it is.
  e.transmit.kernel = WallTime{1'000'000s} + 50us;
  sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  CHECK(sample->rtt == 10ms + 80us);
  CHECK(sample->source == StampSource::kUserBoth);
}

TEST_CASE("measure: no stamp takes off more than three quarters of the limit", "[anchor][sample]") {
  const Exchange e{10ms, 0ns, 5ms};
  const auto sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  CHECK(sample->rtt == 20ms - 2 * (kCreditMax * 3 / 4) + 2ns);
}

TEST_CASE("measure: a sample across a clock step is discarded, whichever way the clock went",
          "[anchor][sample]") {
  for (const Nanoseconds step :
       {Nanoseconds{1s}, Nanoseconds{-1s}, Nanoseconds{5ms}, Nanoseconds{-5ms}, Nanoseconds{20us},
        Nanoseconds{-20us}, Nanoseconds{1h}, Nanoseconds{-1h}, Nanoseconds{3ns}, Nanoseconds{-3ns}}) {
    CAPTURE(step.count());
    const Exchange e{10ms, step};
    CHECK(measure(e.transmit, e.receive).error() == SampleFault::kClockStepped);
  }
}

TEST_CASE("measure: two steps that cancel each other are refused where the kernel told of them",
          "[anchor][sample]") {
  Exchange e{10ms, 0ns};
  e.transmit.kernel = *e.transmit.kernel + 200us;  // forward before it was stamped, back before the readings
  e.receive.after.steps = 2;
  CHECK(measure(e.transmit, e.receive).error() == SampleFault::kClockStepped);
  e.transmit.before.steps = 2;  // both were before
  CHECK(measure(e.transmit, e.receive));
}

TEST_CASE("measure: what the readings leave open of a step is added", "[anchor][sample]") {
  Exchange e{10ms, 900ns};
  CHECK_FALSE(measure(e.transmit, e.receive));
  e.transmit.before.spread = 900ns;
  CHECK_FALSE(measure(e.transmit, e.receive));  // the first reading can only hide a step back
  e.receive.after.spread = 900ns;
  const auto sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  // The bracket with the last reading's spread, less 3/4 of 80 us, and 900 ns + 4/3 of 900 ns + 2 ns of
  // doubt.
  CHECK(sample->rtt == 10ms + 80us + 900ns - 60us + 900ns + 1200ns + 2ns);

  Exchange back{10ms, -900ns};
  back.receive.after.spread = 900ns;
  CHECK_FALSE(measure(back.transmit, back.receive));
  back.transmit.before.spread = 900ns;
  CHECK(measure(back.transmit, back.receive));
}

TEST_CASE("measure: a receive stamp before the transmit stamp is refused, and so are clocks that went back",
          "[anchor][sample]") {
  Exchange e{10ms, 0ns};
  e.receive.kernel = *e.transmit.kernel - 1ns;
  CHECK(measure(e.transmit, e.receive).error() == SampleFault::kNegative);
  Exchange steady{10ms, 0ns};
  steady.receive.after.steady = steady.transmit.before.steady - 1ns;
  CHECK(measure(steady.transmit, steady.receive).error() == SampleFault::kNegative);
  Exchange raw{10ms, 0ns};
  raw.receive.after.raw = raw.transmit.before.raw - 1ns;
  CHECK(measure(raw.transmit, raw.receive).error() == SampleFault::kNegative);
}

TEST_CASE("measure: kernel stamps outside the readings are refused", "[anchor][sample]") {
  Exchange early{10ms, 0ns};
  early.transmit.kernel = early.transmit.before.wall - 1us;  // before the send call began: cannot be
  CHECK(measure(early.transmit, early.receive).error() == SampleFault::kOutsideBracket);
  Exchange late{10ms, 0ns};
  late.receive.kernel = late.receive.after.wall + 1us;
  CHECK(measure(late.transmit, late.receive).error() == SampleFault::kOutsideBracket);
  late.transmit.kernel.reset();
  CHECK(measure(late.transmit, late.receive).error() == SampleFault::kOutsideBracket);
}

TEST_CASE("measure: a card's pair counts near a chip, with what a steered card may hide added",
          "[anchor][sample][card]") {
  Exchange e{100us, 0ns, 8us};
  e.set_cards(87us);
  const auto sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  CHECK(sample->rtt == 87us + 9'667ns);  // 10/9
  CHECK(sample->source == StampSource::kHardware);
  CHECK(sample->card == CardUse::kCounted);
}

TEST_CASE("measure: a card's pair of a far chip has nothing to add to the kernel's",
          "[anchor][sample][card]") {
  Exchange e{10ms, 0ns};
  e.set_cards(9'990us);
  const auto sample = measure(e.transmit, e.receive);
  REQUIRE(sample);
  CHECK(sample->rtt == 10ms + 20us + 2ns);
  CHECK(sample->source == StampSource::kKernelBoth);
  CHECK(sample->card == CardUse::kNoGain);
}

TEST_CASE("measure: a card's pair that cannot be right leaves the kernel's, and the reason is named",
          "[anchor][sample][card]") {
  struct Case {
    const char* what;
    Nanoseconds pair;
    std::uint32_t sender;
    std::uint32_t receiver;
    CardUse use;
  };
  const Case cases[] = {
      {"a steered card, however short", 1us, 2, 2, CardUse::kFarBelow},
      {"a card that was set back", -1s, 2, 2, CardUse::kFarBelow},
      {"one nanosecond beyond the window", 100us - kCardWindow - 1ns, 2, 2, CardUse::kFarBelow},
      {"longer than the kernel's", 100us + 1ns, 2, 2, CardUse::kAbove},
      {"two cards", 90us, 2, 3, CardUse::kTwoInterfaces},
      {"two cards, far apart", 1us, 2, 3, CardUse::kTwoInterfaces},
      {"the sender's card is not named", 90us, 0, 2, CardUse::kUnnamed},
      {"the receiver's card is not named", 90us, 2, 0, CardUse::kUnnamed},
      {"neither is", 90us, 0, 0, CardUse::kUnnamed},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Exchange e{100us, 0ns, 8us};
    const auto plain = measure(e.transmit, e.receive);
    e.set_cards(c.pair, c.sender, c.receiver);
    const auto sample = measure(e.transmit, e.receive);
    REQUIRE(sample);
    CHECK(sample->rtt == plain->rtt);
    CHECK(sample->source == StampSource::kKernelBoth);
    CHECK(sample->card == c.use);
  }
  Exchange one{100us, 0ns};
  one.set_cards(90us);
  one.receive.card.reset();
  CHECK(measure(one.transmit, one.receive)->card == CardUse::kOneEnd);
  Exchange alone{100us, 0ns};
  alone.set_cards(90us);
  alone.transmit.kernel.reset();
  CHECK(measure(alone.transmit, alone.receive)->card == CardUse::kNoKernelPair);
  CHECK(measure(alone.transmit, alone.receive)->source == StampSource::kKernelReceive);
}

TEST_CASE("measure: a card's pair that is not positive never counts, however near the chip is",
          "[anchor][sample][card]") {
  for (const Nanoseconds pair : {Nanoseconds{0}, Nanoseconds{-1}, Nanoseconds{-5us}}) {
    CAPTURE(pair.count());
    Exchange e{10us, 0ns, 2us};  // within the window of what the kernel says
    e.set_cards(pair, 2, 2);
    const auto sample = measure(e.transmit, e.receive);
    REQUIRE(sample);
    CHECK(sample->card == CardUse::kFarBelow);
    CHECK(sample->rtt >= 10us);
  }
}

TEST_CASE("measure: whatever a card says, it shortens by no more than the window", "[anchor][sample][card]") {
  for (Nanoseconds pair = 0us; pair <= 120us; pair += 1us) {
    Exchange e{100us, 0ns, 0ns};
    const Nanoseconds plain = measure(e.transmit, e.receive)->rtt;
    e.set_cards(pair);
    const Nanoseconds rtt = measure(e.transmit, e.receive)->rtt;
    CAPTURE(pair.count());
    CHECK(rtt >= plain - kCardWindow);
    CHECK(rtt <= plain);
    // The same while the system clocks run 20 % slow, so that the kernel's pair is as short as the card's.
    e.receive.kernel = *e.receive.kernel - 20us;
    e.receive.after.wall = e.receive.after.wall - 20us;
    e.receive.after.steady = e.receive.after.steady - 20us;
    CHECK(measure(e.transmit, e.receive)->rtt >= 100us - kCardWindow);
  }
}

TEST_CASE("SampleTally: every fault and every use of a card's stamps has its own count", "[anchor][sample]") {
  SampleTally tally;
  tally.add(Result<RoundTripSample, SampleFault>{Fail{SampleFault::kOutsideBracket}});
  tally.add(Result<RoundTripSample, SampleFault>{RoundTripSample{1ns, 1ns, {}, CardUse::kTwoInterfaces}});
  SampleTally sum;
  sum.add(tally);
  sum.add(tally);
  CHECK(sum.discarded() == 2);
  CHECK(sum.faults[static_cast<std::size_t>(SampleFault::kOutsideBracket)] == 2);
  CHECK(sum.cards[static_cast<std::size_t>(CardUse::kTwoInterfaces)] == 2);
  for (std::size_t i = 0; i < kCardUses; ++i) CHECK(name_of(static_cast<CardUse>(i)) != "unknown");
  for (std::size_t i = 0; i < kSampleFaults; ++i) CHECK(name_of(static_cast<SampleFault>(i)) != "unknown");
}

}  // namespace
}  // namespace chiploc
