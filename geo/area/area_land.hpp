#pragma once
// What land an area covers, for people who check what they drew.

#include <vector>

#include "geo/area/area.hpp"
#include "geo/borders/borders.hpp"

namespace chiploc {

/// The countries whose land the area meets, in ascending order of their codes; none for an area at sea.
///
/// Method      Its box in ever smaller cells, each in a disk that is held against the area and the borders,
///             until a disk is wholly inside or names nobody new.
/// Accuracy    May name a neighbour whose border is nearer than the borders' own ambiguity and 2 km or a
///             hundredth of the box, whichever is more: for showing, never for a verdict. At most
///             `most_cells` are looked at; the cells left then count whole.
[[nodiscard]] std::vector<CountryCode> land_of(const Area& area, const Borders& borders,
                                               std::size_t most_cells = 3'000);

/// The middle of a box.
[[nodiscard]] LatLon middle_of(const AreaBox& box);

}  // namespace chiploc
