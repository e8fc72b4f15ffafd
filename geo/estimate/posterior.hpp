#pragma once
// Candidates with their share of the probability: what PlaceEstimate is made from.

#include <vector>

#include "geo/estimate/place_grid.hpp"

namespace chiploc {

struct Posterior {
  std::vector<PlaceCandidate> places;
  std::vector<double> mass;      ///< Beside `places`; sums to 1.
  std::vector<double> believed;  ///< The same where nothing is kept for that the round trips mislead.
};

}  // namespace chiploc
