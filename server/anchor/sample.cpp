#include "server/anchor/sample.hpp"

#include <algorithm>

namespace chiploc {
namespace {

constexpr Nanoseconds kZero{0};

/// How far wall and monotonic clock may seem to have run apart because one was read after the other. They run
/// at most a third faster than the raw clock that the spread was taken with; 2 ns for rounding to whole ones.
Nanoseconds left_open(const ClockReading& reading) {
  return reading.spread + (reading.spread + Nanoseconds{2}) / 3 + Nanoseconds{2};
}

/// Three quarters of what a stamp says of the time in user space, rounded down.
Nanoseconds credit(Nanoseconds by_wall_clock) { return std::clamp(by_wall_clock, kZero, kCreditMax) * 3 / 4; }

/// A card's pair, allowing for a clock that is steered to run slow by 10 %.
Nanoseconds unsteered(Nanoseconds card_pair) { return card_pair + (card_pair + Nanoseconds{8}) / 9; }

CardUse judge_card(const TransmitStamps& transmit, const ReceiveStamps& receive) {
  if (!transmit.card && !receive.card) return CardUse::kNone;
  if (!transmit.card || !receive.card) return CardUse::kOneEnd;
  if (!transmit.kernel || !receive.kernel) return CardUse::kNoKernelPair;
  if (transmit.card->interface == 0 || receive.card->interface == 0) return CardUse::kUnnamed;
  if (transmit.card->interface != receive.card->interface) return CardUse::kTwoInterfaces;
  const Nanoseconds pair = receive.card->time - transmit.card->time;
  if (pair <= kZero) return CardUse::kFarBelow;
  const Nanoseconds below = (*receive.kernel - *transmit.kernel) - pair;
  if (below < kZero) return CardUse::kAbove;
  if (below > kCardWindow) return CardUse::kFarBelow;
  return CardUse::kCounted;
}

}  // namespace

std::string_view name_of(SampleFault fault) {
  switch (fault) {
    case SampleFault::kClockStepped:
      return "clock_stepped";
    case SampleFault::kNegative:
      return "negative";
    case SampleFault::kOutsideBracket:
      return "outside_bracket";
  }
  return "unknown";
}

std::string_view name_of(CardUse use) {
  switch (use) {
    case CardUse::kNone:
      return "none";
    case CardUse::kCounted:
      return "counted";
    case CardUse::kNoGain:
      return "no_gain";
    case CardUse::kOneEnd:
      return "one_end";
    case CardUse::kNoKernelPair:
      return "no_kernel_pair";
    case CardUse::kUnnamed:
      return "unnamed";
    case CardUse::kTwoInterfaces:
      return "two_interfaces";
    case CardUse::kAbove:
      return "above";
    case CardUse::kFarBelow:
      return "far_below";
  }
  return "unknown";
}

Nanoseconds bracket_of(const ClockReading& before, const ClockReading& after) {
  return std::max(after.raw + after.spread - before.raw, after.steady - before.steady);
}

Result<RoundTripSample, SampleFault> measure(const TransmitStamps& transmit, const ReceiveStamps& receive) {
  const ClockReading& first = transmit.before;
  const ClockReading& last = receive.after;
  const Nanoseconds steady = last.steady - first.steady;
  if (steady < kZero || last.raw < first.raw) return Fail{SampleFault::kNegative};

  if (first.steps != last.steps) return Fail{SampleFault::kClockStepped};
  const Nanoseconds apart = (last.wall - first.wall) - steady;
  if (apart < -left_open(first) || apart > left_open(last)) return Fail{SampleFault::kClockStepped};
  const Nanoseconds doubt = apart + left_open(first);

  RoundTripSample out;
  out.bracket = bracket_of(first, last);
  out.rtt = out.bracket;
  out.source = StampSource::kUserBoth;
  out.card = judge_card(transmit, receive);
  if (!receive.kernel) return out;

  const Nanoseconds tolerance = left_open(first) + left_open(last);
  const Nanoseconds lag = last.wall - *receive.kernel;
  if (lag < -tolerance) return Fail{SampleFault::kOutsideBracket};
  Nanoseconds lead{0};
  if (transmit.kernel) {
    if (*receive.kernel < *transmit.kernel) return Fail{SampleFault::kNegative};
    lead = *transmit.kernel - first.wall;
    if (lead < -tolerance) return Fail{SampleFault::kOutsideBracket};
  }
  out.rtt = std::min(out.bracket, out.bracket - credit(lead) - credit(lag) + doubt);
  out.source = transmit.kernel ? StampSource::kKernelBoth : StampSource::kKernelReceive;

  if (out.card == CardUse::kCounted) {
    const Nanoseconds by_card =
        std::max(unsteered(receive.card->time - transmit.card->time), out.rtt - kCardWindow);
    if (by_card < out.rtt) {
      out.rtt = by_card;
      out.source = StampSource::kHardware;
    } else {
      out.card = CardUse::kNoGain;
    }
  }
  return out;
}

void SampleTally::add(const Result<RoundTripSample, SampleFault>& measured) {
  if (measured) {
    ++cards[static_cast<std::size_t>(measured->card)];
  } else {
    ++faults[static_cast<std::size_t>(measured.error())];
  }
}

void SampleTally::add(const SampleTally& other) {
  for (std::size_t i = 0; i < faults.size(); ++i) faults[i] += other.faults[i];
  for (std::size_t i = 0; i < cards.size(); ++i) cards[i] += other.cards[i];
}

std::uint64_t SampleTally::discarded() const {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : faults) sum += count;
  return sum;
}

}  // namespace chiploc
