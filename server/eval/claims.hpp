#pragma once
// What could be claimed of a target: that it stands in its own country, or in one of the countries near it.

#include <vector>

#include "geo/borders/borders.hpp"
#include "server/eval/rtt_set.hpp"

namespace chiploc {

inline constexpr std::size_t kFalseClaims = 20;

struct FalseClaim {
  CountryCode country;
  double distance_km = 0.0;  ///< of the target from its land
};

/// The claims about one target: one true, kFalseClaims false ones (fewer on a map with fewer countries).
struct TargetClaims {
  CountryCode own;
  std::vector<FalseClaim> others;  ///< the nearest other countries, by distance, then by code
  /// The target's place is so uncertain that it may lie in another country: whether the true claim is true
  /// nobody knows. Claims about the countries that it may lie in are not among `others`.
  bool own_open = false;

  /// How far the nearest border of another country is: 0 where a label lies across one.
  [[nodiscard]] double border_km() const { return others.empty() ? 0.0 : others.front().distance_km; }
};

/// The truth is the node's label, also where the borders draw its place in another country. Of a place that is
/// uncertain the label says no more than the place does.
[[nodiscard]] TargetClaims claims_about(const EvalNode& node, const Borders& borders);

/// The country a place is counted in: the one whose polygon holds it, and at sea the one whose polygon is
/// nearest.
[[nodiscard]] CountryCode country_judged(LatLon place, const Borders& borders);

}  // namespace chiploc
