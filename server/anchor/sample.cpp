#include "server/anchor/sample.hpp"

namespace chiploc {
namespace {

/// 500 ppm, rounded up: the largest rate at which the kernel slews CLOCK_REALTIME.
Nanoseconds slew_of(Nanoseconds interval) { return Nanoseconds{interval.count() / 2000 + 1}; }

struct Chosen {
  Nanoseconds rtt;
  StampSource source;
};

Chosen choose(const TransmitStamps& transmit, const ReceiveStamps& receive, Nanoseconds bracket) {
  if (transmit.hardware && receive.hardware) {
    return {*receive.hardware - *transmit.hardware, StampSource::kHardware};
  }
  if (receive.kernel && transmit.kernel)
    return {*receive.kernel - *transmit.kernel, StampSource::kKernelBoth};
  if (receive.kernel) return {*receive.kernel - transmit.before.wall, StampSource::kKernelReceive};
  return {bracket, StampSource::kUserBoth};
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

Result<RoundTripSample, SampleFault> measure(const TransmitStamps& transmit, const ReceiveStamps& receive) {
  const Nanoseconds bracket = receive.after.steady - transmit.before.steady;
  if (bracket < Nanoseconds{0}) return Fail{SampleFault::kNegative};
  const Nanoseconds tolerance = slew_of(bracket) + transmit.before.spread + receive.after.spread;

  const Nanoseconds drift = (receive.after.wall - transmit.before.wall) - bracket;
  if (drift > tolerance || drift < -tolerance) return Fail{SampleFault::kClockStepped};

  const Chosen chosen = choose(transmit, receive, bracket);
  if (chosen.rtt < Nanoseconds{0}) return Fail{SampleFault::kNegative};
  if (chosen.rtt > bracket + tolerance) return Fail{SampleFault::kOutsideBracket};
  return RoundTripSample{chosen.rtt, bracket, chosen.source};
}

}  // namespace chiploc
