#pragma once
// Where machines stand, before anything is measured.

#include <string>
#include <vector>

#include "geo/place_grid.hpp"

namespace chiploc {

/// Weight of every candidate, summing to 1:
///
///     w(x) = 0.9 share(country) share(x in it) + 0.1 land(x) / sum,
///     share(country) = addresses(country)^h / sum,   share(x in it) = people(x)^g / sum over the country.
///
/// Machines stand in countries that have networks, and there in cities, the largest above all; how strictly
/// is learnt from where the anchors stand, over small lattices of g and h. The tenth that is spread over all
/// land keeps every place possible.
struct PlacePrior {
  std::vector<double> weight;     ///< By candidate.
  double city_exponent = 1.0;     ///< g
  double country_exponent = 0.5;  ///< h

  [[nodiscard]] static PlacePrior even(const PlaceGrid& grid);
  [[nodiscard]] static PlacePrior learn(const PlaceGrid& grid, const std::vector<LatLon>& anchors);
};

}  // namespace chiploc
