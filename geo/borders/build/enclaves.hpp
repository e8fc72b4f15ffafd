#pragma once
// Land that the second map gives to two countries because it cuts nothing out of the larger one.

#include <vector>

#include "geo/borders/build/geo_maps.hpp"

namespace chiploc::borders_build {

/// The source cuts lakes and rivers out of the land, but no enclaves: Lesotho lies in its South Africa. Here
/// water is land, and a chip on an islet in a lake is in the country; a polygon inside another country's is
/// cut out of that one, a polygon inside one of its own country's is dropped, and nesting may go on (a part
/// of the Emirates in a part of Oman in the Emirates). Polygons of which some vertices lie outside overlap,
/// and both countries keep the land.
void cut_enclaves(std::vector<GeoMapsCountry>& countries);

/// Where the outline of a state and that of a territory of cut_territories() run along each other: boxes
/// around the parts of the territory that hang together with the state's land. Thinned each by itself the two
/// would part, and the state be left with slivers in the territory's harbours.
std::vector<Box> shared_outlines(const std::vector<GeoMapsCountry>& countries);

/// The source has territories with a code of their own twice: as theirs, and within the state they belong to
/// (CN's polygons hold HK's). Takes them out of the state's: an island that is one of the territory's is
/// dropped, and land that hangs together with the state's is cut along the territory's ring, whose coast is a
/// line of the state's from then on: regions that meet it meet both. The pairs are
/// those that the source has; land that two states claim (EH and MA, RU and UA) stays both's. After
/// cut_enclaves().
void cut_territories(std::vector<GeoMapsCountry>& countries);

}  // namespace chiploc::borders_build
