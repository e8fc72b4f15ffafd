#include "geo/planar_rings.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace chiploc {
namespace {

constexpr double kPerimeter = 1080.0;  // of the rectangle, in degrees

/// Position on the rectangle's edge, counter-clockwise from its south-east corner.
double edge_position(PlanarPoint p) { return p.x > 0.0 ? p.y + 90.0 : 540.0 + (90.0 - p.y); }

struct Corner {
  double position;
  PlanarPoint point;
};
constexpr Corner kCorners[] = {
    {0.0, {180.0, -90.0}}, {180.0, {180.0, 90.0}}, {540.0, {-180.0, 90.0}}, {720.0, {-180.0, -90.0}}};

double signed_area(const PlanarRing& ring) {
  double sum = 0.0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const PlanarPoint a = ring[i];
    const PlanarPoint b = ring[(i + 1) % ring.size()];
    sum += (b.x - a.x) * (a.y + b.y) / -2.0;
  }
  return sum;
}

bool holds(const PlanarRing& ring, PlanarPoint p) {
  bool inside = false;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const PlanarPoint a = ring[i];
    const PlanarPoint b = ring[(i + 1) % ring.size()];
    if ((a.x <= p.x) != (b.x <= p.x) && p.y < a.y + (b.y - a.y) * (p.x - a.x) / (b.x - a.x)) inside = !inside;
  }
  return inside;
}

/// Number of the copy of the rectangle that a longitude is in.
double sheet_of(double x) { return std::floor((x + 180.0) / 360.0); }

/// Splits one curve into `pieces` between crossings, or moves it whole into `rings`.
void cut(const PlanarRing& curve, std::vector<PlanarRing>& pieces, std::vector<PlanarRing>& rings) {
  // The first and the last of these belong together when the curve is crossed at all.
  std::vector<PlanarRing> parts(1);
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const PlanarPoint a = curve[i];
    PlanarPoint b = curve[(i + 1) % curve.size()];
    // From the last point to the first the short way: round a pole that is another copy of the first.
    if (i + 1 == curve.size()) b.x = a.x + std::remainder(b.x - a.x, 360.0);
    double sheet = sheet_of(a.x);
    parts.back().push_back({a.x - 360.0 * sheet, a.y});
    while (sheet != sheet_of(b.x)) {
      const double step = b.x > a.x ? 1.0 : -1.0;
      const double cut_x = 360.0 * sheet + 180.0 * step;
      const double y = a.y + (b.y - a.y) * (cut_x - a.x) / (b.x - a.x);
      parts.back().push_back({180.0 * step, y});
      parts.push_back({{-180.0 * step, y}});
      sheet += step;
    }
  }
  if (parts.size() == 1) {
    rings.push_back(std::move(parts.front()));
    return;
  }
  PlanarRing& last = parts.back();
  last.insert(last.end(), parts.front().begin(), parts.front().end());
  std::move(parts.begin() + 1, parts.end(), std::back_inserter(pieces));
}

void append_corners(PlanarRing& ring, double from, double to) {
  for (double lap = 0.0; lap <= kPerimeter; lap += kPerimeter) {
    for (const Corner& corner : kCorners) {
      const double position = corner.position + lap;
      if (position > from && position < to) ring.push_back(corner.point);
    }
  }
}

/// Joins pieces along the edge of the rectangle.
void stitch(const std::vector<PlanarRing>& pieces, std::vector<PlanarRing>& rings) {
  std::vector<bool> used(pieces.size(), false);
  for (std::size_t first = 0; first < pieces.size(); ++first) {
    if (used[first]) continue;
    PlanarRing ring;
    std::size_t piece = first;
    do {
      used[piece] = true;
      ring.insert(ring.end(), pieces[piece].begin(), pieces[piece].end());
      const double from = edge_position(pieces[piece].back());
      double nearest = std::numeric_limits<double>::infinity();
      std::size_t next = first;
      for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (used[i] && i != first) continue;
        double to = edge_position(pieces[i].front());
        if (to < from) to += kPerimeter;
        if (to < nearest) {
          nearest = to;
          next = i;
        }
      }
      append_corners(ring, from, nearest);
      piece = next;
    } while (piece != first);
    rings.push_back(std::move(ring));
  }
}

}  // namespace

std::vector<PlanarPolygon> polygons_of_curves(const std::vector<PlanarRing>& curves, bool covers_cut) {
  std::vector<PlanarRing> pieces;
  std::vector<PlanarRing> rings;
  for (const PlanarRing& curve : curves) {
    if (curve.size() >= 3) cut(curve, pieces, rings);
  }
  stitch(pieces, rings);
  if (pieces.empty() && covers_cut)
    rings.push_back({{-180.0, -90.0}, {180.0, -90.0}, {180.0, 90.0}, {-180.0, 90.0}});

  std::vector<PlanarPolygon> polygons;
  for (const PlanarRing& ring : rings) {
    if (signed_area(ring) > 0.0) polygons.push_back({ring, {}});
  }
  std::sort(polygons.begin(), polygons.end(), [](const PlanarPolygon& a, const PlanarPolygon& b) {
    return signed_area(a.outer) < signed_area(b.outer);
  });
  for (const PlanarRing& ring : rings) {
    if (signed_area(ring) >= 0.0) continue;
    // The smallest ring around it. A hole in nothing is left out, which can only enlarge what is drawn.
    const auto around = std::find_if(polygons.begin(), polygons.end(), [&](const PlanarPolygon& polygon) {
      return holds(polygon.outer, ring.front());
    });
    if (around != polygons.end()) around->holes.push_back(ring);
  }
  return polygons;
}

}  // namespace chiploc
