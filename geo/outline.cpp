#include "geo/outline.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace chiploc {
namespace {

constexpr double kTurn = 2.0 * std::numbers::pi;
constexpr double kShortestArc = 1e-12;  // rad around the circle; shorter ones are rounding
constexpr double kStep = 1e-8;  // rad, 6 cm: how far beside a circle is looked; caps are larger than that
constexpr double kSameCircle = 1e-9;     // rad
constexpr double kJoinTolerance = 1e-5;  // rad; 60 m, far below what is drawn

struct OpenArc {
  BoundaryArc arc;
  Vec3 begin;
  Vec3 end;
  bool used = false;
};

double angle_on_circle(const Cap& cap, Vec3 point) {
  const Vec3 zero = any_perpendicular(cap.centre);
  return std::atan2(dot(point, cross(cap.centre, zero)), dot(point, zero));
}

/// Two circles that are the same to within centimetres: only the first of them is traced.
bool repeats_an_earlier_circle(const CapSet& set, std::size_t k) {
  const auto caps = set.caps();
  for (std::size_t i = 0; i < k; ++i) {
    if (norm(caps[i].centre - caps[k].centre) < kSameCircle &&
        std::abs(caps[i].radius - caps[k].radius) < kSameCircle)
      return true;
  }
  return false;
}

/// Is the circle of the cap boundary at this angle: the set just inside of it, and not just outside?
bool is_boundary(const CapSet& set, const Cap& cap, double angle) {
  const Cap inner{cap.centre, cap.radius - kStep, cap.group};
  const Cap outer{cap.centre, cap.radius + kStep, cap.group};
  return set.contains(point_on_circle(inner, angle)) && !set.contains(point_on_circle(outer, angle));
}

std::vector<double> crossing_angles(const CapSet& set, std::size_t k) {
  std::vector<double> angles;
  const auto caps = set.caps();
  for (std::size_t i = 0; i < caps.size(); ++i) {
    if (i == k) continue;
    // In one order for both circles, so that they get the very same vertex.
    const auto crossing = cross_circles(caps[std::min(i, k)], caps[std::max(i, k)]);
    if (!crossing) continue;
    angles.push_back(angle_on_circle(caps[k], crossing->left));
    angles.push_back(angle_on_circle(caps[k], crossing->right));
  }
  std::sort(angles.begin(), angles.end());
  return angles;
}

}  // namespace

Vec3 point_on_circle(const Cap& cap, double angle) {
  const Vec3 zero = any_perpendicular(cap.centre);
  const Vec3 quarter = cross(cap.centre, zero);
  return cap.centre * cap.cos_radius + (zero * std::cos(angle) + quarter * std::sin(angle)) * cap.sin_radius;
}

std::optional<std::vector<std::vector<BoundaryArc>>> trace_outline(const CapSet& set) {
  std::vector<std::vector<BoundaryArc>> loops;
  if (set.is_everything()) return loops;
  std::vector<OpenArc> open;
  const auto caps = set.caps();
  for (std::size_t k = 0; k < caps.size(); ++k) {
    if (repeats_an_earlier_circle(set, k)) continue;
    const std::vector<double> angles = crossing_angles(set, k);
    if (angles.empty()) {
      if (is_boundary(set, caps[k], 0.0)) loops.push_back({{k, 0.0, kTurn}});
      continue;
    }
    for (std::size_t i = 0; i < angles.size(); ++i) {
      const double from = angles[i];
      const double to = i + 1 < angles.size() ? angles[i + 1] : angles.front() + kTurn;
      if (to - from < kShortestArc || !is_boundary(set, caps[k], (from + to) / 2.0)) continue;
      open.push_back({{k, from, to}, point_on_circle(caps[k], from), point_on_circle(caps[k], to)});
    }
  }
  for (OpenArc& first : open) {
    if (first.used) continue;
    first.used = true;
    std::vector<BoundaryArc> loop{first.arc};
    Vec3 end = first.end;
    for (;;) {
      OpenArc* next = nullptr;
      double nearest = norm(end - first.begin);
      for (OpenArc& candidate : open) {
        if (candidate.used || norm(candidate.begin - end) >= nearest) continue;
        nearest = norm(candidate.begin - end);
        next = &candidate;
      }
      if (nearest > kJoinTolerance) return std::nullopt;
      if (next == nullptr) break;
      next->used = true;
      loop.push_back(next->arc);
      end = next->end;
    }
    loops.push_back(std::move(loop));
  }
  return loops;
}

}  // namespace chiploc
