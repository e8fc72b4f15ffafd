#pragma once
// Reads the TopoJSON of world-atlas and the ISO 3166-1 list of iso-codes into features with plain rings.

#include <map>
#include <string>
#include <vector>

namespace chiploc::borders_build {

/// Degrees, longitude first as in the file.
struct Point {
  double lon = 0.0;
  double lat = 0.0;
  friend bool operator==(const Point&, const Point&) = default;
};

using Ring = std::vector<Point>;  // closed: the last point repeats the first; may jump across +-180

struct Feature {
  std::string id;    ///< ISO 3166-1 numeric, three digits; empty where Natural Earth has -99.
  std::string name;  ///< Natural Earth's name.
  std::vector<std::vector<Ring>> polygons;
};

struct IsoCountry {
  std::string alpha_2;
  std::string alpha_3;
  std::string name;
};

/// Both throw std::runtime_error with the file's name when a file is unreadable or not what it should be.
std::vector<Feature> read_topojson(const std::string& path);
std::map<std::string, IsoCountry> read_iso_codes(const std::string& path);  // by numeric code

}  // namespace chiploc::borders_build
