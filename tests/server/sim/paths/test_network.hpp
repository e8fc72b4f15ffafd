#pragma once
// Parameters that are no default, and ends over the world.

#include <cmath>
#include <deque>
#include <string>
#include <vector>

#include "server/sim/paths/parametric_paths.hpp"
#include "server/sim/paths/path_dice.hpp"

namespace chiploc::test {

inline LatLon at(double lat, double lon) { return LatLon::from_degrees({lat, lon}).value(); }

/// Rising from `low` to `high`, straight in the curve's own scale.
inline QuantileKnots spread(double low, double high, double softness = 0.1) {
  QuantileKnots knots{{}, softness};
  for (std::size_t k = 0; k < knots.at.size(); ++k) {
    const double from = -1.0 / (low + softness), to = -1.0 / (high + softness);
    knots.at[k] = -1.0 / (from + kKnotShares[k] * (to - from)) - softness;
  }
  return knots;
}

/// Only what takes time on the shortest way: no detours, queues, losses or changes.
inline PathParameters bare() {
  PathParameters out;
  out.loss = out.node_share = out.burst_ratio = out.diurnal_peak = out.changes_per_day = 0.0;
  out.last_mile_ms = {};
  out.queue_ms = {{}, 0.01};
  out.bands.clear();
  return out;
}

inline PathParameters lively() {
  PathParameters out = bare();
  out.node_share = 0.4;
  out.last_mile_ms = spread(0.1, 2.0);
  out.bands = {{100.0, spread(0.3, 4.0)}, {1'000.0, spread(0.2, 3.0)}, {8'000.0, spread(0.1, 1.5)}};
  out.queue_ms = spread(0.05, 5.0, 0.01);
  out.burst_ratio = 20.0;
  out.diurnal_peak = 2.0;
  return out;
}

/// `count` ends over the land of the northern hemisphere, more or less, from a seed.
struct Ends {
  std::deque<std::string> names;
  std::vector<PathEnd> ends;
};
inline Ends scattered(std::size_t count, std::uint64_t seed) {
  Ends out;
  const PathDice dice = PathDice{seed}.with("places");
  for (std::size_t e = 0; e < count; ++e) {
    out.names.push_back("end-" + std::to_string(e));
    out.ends.push_back(
        {out.names.back(), at(-35.0 + 95.0 * dice.unit(2 * e), -180.0 + 360.0 * dice.unit(2 * e + 1))});
  }
  return out;
}

inline double ms_of(Nanoseconds t) { return static_cast<double>(t.count()) * 1e-6; }

}  // namespace chiploc::test
