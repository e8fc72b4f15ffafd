#include "geo/geodesic.hpp"

#include <GeographicLib/Geodesic.hpp>
#include <algorithm>

namespace chiploc {

Kilometers geodesic_distance(LatLon a, LatLon b) {
  double metres = 0.0;
  GeographicLib::Geodesic::WGS84().Inverse(a.lat_deg(), a.lon_deg(), b.lat_deg(), b.lon_deg(), metres);
  return Kilometers{metres / 1000.0};
}

LatLon geodesic_direct(LatLon from, double azimuth_deg, Kilometers distance) {
  double lat = 0.0;
  double lon = 0.0;
  GeographicLib::Geodesic::WGS84().Direct(from.lat_deg(), from.lon_deg(), azimuth_deg, distance.km() * 1000.0,
                                          lat, lon);
  // The library returns latitudes within 90 and longitudes within 180; a NaN azimuth or distance gives NaN,
  // which stays at the start rather than becoming a place that does not exist.
  return LatLon::from_degrees({.lat = lat, .lon = lon}).value_or(from);
}

}  // namespace chiploc
