#pragma once
// Reads the land of countries from the GeoJSON of the npm packages @geo-maps/countries-land-*, and makes of
// it what the table needs: no water, and no more vertices than its accuracy is worth.

#include <string>
#include <vector>

#include "geo/borders/build/topojson.hpp"

namespace chiploc::borders_build {

struct GeoMapsCountry {
  std::string alpha_3;
  std::vector<std::vector<Ring>> polygons;
};

struct Box {
  double west = 180.0;
  double south = 90.0;
  double east = -180.0;
  double north = -90.0;
  [[nodiscard]] bool holds(Point p) const {
    return p.lon >= west && p.lon <= east && p.lat >= south && p.lat <= north;
  }
};
Box box_of(const Ring& ring);

/// Throws std::runtime_error with the file's name when it is unreadable or not what it should be.
std::vector<GeoMapsCountry> read_geo_maps(const std::string& path);

/// Thins the outer rings of a country (Douglas and Peucker, "Algorithms for the reduction of the number of
/// points required to represent a digitized line", Cartographica 10(2), 1973). No vertex of a ring is farther
/// from the thinned one than
///
///     min(0.7 km, extent of the ring / 12),  and 0.2 km in a country of fewer than 5,000 km2.
///
/// Islets keep their shape: a ring is never thinned to fewer than four points. Vertices in one of the boxes
/// stay.
void thin(GeoMapsCountry& country, const std::vector<Box>& kept = {});

}  // namespace chiploc::borders_build
