#pragma once
// GeoJSON as the command line writes it, read for drawing: whatever it holds, nothing is trusted.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "geo/lat_lon.hpp"
#include "geo/vec3.hpp"
#include "server/picture/drawing.hpp"
#include "server/picture/land.hpp"
#include "server/picture/projection.hpp"

namespace chiploc {

/// One feature: a point, or the rings of its polygons.
struct MapFeature {
  std::string role;
  std::string holder;  ///< property "holder", of a key that several hold; empty: none
  nlohmann::ordered_json properties;
  std::optional<LatLon> point;
  std::vector<std::vector<Degrees>> rings;  ///< closed: the last place joined to the first, not repeated

  [[nodiscard]] std::string text(const char* key) const;  ///< of a property; empty unless it is a text
  [[nodiscard]] std::optional<double> number(const char* key) const;
  [[nodiscard]] bool flag(const char* key) const;
};

/// The features of a FeatureCollection, in its order. What is not a point, a polygon or several of them, or has
/// places that are not on Earth, is left out. 10,000 features at most.
[[nodiscard]] std::vector<MapFeature> read_features(const nlohmann::ordered_json& collection);

/// Whether a ring's edge from `a` to `b` is a cut and no boundary: region_geojson() cuts along the meridians of
/// 0, 90 and 180 degrees, and along the poles (geo/geojson.hpp).
[[nodiscard]] bool is_seam(Degrees a, Degrees b);
/// The same of a drawing that people made, which is cut at the antimeridian and the poles alone (RFC 7946, 3.1.9).
[[nodiscard]] bool is_cut_of_drawing(Degrees a, Degrees b);
[[nodiscard]] bool rings_hold(const std::vector<std::vector<Degrees>>& rings, Degrees place);
/// The edges of the boundary, without the cuts.
[[nodiscard]] std::vector<std::pair<Vec3, Vec3>> boundary_of(const MapFeature& feature);

/// Whether a feature is an area among the territories: role "territory", with "territory" (its name) and
/// "prohibited".
[[nodiscard]] bool is_territory(const MapFeature& feature);

/// The polygons in pixels: closed rings to fill, and open lines to stroke, which leave the cuts out. Edges of a
/// territory are straight in longitude and latitude, all others great circles.
struct DrawnArea {
  std::vector<DrawnLine> rings;
  std::vector<DrawnLine> outline;
};
[[nodiscard]] DrawnArea drawn_area(const MapFeature& feature, const AzimuthalProjection& projection,
                                   const PlaneToPixels& pixels, double detail);

}  // namespace chiploc
