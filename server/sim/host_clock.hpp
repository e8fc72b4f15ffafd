#pragma once
// What the clocks of a simulated host show.

#include <cstdint>

#include "server/anchor/sample.hpp"

namespace chiploc::sim {

/// How fast a host's clocks run. Parts per million; above 0 is fast.
struct ClockRates {
  double drift_ppm = 0.0;  ///< of the oscillator against true time, and so of all clocks
  double slew_ppm =
      0.0;  ///< of the monotonic and the wall clock against the oscillator, as a daemon steers them
  friend bool operator==(const ClockRates&, const ClockRates&) = default;
};

/// The oscillator (CLOCK_MONOTONIC_RAW), the monotonic and the wall clock of one host, as Linux has them: the latter two
/// share one rate, steered against the oscillator, and the wall clock alone is set. Without a word all show true time.
///
/// Takes     True times, which never fall from call to call of the two that change something.
/// Accuracy  A nanosecond for each change of rates.
class HostClock {
 public:
  HostClock(SteadyTime true_now, WallTime wall_now)
      : since_{true_now}, steady_{true_now}, wall_{wall_now}, raw_{true_now.since_epoch} {}

  /// From now on.
  void run_at(const ClockRates& rates, SteadyTime true_now);
  /// The wall clock is set forward by so much (back, if negative), and the kernel tells of it.
  void set_by(Nanoseconds step, SteadyTime true_now);
  [[nodiscard]] ClockReading read(SteadyTime true_now) const;

 private:
  void stand_at(SteadyTime true_now);

  ClockRates rates_;
  SteadyTime since_;  ///< true time of what follows
  SteadyTime steady_;
  WallTime wall_;
  RawTime raw_;
  std::uint32_t steps_ = 0;
};

}  // namespace chiploc::sim
