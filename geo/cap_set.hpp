#pragma once
// Spherical caps grouped by perspective: the arithmetic under Region and Borders. Most callers want
// geo/region.hpp.

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "geo/bound.hpp"
#include "geo/vec3.hpp"

namespace chiploc {

/// All points of the auxiliary sphere within an angle `radius` of `centre`; 0 < radius < pi.
struct Cap {
  Vec3 centre;
  double radius = 0.0;
  double cos_radius = 1.0;
  double sin_radius = 0.0;
  double sin_half = 0.0;    ///< sin(radius / 2): differences of cosines without cancellation.
  double cos_loose = 1.0;   ///< cos(radius + kArrangementSlack), for points that were computed, not given.
  std::uint32_t group = 0;  ///< Perspective, renumbered 0, 1, 2 ...

  Cap(Vec3 centre_in, double radius_in, std::uint32_t group_in);
};

/// Every cap is enlarged by 1.6e-7 rad (about 1 m) more than the ellipsoid asks, and computed vertices are
/// tested with 8e-8 rad (0.5 m) of tolerance: rounding in double precision (below 3e-8 rad even at tangent
/// circles) can therefore make a region larger by up to 1.5 m, and never smaller.
inline constexpr double kRoundingMargin = 1.6e-7;
inline constexpr double kArrangementSlack = 8e-8;

/// Radius of the spherical cap that covers everything within geodesic distance `reach` of `place`, or nullopt
/// when that is the whole sphere (or `reach` is NaN, which bounds nothing). A negative reach counts as 0.
///
/// Formula   reach / rho + margin, where rho = sqrt(a^2 sin^2 b0 + b^2 cos^2 b0) is the least radius of
///           curvature factor that the auxiliary sphere has between the equator and the reduced latitude b0
///           nearest to the equator that the reach can touch; rho is between b = 6356.752 km and a = 6378.137
///           km. 1e-4 of the reach is added for paths that dip below the ellipsoid (to 600 m).
/// Accuracy  Outward always; at most 0.34 % too large along meridians near the equator's radius, and 0.35 %
///           in all.
[[nodiscard]] std::optional<double> covering_radius(LatLon place, Kilometers reach);

/// Largest angle on the auxiliary sphere that a geodesic of this length can have: for dilating regions.
[[nodiscard]] double largest_angle(Kilometers length);

/// Caps in groups, and a number of groups that may be wrong. A group is violated at a point when any cap of
/// it excludes the point; the set described is where at most `faults` groups are violated. Value type,
/// immutable.
class CapSet {
 public:
  CapSet(std::vector<Cap> caps, unsigned faults);
  [[nodiscard]] static CapSet from_bounds(std::span<const AnchorBound> bounds, unsigned faults);

  [[nodiscard]] std::span<const Cap> caps() const { return caps_; }
  [[nodiscard]] unsigned faults() const { return faults_; }
  /// Number of groups that constrain anything: those with a cap smaller than the sphere.
  [[nodiscard]] unsigned groups() const { return groups_; }
  /// True when no point can violate more groups than allowed, because there are not more.
  [[nodiscard]] bool is_everything() const { return groups_ <= faults_; }

  [[nodiscard]] bool contains(Vec3 point) const {
    unsigned violated = 0;
    std::uint32_t last = kNone;
    for (const Cap& cap : caps_) {
      if (cap.group == last || dot(point, cap.centre) >= cap.cos_radius) continue;
      if (++violated > faults_) return false;
      last = cap.group;
    }
    return true;
  }

  /// contains() for a point computed to lie on the circles of caps `on_a` and `on_b`, which count as
  /// satisfied; the other caps are tested with kArrangementSlack.
  [[nodiscard]] bool contains_vertex(Vec3 point, std::size_t on_a, std::size_t on_b) const {
    return violated_groups(point, on_a, on_b, faults_) <= faults_;
  }

  /// How many groups a computed point violates (as above); stops counting once it exceeds `enough`.
  [[nodiscard]] unsigned violated_groups(Vec3 point, std::size_t on_a, std::size_t on_b,
                                         unsigned enough) const {
    unsigned violated = 0;
    std::uint32_t last = kNone;
    for (std::size_t k = 0; k < caps_.size(); ++k) {
      const Cap& cap = caps_[k];
      if (cap.group == last || dot(point, cap.centre) >= cap.cos_loose || k == on_a || k == on_b) continue;
      if (++violated > enough) return violated;
      last = cap.group;
    }
    return violated;
  }

  /// How the set lies to a ball of angular radius `rho` around `centre` (given by cosine and sine).
  enum class Overlap { kNone, kSome, kAll };
  [[nodiscard]] Overlap overlap(Vec3 centre, double cos_rho, double sin_rho) const;

  /// The same set described by fewer caps. Every point of it lies in the smallest cap of one of the
  /// `faults() + 1` groups whose smallest caps are smallest, because at most `faults()` groups may exclude
  /// it. A cap that contains all of those excludes no point of the set, and is left out. Dilating by
  /// inflated() gives the same before and after, since containment outlives it.
  ///
  /// Accuracy  Containment is judged to 2e-8 rad (0.1 m), in doubt by leaving out, which only enlarges the
  ///           set.
  [[nodiscard]] CapSet without_idle_caps() const;

  /// Each cap enlarged by an angle: a superset of the set dilated by that angle.
  [[nodiscard]] CapSet inflated(double angle) const;

 private:
  /// The same budget with caps that are a part of these, in their order.
  [[nodiscard]] CapSet with_caps(std::vector<Cap> caps) const;

  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  std::vector<Cap> caps_;  // contiguous by group, the group with the smallest cap first: misses end early
  unsigned faults_ = 0;
  unsigned groups_ = 0;
};

/// The two points where the circles of two caps cross; nullopt when they do not, or are the same circle to
/// within 1e-12 rad of their centres. `left` is the point to the left of the way from a's centre to b's.
///
/// Accuracy  On both circles to about 1e-15 rad, also for centres metres apart; along them the position is as
///           uncertain as the geometry makes it (1e-8 rad where the circles touch).
struct Crossing {
  Vec3 left;
  Vec3 right;
};
[[nodiscard]] std::optional<Crossing> cross_circles(const Cap& a, const Cap& b);

/// Calls `visit(point, i, j)` for every vertex of the arrangement of all circles (a crossing of circles i <
/// j), and `visit(point, i, i)` with one point of each circle that crosses no other. Any non-empty set
/// described by these caps has at least one visited point in each of its connected components (on its
/// boundary), unless it is the whole sphere. Stops when `visit` returns false.
template <typename Visit>
void for_each_arrangement_point(const CapSet& set, Visit&& visit) {
  const auto caps = set.caps();
  std::vector<bool> crossed(caps.size(), false);
  for (std::size_t i = 0; i < caps.size(); ++i) {
    for (std::size_t j = i + 1; j < caps.size(); ++j) {
      const auto crossing = cross_circles(caps[i], caps[j]);
      if (!crossing) continue;
      crossed[i] = true;
      crossed[j] = true;
      if (!visit(crossing->left, i, j) || !visit(crossing->right, i, j)) return;
    }
    if (crossed[i]) continue;
    const Vec3 side = any_perpendicular(caps[i].centre);
    if (!visit(caps[i].centre * caps[i].cos_radius + side * caps[i].sin_radius, i, i)) return;
  }
}

}  // namespace chiploc
