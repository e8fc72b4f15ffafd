#pragma once
// What somebody would measure in a network whose parameters are known.

#include <cmath>

#include "geo/geodesic.hpp"
#include "server/sim/paths/path_fit.hpp"
#include "tests/server/sim/paths/test_network.hpp"

namespace chiploc::test {

/// All pairs of these ends, as `pings` round trips each show them: least, mean and deviation.
inline PathFitInput simulated(const PathParameters& parameters, const Ends& world, std::uint64_t seed,
                              int pings) {
  const ParametricPaths paths{parameters};
  const std::size_t count = world.ends.size();
  PathFitInput input;
  for (const PathEnd& end : world.ends) input.ends.push_back({std::string{end.name}, end.place});
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = a + 1; b < count; ++b) {
      const PathEnd &from = world.ends[a], &to = world.ends[b];
      FitPair pair{a, b, geodesic_distance(from.place, to.place).km(), 0.0};
      pair.min_ms = paths.least_round_trip_ms(seed, from, to, {});
      double sum = 0.0, square = 0.0;
      for (int n = 0; n < pings; ++n) {
        const Nanoseconds at = std::chrono::minutes{n * 7};
        const double ms =
            ms_of(paths.fate(from, to, {seed, at, 1}).delay + paths.fate(to, from, {seed, at, 2}).delay);
        sum += ms;
        square += ms * ms;
      }
      if (pings > 0) {
        pair.avg_ms = sum / pings;
        pair.mdev_ms = std::sqrt(std::max(0.0, square / pings - pair.avg_ms * pair.avg_ms));
      }
      input.pairs.push_back(pair);
    }
  }
  return input;
}

inline PathFitInput simulated(const PathParameters& parameters, std::size_t count, std::uint64_t seed,
                              int pings = 0) {
  return simulated(parameters, scattered(count, seed), seed, pings);
}

inline const FitFigure& figure_of(const PathFitResult& fit, const std::string& name) {
  for (const FitFigure& figure : fit.figures) {
    if (figure.name == name) return figure;
  }
  throw std::out_of_range{"no figure " + name};
}

}  // namespace chiploc::test
