#pragma once
#include <array>
#include <optional>
#include <string_view>

#include "proto/base/result.hpp"
#include "proto/base/time.hpp"

/// From stamps to one round trip: the only place where instants of the anchor's clocks are subtracted.
namespace chiploc {

/// CLOCK_MONOTONIC_RAW: the oscillator as it is. Nothing steers it, nothing sets it.
using RawTime = Instant<struct RawClockTag>;

/// All clocks read together, in this order: raw, monotonic, wall, raw again. `raw` is the first of the two
/// and `spread` what lies between them, so monotonic and wall were both read within `spread` after `raw`, and
/// the monotonic one first.
struct ClockReading {
  SteadyTime steady;
  WallTime wall;
  RawTime raw;
  Nanoseconds spread{0};
  std::uint32_t steps = 0;  ///< how often the wall clock had been set, as the kernel told until then
};

/// A network card's own clock; no other clock is comparable with it, another card's least of all.
using HardwareTime = Instant<struct HardwareClockTag>;
struct CardStamp {
  HardwareTime time;
  std::uint32_t interface = 0;  ///< the card's index; 0: the kernel did not say which card it was
};

/// What was read when a ping left. The kernel's stamps come later, from the socket's error queue, or never.
struct TransmitStamps {
  ClockReading before;  ///< read before the system call that sent it
  std::optional<WallTime> kernel;
  std::optional<CardStamp> card;
};
/// What was read when a datagram came.
struct ReceiveStamps {
  ClockReading after;  ///< read after the system call that fetched it
  std::optional<WallTime> kernel;
  std::optional<CardStamp> card;
};

/// What became of the card's stamps of a sample. Only kCounted makes the round trip shorter.
enum class CardUse : std::uint8_t {
  kNone,           ///< no card stamped either end
  kCounted,        ///< the round trip rests on the card's pair
  kNoGain,         ///< the pair fits, but allowing for a steered card leaves nothing to gain
  kOneEnd,         ///< only one end has a card's stamp
  kNoKernelPair,   ///< there is no kernel pair to hold it against
  kUnnamed,        ///< the kernel does not say which card stamped
  kTwoInterfaces,  ///< two cards: their clocks have nothing to do with each other
  kAbove,          ///< longer than the kernel's pair, within which it must lie
  kFarBelow,       ///< shorter by more than kCardWindow, or not positive: the clock was steered or set
};
constexpr std::size_t kCardUses = 9;
[[nodiscard]] std::string_view name_of(CardUse use);

struct RoundTripSample {
  Nanoseconds rtt{0};
  Nanoseconds bracket{0};  ///< by the clocks around the system calls alone; never shorter than rtt
  StampSource source{};
  CardUse card = CardUse::kNone;
};

enum class SampleFault : std::uint8_t {
  kClockStepped,    ///< wall and monotonic clock ran apart between the two ends: the wall clock was set
  kNegative,        ///< received before it was sent
  kOutsideBracket,  ///< a kernel stamp before the first reading or after the last one
};
constexpr std::size_t kSampleFaults = 3;
[[nodiscard]] std::string_view name_of(SampleFault fault);

/// The longest time from the first reading to the transmit stamp, and from the receive stamp to the last
/// reading, that is taken off (three quarters of it are).
constexpr Nanoseconds kCreditMax = std::chrono::microseconds{250};
/// How far below the kernel's pair a card's pair may lie: what driver, bus and interrupt take at both ends.
constexpr Nanoseconds kCardWindow = std::chrono::microseconds{20};

/// The time around the system calls: the raw clock's, or the monotonic one's where that is longer.
[[nodiscard]] Nanoseconds bracket_of(const ClockReading& before, const ClockReading& after);

/// One round trip, never shorter than the true time from transmit to receive by more than the oscillator's
/// own error (geo's oscillator_allowance(), which callers add).
///
/// Why       Kernel stamps are CLOCK_REALTIME, and CLOCK_MONOTONIC runs at the same rate: whatever slews one
///           slews both, so neither can be held against the other. Slews are large: chrony runs both at
///           -83,333 ppm for seconds, systemd-timesyncd at -49,000, adjtimex's tick at up to 100,000. The
///           difference of two stamps may be short by that much, and nothing in the stamps shows it.
///
/// Formula   rtt = bracket - 3/4 (lead + lag) + doubt
///           bracket  max(raw elapsed, monotonic elapsed). Raw from the first raw reading before the send
///                    call to the last one after the receive call: it spans both stamps.
///           lead     wall clock, from the first reading to the transmit stamp; 0 to kCreditMax
///           lag      wall clock, from the receive stamp to the last reading; 0 to kCreditMax
///           doubt    (wall elapsed - monotonic elapsed) + what the first reading leaves open
///           What a reading leaves open: 4/3 spread + 2 ns. Without a transmit stamp lead is 0; without a
///           receive stamp both are. Each missing stamp makes the result longer, never shorter.
///
/// Assumes   1. One rate. Wall and monotonic clock share one rate at all times (Linux computes both from one
///              counter and one multiplier) and differ by a constant but for steps. That rate is at most 4/3
///              of the raw clock's: the kernel takes 10 % by tick, 12.5 % by its phase-locked loop, 0.1 % by
///              frequency and adjtime(3), 22.6 % together. It may begin, end, and change its sign anywhere.
///           2. The raw clock is within 500 ppm of true time.
///           3. The wall clock is set at most once within a sample, or the kernel tells of it (`steps`; Linux
///              does of every setting), or its steps do not cancel to within what the readings leave open.
///           4. Processors agree on the counter behind the clocks (the kernel watches it).
///
/// Proof     Let a, h, b be the true times from the first wall reading to the transmit stamp, between the
///           stamps, and from the receive stamp to the last wall reading, by the raw clock. The raw readings
///           lie outside the wall's: bracket >= a + h + b. By 1, without a step, lead <= 4/3 a and
///           lag <= 4/3 b whatever the rate did meanwhile, so 3/4 (lead + lag) <= a + b: rtt >= h + doubt.
///           No step: the wall reading follows the monotonic one by 0 to 4/3 spread of the monotonic clock,
///           so wall elapsed - monotonic elapsed is at least -(what the first leaves open) and at most what
///           the last leaves open; outside of that it is refused, and doubt >= 0. A step of X > 0 lengthens
///           lead or lag by X at most, and X <= doubt by the same inequality. A step back only lengthens the
///           result. Nothing between the stamps enters: what the clocks do there is without effect. Should 3
///           not hold, two steps that cancel each other shorten by 3/2 kCreditMax at most: 56 km.
///
/// Cards     A card's clock is no better: a daemon steers it, and two cards' have nothing in common. Its pair
///           counts only if both stamps name one interface and it lies 0 to kCardWindow below the kernel's
///           pair. Then rtt = max(10/9 card's pair, the above - kCardWindow), where that is shorter than the
///           above. So it helps near chips (round trips under 0.2 ms) and is without effect on far ones.
///           A pair that is not positive never counts. Assumes that a card runs slow by at most 10 % and is
///           not set back, within a sample, by less than kCardWindow and a tenth of the pair (linuxptp never
///           does by itself: from 20 us on). Whatever the card does, it shortens by no more than kCardWindow:
///           3.0 km.
///
/// Fails     kClockStepped   the kernel told of a step between the readings, or wall elapsed - monotonic
///                           elapsed is outside of what the readings leave open
///           kNegative       the raw or monotonic clock went back, or the receive stamp is before the
///                           transmit stamp
///           kOutsideBracket the transmit stamp is before the first reading or the receive stamp after the
///                           last, by more than what the two readings leave open
/// Accuracy  Longer than receive - transmit by a quarter of lead and lag, some 100 ns of doubt, and what lead
///           and lag exceed kCreditMax by: 2 to 10 us on a quiet host, 0.3 to 1.5 km.
/// Source    PROTOCOL.md "Round trips"; adjtimex(2); Linux, kernel/time/ntp.c and timekeeping.c.
[[nodiscard]] Result<RoundTripSample, SampleFault> measure(const TransmitStamps& transmit,
                                                           const ReceiveStamps& receive);

/// What became of samples, for counters.
struct SampleTally {
  std::array<std::uint64_t, kSampleFaults> faults{};  ///< by SampleFault
  std::array<std::uint64_t, kCardUses> cards{};       ///< by CardUse

  void add(const Result<RoundTripSample, SampleFault>& measured);
  void add(const SampleTally& other);
  [[nodiscard]] std::uint64_t discarded() const;
};

}  // namespace chiploc
