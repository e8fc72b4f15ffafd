#include "server/anchor/clocks.hpp"

#include <ctime>

namespace chiploc {
namespace {

Nanoseconds read_clock(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return std::chrono::seconds{t.tv_sec} + Nanoseconds{t.tv_nsec};
}

}  // namespace

ClockReading read_clocks() {
  ClockReading best;
  best.spread = Nanoseconds::max();
  for (int i = 0; i < 4; ++i) {
    const Nanoseconds first = read_clock(CLOCK_MONOTONIC_RAW);
    const Nanoseconds steady = read_clock(CLOCK_MONOTONIC);
    const Nanoseconds wall = read_clock(CLOCK_REALTIME);
    const Nanoseconds last = read_clock(CLOCK_MONOTONIC_RAW);
    if (last - first < best.spread) best = {SteadyTime{steady}, WallTime{wall}, RawTime{first}, last - first};
    if (best.spread < std::chrono::microseconds{1}) break;
  }
  return best;
}

}  // namespace chiploc
