#pragma once
// Whether changes of round trips look like another place.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "geo/lat_lon.hpp"
#include "geo/units.hpp"

namespace chiploc {

struct PlaceOptions {
  unsigned bearings = 24;       ///< places are tried in so many directions,
  double nearest_km = 30.0;     ///< at distances that double from here
  double farthest_km = 8000.0;  ///< to here
  unsigned permutations = 199;  ///< of the anchors, for the law
  std::uint64_t seed = 1;
  std::size_t fewest_anchors = 6;
};

struct PlacePattern {
  LatLon place;         ///< the best of those that were tried: coarse, a direction and an order of magnitude
  Kilometers distance;  ///< from where the chip was
  double common_ms = 0.0;  ///< what is added towards all besides
  double explained =
      0.0;  ///< share of the changes' variance over the anchors that the place explains, 0 to 1
  double p_value = 1.0;
};

/// Fits, for each place tried,    d_a = common + slope * (distance(place, a) - distance(site, a)),
/// with 1/150 ms/km <= slope <= 1/30 ms/km (light in vacuum, detours of three times a straight fibre), by least squares,
/// and takes the place that explains most.
///
/// Law       p = (1 + #{permutations of the anchors that explain as much}) / (1 + permutations): P(p <= a) <= a where
///           the changes have nothing to do with the anchors' places, whatever they are. A route that changes for all
///           anchors of one direction has something to do with it: the test tells a geography, not its cause.
/// Takes     changes_ms: an entry for each anchor, NaN where there is none.
/// Fails     nullopt for spans of unequal length or of more than 128, fewer than fewest_anchors changes, an infinite one,
///           changes that are all the same, or options that try no place.
[[nodiscard]] std::optional<PlacePattern> find_place_pattern(LatLon site, std::span<const LatLon> anchors,
                                                             std::span<const double> changes_ms,
                                                             const PlaceOptions& options = {});

}  // namespace chiploc
