#include "server/sim/host_clock.hpp"

#include <cmath>

namespace chiploc::sim {
namespace {

/// What a clock that is fast by so much gains over `length`.
Nanoseconds gained(Nanoseconds length, double ppm) {
  return Nanoseconds{
      static_cast<std::int64_t>(std::llround(static_cast<double>(length.count()) * ppm * 1e-6))};
}

}  // namespace

ClockReading HostClock::read(SteadyTime true_now) const {
  const Nanoseconds passed = true_now - since_;
  const Nanoseconds raw = passed + gained(passed, rates_.drift_ppm);
  const Nanoseconds steered = raw + gained(raw, rates_.slew_ppm);
  return {
      .steady = steady_ + steered, .wall = wall_ + steered, .raw = raw_ + raw, .spread = {}, .steps = steps_};
}

void HostClock::stand_at(SteadyTime true_now) {
  const ClockReading now = read(true_now);
  since_ = true_now;
  steady_ = now.steady;
  wall_ = now.wall;
  raw_ = now.raw;
}

void HostClock::run_at(const ClockRates& rates, SteadyTime true_now) {
  stand_at(true_now);
  rates_ = rates;
}

void HostClock::set_by(Nanoseconds step, SteadyTime true_now) {
  stand_at(true_now);
  wall_ = wall_ + step;
  ++steps_;
}

}  // namespace chiploc::sim
