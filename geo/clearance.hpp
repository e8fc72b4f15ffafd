#pragma once
// Inside geo: how far a region stays from something that can be met.

#include <optional>

#include "geo/region.hpp"

namespace chiploc {

/// The largest growth of the region, to a kilometre, at which `meets` says no; 0 where it says yes at once,
/// nullopt where it still says no at `limit`. `meets` must never be false for a region that does meet, so
/// this is a lower bound of the distance.
template <class Meets>
std::optional<Kilometers> clearance_of(const Region& region, Kilometers limit, const Meets& meets) {
  if (!meets(region.inflated(limit))) return std::nullopt;
  if (meets(region)) return Kilometers{0.0};
  double clear = 0.0;
  double meeting = limit.km();
  while (meeting - clear > 1.0) {
    const double middle = (clear + meeting) / 2.0;
    (meets(region.inflated(Kilometers{middle})) ? meeting : clear) = middle;
  }
  return Kilometers{clear};
}

}  // namespace chiploc
