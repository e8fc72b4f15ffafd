#pragma once
#include <optional>
#include <string_view>

#include "proto/result.hpp"
#include "proto/time.hpp"

/// From stamps to one round trip: the only place where instants of the anchor's clocks are subtracted.
namespace chiploc {

/// Both clocks read at one moment: monotonic, wall, monotonic again. `spread` is the distance of the two
/// monotonic readings, so wall was read within `spread` after `steady`.
struct ClockReading {
  SteadyTime steady;
  WallTime wall;
  Nanoseconds spread{0};
};

/// The network card's own clock; no other clock is comparable with it.
using HardwareTime = Instant<struct HardwareClockTag>;

/// What was read when a ping left. The kernel's stamps come later, from the socket's error queue, or never.
struct TransmitStamps {
  ClockReading before;  ///< read before the system call that sent it
  std::optional<WallTime> kernel;
  std::optional<HardwareTime> hardware;
};
/// What was read when a datagram came.
struct ReceiveStamps {
  ClockReading after;  ///< read after the system call that fetched it
  std::optional<WallTime> kernel;
  std::optional<HardwareTime> hardware;
};

struct RoundTripSample {
  Nanoseconds rtt{0};
  Nanoseconds bracket{0};  ///< the same by the monotonic clock around the system calls; never shorter
  StampSource source{};
};

enum class SampleFault : std::uint8_t {
  kClockStepped,    ///< wall and monotonic clock ran apart between the two ends by more than slewing explains
  kNegative,        ///< received before it was sent
  kOutsideBracket,  ///< longer than the monotonic clock allows
};
[[nodiscard]] std::string_view name_of(SampleFault fault);

/// One round trip.
///
/// Takes     The best pair of stamps there is, both of one clock: the card's; the kernel's; the kernel's
/// receive
///           stamp and the wall clock before the send call; else the monotonic bracket itself. Every step
///           down this list makes the result longer, never shorter.
/// Fails     kClockStepped   |wall elapsed - monotonic elapsed| between the two readings is more than 500 ppm
/// of the
///                           bracket (the kernel's largest slew) and the spreads of the readings. Forward and
///                           backward: a backward step would shorten a distance, and no bracket alone shows
///                           it.
///           kNegative       rtt < 0, or a bracket < 0.
///           kOutsideBracket rtt > bracket + 500 ppm and the spreads.
/// Accuracy  A stamp by CLOCK_REALTIME may be short by slew (500 ppm of the round trip; geo's
/// slew_allowance() adds it)
///           and by a step smaller than the spreads of the two readings, which is under a microsecond as a
///           rule.
/// Source    PROTOCOL.md "Round trips"; adjtimex(2) for 500 ppm.
[[nodiscard]] Result<RoundTripSample, SampleFault> measure(const TransmitStamps& transmit,
                                                           const ReceiveStamps& receive);

}  // namespace chiploc
