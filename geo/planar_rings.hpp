#pragma once
// Closed curves around the sphere, as rings of the longitude-latitude rectangle: cut at +-180 and closed
// along it.

#include <functional>
#include <vector>

namespace chiploc {

struct PlanarPoint {
  double x = 0.0;  ///< Longitude in degrees; unwrapped where said so.
  double y = 0.0;  ///< Latitude in degrees.
};

/// A closed curve, the last point joined to the first without repeating it.
using PlanarRing = std::vector<PlanarPoint>;

/// An outer ring, counter-clockwise, and its holes, clockwise.
struct PlanarPolygon {
  PlanarRing outer;
  std::vector<PlanarRing> holes;
};

/// Polygons of the rectangle [-180, 180] x [-90, 90] whose boundary is the given curves.
///
/// Takes     Curves with the area on their left and unwrapped longitudes: neighbouring points differ by the
///           way actually gone, and the last to the first point may differ by a multiple of 360 (round a
///           pole). `width`, a divisor of 360: how wide a polygon may be; the rectangle is cut into columns
///           of it. `covers` says of a column's western edge whether it belongs to the area, and matters only
///           where no curve crosses the column's edges.
/// Method    Curves are cut where they cross from column to column; each piece that ends at a column's edge
///           goes on, counter-clockwise along that edge, to the next piece that begins there.
[[nodiscard]] std::vector<PlanarPolygon> polygons_of_curves(const std::vector<PlanarRing>& curves,
                                                            const std::function<bool(double)>& covers,
                                                            double width = 360.0);

}  // namespace chiploc
