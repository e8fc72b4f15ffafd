#include "geo/cap_set.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace chiploc {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kDipAllowance = 1e-4;  // paths to 600 m below the ellipsoid: 0.6 / 6357
constexpr double kWholeSphere = kPi - 1e-6;

}  // namespace

Cap::Cap(Vec3 centre_in, double radius_in, std::uint32_t group_in)
    : centre{centre_in},
      radius{radius_in},
      cos_radius{std::cos(radius_in)},
      sin_radius{std::sin(radius_in)},
      sin_half{std::sin(radius_in / 2.0)},
      cos_loose{std::cos(std::min(radius_in + kArrangementSlack, kPi))},
      group{group_in} {}

std::optional<double> covering_radius(LatLon place, Kilometers reach) {
  const double length = std::max(reach.km(), 0.0) * (1.0 + kDipAllowance);
  if (!(reach.km() == reach.km()) || !(length < kLongestGeodesic.km())) return std::nullopt;
  // First the crude angle, which tells how near to the equator the reach can come; then the radius there.
  const double crude = length / kPolarRadius.km();
  const double centre_lat = std::asin(std::clamp(to_sphere(place).z, -1.0, 1.0));
  const double lowest_lat = std::max(0.0, std::abs(centre_lat) - crude);
  const double least_radius =
      std::hypot(kEquatorialRadius.km() * std::sin(lowest_lat), kPolarRadius.km() * std::cos(lowest_lat));
  const double radius = length / least_radius + kRoundingMargin;
  if (radius >= kWholeSphere) return std::nullopt;
  return radius;
}

double largest_angle(Kilometers length) { return std::max(length.km(), 0.0) / kPolarRadius.km(); }

CapSet::CapSet(std::vector<Cap> caps, unsigned faults) : caps_{std::move(caps)}, faults_{faults} {
  std::map<std::uint32_t, double> smallest;
  for (const Cap& cap : caps_) {
    const auto [it, added] = smallest.emplace(cap.group, cap.radius);
    if (!added) it->second = std::min(it->second, cap.radius);
  }
  groups_ = static_cast<unsigned>(smallest.size());
  std::sort(caps_.begin(), caps_.end(), [&](const Cap& a, const Cap& b) {
    if (a.group == b.group) return a.radius < b.radius;
    const double smallest_a = smallest.at(a.group);
    const double smallest_b = smallest.at(b.group);
    return smallest_a < smallest_b || (smallest_a == smallest_b && a.group < b.group);
  });
}

CapSet CapSet::from_bounds(std::span<const AnchorBound> bounds, unsigned faults) {
  std::vector<Cap> caps;
  caps.reserve(bounds.size());
  for (const AnchorBound& bound : bounds) {
    const Kilometers reach{std::max(bound.radius.km(), 0.0) + std::max(bound.place_uncertainty.km(), 0.0)};
    // max() above would turn NaN into 0; a bound that is not a number bounds nothing.
    if (std::isnan(bound.radius.km()) || std::isnan(bound.place_uncertainty.km())) continue;
    if (const auto radius = covering_radius(bound.place, reach)) {
      caps.emplace_back(to_sphere(bound.place), *radius, bound.perspective);
    }
  }
  return CapSet{std::move(caps), faults};
}

CapSet::Overlap CapSet::overlap(Vec3 centre, double cos_rho, double sin_rho) const {
  unsigned violated_everywhere = 0;
  unsigned violated_somewhere = 0;
  std::size_t k = 0;
  while (k < caps_.size()) {
    const std::uint32_t group = caps_[k].group;
    bool everywhere = false;
    bool somewhere = false;
    for (; k < caps_.size() && caps_[k].group == group; ++k) {
      const Cap& cap = caps_[k];
      const double cosine = dot(centre, cap.centre);
      const double product = cap.cos_radius * cos_rho;
      const double cross_product = cap.sin_radius * sin_rho;
      // Disjoint: distance > radius + rho, possible only while that sum is below pi.
      if (cos_rho > -cap.cos_radius && cosine < product - cross_product) everywhere = true;
      // Not covered: distance + rho > radius.
      if (cap.cos_radius > cos_rho || cosine < product + cross_product) somewhere = true;
    }
    violated_somewhere += somewhere ? 1U : 0U;
    if (everywhere && ++violated_everywhere > faults_) return Overlap::kNone;
  }
  return violated_somewhere <= faults_ ? Overlap::kAll : Overlap::kSome;
}

CapSet CapSet::with_caps(std::vector<Cap> caps) const {
  CapSet result{{}, faults_};
  for (std::size_t k = 0; k < caps.size(); ++k) {
    if (k == 0 || caps[k].group != caps[k - 1].group) ++result.groups_;
  }
  result.caps_ = std::move(caps);
  return result;
}

CapSet CapSet::without_idle_caps() const {
  if (is_everything()) return *this;
  std::vector<const Cap*> reach;  // the set lies in their union
  for (std::size_t k = 0; reach.size() <= faults_; ++k) {
    if (k == 0 || caps_[k].group != caps_[k - 1].group) reach.push_back(&caps_[k]);
  }
  std::vector<Cap> kept;
  for (const Cap& cap : caps_) {
    const bool idle = std::all_of(reach.begin(), reach.end(), [&cap](const Cap* inner) {
      // distance + inner radius <= radius, by cosines: cos(radius - inner radius) <= cos(distance)
      return inner != &cap && inner->radius <= cap.radius &&
             cap.cos_radius * inner->cos_radius + cap.sin_radius * inner->sin_radius <=
                 dot(cap.centre, inner->centre);
    });
    if (!idle) kept.push_back(cap);
  }
  return with_caps(std::move(kept));
}

CapSet CapSet::inflated(double angle) const {
  std::vector<Cap> caps;
  for (const Cap& cap : caps_) {
    const double radius = cap.radius + angle;
    if (radius < kWholeSphere) caps.emplace_back(cap.centre, radius, cap.group);
  }
  return with_caps(std::move(caps));  // may have lost groups altogether
}

std::optional<Crossing> cross_circles(const Cap& a, const Cap& b) {
  const Vec3 across = cross(a.centre, b.centre);
  const double sine = norm(across);
  if (sine < 1e-12) return std::nullopt;
  // An orthonormal frame around a's centre with `forward` towards b's; re-orthogonalised, because the cross
  // product of nearly parallel vectors is only roughly perpendicular to them.
  Vec3 up = across * (1.0 / sine);
  up = normalized(up - a.centre * dot(up, a.centre));
  const Vec3 forward = cross(up, a.centre);
  // cos(rb) - cos(ra) cos(d), written without the cancellation that it has for neighbouring centres.
  const Vec3 gap = b.centre - a.centre;
  const double difference = 2.0 * (a.sin_half - b.sin_half) * (a.sin_half + b.sin_half);
  const double y = (difference + a.cos_radius * dot(gap, gap) / 2.0) / sine;
  const double z_squared = (a.sin_radius - y) * (a.sin_radius + y);
  if (!(z_squared >= 0.0)) return std::nullopt;
  const double z = std::sqrt(z_squared);
  const Vec3 base = a.centre * a.cos_radius + forward * y;
  // Looking down on the sphere, `up` = a x b points to the left of the way from a to b.
  return Crossing{.left = base + up * z, .right = base - up * z};
}

}  // namespace chiploc
