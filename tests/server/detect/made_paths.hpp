#pragma once
// Chips with made round trips: anchors around a place, detours of each path, steady noise and a rare route change.

#include <limits>
#include <optional>
#include <vector>

#include "geo/geodesic.hpp"
#include "server/detect/path_baseline.hpp"
#include "tests/server/detect/honest.hpp"

namespace chiploc {

inline constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

struct MadePaths {
  LatLon site;
  std::vector<LatLon> anchors;
  std::vector<double> detour;  ///< times a straight fibre

  /// Anchors within 2,000 km of a site in the middle of Europe.
  MadePaths(Dice& dice, std::size_t count) : site{LatLon::from_degrees({.lat = 49.0, .lon = 9.0}).value()} {
    for (std::size_t a = 0; a < count; ++a) {
      anchors.push_back(
          geodesic_direct(site, dice.between(0.0, 360.0), Kilometers{dice.between(100.0, 2000.0)}));
      detour.push_back(dice.between(1.2, 2.2));
    }
  }

  /// The least round trip of a round, towards a chip at `place`, in milliseconds.
  [[nodiscard]] double rtt_ms(Dice& dice, std::size_t anchor, LatLon place) const {
    return 0.3 + geodesic_distance(place, anchors[anchor]).km() / 100.0 * detour[anchor] -
           0.01 * std::log(honest_p(dice));
  }
  [[nodiscard]] std::vector<double> round(Dice& dice, LatLon place) const {
    std::vector<double> out;
    for (std::size_t a = 0; a < anchors.size(); ++a) out.push_back(rtt_ms(dice, a, place));
    return out;
  }
  [[nodiscard]] std::vector<std::optional<PathLaw>> baseline(Dice& dice, int rounds = 100) const {
    std::vector<PathBaseline> paths(anchors.size());
    for (int r = 0; r < rounds; ++r) {
      const auto one = round(dice, site);
      for (std::size_t a = 0; a < paths.size(); ++a) (void)paths[a].add(one[a], a);
    }
    std::vector<std::optional<PathLaw>> laws;
    for (const PathBaseline& path : paths) laws.push_back(path.law());
    return laws;
  }
};

}  // namespace chiploc
