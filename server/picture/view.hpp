#pragma once
#include <span>

#include "server/picture/features.hpp"

namespace chiploc {

/// Where one looks from, and how near.
struct MapView {
  AzimuthalProjection projection;
  PlaneToPixels pixels;
};

/// A view of all that the verdict says of where the chip can be, north upwards:
///
///     region, holders' regions    their whole boundary; the globe when that goes round more than half of it
///     estimate, posterior         their places
///     anchors that counted        those within twice the radius of that; all of them where there is no region
///
/// with some room at the edges, and never less than 4 km across. Centred on the region's middle.
///
/// Takes     `around`: how far beyond the frame's corners things are drawn, as a factor.
[[nodiscard]] MapView view_of(std::span<const MapFeature> features, const Frame& frame, double around);

/// Degrees between lines of a grid such that the view has about six of them.
[[nodiscard]] double grid_step_deg(double view_deg);

/// Parallels and meridians within reach, every `step_deg`: curves on the plane with the degrees that they stand
/// for.
struct DegreeLine {
  bool parallel = false;
  double degrees = 0.0;
  std::vector<std::vector<PlanePoint>> pieces;
};
[[nodiscard]] std::vector<DegreeLine> degree_lines(const AzimuthalProjection& projection, double step_deg);
/// "35° N", "0.25° W", "0°".
[[nodiscard]] std::string degrees_text(bool parallel, double degrees);

}  // namespace chiploc
