#pragma once
// The law of detours, of last miles and of ends, fitted once to weighted pairs. Private to this folder.

#include <span>
#include <vector>

#include "server/sim/paths/path_fit.hpp"

namespace chiploc {

struct DetourLaw {
  std::vector<double> last_mile_ms;  ///< of each end; 0 of one without a pair
  std::vector<double> rank;          ///< of each end; 0 of one without a pair
  double node_share = 0.0;
  std::vector<DistanceBand> bands;
  QuantileKnots last_miles{};
};

/// The distances at which there are enough pairs for a law of their own, in kilometres.
[[nodiscard]] std::vector<double> band_distances(std::span<const FitPair> pairs);

/// Which ends have a pair at all: of the others nothing is known.
[[nodiscard]] std::vector<bool> ends_with_pairs(std::span<const FitPair> pairs, std::size_t ends);

/// `end_weights` count ends in the distribution of last miles, those that have a pair; pairs carry their own weights,
/// above 0.
[[nodiscard]] DetourLaw fit_law(std::span<const FitPair> pairs, std::span<const double> end_weights,
                                std::span<const double> distances);

}  // namespace chiploc
