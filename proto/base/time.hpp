#pragma once
#include <chrono>
#include <compare>
#include <cstdint>

namespace chiploc {

using Nanoseconds = std::chrono::nanoseconds;

/// An instant of one clock. Instants of different clocks cannot be subtracted: the clock is part of the type.
/// Nothing here reads a clock: instants come from outside (a loop, a simulated world, a test).
template <class Clock>
struct Instant {
  Nanoseconds since_epoch{0};

  friend auto operator<=>(Instant, Instant) = default;
  friend constexpr Nanoseconds operator-(Instant a, Instant b) { return a.since_epoch - b.since_epoch; }
  friend constexpr Instant operator+(Instant a, Nanoseconds d) { return {a.since_epoch + d}; }
  friend constexpr Instant operator-(Instant a, Nanoseconds d) { return {a.since_epoch - d}; }
};

/// CLOCK_MONOTONIC: intervals, deadlines. Its epoch means nothing.
using SteadyTime = Instant<struct SteadyClockTag>;
/// CLOCK_REALTIME, since 1970 UTC: validity periods and records. May step.
using WallTime = Instant<struct WallClockTag>;

/// Whole seconds since 1970 UTC as carried in tickets and records. Instants before 1970 give 0.
[[nodiscard]] constexpr std::uint64_t unix_seconds(WallTime t) {
  const auto s = std::chrono::duration_cast<std::chrono::seconds>(t.since_epoch).count();
  return s < 0 ? 0U : static_cast<std::uint64_t>(s);
}
[[nodiscard]] constexpr WallTime wall_from_unix_seconds(std::uint64_t s) {
  constexpr std::uint64_t kLast = 9'000'000'000;  // the year 2255; later values would overflow nanoseconds
  return {std::chrono::seconds{s < kLast ? s : kLast}};
}

/// Where the two stamps of a round trip were taken; recorded in each sample.
enum class StampSource : std::uint8_t {
  kKernelBoth = 1,  ///< kernel transmit and receive stamps, the transmit one read back from the error queue
  kKernelReceive = 2,  ///< user-space clock before sending, kernel receive stamp
  kUserBoth = 3,       ///< user-space clocks around send and receive: the longest of the three
  kHardware = 4,       ///< the network card's clock at both ends of the trip
  kSimulated = 5,      ///< a simulated world; never accepted as evidence outside one
};

}  // namespace chiploc
