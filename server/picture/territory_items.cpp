#include "server/picture/territory_items.hpp"

#include <algorithm>

#include "server/picture/inks.hpp"

namespace chiploc {
namespace {

constexpr double kSmallest = 6.0;  // pixels: what is less has a mark

/// The larger side of the box around the lines; 0 of none.
double size_of(const std::vector<DrawnLine>& lines) {
  double left = 1e300, right = -1e300, top = 1e300, bottom = -1e300;
  for (const DrawnLine& line : lines) {
    for (const DrawnPoint p : line) {
      left = std::min(left, p.x);
      right = std::max(right, p.x);
      top = std::min(top, p.y);
      bottom = std::max(bottom, p.y);
    }
  }
  return std::max(0.0, std::max(right - left, bottom - top));
}

/// Of the places of its first ring: good enough for a mark.
std::optional<LatLon> middle_of(const MapFeature& feature) {
  if (feature.rings.empty()) return std::nullopt;
  double lat = 0.0, lon = 0.0;
  for (const Degrees place : feature.rings.front()) {
    lat += place.lat;
    lon += place.lon;
  }
  const auto count = static_cast<double>(feature.rings.front().size());
  return LatLon::from_degrees({.lat = lat / count, .lon = lon / count});
}

}  // namespace

DrawnTerritory draw_territory(const MapFeature& feature, bool prohibited, const MapView& view,
                              const Frame& frame, double detail) {
  DrawnTerritory out;
  out.edge = prohibited ? ink::kProhibitedEdge : ink::kLicensedEdge;
  out.role = prohibited ? "area prohibited" : "area licensed";
  out.hover = feature.text("territory") + (prohibited ? " (prohibited)" : " (licensed)");
  DrawnArea area = drawn_area(feature, view.projection, view.pixels, detail);
  const bool small = size_of(area.outline) < kSmallest;
  if (prohibited && !area.rings.empty())
    out.items.emplace_back(DrawnPath{hatching(area.rings, frame, kHatchSpacing), false, std::nullopt,
                                     Stroke{ink::kHatch, 0.8}, "hatch", ""});
  if (!area.rings.empty())
    out.items.emplace_back(DrawnPath{std::move(area.rings), true,
                                     prohibited ? ink::kProhibitedArea : ink::kLicensedArea, std::nullopt,
                                     out.role, out.hover});
  if (!area.outline.empty())
    out.items.emplace_back(
        DrawnPath{std::move(area.outline), false, std::nullopt, Stroke{out.edge, 1.4}, out.role, out.hover});
  const auto middle = middle_of(feature);
  if (!small || !middle) return out;
  const Vec3 at = to_sphere(*middle);
  if (view.projection.angle_to(at) > view.projection.reach()) return out;
  out.small_at = view.pixels(view.projection.project(at));
  out.items.emplace_back(
      DrawnMark{*out.small_at, DrawnMark::Shape::kSquare, 8.0, ink::kHollow, out.edge, out.role, out.hover});
  return out;
}

}  // namespace chiploc
