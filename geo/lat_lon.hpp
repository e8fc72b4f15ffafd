#pragma once
// A checked position on the WGS 84 ellipsoid, and its image on the auxiliary sphere where regions are
// computed.

#include <optional>

#include "geo/units.hpp"
#include "geo/vec3.hpp"

namespace chiploc {

/// Unchecked degrees as they come from a file or a message: geodetic latitude north, longitude east (WGS 84).
struct Degrees {
  double lat = 0.0;
  double lon = 0.0;
};

/// A position that exists: |lat| <= 90, -180 < lon <= 180, both finite.
class LatLon {
 public:
  /// Fails     nullopt for NaN or infinity, |lat| > 90 or |lon| > 180: nothing is wrapped or clamped in
  ///           silence. The one exception is lon = -180, which is the same meridian as 180 and becomes 180.
  [[nodiscard]] static std::optional<LatLon> from_degrees(Degrees degrees);

  [[nodiscard]] constexpr double lat_deg() const { return lat_deg_; }
  [[nodiscard]] constexpr double lon_deg() const { return lon_deg_; }

  friend constexpr bool operator==(LatLon, LatLon) = default;

 private:
  friend LatLon from_sphere(Vec3 point);
  constexpr LatLon(double lat_deg, double lon_deg) : lat_deg_{lat_deg}, lon_deg_{lon_deg} {}
  double lat_deg_;
  double lon_deg_;
};

/// WGS 84: semi-axes of the ellipsoid (NGA.STND.0036), and half of a meridian ellipse, which is the longest
/// geodesic distance that two places can have (pole to pole), rounded up.
inline constexpr Kilometers kEquatorialRadius{6378.137};
inline constexpr Kilometers kPolarRadius{6356.752'314'245};
inline constexpr Kilometers kLongestGeodesic{20'003.932};

/// Image of a place on the auxiliary sphere: the unit vector whose latitude is the *reduced* (parametric)
/// latitude
///
///     tan(beta) = (1 - f) tan(phi),    same longitude.
///
/// Why       With it a path of length s on the ellipsoid maps to a path of angle at most s / 6356.752 km, and
///           at least s / 6378.137 km: sphere and ellipsoid agree within 0.34 %. With geodetic latitude the
///           spread is 1.0 % (6335 to 6400 km). See geo/README.md for the derivation.
[[nodiscard]] Vec3 to_sphere(LatLon place);
[[nodiscard]] Vec3 to_sphere(Degrees place);

/// Inverse of to_sphere; `point` need not have length 1 but must not be zero.
[[nodiscard]] LatLon from_sphere(Vec3 point);

}  // namespace chiploc
