#pragma once
// Places for anchors that nobody has listed: cities, or a grid over the land.

#include <cstdint>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/estimate/city_table.hpp"
#include "server/plan/plan_files.hpp"

namespace chiploc {

/// Cities of `people` and more outside the countries `without`, the most populous of a country first: "DE-1", "DE-2".
/// The city table has no names; the place is the city's.
[[nodiscard]] std::vector<PlanPlace> city_places(const CityTable& cities, std::uint64_t people,
                                                 const std::vector<CountryCode>& without);

/// Every `step_deg` of latitude, and as far apart along each parallel, on land outside `without`: "N50E010.5".
[[nodiscard]] std::vector<PlanPlace> grid_places(const Borders& borders, double step_deg,
                                                 const std::vector<CountryCode>& without);

/// The people of the most populous city within 50 km; 0 if there is none.
[[nodiscard]] std::uint64_t people_near(const CityTable& cities, LatLon place);

}  // namespace chiploc
