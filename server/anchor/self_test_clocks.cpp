#include "server/anchor/self_test_clocks.hpp"

#include <algorithm>
#include <cmath>

namespace chiploc {
namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kWindow = 100ms;
/// More between two readings than any slew of a window could be taken for.
constexpr Nanoseconds kStep = 10us;

double ppm(Nanoseconds of_clock, Nanoseconds of_raw) {
  return (static_cast<double>(of_clock.count()) / static_cast<double>(of_raw.count()) - 1.0) * 1e6;
}

void widen(ClockRate& rate, double value, bool first) {
  rate.least = first ? value : std::min(rate.least, value);
  rate.most = first ? value : std::max(rate.most, value);
}

}  // namespace

void SelfTestClocks::add(const ClockReading& reading) {
  spreads_.push_back(reading.spread);
  if (readings_.empty() || reading.raw - readings_.back().raw >= kWindow) readings_.push_back(reading);
}

void SelfTestClocks::finish(SelfTestResult& out) {
  std::sort(spreads_.begin(), spreads_.end());
  out.spread = {spreads_[spreads_.size() / 2], spreads_[spreads_.size() * 99 / 100], spreads_.back()};
  ClockRate steady{.name = "monotonic"};
  ClockRate wall{.name = "wall"};
  for (std::size_t i = 1; i < readings_.size(); ++i) {
    const ClockReading& from = readings_[i - 1];
    const ClockReading& to = readings_[i];
    const Nanoseconds apart = (to.wall - from.wall) - (to.steady - from.steady);
    if (apart > kStep + from.spread + to.spread || apart < -kStep - from.spread - to.spread) {
      ++out.steps;
    } else {
      const Nanoseconds beyond = std::chrono::abs(apart) - from.spread - to.spread;
      out.apart_ppm = std::max(out.apart_ppm, static_cast<double>(beyond.count()) * 1e6 /
                                                  static_cast<double>((to.raw - from.raw).count()));
    }
    widen(steady, ppm(to.steady - from.steady, to.raw - from.raw), i == 1);
    widen(wall, ppm(to.wall - from.wall, to.raw - from.raw), i == 1);
  }
  if (readings_.size() < 2) return;
  const ClockReading& first = readings_.front();
  const ClockReading& last = readings_.back();
  steady.mean = ppm(last.steady - first.steady, last.raw - first.raw);
  wall.mean = ppm(last.wall - first.wall, last.raw - first.raw);
  out.rates = {steady, wall};
}

}  // namespace chiploc
