#pragma once
// Which code each feature gets, and the one polygon that the source loses.

#include <map>
#include <string>
#include <vector>

#include "geo/borders/build/geo_maps.hpp"
#include "geo/borders/build/topojson.hpp"

namespace chiploc::borders_build {

/// Features gathered under one code.
struct Territory {
  std::string code;
  std::string name;
  std::vector<std::vector<Ring>> polygons;   ///< by Natural Earth
  std::vector<std::vector<Ring>> surveyed;   ///< by OpenStreetMap; none for private codes
  std::vector<std::vector<Ring>> contested;  ///< land that may be this country's, whatever the two draw
};

/// Joins features with the ISO list. Features without a number get the code set by hand, and codes that the
/// source draws within another country's feature are cut out of it by place.
/// Throws std::runtime_error for a feature that neither the list nor the table knows, for a table row
/// that matches no feature, and for a code of the list that is left without land: a new edition of the data
/// must be looked at by a person.
std::vector<Territory> assign_codes(const std::vector<Feature>& features,
                                    const std::map<std::string, IsoCountry>& iso);

/// Gives each territory its land by the second map, which knows codes of three letters. Throws
/// std::runtime_error for a country that is not in the list, and for a code of the list without such land.
void join_second_map(std::vector<Territory>& territories, std::vector<GeoMapsCountry> countries,
                     const std::map<std::string, IsoCountry>& iso);

}  // namespace chiploc::borders_build
