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

/// Polygons on the ellipsoid, edges straight in longitude and latitude. Immutable, shared between threads.
///
/// Inside     By parity: a place is inside when the way north crosses the rings an odd number of times, so
/// holes, islands and
///            self-touching rings need no care and winding is not looked at. Only a ring that goes round the
///            Earth needs it: an outer ring encloses what is on its left (RFC 7946, 3.1.6), so walked
///            eastwards it has the North Pole inside.
/// Accuracy   Places are rounded to 0.1 m. Against regions, edges are great circles within 50 m of the
/// straight line; meets()
///            and holds() allow 100 m, each to its safe side.
class Area {
 public:
  struct Parsed;
  /// Reads a Polygon, a MultiPolygon, a Feature with one of them, or a FeatureCollection or
  /// GeometryCollection of such.
  ///
  /// Edges      An edge wider than 180 degrees goes the short way, across the antimeridian (RFC 7946 would
  /// cut the polygon
  ///            there, which works too). One of exactly 360 degrees, or along a pole, is taken as it is
  ///            drawn.
  /// Fails      With a sentence that names the place in the text: not JSON, another geometry, a ring that is
  /// not closed or has
  ///            fewer than four positions, numbers out of range, an edge of exactly 180 degrees (which way?),
  ///            nothing enclosed, beyond the limits.
  [[nodiscard]] static Parsed from_geojson(std::string_view text, const AreaLimits& limits = {});

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
  /// On the ellipsoid.
  [[nodiscard]] double area_km2() const;

  Area(Area&&) noexcept;
  Area& operator=(Area&&) noexcept;
  ~Area();

 private:
  struct Tables;
  explicit Area(std::unique_ptr<const Tables> tables);
  [[nodiscard]] bool edge_touches(const Region& region) const;
  std::unique_ptr<const Tables> tables_;
};

struct Area::Parsed {
  std::optional<Area> area;
  std::string fault;  ///< where and what, when there is no area
};

}  // namespace chiploc
