#pragma once
// A territory given by polygons: a site, a province, a zone. Read from GeoJSON, held against regions.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "geo/lat_lon.hpp"
#include "geo/region.hpp"
#include "geo/units.hpp"

namespace chiploc {

struct AreaLimits {
  std::size_t bytes = 1U << 20;    ///< of the text
  std::size_t positions = 20'000;  ///< of all rings; a province of a country at 1:10m has some thousands
};

/// Where an area lies, in degrees. west > east: across the antimeridian. All the way round is -180 to 180.
struct AreaBox {
  double south = 0.0;
  double west = 0.0;
  double north = 0.0;
  double east = 0.0;
};

/// Polygons on the ellipsoid, edges straight in longitude and latitude. Immutable, shared between threads.
///
/// Inside     The union of the polygons, each its outer ring without its holes: parts may overlap, repeat,
///            lie in each other's holes or share a border, which is then no edge, at the antimeridian and the
///            poles as well. Winding is not looked at.
/// Accuracy   Places are rounded to 0.1 m. Against regions, edges are great circles within 50 m of the
///            straight line; meets() and holds() allow 100 m, each to its safe side. meets() rests on the
///            rings as they are drawn, holds() on the edges of their union (polygon_union.hpp).
class Area {
 public:
  struct Parsed;
  /// Reads a Polygon, a MultiPolygon, a Feature with one of them, or a FeatureCollection or
  /// GeometryCollection of such. Features without a geometry are passed over.
  ///
  /// Fails      With a sentence that names the place in the text, and the coordinates where there are any,
  ///            and says what would be right: not JSON, another geometry, a ring that is not closed or has
  ///            fewer than four positions, numbers out of range, an edge of 180 degrees or more (which way?
  ///            drawing.hpp has two exceptions), rings that cross or go along themselves or each other within
  ///            one polygon (polygon_union.hpp), nothing enclosed, a "crs" that is not longitude and latitude
  ///            on WGS 84, beyond the limits.
  [[nodiscard]] static Parsed from_geojson(std::string_view text, const AreaLimits& limits = {});

  /// An area of which nothing is known: it may be anywhere, so it meets every region, holds none, and is no
  /// distance away. For a drawing that cannot be read any more.
  [[nodiscard]] static Area unknown();

  [[nodiscard]] bool contains(LatLon place) const;
  /// Some place of the region may be inside: never false when one is.
  [[nodiscard]] bool meets(const Region& region) const;
  /// Every place of the region is inside, the sea included: never true when one is not. A region of nothing
  /// is held by nothing.
  [[nodiscard]] bool holds(const Region& region) const;
  /// By how much the region stays clear of it: grown by this it does not meet(). A lower bound, a kilometre
  /// below what growing can tell; 0 where they meet; nullopt from `limit` on, and for a region of nothing.
  [[nodiscard]] std::optional<Kilometers> clearance(const Region& region, Kilometers limit) const;
  /// To the nearest place inside: 0 there. Within 0.4 %.
  [[nodiscard]] Kilometers distance_from(LatLon place) const;
  /// Of the union, on the ellipsoid.
  [[nodiscard]] double area_km2() const;
  /// The smallest one; unknown() has the whole Earth.
  [[nodiscard]] AreaBox box() const;

  Area(Area&&) noexcept;
  Area& operator=(Area&&) noexcept;
  ~Area();

 private:
  struct Tables;
  explicit Area(std::unique_ptr<const Tables> tables);
  std::unique_ptr<const Tables> tables_;
};

struct Area::Parsed {
  std::optional<Area> area;
  std::string fault;  ///< where and what, when there is no area
};

}  // namespace chiploc
