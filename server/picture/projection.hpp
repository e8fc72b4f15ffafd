#pragma once
// The globe on a plane: Lambert's azimuthal equal-area projection about any place, poles included.

#include <span>
#include <vector>

#include "geo/lat_lon.hpp"
#include "geo/vec3.hpp"

namespace chiploc {

/// A place on the plane in km: x to the east and y to the north of the centre.
struct PlanePoint {
  double x = 0.0;
  double y = 0.0;
};

/// Radius of the sphere with the Earth's surface (WGS 84, authalic).
inline constexpr double kMeanRadiusKm = 6371.0072;

/// Formula   r = 2 R sin(angle / 2) from the centre, in the direction that the great circle leaves it in, on
///           the auxiliary sphere of lat_lon.hpp.
/// Why       Areas keep their proportions, so a region that is mostly licensed looks so; the whole globe but
///           one point has an image; nothing is cut at the antimeridian or the poles.
/// Accuracy  Areas within 1 %, distances from the centre within 0.6 % near it; shapes far away are flattened.
/// Reach     Curves are followed as far as an angle `reach` from the centre, and beyond it along the rim of that
///           disk: a closed curve stays closed, and what is inside it within the disk stays inside.
class AzimuthalProjection {
 public:
  /// `reach` in radians, at most 3.1: the antipode has no image.
  AzimuthalProjection(LatLon centre, double reach);

  /// Places beyond the reach too, as far as kFarthest from the centre.
  [[nodiscard]] PlanePoint project(Vec3 point) const;
  [[nodiscard]] double angle_to(Vec3 point) const { return angle_between(centre_, point); }
  [[nodiscard]] double reach() const { return reach_; }
  [[nodiscard]] Vec3 antipode() const { return -centre_; }
  /// How far from the centre an angle is on the plane, in km.
  [[nodiscard]] static double radius_km(double angle);
  /// The inverse; the whole sphere from 2 R on.
  [[nodiscard]] static double angle_of(double radius_km);

  /// The image of a closed curve (the last point joined to the first) whose edges are great circles shorter
  /// than half of one; closed as well, and empty when the curve leaves nothing within the reach on either
  /// side of it. Filled by the even-odd rule, together with rim() for sets that hold the antipode.
  [[nodiscard]] std::vector<PlanePoint> ring(std::span<const Vec3> curve) const;
  /// The image of an open curve: the pieces of it within the reach.
  [[nodiscard]] std::vector<std::vector<PlanePoint>> line(std::span<const Vec3> curve) const;
  /// The whole circle at the reach.
  [[nodiscard]] std::vector<PlanePoint> rim() const;

 private:
  friend class CurveWalk;
  [[nodiscard]] bool within(Vec3 point) const { return dot(point, centre_) >= cos_reach_; }
  [[nodiscard]] double azimuth(Vec3 point) const;  // from east, counter-clockwise
  [[nodiscard]] PlanePoint on_rim(double azimuth) const;

  Vec3 centre_;
  Vec3 east_;
  Vec3 north_;
  double reach_;
  double cos_reach_;
};

}  // namespace chiploc
