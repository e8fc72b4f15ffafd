#pragma once
// Where machines stand, before anything is measured.

#include <string>
#include <vector>

#include "geo/place_grid.hpp"

namespace chiploc {

/// Weight of every candidate, summing to 1:
///
///     w(x) = (1 - r) base(x) + r mean over anchors b of  base(x) exp(-d(x, b) / 1,000 km) / Z_b,
///     base(x) = 0.9 people(x)^g / sum + 0.1 land(x) / sum.
///
/// Machines stand in cities, and where there are other machines; how strictly is learnt by predicting each
/// anchor's place from the other anchors, over small lattices of g and r. The tenth that is spread over all
/// land keeps every place possible.
struct PlacePrior {
  std::vector<double> weight;  ///< By candidate.
  double exponent = 0.75;      ///< g
  double near_anchors = 0.0;   ///< r

  [[nodiscard]] static PlacePrior even(const PlaceGrid& grid);
  [[nodiscard]] static PlacePrior learn(const PlaceGrid& grid, const std::vector<LatLon>& anchors);
};

}  // namespace chiploc
