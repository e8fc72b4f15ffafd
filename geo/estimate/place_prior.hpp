#pragma once
// Where machines stand, before anything is measured.

#include <string>
#include <vector>

#include "geo/estimate/place_grid.hpp"

namespace chiploc {

/// Weight of every candidate, summing to 1: in proportion to w(x)^1.1, with
///
///     w(x) = 0.9 share(country) share(x in it) + 0.1 land(x) / sum,
///     share(country) = addresses(country)^h / sum,   share(x in it) = people(x)^g / sum over the country.
///
/// times one factor for the countries that hold no anchor and one for those that do, so that the former have
/// the share n1 / n of Good and Turing, of n anchors n1 being alone in their country; if that is more than
/// they have by w, and half at most: anchors may be spread on purpose, and a chip may have been moved.
///
/// Machines stand in countries that have networks, and there in cities, the largest above all; how strictly
/// is learnt from where the anchors stand, over small lattices of g and h. The tenth that is spread over all
/// land keeps every place possible. The power, which is not learnt, makes up for that estimates take round
/// trips for less than they seem to say.
struct PlacePrior {
  std::vector<double> weight;     ///< By candidate.
  double city_exponent = 1.0;     ///< g
  double country_exponent = 0.5;  ///< h
  double elsewhere = 1.0;         ///< Share of the countries without an anchor.

  [[nodiscard]] static PlacePrior even(const PlaceGrid& grid);
  [[nodiscard]] static PlacePrior learn(const PlaceGrid& grid, const Borders& borders,
                                        const std::vector<LatLon>& anchors);
  /// The same with g and h as given; what countries without an anchor have is of these anchors.
  [[nodiscard]] static PlacePrior by(double city_exponent, double country_exponent, const PlaceGrid& grid,
                                     const Borders& borders, const std::vector<LatLon>& anchors);
};

}  // namespace chiploc
