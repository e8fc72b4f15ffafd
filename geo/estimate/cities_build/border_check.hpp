#pragma once
// Holds the cities against the borders, before either is built into anything.

#include <cstddef>
#include <string>
#include <vector>

namespace chiploc::cities_build {

struct NamedCity {
  std::string name;
  std::string country;
  double lat = 0.0;
  double lon = 0.0;
};

/// Every city lies on land of its own country or within kBorderAmbiguity of it, but for those that
/// border_check.cpp lists with the reason. Throws std::runtime_error that names each other one and how far
/// off it is, each of the list that lies right by now, and a border table that cannot be read.
///
/// Returns the rows of the listed ones, in ascending order: their own place is wrong, so they are no cities
/// to know.
///
/// Where this fails after a change of a map, the map draws land wrongly that people live on: a proof about a
/// country would be wrong there. Mend the map; the list is for cities whose own place is wrong.
std::vector<std::size_t> check_cities_against_borders(const std::vector<NamedCity>& cities,
                                                      const std::string& border_table);

}  // namespace chiploc::cities_build
