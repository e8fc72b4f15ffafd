#pragma once
// Where a chip can be: the exact region of all places that the bounds allow, under a fault budget.

#include <optional>
#include <span>
#include <vector>

#include "geo/bound.hpp"
#include "geo/cap_set.hpp"
#include "geo/lat_lon.hpp"
#include "geo/units.hpp"

namespace chiploc {

/// The set of places that contradict at most `faults` perspectives. A perspective is contradicted at a place
/// when any of its anchors' caps excludes it. faults = 0 is the plain intersection.
///
/// Method    Caps that exclude nothing within reach of the smallest ones are left out first. Then the exact
///           arrangement of circles on the auxiliary sphere (lat_lon.hpp): every pairwise crossing, and a
///           point of every circle that crosses none, with its depth counted by perspective. O(n^3) for the n
///           caps that are left.
/// Accuracy  Outward: contains every place that satisfies the bounds on the ellipsoid, whatever the rounding,
///           and exceeds them by at most 0.35 % of each radius and 1.5 m (cap_set.hpp says why).
/// Odd cases No bounds, bounds that reach round the Earth, and budgets not below the number of perspectives
///           give everything. Duplicates, nested and concentric caps, poles and the antimeridian need no
///           care.
/// Owns      Its caps; a value, immutable, safe to share between threads. Never does I/O.
class Region {
 public:
  [[nodiscard]] static Region from_bounds(std::span<const AnchorBound> bounds, unsigned faults);

  [[nodiscard]] bool contains(LatLon place) const { return set_.contains(to_sphere(place)); }
  /// No place satisfies the bounds within the budget: some anchor lies. See smallest_conflict().
  [[nodiscard]] bool empty() const { return !is_everything() && points_.empty(); }
  /// The bounds exclude nothing at all. (A region can also cover the Earth without this, by caps that
  /// overlap.)
  [[nodiscard]] bool is_everything() const { return set_.is_everything(); }

  [[nodiscard]] unsigned faults() const { return set_.faults(); }
  /// Perspectives that exclude any place, as measured: inflating does not change it.
  [[nodiscard]] unsigned perspectives() const { return perspectives_; }
  /// Perspectives without which the region might be another, ascending; without any one of the others it is
  /// the same.
  [[nodiscard]] std::vector<std::uint32_t> shaping_perspectives() const;

  /// At least one place in (or within 0.5 m of) each connected component: the vertices of the region, and a
  /// point of each boundary circle without vertices. Empty for everything, which has no boundary.
  [[nodiscard]] std::vector<LatLon> representatives() const;

  /// A region that contains every place within `by` of this one: each cap enlarged. Larger than the true
  /// dilation at corners, and may join components or fill an empty region.
  [[nodiscard]] Region inflated(Kilometers by) const;

  /// Size of the region for display and reports; nothing is proved with it.
  struct Extent {
    LatLon centre;  ///< Centroid of the region, projected to the sphere; may lie outside a region in parts.
    Kilometers radius;  ///< No place of the region is farther from the centre than this (within 0.4 %).
    double area_km2;    ///< Counted on 4,096 points of a spiral: about 3 % for one compact region.
  };
  /// nullopt when the region is empty.
  [[nodiscard]] std::optional<Extent> extent() const;

  /// For geo's own use: the caps on the auxiliary sphere, and the representatives there.
  [[nodiscard]] const CapSet& cap_set() const { return set_; }
  [[nodiscard]] std::span<const Vec3> points() const { return points_; }

 private:
  Region(CapSet set, unsigned perspectives);
  [[nodiscard]] double farthest_from(Vec3 centre) const;
  CapSet set_;
  unsigned perspectives_;
  std::vector<Vec3> points_;
};

/// The smallest set of perspectives whose removal leaves the rest with a place in common: who may have lied.
///
/// Returns   Perspective numbers, ascending. Empty when the bounds agree, and also when more than
///           `max_removed` would have to go (Region::from_bounds(bounds, 0).empty() tells the two apart). Of
///           several smallest sets, the first in lexicographic order; smallest_conflicts() gives all.
/// Method    Exact, not greedy: the least depth of violation over the arrangement, O(n^3).
[[nodiscard]] std::vector<std::size_t> smallest_conflict(std::span<const AnchorBound> bounds,
                                                         unsigned max_removed);

/// Every smallest set as above, in lexicographic order, without repetition. With two bounds that exclude each
/// other these are two sets of one: either may be the liar, and the evidence does not say which.
[[nodiscard]] std::vector<std::vector<std::size_t>> smallest_conflicts(std::span<const AnchorBound> bounds,
                                                                       unsigned max_removed);

}  // namespace chiploc
