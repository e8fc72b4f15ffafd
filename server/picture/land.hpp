#pragma once
// Countries as they look through one projection.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/picture/drawing.hpp"
#include "server/picture/projection.hpp"

namespace chiploc {

/// From the plane's kilometres to the drawing's pixels.
struct PlaneToPixels {
  DrawnPoint middle;  ///< where the projection's centre is
  double pixels_per_km = 1.0;
  [[nodiscard]] DrawnPoint operator()(PlanePoint p) const {
    return {middle.x + p.x * pixels_per_km, middle.y - p.y * pixels_per_km};
  }
};

/// One country by the map that is surveyed and, where details of kilometres can be seen, by the generalised
/// one beneath: land that either gives to it may be its (borders.hpp).
struct DrawnCountry {
  std::string code;
  std::string name;
  std::vector<DrawnLine> generalised;  ///< closed rings in pixels; even-odd
  std::vector<DrawnLine> surveyed;
};

/// Every country that comes within the projection's reach, in the table's order.
///
/// Takes     `detail`: points nearer to each other than this many pixels are left out, and rings smaller than
///           it.
[[nodiscard]] std::vector<DrawnCountry> drawn_countries(const AzimuthalProjection& projection,
                                                        const PlaneToPixels& pixels, double detail);

/// Curves in pixels, without points nearer than `detail` to the last one. Empty for a ring of no size.
[[nodiscard]] DrawnLine thinned(const std::vector<PlanePoint>& curve, const PlaneToPixels& pixels,
                                double detail);

/// A point in the rings where words of this size have room, in `frame`: the middle of the widest stretch, near
/// the middle of what is seen. nullopt where they have none.
struct Frame {
  double x = 0.0, y = 0.0, width = 0.0, height = 0.0;
};
[[nodiscard]] std::optional<DrawnPoint> place_for_words(const std::vector<DrawnLine>& rings,
                                                        const Frame& frame, double width, double height);

/// Parallel lines over the rings, `spacing` pixels apart, rising to the right.
[[nodiscard]] std::vector<DrawnLine> hatching(const std::vector<DrawnLine>& rings, const Frame& frame,
                                              double spacing);

/// The box around all land that either map gives to a country, in degrees; west > east: across the antimeridian.
/// nullopt for a code that is not drawn.
struct LandBox {
  double south = 0.0, west = 0.0, north = 0.0, east = 0.0;
};
[[nodiscard]] std::optional<LandBox> land_box(std::string_view code);
/// The box around its largest piece alone: France without Réunion, which a map is better centred on.
[[nodiscard]] std::optional<LandBox> main_land_box(std::string_view code);

/// "Land and borders: ...": whose maps these are, as their licences ask.
[[nodiscard]] std::string land_notice();

}  // namespace chiploc
