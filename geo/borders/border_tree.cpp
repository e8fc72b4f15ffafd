#include "geo/borders/border_tree.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace chiploc {
namespace {

constexpr std::uint32_t kEdgesPerRun = 32;
constexpr std::uint32_t kCountriesPerGroup = 6;
constexpr double kBallMargin = 1e-12;  // rounding of centres and angles

/// Does the open great-circle arc from a to b cross the circle of a cap at a point of the set? Its ends do
/// not lie in the set.
bool arc_crosses_into(const CapSet& set, Vec3 a, Vec3 b) {
  const Vec3 across = b - a * dot(a, b);
  const double sine = norm(across);
  if (sine < 1e-15) return false;
  const Vec3 along = across * (1.0 / sine);
  const double length = std::atan2(sine, dot(a, b));
  const auto caps = set.caps();
  for (std::size_t k = 0; k < caps.size(); ++k) {
    // cos(distance to the centre) along the arc is p cos t + q sin t.
    const Cap& cap = caps[k];
    const double p = dot(a, cap.centre);
    const double q = dot(along, cap.centre);
    const bool a_inside = p >= cap.cos_radius;
    const bool b_inside = dot(b, cap.centre) >= cap.cos_radius;
    if (a_inside == b_inside) {
      // Two crossings or none: two only around an extreme inside the arc.
      const double slope_at_b = q * dot(a, b) - p * sine;
      const bool extreme_inside = a_inside ? q < 0.0 && slope_at_b > 0.0 : q > 0.0 && slope_at_b < 0.0;
      if (!extreme_inside) continue;
    }
    const double amplitude = std::hypot(p, q);
    if (std::abs(cap.cos_radius) > amplitude) continue;
    const double top = std::atan2(q, p);
    const double half_width = std::acos(cap.cos_radius / amplitude);
    for (const double t : {top - half_width, top + half_width}) {
      const double wrapped = std::remainder(t, 2.0 * std::numbers::pi);
      if (wrapped < 0.0 || wrapped > length) continue;
      if (set.contains_vertex(a * std::cos(wrapped) + along * std::sin(wrapped), k, k)) return true;
    }
  }
  return false;
}

Vec3 nearest_on_arc(Vec3 place, Vec3 a, Vec3 b) {
  const Vec3 plane = cross(a, b);
  const double length = norm(plane);
  if (length > 1e-15) {
    const Vec3 normal = plane * (1.0 / length);
    const Vec3 foot = place - normal * dot(place, normal);
    // The foot is on the arc when it is on the inner side of both ends.
    if (norm(foot) > 1e-12 && dot(cross(a, foot), normal) >= 0.0 && dot(cross(foot, b), normal) >= 0.0) {
      return normalized(foot);
    }
  }
  return dot(place, a) >= dot(place, b) ? a : b;
}

}  // namespace

BorderTree::BorderTree(const BorderTable& table) : table_{&table}, roots_(table.rows.size(), kNoRoot) {
  std::size_t line = 0;
  for (std::uint32_t country = 0; country < table.rows.size(); ++country) {
    const auto first_run = static_cast<std::uint32_t>(runs_.size());
    for (; line < table.lines.size() && table.lines[line].country == country; ++line) {
      const BorderTable::Line& l = table.lines[line];
      // Neighbouring runs share a vertex, so that no edge is lost between them.
      for (std::uint32_t begin = l.begin; begin == l.begin || begin + 1 < l.end; begin += kEdgesPerRun) {
        const std::uint32_t end = std::min(begin + kEdgesPerRun + 1, l.end);
        Vec3 sum;
        for (std::uint32_t v = begin; v < end; ++v) sum = sum + table.points[v];
        runs_.push_back({begin, end, normalized(sum)});
      }
    }
    if (runs_.size() == first_run) continue;
    roots_[country] = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
    build(roots_[country], first_run, static_cast<std::uint32_t>(runs_.size()));
    grouped_.push_back(country);
  }
  if (!grouped_.empty()) group(0, static_cast<std::uint32_t>(grouped_.size()));
}

void BorderTree::group(std::uint32_t begin, std::uint32_t end) {
  const auto centre = [this](std::uint32_t country) { return nodes_[roots_[country]].centre; };
  if (end - begin > kCountriesPerGroup) {
    Vec3 low = centre(grouped_[begin]);
    Vec3 high = low;
    for (std::uint32_t i = begin; i < end; ++i) {
      const Vec3 m = centre(grouped_[i]);
      low = {std::min(low.x, m.x), std::min(low.y, m.y), std::min(low.z, m.z)};
      high = {std::max(high.x, m.x), std::max(high.y, m.y), std::max(high.z, m.z)};
    }
    const Vec3 spread = high - low;
    double Vec3::*axis = &Vec3::x;
    if (spread.y > spread.*axis) axis = &Vec3::y;
    if (spread.z > spread.*axis) axis = &Vec3::z;
    const std::uint32_t half = begin + (end - begin) / 2;
    std::nth_element(grouped_.begin() + begin, grouped_.begin() + half, grouped_.begin() + end,
                     [&](std::uint32_t a, std::uint32_t b) { return centre(a).*axis < centre(b).*axis; });
    group(begin, half);
    group(half, end);
    return;
  }
  Group built{.centre = {}, .cos_radius = 1.0, .sin_radius = 0.0, .begin = begin, .end = end};
  for (std::uint32_t i = begin; i < end; ++i) built.centre = built.centre + centre(grouped_[i]);
  built.centre = norm(built.centre) > 1e-6 ? normalized(built.centre) : centre(grouped_[begin]);
  double radius = 0.0;
  for (std::uint32_t i = begin; i < end; ++i) {
    const Node& root = nodes_[roots_[grouped_[i]]];
    radius = std::max(radius, angle_between(built.centre, root.centre) + root.radius);
  }
  radius = std::min(radius + kBallMargin, std::numbers::pi);
  built.cos_radius = std::cos(radius);
  built.sin_radius = std::sin(radius);
  groups_.push_back(built);
}

void BorderTree::build(std::uint32_t node, std::uint32_t run_begin, std::uint32_t run_end) {
  Node built;
  if (run_end - run_begin == 1) {
    const Run& run = runs_[run_begin];
    built.leaf = true;
    built.first = run_begin;
    built.centre = run.middle;
    for (std::uint32_t v = run.begin; v < run.end; ++v) {
      built.radius = std::max(built.radius, angle_between(built.centre, table_->points[v]));
    }
  } else {
    // Halves along the axis on which the middles spread most.
    Vec3 low = runs_[run_begin].middle;
    Vec3 high = low;
    for (std::uint32_t r = run_begin; r < run_end; ++r) {
      const Vec3 m = runs_[r].middle;
      low = {std::min(low.x, m.x), std::min(low.y, m.y), std::min(low.z, m.z)};
      high = {std::max(high.x, m.x), std::max(high.y, m.y), std::max(high.z, m.z)};
    }
    const Vec3 spread = high - low;
    double Vec3::*axis = &Vec3::x;
    if (spread.y > spread.*axis) axis = &Vec3::y;
    if (spread.z > spread.*axis) axis = &Vec3::z;
    const std::uint32_t half = run_begin + (run_end - run_begin) / 2;
    std::nth_element(runs_.begin() + run_begin, runs_.begin() + half, runs_.begin() + run_end,
                     [axis](const Run& a, const Run& b) { return a.middle.*axis < b.middle.*axis; });
    built.first = static_cast<std::uint32_t>(nodes_.size());
    nodes_.resize(nodes_.size() + 2);
    build(built.first, run_begin, half);
    build(built.first + 1, half, run_end);
    // The smallest ball around two balls: centred between their far ends.
    const Node& left = nodes_[built.first];
    const Node& right = nodes_[built.first + 1];
    const Vec3 sum = left.centre + right.centre;
    built.centre = norm(sum) > 1e-6 ? normalized(sum) : left.centre;
    built.radius = std::max(angle_between(built.centre, left.centre) + left.radius,
                            angle_between(built.centre, right.centre) + right.radius);
  }
  built.radius = std::min(built.radius + kBallMargin, std::numbers::pi);
  built.cos_radius = std::cos(built.radius);
  built.sin_radius = std::sin(built.radius);
  nodes_[node] = built;
}

bool BorderTree::run_touches(const CapSet& set, const Run& run) const {
  const auto& points = table_->points;
  for (std::uint32_t v = run.begin; v < run.end; ++v) {
    if (set.contains(points[v])) return true;
  }
  for (std::uint32_t v = run.begin; v + 1 < run.end; ++v) {
    if (arc_crosses_into(set, points[v], points[v + 1])) return true;
  }
  return false;
}

bool BorderTree::touches(const CapSet& set, std::uint32_t country) const {
  if (roots_[country] == kNoRoot) return false;
  std::vector<std::uint32_t> pending{roots_[country]};
  while (!pending.empty()) {
    const Node& node = nodes_[pending.back()];
    pending.pop_back();
    const CapSet::Overlap overlap = set.overlap(node.centre, node.cos_radius, node.sin_radius);
    if (overlap == CapSet::Overlap::kNone) continue;
    if (overlap == CapSet::Overlap::kAll) return true;
    if (node.leaf) {
      if (run_touches(set, runs_[node.first])) return true;
    } else {
      pending.push_back(node.first);
      pending.push_back(node.first + 1);
    }
  }
  return false;
}

CountryBits BorderTree::touched(const CapSet& set) const {
  CountryBits bits;
  for (const Group& group : groups_) {
    if (set.overlap(group.centre, group.cos_radius, group.sin_radius) == CapSet::Overlap::kNone) continue;
    for (std::uint32_t i = group.begin; i < group.end; ++i) {
      if (touches(set, grouped_[i])) bits.set(grouped_[i]);
    }
  }
  return bits;
}

Vec3 BorderTree::nearest(Vec3 place, std::uint32_t country) const {
  double best = 10.0;
  Vec3 point = place;
  std::vector<std::pair<double, std::uint32_t>> pending;
  const auto push = [&](std::uint32_t index) {
    const Node& node = nodes_[index];
    const double distance = angle_between(place, node.centre) - node.radius;
    if (distance < best) pending.emplace_back(distance, index);
  };
  push(roots_[country]);
  while (!pending.empty()) {
    const auto [distance, index] = pending.back();
    pending.pop_back();
    if (distance >= best) continue;
    const Node& node = nodes_[index];
    if (!node.leaf) {
      push(node.first);
      push(node.first + 1);
      // The nearer child is looked at first: it shrinks the limit for the other.
      if (pending.size() >= 2 && pending.back().first > pending[pending.size() - 2].first) {
        std::swap(pending.back(), pending[pending.size() - 2]);
      }
      continue;
    }
    const Run& run = runs_[node.first];
    for (std::uint32_t v = run.begin; v < run.end; ++v) {
      const Vec3 a = table_->points[v];
      const Vec3 candidate = v + 1 < run.end ? nearest_on_arc(place, a, table_->points[v + 1]) : a;
      const double angle = angle_between(place, candidate);
      if (angle < best) {
        best = angle;
        point = candidate;
      }
    }
  }
  return point;
}

}  // namespace chiploc
