#pragma once
// The boundary of a set of caps as closed loops of arcs, for drawing.

#include <optional>
#include <vector>

#include "geo/cap_set.hpp"
#include "geo/vec3.hpp"

namespace chiploc {

/// A piece of one cap's circle, walked counter-clockwise around the cap's centre as seen from outside the
/// sphere, so that the cap's inside is on the left: from angle `from` to angle `to` >= from in the cap's own
/// frame.
struct BoundaryArc {
  std::size_t cap = 0;  ///< Index into CapSet::caps().
  double from = 0.0;
  double to = 0.0;
};

/// Point of a cap's circle at an angle of its frame (any_perpendicular() of the centre is angle 0).
[[nodiscard]] Vec3 point_on_circle(const Cap& cap, double angle);

/// Closed loops with the set on their left; together they are its whole boundary. Empty for the empty set and
/// for the whole sphere.
///
/// Method    On each circle the arcs between crossings are boundary where the set lies 6 cm inside the circle
///           but not 6 cm outside of it, at the middle of the arc. Each arc is joined to the open one that
///           begins nearest to its end, which at a vertex is the same point.
/// Fails     nullopt when ends do not pair up within 60 m: three circles that meet within rounding, where
///           arcs of centimetres were misjudged. Callers then draw something larger.
[[nodiscard]] std::optional<std::vector<std::vector<BoundaryArc>>> trace_outline(const CapSet& set);

}  // namespace chiploc
