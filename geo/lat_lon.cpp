#include "geo/lat_lon.hpp"

#include <cmath>
#include <numbers>

namespace chiploc {
namespace {

constexpr double kRadiansPerDegree = std::numbers::pi / 180.0;
constexpr double kOneMinusFlattening = kPolarRadius.km() / kEquatorialRadius.km();

}  // namespace

std::optional<LatLon> LatLon::from_degrees(Degrees degrees) {
  // Written so that NaN, which fails every comparison, is refused as well.
  const bool valid = std::abs(degrees.lat) <= 90.0 && std::abs(degrees.lon) <= 180.0;
  if (!valid) return std::nullopt;
  return LatLon{degrees.lat, degrees.lon == -180.0 ? 180.0 : degrees.lon};
}

Vec3 to_sphere(Degrees place) {
  const double lat = place.lat * kRadiansPerDegree;
  const double lon = place.lon * kRadiansPerDegree;
  const double across = std::cos(lat);
  const double up = kOneMinusFlattening * std::sin(lat);
  const double scale = 1.0 / std::sqrt(across * across + up * up);
  return {across * scale * std::cos(lon), across * scale * std::sin(lon), up * scale};
}

Vec3 to_sphere(LatLon place) { return to_sphere(Degrees{.lat = place.lat_deg(), .lon = place.lon_deg()}); }

LatLon from_sphere(Vec3 point) {
  const double across = std::hypot(point.x, point.y);
  const double lat = std::atan2(point.z, kOneMinusFlattening * across) / kRadiansPerDegree;
  const double lon = std::atan2(point.y, point.x) / kRadiansPerDegree;
  return LatLon{lat, lon <= -180.0 ? 180.0 : lon};
}

}  // namespace chiploc
