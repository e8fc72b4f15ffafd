#include "geo/region.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

namespace chiploc {
namespace {

constexpr double kMeanRadiusKm = 6371.0072;  // authalic radius of WGS 84: the sphere of the same area
constexpr int kAreaSamples = 4096;

/// Point `k` of `count` on a spiral that covers the cap of height 1 - cos_radius evenly.
Vec3 spiral_point(int k, int count, double cos_radius) {
  const double golden_angle = std::numbers::pi * (3.0 - std::sqrt(5.0));
  const double z = 1.0 - (1.0 - cos_radius) * (k + 0.5) / count;
  const double across = std::sqrt(std::max(0.0, 1.0 - z * z));
  return {across * std::cos(golden_angle * k), across * std::sin(golden_angle * k), z};
}

}  // namespace

Region::Region(CapSet set, unsigned perspectives) : set_{std::move(set)}, perspectives_{perspectives} {
  if (set_.is_everything()) return;
  for_each_arrangement_point(set_, [this](Vec3 point, std::size_t i, std::size_t j) {
    if (set_.contains_vertex(point, i, j)) points_.push_back(point);
    return true;
  });
}

Region Region::from_bounds(std::span<const AnchorBound> bounds, unsigned faults) {
  const CapSet all = CapSet::from_bounds(bounds, faults);
  return Region{all.without_idle_caps(), all.groups()};
}

std::vector<LatLon> Region::representatives() const {
  std::vector<LatLon> places;
  places.reserve(points_.size());
  for (const Vec3 point : points_) places.push_back(from_sphere(point));
  return places;
}

Region Region::inflated(Kilometers by) const {
  return Region{set_.inflated(largest_angle(by)), perspectives_};
}

std::vector<std::uint32_t> Region::shaping_perspectives() const {
  std::vector<std::uint32_t> perspectives;
  for (const Cap& cap : set_.caps()) perspectives.push_back(cap.group);
  std::sort(perspectives.begin(), perspectives.end());
  perspectives.erase(std::unique(perspectives.begin(), perspectives.end()), perspectives.end());
  return perspectives;
}

double Region::farthest_from(Vec3 centre) const {
  if (set_.contains(-centre)) return std::numbers::pi;
  double farthest = 0.0;
  for (const Vec3 point : points_) farthest = std::max(farthest, angle_between(centre, point));
  // Away from vertices the distance is largest where a boundary circle is farthest from the centre.
  const auto caps = set_.caps();
  for (std::size_t i = 0; i < caps.size(); ++i) {
    const Vec3 away = caps[i].centre * dot(centre, caps[i].centre) - centre;
    if (norm(away) < 1e-12) continue;
    const Vec3 point = caps[i].centre * caps[i].cos_radius + normalized(away) * caps[i].sin_radius;
    if (set_.contains_vertex(point, i, i)) farthest = std::max(farthest, angle_between(centre, point));
  }
  return farthest;
}

std::optional<Region::Extent> Region::extent() const {
  if (empty()) return std::nullopt;
  // A centre to begin with: the mean of the representatives, or one of them when they cancel out.
  Vec3 centre = points_.empty() ? Vec3{0.0, 0.0, 1.0} : points_.front();
  Vec3 sum;
  for (const Vec3 point : points_) sum = sum + point;
  if (norm(sum) > 1e-9) centre = normalized(sum);
  const double reach = is_everything() ? std::numbers::pi : farthest_from(centre);

  const Vec3 east = any_perpendicular(centre);
  const Vec3 north = cross(centre, east);
  const double cos_reach = std::cos(reach);
  int inside = 0;
  Vec3 inside_sum;
  for (int k = 0; k < kAreaSamples; ++k) {
    const Vec3 local = spiral_point(k, kAreaSamples, cos_reach);
    const Vec3 point = east * local.x + north * local.y + centre * local.z;
    if (!set_.contains(point)) continue;
    ++inside;
    inside_sum = inside_sum + point;
  }
  const double disk_km2 = 2.0 * std::numbers::pi * (1.0 - cos_reach) * kMeanRadiusKm * kMeanRadiusKm;
  if (!is_everything() && inside > 0 && norm(inside_sum) > 1e-6 * inside) centre = normalized(inside_sum);
  const double radius = is_everything() ? std::numbers::pi : farthest_from(centre);
  return Extent{.centre = from_sphere(centre),
                .radius = Kilometers{std::min(radius * kEquatorialRadius.km(), kLongestGeodesic.km())},
                .area_km2 = disk_km2 * inside / kAreaSamples};
}

std::vector<std::vector<std::size_t>> smallest_conflicts(std::span<const AnchorBound> bounds,
                                                         unsigned max_removed) {
  const CapSet set = CapSet::from_bounds(bounds, 0);
  if (set.is_everything()) return {};
  unsigned least = max_removed;
  std::set<std::vector<std::size_t>> found;
  for_each_arrangement_point(set, [&](Vec3 point, std::size_t i, std::size_t j) {
    if (set.violated_groups(point, i, j, least) > least) return true;
    std::set<std::size_t> violated;
    for (std::size_t k = 0; k < set.caps().size(); ++k) {
      const Cap& cap = set.caps()[k];
      if (k != i && k != j && dot(point, cap.centre) < cap.cos_loose) violated.insert(cap.group);
    }
    if (violated.size() < least) {
      least = static_cast<unsigned>(violated.size());
      found.clear();
    }
    found.insert({violated.begin(), violated.end()});
    return least > 0;
  });
  if (least == 0) return {};
  return {found.begin(), found.end()};
}

std::vector<std::size_t> smallest_conflict(std::span<const AnchorBound> bounds, unsigned max_removed) {
  const auto all = smallest_conflicts(bounds, max_removed);
  return all.empty() ? std::vector<std::size_t>{} : all.front();
}

}  // namespace chiploc
