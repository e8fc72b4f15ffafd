#pragma once
// Three doubles with the few operations that spherical geometry needs; small enough to stay inlined
// everywhere.

#include <cmath>

namespace chiploc {

struct Vec3 {
  double x = 0.0;
  double y = 0.0;
  double z = 0.0;

  friend constexpr Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend constexpr Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend constexpr Vec3 operator-(Vec3 a) { return {-a.x, -a.y, -a.z}; }
  friend constexpr Vec3 operator*(Vec3 a, double k) { return {a.x * k, a.y * k, a.z * k}; }
  friend constexpr Vec3 operator*(double k, Vec3 a) { return a * k; }
};

[[nodiscard]] constexpr double dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
[[nodiscard]] constexpr Vec3 cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
[[nodiscard]] inline double norm(Vec3 a) { return std::sqrt(dot(a, a)); }

/// The unit vector along `a`; the caller makes sure that `a` is not zero.
[[nodiscard]] inline Vec3 normalized(Vec3 a) { return a * (1.0 / norm(a)); }

/// Angle between two unit vectors in radians, accurate near 0 and near pi, where acos of the dot product is
/// not.
[[nodiscard]] inline double angle_between(Vec3 a, Vec3 b) { return std::atan2(norm(cross(a, b)), dot(a, b)); }

/// Some unit vector perpendicular to the unit vector `a`.
[[nodiscard]] inline Vec3 any_perpendicular(Vec3 a) {
  const Vec3 axis = std::abs(a.x) < 0.6 ? Vec3{1.0, 0.0, 0.0} : Vec3{0.0, 1.0, 0.0};
  return normalized(cross(a, axis));
}

}  // namespace chiploc
