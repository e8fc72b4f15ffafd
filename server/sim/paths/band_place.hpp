#pragma once
// Between which of the distances at which the law of detours is written down another distance lies.

#include <cstddef>

#include "server/sim/paths/path_dice.hpp"
#include "server/sim/paths/path_parameters.hpp"

namespace chiploc {

struct BandPlace {
  std::size_t low = 0;
  double part = 0.0;  ///< how much of the next one: 0 to below 1
};

/// Takes     The number of distances, at least one, and a function that gives each, rising; a distance in kilometres.
/// Returns   Its place among those of its own side of kNearKm, or of the other side if its own has none.
template <class KmOf>
[[nodiscard]] BandPlace band_place(std::size_t count, KmOf km_of, double km) {
  std::size_t first_far = 0;
  while (first_far < count && km_of(first_far) < kNearKm) ++first_far;
  const bool near = first_far == count || (km < kNearKm && first_far > 0);
  const std::size_t first = near ? 0 : first_far, last = (near ? first_far : count) - 1;
  if (km <= km_of(first)) return {first, 0.0};
  if (km >= km_of(last)) return {last, 0.0};
  std::size_t low = first;
  while (km_of(low + 1) <= km) ++low;
  const double low_log = natural_log(km_of(low) + kDetourKm),
               high_log = natural_log(km_of(low + 1) + kDetourKm);
  const double part = (natural_log(km + kDetourKm) - low_log) / (high_log - low_log);
  return {low, part < 0.0 ? 0.0 : part};
}

}  // namespace chiploc
