#include "geo/borders/border_lines.hpp"

#include <cmath>
#include <numbers>

namespace chiploc {
namespace {

constexpr double kLargestDeviation =
    0.03 / 6371.0;                       // 30 m: rounding to the grid adds 0.1 m, the promise is 50 m
constexpr double kLongestEdgeDeg = 2.0;  // keeps the bounding balls of chunks small

Degrees middle(Degrees a, Degrees b) { return {.lat = (a.lat + b.lat) / 2.0, .lon = (a.lon + b.lon) / 2.0}; }

Vec3 on_sphere(Degrees p) { return to_sphere(p); }

/// Does the great circle from a to b leave the straight line in longitude and latitude by too much?
bool needs_splitting(Degrees a, Degrees b) {
  if (std::abs(a.lon - b.lon) > kLongestEdgeDeg || std::abs(a.lat - b.lat) > kLongestEdgeDeg) return true;
  const Vec3 plane = cross(on_sphere(a), on_sphere(b));
  const double length = norm(plane);
  if (length < 1e-9) return false;
  const Degrees half = middle(a, b);
  for (const Degrees p : {middle(a, half), half, middle(half, b)}) {
    if (std::abs(dot(on_sphere(p), plane)) / length > kLargestDeviation) return true;
  }
  return false;
}

void append(GridLine& line, Degrees p) {
  const GridPoint point{static_cast<std::int32_t>(std::lround(p.lon * 1e6)),
                        static_cast<std::int32_t>(std::lround(p.lat * 1e6))};
  if (line.empty() || line.back() != point) line.push_back(point);
}

/// Appends everything after `a` up to and including `b`. Halving gives the same points from either end, so
/// that two countries subdivide their common border alike.
void append_edge(GridLine& line, Degrees a, Degrees b) {
  if (needs_splitting(a, b)) {
    const Degrees half = middle(a, b);
    append_edge(line, a, half);
    append_edge(line, half, b);
  } else {
    append(line, b);
  }
}

}  // namespace

std::vector<GridLine> lines_of_ring(std::span<const Degrees> ring) {
  std::vector<GridLine> lines(1);
  append(lines.back(), ring.front());
  for (std::size_t i = 1; i < ring.size(); ++i) {
    const Degrees a = ring[i - 1];
    const Degrees b = ring[i];
    const double width = b.lon - a.lon;
    if (std::abs(width) <= 180.0) {
      append_edge(lines.back(), a, b);
      continue;
    }
    // The short way crosses the antimeridian: leave on a's side, go on from the other.
    const double side = a.lon > 0.0 ? 180.0 : -180.0;
    const double unwrapped = b.lon + 2.0 * side;
    const double share = unwrapped == a.lon ? 0.0 : (side - a.lon) / (unwrapped - a.lon);
    const double lat = a.lat + share * (b.lat - a.lat);
    append_edge(lines.back(), a, {.lat = lat, .lon = side});
    lines.emplace_back();
    append(lines.back(), {.lat = lat, .lon = -side});
    append_edge(lines.back(), {.lat = lat, .lon = -side}, b);
  }
  // A cut at the very end of an edge leaves a line of one point, which is a point of the next line as well.
  if (lines.size() > 1) std::erase_if(lines, [](const GridLine& line) { return line.size() < 2; });
  return lines;
}

double ring_area_km2(std::span<const Degrees> ring) {
  // Green's theorem with the authalic function q: dA = a^2/2 dq dlon (Snyder, "Map Projections", 3-12).
  constexpr double kRadians = std::numbers::pi / 180.0;
  constexpr double kAxesRatio = kPolarRadius.km() / kEquatorialRadius.km();
  const double e = std::sqrt(1.0 - kAxesRatio * kAxesRatio);
  const auto q = [e](double lat_deg) {
    const double s = std::sin(lat_deg * kRadians);
    return (1.0 - e * e) * (s / (1.0 - e * e * s * s) + std::atanh(e * s) / e);
  };
  double sum = 0.0;
  for (std::size_t i = 1; i < ring.size(); ++i) {
    const double width = std::remainder(ring[i].lon - ring[i - 1].lon, 360.0);
    // Simpson's rule along the straight edge, between q at the South Pole and q at the edge.
    const double mean =
        (q(ring[i - 1].lat) + 4.0 * q((ring[i - 1].lat + ring[i].lat) / 2.0) + q(ring[i].lat)) / 6.0;
    sum += width * kRadians * (mean - q(-90.0));
  }
  return std::abs(sum) * kEquatorialRadius.km() * kEquatorialRadius.km() / 2.0;
}

}  // namespace chiploc
