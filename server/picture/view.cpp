#include "server/picture/view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

namespace chiploc {
namespace {

constexpr double kRoom = 0.84;  // of the frame is for what must be seen
constexpr double kLeastRadiusKm = 2.0;
constexpr double kWholeGlobeRad = 2.2;  // what reaches farther is seen on the whole globe, or not at all
constexpr double kDegree = std::numbers::pi / 180.0;

bool is_extent(const MapFeature& feature) {
  return feature.role == "region" ||
         (!feature.holder.empty() && feature.role != "disk" && feature.role != "anchor");
}

/// Of places, each with a weight, around a centre; nullopt when they cancel out.
struct Middle {
  Vec3 sum;
  double weight = 0.0;
  void add(Vec3 place, double by) {
    sum = sum + by * place;
    weight += by;
  }
  [[nodiscard]] std::optional<Vec3> place() const {
    if (weight <= 0.0 || norm(sum) < 1e-6 * weight) return std::nullopt;
    return normalized(sum);
  }
};

double farthest(Vec3 centre, std::span<const Vec3> places) {
  double most = 0.0;
  for (const Vec3 place : places) most = std::max(most, angle_between(centre, place));
  return most;
}

struct Scene {
  std::vector<Vec3> places;  // that must be seen
  Vec3 centre;
};

/// What is drawn as an extent: places of boundaries, and points.
Scene extent_of(std::span<const MapFeature> features) {
  Scene scene;
  Middle middle;
  std::vector<std::vector<Degrees>> rings;
  for (const MapFeature& feature : features) {
    if (!is_extent(feature)) continue;
    for (const auto& [from, to] : boundary_of(feature)) {
      scene.places.push_back(from);
      middle.add(from, angle_between(from, to));
      middle.add(to, angle_between(from, to));
    }
    if (feature.point) {
      scene.places.push_back(to_sphere(*feature.point));
      middle.add(scene.places.back(), 1e-3);
    }
    rings.insert(rings.end(), feature.rings.begin(), feature.rings.end());
  }
  if (const auto centre = middle.place()) {
    scene.centre = *centre;
    // The boundary of what covers more than half the globe lies around what it leaves out.
    const auto holds = [&](Vec3 at) {
      const LatLon place = from_sphere(at);
      return rings_hold(rings, {.lat = place.lat_deg(), .lon = place.lon_deg()});
    };
    if (!holds(*centre) && holds(-*centre)) scene.centre = -*centre;
  } else if (!rings.empty()) {  // everywhere
    scene.centre = to_sphere(Degrees{.lat = 20.0, .lon = 10.0});
    scene.places = {scene.centre, -scene.centre};
  }
  return scene;
}

Scene scene_of(std::span<const MapFeature> features) {
  Scene scene = extent_of(features);
  std::vector<Vec3> anchors, suggested;
  for (const MapFeature& feature : features) {
    if (!feature.point) continue;
    if (feature.role == "anchor") anchors.push_back(to_sphere(*feature.point));
    if (feature.role == "estimate" || feature.role == "posterior")
      suggested.push_back(to_sphere(*feature.point));
  }
  const bool alone = scene.places.empty();
  scene.places.insert(scene.places.end(), suggested.begin(), suggested.end());
  if (alone) {
    scene.places.insert(scene.places.end(), anchors.begin(), anchors.end());
    Middle middle;
    for (const Vec3 place : scene.places) middle.add(place, 1.0);
    scene.centre = middle.place().value_or(Vec3{1.0, 0.0, 0.0});
    return scene;
  }
  const double near = 2.0 * std::max(farthest(scene.centre, scene.places), 0.01);
  for (const Vec3 anchor : anchors) {
    if (angle_between(scene.centre, anchor) <= near) scene.places.push_back(anchor);
  }
  return scene;
}

}  // namespace

MapView view_of(std::span<const MapFeature> features, const Frame& frame, double around) {
  const Scene scene = scene_of(features);
  const LatLon centre = from_sphere(scene.centre);
  const DrawnPoint middle{frame.x + frame.width / 2.0, frame.y + frame.height / 2.0};
  const double globe_km = AzimuthalProjection::radius_km(3.1);
  if (farthest(scene.centre, scene.places) > kWholeGlobeRad) {
    const double scale = std::min(frame.width, frame.height) / 2.0 / globe_km * 0.98;
    return {AzimuthalProjection{centre, 3.1}, {middle, scale}};
  }
  const AzimuthalProjection plane{centre, 3.1};
  double left = -kLeastRadiusKm, right = kLeastRadiusKm, bottom = -kLeastRadiusKm, top = kLeastRadiusKm;
  for (const Vec3 place : scene.places) {
    const PlanePoint p = plane.project(place);
    left = std::min(left, p.x);
    right = std::max(right, p.x);
    bottom = std::min(bottom, p.y);
    top = std::max(top, p.y);
  }
  PlaneToPixels pixels{middle, kRoom * std::min(frame.width / (right - left), frame.height / (top - bottom))};
  pixels.middle.x -= (left + right) / 2.0 * pixels.pixels_per_km;
  pixels.middle.y += (bottom + top) / 2.0 * pixels.pixels_per_km;
  const double across =
      std::max(std::abs(pixels.middle.x - frame.x), std::abs(pixels.middle.x - frame.x - frame.width));
  const double down =
      std::max(std::abs(pixels.middle.y - frame.y), std::abs(pixels.middle.y - frame.y - frame.height));
  const double corner_km = std::hypot(across, down) / pixels.pixels_per_km;
  return {AzimuthalProjection{centre, AzimuthalProjection::angle_of(std::min(around * corner_km, globe_km))},
          pixels};
}

double grid_step_deg(double view_deg) {
  for (const double step : {30.0, 15.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.25, 0.1, 0.05, 0.02}) {
    if (view_deg / step >= 5.0) return step;
  }
  return 0.01;
}

std::vector<DegreeLine> degree_lines(const AzimuthalProjection& projection, double step_deg) {
  const LatLon centre = from_sphere(-projection.antipode());
  const double reach_deg = projection.reach() / kDegree;
  const double low = std::max(-90.0, centre.lat_deg() - reach_deg),
               high = std::min(90.0, centre.lat_deg() + reach_deg);
  // How far to the east and west the disk goes: all around when it holds a pole.
  const double sine = std::sin(projection.reach()) / std::cos(centre.lat_deg() * kDegree);
  const bool around =
      low <= -90.0 || high >= 90.0 || projection.reach() >= std::numbers::pi / 2.0 || sine >= 1.0;
  const double wide = around ? 180.0 : std::asin(sine) / kDegree;
  const auto first = [step_deg](double from) { return static_cast<long>(std::ceil(from / step_deg)); };
  constexpr int kPoints = 96;
  const auto curve = [&](auto place) {
    std::vector<Vec3> points;
    for (int i = 0; i <= kPoints; ++i) points.push_back(to_sphere(place(static_cast<double>(i) / kPoints)));
    return projection.line(points);
  };
  std::vector<DegreeLine> lines;
  for (long k = first(low + 1e-9); static_cast<double>(k) * step_deg < high; ++k) {
    const double lat = static_cast<double>(k) * step_deg;
    lines.push_back({true, lat, curve([&](double t) {
                       return Degrees{
                           .lat = lat,
                           .lon = std::remainder(centre.lon_deg() + (2.0 * t - 1.0) * wide, 360.0)};
                     })});
  }
  const double poleward = around ? 90.0 - step_deg / 4.0 : 90.0;  // where meridians meet they are a blot
  for (long k = first(centre.lon_deg() - wide + 1e-9);
       static_cast<double>(k) * step_deg <= centre.lon_deg() + wide; ++k) {
    const double lon = std::remainder(static_cast<double>(k) * step_deg, 360.0);
    const double south = std::max(low, -poleward), north = std::min(high, poleward);
    lines.push_back({false, lon, curve([&](double t) {
                       return Degrees{.lat = south + t * (north - south), .lon = lon};
                     })});
  }
  return lines;
}

std::string degrees_text(bool parallel, double degrees) {
  char text[48];
  const double size = std::abs(degrees);
  std::snprintf(text, sizeof text, "%g\xC2\xB0", size);
  std::string out = text;
  if (size == 0.0 || (!parallel && size == 180.0)) return out;
  if (parallel) return out + (degrees > 0.0 ? " N" : " S");
  return out + (degrees > 0.0 ? " E" : " W");
}

}  // namespace chiploc
