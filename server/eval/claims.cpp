#include "server/eval/claims.hpp"

#include <algorithm>
#include <array>

namespace chiploc {

TargetClaims claims_about(const EvalNode& node, const Borders& borders) {
  TargetClaims claims{node.country, {}, false};
  for (const Country& country : borders.countries()) {
    if (country.code == node.country) continue;
    const double km = borders.distance_to_country(node.place, country.code).km();
    if (node.uncertainty_km > 0.0 && km <= node.uncertainty_km) {
      claims.own_open = true;
    } else {
      claims.others.push_back({country.code, km});
    }
  }
  // The table is in the order of codes, and a stable sort keeps it among equals.
  std::stable_sort(claims.others.begin(), claims.others.end(),
                   [](const FalseClaim& a, const FalseClaim& b) { return a.distance_km < b.distance_km; });
  const std::size_t kept = std::min(claims.others.size(), kFalseClaims);
  claims.others.erase(claims.others.begin() + static_cast<std::ptrdiff_t>(kept), claims.others.end());
  return claims;
}

CountryCode country_judged(LatLon place, const Borders& borders) {
  if (const auto holds = borders.country_at(place)) return *holds;
  // Only countries that a disk around the place meets can be the nearest; widen it until there is one within.
  constexpr std::array<double, 4> kReachKm{100.0, 500.0, 2'500.0, 30'000.0};
  std::optional<CountryCode> nearest;
  for (const double reach_km : kReachKm) {
    const std::array<AnchorBound, 1> disk{AnchorBound{place, Kilometers{0.0}, Kilometers{reach_km}, 0}};
    double least_km = reach_km;
    for (const CountryCode code : borders.countries_met(Region::from_bounds(disk, 0))) {
      const double km = borders.distance_to_country(place, code).km();
      if (km < least_km) {
        least_km = km;
        nearest = code;
      }
    }
    if (nearest) break;
  }
  return nearest.value_or(borders.countries().front().code);  // a map has land within half the Earth
}

}  // namespace chiploc
