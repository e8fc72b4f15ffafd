#pragma once
// Places on land that would-be anchors and supposed chips stand at, for resolution.cpp.

#include <optional>
#include <vector>

#include "server/verifier/resolution.hpp"

namespace chiploc {

struct LandPlace {
  LatLon at;
  std::optional<CountryCode> country;
  std::uint64_t people = 0;  ///< of a city
};

/// The cities nearest to a place, outside prohibited countries: where an anchor could be put. Of cities of
/// some size first, of any where there are none within 500 km.
[[nodiscard]] std::vector<LandPlace> cities_near(LatLon place, const TerritoryJudge& judge, std::size_t most);

/// Where a chip that is where it is licensed may stand: the largest cities of licensed countries within the
/// region, and points of licensed areas. Empty where the region holds none of them.
[[nodiscard]] std::vector<LandPlace> licensed_places(const OpenQuestion& open);

/// The cities of the region nearest to `guess` that are not licensed.
[[nodiscard]] std::vector<LandPlace> other_places(const OpenQuestion& open, LatLon guess);

/// `guess` itself, if it lies on land within the region; else the city of the region that is nearest to it.
[[nodiscard]] std::optional<LandPlace> on_land(const OpenQuestion& open, LatLon guess);

/// Whether a chip there is, or may be, where it is licensed.
[[nodiscard]] bool may_be_licensed(const OpenQuestion& open, const LandPlace& place);

}  // namespace chiploc
