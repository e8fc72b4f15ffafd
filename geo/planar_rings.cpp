#include "geo/planar_rings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace chiploc {
namespace {

/// A part of the rectangle between two meridians, from pole to pole.
struct Column {
  double west;
  double width;

  [[nodiscard]] double east() const { return west + width; }
  [[nodiscard]] double perimeter() const { return 2.0 * (width + 180.0); }
  /// Position on its edge, counter-clockwise from the south-east corner.
  [[nodiscard]] double edge_position(PlanarPoint p) const {
    return p.x > west + width / 2.0 ? p.y + 90.0 : 180.0 + width + (90.0 - p.y);
  }
};

struct Corner {
  double position;
  PlanarPoint point;
};
std::array<Corner, 4> corners_of(const Column& column) {
  return {{{0.0, {column.east(), -90.0}},
           {180.0, {column.east(), 90.0}},
           {180.0 + column.width, {column.west, 90.0}},
           {360.0 + column.width, {column.west, -90.0}}}};
}

/// What lies in one column: pieces that end at its edge, and whole rings.
struct Content {
  Column column;
  std::vector<PlanarRing> pieces;
  std::vector<PlanarRing> rings;
};

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

/// Splits one curve into pieces between crossings, or moves it whole into the rings of its column.
void cut(const PlanarRing& curve, std::vector<Content>& contents) {
  const double width = contents.front().column.width;
  const auto count = static_cast<long>(contents.size());
  // Columns are numbered on from copy to copy of the rectangle.
  const auto number_of = [width](double x) { return static_cast<long>(std::floor((x + 180.0) / width)); };
  const auto content_of = [&](long number) -> Content& {
    return contents[static_cast<std::size_t>(((number % count) + count) % count)];
  };
  struct Part {
    long number;
    PlanarRing points;
  };
  // The first and the last of these belong together when the curve is crossed at all.
  std::vector<Part> parts{{number_of(curve.front().x), {}}};
  const auto in_column = [&](long number, double x, double y) {
    const double numbered_west = width * static_cast<double>(number) - 180.0;
    return PlanarPoint{x - numbered_west + content_of(number).column.west, y};
  };
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const PlanarPoint a = curve[i];
    PlanarPoint b = curve[(i + 1) % curve.size()];
    // From the last point to the first the short way: round a pole that is another copy of the first.
    if (i + 1 == curve.size()) b.x = a.x + std::remainder(b.x - a.x, 360.0);
    long number = number_of(a.x);
    parts.back().points.push_back(in_column(number, a.x, a.y));
    while (number != number_of(b.x)) {
      const bool east = b.x > a.x;
      const double cut_x = width * static_cast<double>(east ? number + 1 : number) - 180.0;
      const double y = a.y + (b.y - a.y) * (cut_x - a.x) / (b.x - a.x);
      const Column& left = content_of(number).column;
      parts.back().points.push_back({east ? left.east() : left.west, y});
      number += east ? 1 : -1;
      const Column& entered = content_of(number).column;
      parts.push_back({number, {{east ? entered.west : entered.east(), y}}});
    }
  }
  if (parts.size() == 1) {
    content_of(parts.front().number).rings.push_back(std::move(parts.front().points));
    return;
  }
  Part& last = parts.back();
  last.points.insert(last.points.end(), parts.front().points.begin(), parts.front().points.end());
  for (std::size_t i = 1; i < parts.size(); ++i)
    content_of(parts[i].number).pieces.push_back(std::move(parts[i].points));
}

void append_corners(PlanarRing& ring, const Column& column, double from, double to) {
  for (double lap = 0.0; lap <= column.perimeter(); lap += column.perimeter()) {
    for (const Corner& corner : corners_of(column)) {
      const double position = corner.position + lap;
      if (position > from && position < to) ring.push_back(corner.point);
    }
  }
}

/// Joins pieces along the edge of their column.
void stitch(Content& content) {
  const std::vector<PlanarRing>& pieces = content.pieces;
  const Column& column = content.column;
  std::vector<bool> used(pieces.size(), false);
  for (std::size_t first = 0; first < pieces.size(); ++first) {
    if (used[first]) continue;
    PlanarRing ring;
    std::size_t piece = first;
    do {
      used[piece] = true;
      ring.insert(ring.end(), pieces[piece].begin(), pieces[piece].end());
      const double from = column.edge_position(pieces[piece].back());
      double nearest = std::numeric_limits<double>::infinity();
      std::size_t next = first;
      for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (used[i] && i != first) continue;
        double to = column.edge_position(pieces[i].front());
        if (to < from) to += column.perimeter();
        if (to < nearest) {
          nearest = to;
          next = i;
        }
      }
      append_corners(ring, column, from, nearest);
      piece = next;
    } while (piece != first);
    content.rings.push_back(std::move(ring));
  }
}

/// Outer rings with the holes that lie in them.
void append_polygons(const std::vector<PlanarRing>& rings, std::vector<PlanarPolygon>& out) {
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
  std::move(polygons.begin(), polygons.end(), std::back_inserter(out));
}

}  // namespace

std::vector<PlanarPolygon> polygons_of_curves(const std::vector<PlanarRing>& curves,
                                              const std::function<bool(double)>& covers, double width) {
  std::vector<Content> contents;
  for (double west = -180.0; west < 180.0; west += width) contents.push_back({{west, width}, {}, {}});
  for (const PlanarRing& curve : curves) {
    if (curve.size() >= 3) cut(curve, contents);
  }
  std::vector<PlanarPolygon> polygons;
  for (Content& content : contents) {
    stitch(content);
    if (content.pieces.empty() && covers(content.column.west)) {
      PlanarRing& all = content.rings.emplace_back();
      for (const Corner& corner : corners_of(content.column)) all.push_back(corner.point);
    }
    append_polygons(content.rings, polygons);
  }
  return polygons;
}

}  // namespace chiploc
