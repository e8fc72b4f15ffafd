#include "geo/area/polygon_union.hpp"

#include <geos_c.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "geo/area/polygon_groups.hpp"
#include "geo/borders/border_lines.hpp"

namespace chiploc {
namespace {

constexpr double kGrid = 1e-6;       // degrees
constexpr double kLeastKm2 = 1e-6;   // a square metre
constexpr double kFlatDeg2 = 1e-13;  // of a ring's hull: a line but for rounding

void silent(const char* /*message*/, void* /*unused*/) {}

/// GEOS for one call: its C functions let no exception out, they return null or 2.
class Geos {
 public:
  struct Free {
    GEOSContextHandle_t context;
    void operator()(GEOSGeometry* shape) const { GEOSGeom_destroy_r(context, shape); }
  };
  using Shape = std::unique_ptr<GEOSGeometry, Free>;

  Geos() : context_{GEOS_init_r()} { GEOSContext_setErrorMessageHandler_r(context_, silent, nullptr); }
  ~Geos() { GEOS_finish_r(context_); }
  Geos(const Geos&) = delete;
  Geos& operator=(const Geos&) = delete;

  [[nodiscard]] GEOSContextHandle_t context() const { return context_; }
  [[nodiscard]] Shape own(GEOSGeometry* shape) const { return {shape, Free{context_}}; }

  /// Null when it has fewer positions than a ring takes.
  [[nodiscard]] Shape ring(const DrawnRing& positions) const {
    if (positions.size() < 4) return own(nullptr);
    GEOSCoordSequence* sequence = GEOSCoordSeq_create_r(context_, static_cast<unsigned>(positions.size()), 2);
    if (sequence == nullptr) return own(nullptr);
    for (unsigned i = 0; i < positions.size(); ++i)
      GEOSCoordSeq_setXY_r(context_, sequence, i, positions[i].lon, positions[i].lat);
    return own(GEOSGeom_createLinearRing_r(context_, sequence));  // takes the sequence
  }
  [[nodiscard]] Shape polygon(Shape outer, std::vector<Shape> holes) const {
    if (!outer) return own(nullptr);
    std::vector<GEOSGeometry*> given;
    given.reserve(holes.size());
    for (Shape& hole : holes) given.push_back(hole.release());
    return own(GEOSGeom_createPolygon_r(context_, outer.release(), given.data(),
                                        static_cast<unsigned>(given.size())));
  }
  [[nodiscard]] Shape collection(std::vector<Shape> shapes) const {
    std::vector<GEOSGeometry*> given;
    given.reserve(shapes.size());
    for (Shape& shape : shapes) given.push_back(shape.release());
    return own(GEOSGeom_createCollection_r(context_, GEOS_GEOMETRYCOLLECTION, given.data(),
                                           static_cast<unsigned>(given.size())));
  }
  [[nodiscard]] double hull_deg2(const GEOSGeometry* shape) const {
    const Shape hull = own(GEOSConvexHull_r(context_, shape));
    double area = 0.0;
    if (hull) GEOSArea_r(context_, hull.get(), &area);
    return area;
  }
  [[nodiscard]] DrawnRing positions(const GEOSGeometry* ring) const {
    DrawnRing out;
    const GEOSCoordSequence* sequence = GEOSGeom_getCoordSeq_r(context_, ring);
    unsigned size = 0;
    if (sequence == nullptr || GEOSCoordSeq_getSize_r(context_, sequence, &size) == 0) return out;
    out.resize(size);
    for (unsigned i = 0; i < size; ++i) GEOSCoordSeq_getXY_r(context_, sequence, i, &out[i].lon, &out[i].lat);
    return out;
  }

 private:
  GEOSContextHandle_t context_;
};

struct Invalid {
  std::string reason;
  Degrees place;
};

/// Why the polygon has no inside that all readers agree on; nullopt when it has. Touching itself in points is
/// none, even where that parts its inside.
std::optional<Invalid> invalidity(const Geos& geos, const GEOSGeometry* shape) {
  char* reason = nullptr;
  GEOSGeometry* location = nullptr;
  const char valid = GEOSisValidDetail_r(geos.context(), shape,
                                         GEOSVALID_ALLOW_SELFTOUCHING_RING_FORMING_HOLE, &reason, &location);
  const auto place = geos.own(location);
  Invalid out{reason == nullptr ? "" : reason, {}};
  if (reason != nullptr) GEOSFree_r(geos.context(), reason);
  if (valid == 1 || out.reason == "Interior is disconnected") return std::nullopt;
  if (place) {
    GEOSGeomGetX_r(geos.context(), place.get(), &out.place.lon);
    GEOSGeomGetY_r(geos.context(), place.get(), &out.place.lat);
  }
  return out;
}

std::string crosses_itself(const std::string& path, Degrees place) {
  return path + " crosses itself or goes along itself at " + shown_place(place) +
         ": what is inside there cannot be told; give its positions in the order of the outline, or "
         "draw each part as a polygon of its own in a MultiPolygon";
}

std::string holes_fault(const std::string& path, const Invalid& found) {
  const std::string at = " at " + shown_place(found.place);
  if (found.reason == "Hole lies outside shell")
    return path + " has a hole outside its outer ring," + at +
           ": if it is part of the territory make it a polygon of its own, if not leave it out";
  if (found.reason == "Holes are nested" || found.reason == "Nested holes")
    return path + " has a hole within a hole," + at +
           ": if the inner one is part of the territory make it a polygon of its own, if not leave it out";
  return path + " has rings that cross or have an edge in common," + at +
         ": what is inside there cannot be told; draw holes that meet as one hole, and take off the outer "
         "ring what is cut out at its edge";
}

/// Empty when no position of the polygon is passed more often than kMostTouches times: GEOS compares all
/// edges that meet in one with each other.
std::string touches_too_often(const DrawnPolygon& drawn) {
  std::vector<std::pair<double, double>> places;
  for (const DrawnRing& ring : drawn.rings) {
    for (std::size_t i = 1; i < ring.size(); ++i) places.emplace_back(ring[i].lon, ring[i].lat);
  }
  std::sort(places.begin(), places.end());
  for (std::size_t i = kMostTouches; i < places.size(); ++i) {
    if (places[i] != places[i - kMostTouches]) continue;
    return drawn.path + " touches itself more than " + std::to_string(kMostTouches) + " times at " +
           shown_place({.lat = places[i].second, .lon = places[i].first}) +
           "; draw its parts as polygons of their own in a MultiPolygon";
  }
  return {};
}

/// One polygon for GEOS; null, and a fault, when it cannot be taken.
Geos::Shape shape_of(const Geos& geos, const DrawnPolygon& drawn, std::string& fault) {
  const auto nothing = [&] {
    const std::string first =
        drawn.rings.front().empty() ? "" : ", at " + shown_place(drawn.rings.front().front());
    fault = drawn.path + " encloses nothing" + first + ": leave it out, or give its outline";
    return geos.own(nullptr);
  };
  fault = touches_too_often(drawn);
  if (!fault.empty()) return geos.own(nullptr);
  const auto outer = geos.ring(drawn.rings.front());
  if (!outer || geos.hull_deg2(outer.get()) < kFlatDeg2) return nothing();
  double enclosed = planar_ring_km2(drawn.rings.front());
  std::vector<Geos::Shape> holes;
  for (std::size_t i = 1; i < drawn.rings.size(); ++i) {
    auto hole = geos.ring(drawn.rings[i]);
    if (!hole || geos.hull_deg2(hole.get()) < kFlatDeg2) continue;  // takes nothing away
    enclosed -= planar_ring_km2(drawn.rings[i]);
    holes.push_back(std::move(hole));
  }
  auto shape = geos.polygon(geos.ring(drawn.rings.front()), std::move(holes));
  if (!shape) {
    fault = drawn.path + " cannot be taken as a polygon; draw it anew";
    return shape;
  }
  const auto invalid = invalidity(geos, shape.get());
  if (!invalid) return enclosed < kLeastKm2 ? nothing() : std::move(shape);
  for (std::size_t i = 0; i < drawn.rings.size(); ++i) {
    const auto alone = geos.polygon(geos.ring(drawn.rings[i]), {});
    const auto found = alone ? invalidity(geos, alone.get()) : std::nullopt;
    if (!found) continue;
    fault = crosses_itself(drawn.path + "[" + std::to_string(i) + "]", found->place);
    return geos.own(nullptr);
  }
  for (std::size_t i = 1; i < drawn.rings.size(); ++i) {
    if (planar_ring_km2(drawn.rings[i]) <= planar_ring_km2(drawn.rings.front())) continue;
    fault = drawn.path + "[" + std::to_string(i) +
            "] is a hole by its place and larger than the outer ring before it: the outer ring comes first, "
            "then its holes; a part of the territory is a polygon of its own";
    return geos.own(nullptr);
  }
  if (enclosed < kLeastKm2) return nothing();
  fault = holes_fault(drawn.path, *invalid);
  return geos.own(nullptr);
}

/// Even-odd over all rings; the place is on none of them.
bool covers(const std::vector<UnitedPolygon>& polygons, Degrees p) {
  bool inside = false;
  for (const UnitedPolygon& polygon : polygons) {
    inside ^= odd_crossings(polygon.outer, p);
    for (const DrawnRing& hole : polygon.holes) inside ^= odd_crossings(hole, p);
  }
  return inside;
}

std::vector<UnitedPolygon> polygons_of(const Geos& geos, const GEOSGeometry* shape) {
  std::vector<UnitedPolygon> out;
  const int count = GEOSGetNumGeometries_r(geos.context(), shape);
  for (int i = 0; i < count; ++i) {
    const GEOSGeometry* part = GEOSGetGeometryN_r(geos.context(), shape, i);
    if (part == nullptr || GEOSGeomTypeId_r(geos.context(), part) != GEOS_POLYGON ||
        GEOSisEmpty_r(geos.context(), part) != 0)
      continue;
    UnitedPolygon polygon{geos.positions(GEOSGetExteriorRing_r(geos.context(), part)), {}};
    const int holes = GEOSGetNumInteriorRings_r(geos.context(), part);
    for (int h = 0; h < holes; ++h)
      polygon.holes.push_back(geos.positions(GEOSGetInteriorRingN_r(geos.context(), part, h)));
    out.push_back(std::move(polygon));
  }
  return out;
}

/// The union of a group; nothing when GEOS has none.
std::vector<UnitedPolygon> united(const Geos& geos, const std::vector<std::size_t>& group,
                                  std::vector<Geos::Shape>& shapes) {
  if (group.size() == 1) return polygons_of(geos, shapes[group.front()].get());
  std::vector<Geos::Shape> taken;
  for (const std::size_t p : group) taken.push_back(std::move(shapes[p]));
  const auto all = geos.collection(std::move(taken));
  const auto one = all ? geos.own(GEOSUnaryUnionPrec_r(geos.context(), all.get(), kGrid)) : geos.own(nullptr);
  if (!one || invalidity(geos, one.get())) return {};
  return polygons_of(geos, one.get());
}

/// All parts but those that lie inside of another. No edge of one comes near another's and none fills
/// another's hole, so each is wholly inside or wholly outside.
std::vector<UnitedPolygon> outermost(std::vector<std::vector<UnitedPolygon>>& parts) {
  std::vector<PlanarBox> boxes(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (const UnitedPolygon& polygon : parts[i]) {
      for (const Degrees p : polygon.outer) boxes[i].add(p);
    }
  }
  std::vector<UnitedPolygon> out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Degrees place = parts[i].front().outer.front();
    bool inner = false;
    for (std::size_t j = 0; j < parts.size() && !inner; ++j)
      inner = j != i && boxes[j].holds(place) && covers(parts[j], place);
    if (!inner) out.insert(out.end(), parts[i].begin(), parts[i].end());
  }
  return out;
}

}  // namespace

DrawnRing with_short_edges(const DrawnRing& ring) {
  constexpr double kWidest = 90.0;
  DrawnRing out;
  for (const Degrees place : ring) {
    if (!out.empty()) {
      const Degrees last = out.back();
      const int pieces = static_cast<int>(std::ceil(std::abs(place.lon - last.lon) / kWidest));
      for (int i = 1; i < pieces; ++i) {
        const double share = static_cast<double>(i) / pieces;
        out.push_back({.lat = last.lat + share * (place.lat - last.lat),
                       .lon = last.lon + share * (place.lon - last.lon)});
      }
    }
    out.push_back(place);
  }
  return out;
}

double planar_ring_km2(const DrawnRing& ring) { return ring_area_km2(with_short_edges(ring)); }

PolygonUnion unite(std::span<const DrawnPolygon> polygons) {
  PolygonUnion out;
  const Geos geos;
  std::vector<Geos::Shape> shapes;
  for (const DrawnPolygon& drawn : polygons) {
    shapes.push_back(shape_of(geos, drawn, out.fault));
    if (!out.fault.empty()) return out;
  }
  PolygonGroups groups{polygons.size()};
  out.fault = join_meeting(polygons, groups);
  if (!out.fault.empty()) return out;
  join_fillers(polygons, groups);
  std::map<std::size_t, std::vector<std::size_t>> members;
  for (std::size_t p = 0; p < polygons.size(); ++p) members[groups.of(p)].push_back(p);
  std::vector<std::vector<UnitedPolygon>> parts;
  for (const auto& [first, group] : members) {
    out.fault = group.size() > 1 ? too_many_overlaps(polygons, group) : std::string{};
    if (!out.fault.empty()) return out;
    parts.push_back(united(geos, group, shapes));
    if (!parts.back().empty()) continue;
    out.fault = polygons[first].path +
                " cannot be united with the polygons that it meets, or encloses nothing "
                "that is wider than 0.1 m; draw the outline of all of them together";
    return out;
  }
  out.polygons = outermost(parts);
  return out;
}

}  // namespace chiploc
