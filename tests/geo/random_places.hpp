#pragma once
// Random places and bounds for tests, from generators whose seeds the tests print.

#include <cmath>
#include <numbers>
#include <random>

#include "geo/geodesic.hpp"
#include "geo/lat_lon.hpp"

namespace chiploc {

/// Evenly spread over the sphere.
inline LatLon random_place(std::mt19937_64& random) {
  std::uniform_real_distribution<double> height{-1.0, 1.0};
  std::uniform_real_distribution<double> lon{-180.0, 180.0};
  return LatLon::from_degrees(
             {.lat = std::asin(height(random)) * 180.0 / std::numbers::pi, .lon = lon(random)})
      .value();
}

/// At an even random distance from `centre`, in a random direction: denser near the centre.
inline LatLon random_place_within(std::mt19937_64& random, LatLon centre, Kilometers radius) {
  std::uniform_real_distribution<double> azimuth{0.0, 360.0};
  std::uniform_real_distribution<double> distance{0.0, radius.km()};
  const double direction = azimuth(random);
  return geodesic_direct(centre, direction, Kilometers{distance(random)});
}

inline LatLon place_at(double lat, double lon) {
  return LatLon::from_degrees({.lat = lat, .lon = lon}).value();
}

}  // namespace chiploc
