#pragma once
// Where machines stand, before anything is measured.

#include <string>
#include <vector>

#include "geo/place_grid.hpp"

namespace chiploc {

/// Weight of every candidate, summing to 1:
///
///     w(x) = (1 - r) base(x) + r mean over anchors b of  base(x) exp(-d(x, b) / 1,000 km) / Z_b,
///     base(x) = 0.9 share(country) share(x in it) + 0.1 land(x) / sum,
///     share(country) = people(country)^h / sum,   share(x in it) = people(x)^g / sum over the country.
///
/// Machines stand in cities, the largest of a country above all, in small countries more than their people
/// would tell, and where there are other machines; how strictly is learnt by predicting each anchor's place
/// from the other anchors, over small lattices of g, h and r. The tenth that is spread over all land keeps
/// every place possible.
struct PlacePrior {
  std::vector<double> weight;      ///< By candidate.
  double city_exponent = 1.25;     ///< g
  double country_exponent = 0.75;  ///< h
  double near_anchors = 0.0;       ///< r

  [[nodiscard]] static PlacePrior even(const PlaceGrid& grid);
  [[nodiscard]] static PlacePrior learn(const PlaceGrid& grid, const std::vector<LatLon>& anchors);
};

}  // namespace chiploc
