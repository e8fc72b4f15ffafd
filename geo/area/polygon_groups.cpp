#include "geo/area/polygon_groups.hpp"

namespace chiploc {
namespace {

constexpr double kNear = 2e-6;  // degrees: edges that the grid may join

struct Segment {
  Degrees a;
  Degrees b;
  double west;
  double east;
  double south;
  double north;
  std::size_t polygon;
};

std::vector<Segment> segments_of(std::span<const DrawnPolygon> polygons) {
  std::vector<Segment> out;
  for (std::size_t p = 0; p < polygons.size(); ++p) {
    for (const DrawnRing& ring : polygons[p].rings) {
      for (std::size_t i = 1; i < ring.size(); ++i) {
        const Degrees a = ring[i - 1];
        const Degrees b = ring[i];
        out.push_back({a, b, std::min(a.lon, b.lon), std::max(a.lon, b.lon), std::min(a.lat, b.lat),
                       std::max(a.lat, b.lat), p});
      }
    }
  }
  return out;
}

double turn(Degrees a, Degrees b, Degrees c) {
  return (b.lon - a.lon) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lon - a.lon);
}

bool cross(const Segment& s, const Segment& t) {
  return turn(s.a, s.b, t.a) * turn(s.a, s.b, t.b) < 0.0 && turn(t.a, t.b, s.a) * turn(t.a, t.b, s.b) < 0.0;
}

PlanarBox box_of(const DrawnRing& ring) {
  PlanarBox box;
  for (const Degrees p : ring) box.add(p);
  return box;
}

}  // namespace

bool odd_crossings(const DrawnRing& ring, Degrees p) {
  bool odd = false;
  for (std::size_t i = 1; i < ring.size(); ++i) {
    const Degrees a = ring[i - 1];
    const Degrees b = ring[i];
    if ((a.lon <= p.lon) != (b.lon <= p.lon) &&
        p.lat < a.lat + (b.lat - a.lat) * (p.lon - a.lon) / (b.lon - a.lon))
      odd = !odd;
  }
  return odd;
}

std::string join_meeting(std::span<const DrawnPolygon> polygons, PolygonGroups& groups) {
  std::vector<Segment> segments = segments_of(polygons);
  std::sort(segments.begin(), segments.end(),
            [](const Segment& s, const Segment& t) { return s.west < t.west; });
  std::size_t crossings = 0;
  std::size_t meetings = 0;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Segment& s = segments[i];
    for (std::size_t j = i + 1; j < segments.size() && segments[j].west <= s.east + kNear; ++j) {
      const Segment& t = segments[j];
      if (t.south > s.north + kNear || t.north < s.south - kNear || t.polygon == s.polygon) continue;
      ++meetings;
      groups.join(s.polygon, t.polygon);
      if (!cross(s, t)) continue;
      if (++crossings > kMostCrossings)
        return polygons[s.polygon].path + " and " + polygons[t.polygon].path +
               " are among polygons that cross each other more than " + std::to_string(kMostCrossings) +
               " times; draw the outline of all of them together";
    }
    if (meetings > kMostMeetings)
      return polygons[s.polygon].path + " is among polygons that lie over each other too often: more than " +
             std::to_string(kMostMeetings) + " pairs of edges; draw the outline of all of them together";
  }
  return {};
}

std::string too_many_overlaps(std::span<const DrawnPolygon> polygons, const std::vector<std::size_t>& group) {
  std::vector<PlanarBox> boxes;
  for (const std::size_t p : group) boxes.push_back(box_of(polygons[p].rings.front()));
  std::size_t overlaps = 0;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    for (std::size_t j = i + 1; j < boxes.size(); ++j) {
      if (boxes[i].meets(boxes[j])) ++overlaps;
    }
  }
  if (overlaps <= kMostOverlaps) return {};
  return polygons[group.front()].path +
         " is among polygons that lie over or around each other in more than " +
         std::to_string(kMostOverlaps) + " pairs; draw the outline of all of them together";
}

void join_fillers(std::span<const DrawnPolygon> polygons, PolygonGroups& groups) {
  std::vector<PlanarBox> outlines;
  for (const DrawnPolygon& polygon : polygons) outlines.push_back(box_of(polygon.rings.front()));
  for (std::size_t i = 0; i < polygons.size(); ++i) {
    for (std::size_t h = 1; h < polygons[i].rings.size(); ++h) {
      const Degrees on_hole = polygons[i].rings[h].front();
      for (std::size_t j = 0; j < polygons.size(); ++j) {
        if (j == i || !outlines[j].holds(on_hole) || groups.of(j) == groups.of(i)) continue;
        bool inside = false;
        for (const DrawnRing& ring : polygons[j].rings) inside ^= odd_crossings(ring, on_hole);
        if (inside) groups.join(i, j);
      }
    }
  }
}

}  // namespace chiploc
