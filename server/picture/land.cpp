#include "server/picture/land.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "geo/borders/border_rings.hpp"

namespace chiploc {
namespace {

/// Above so many kilometres a pixel the two maps cannot be told apart but for some islands.
constexpr double kMapsDifferKm = 4.0;

const BorderTable& world_lines() {
  // Without the indexes of Borders::world(), which take longer than the lines.
  static const BorderTable& table = *[] {
    auto decoded = BorderTable::decode(embedded_border_bytes());
    if (!decoded) std::abort();  // the program file is damaged
    return new BorderTable{std::move(*decoded)};
  }();
  return table;
}

std::vector<DrawnLine> rings_in_pixels(const BorderTable& table, std::uint32_t row, BorderMap map,
                                       const AzimuthalProjection& projection, const PlaneToPixels& pixels,
                                       double detail) {
  std::vector<DrawnLine> out;
  for (const auto& ring : border_rings(table, row, map)) {
    DrawnLine line = thinned(projection.ring(ring), pixels, detail);
    if (line.size() >= 3) out.push_back(std::move(line));
  }
  if (border_rings_hold(table, row, map, projection.antipode()))
    out.push_back(thinned(projection.rim(), pixels, detail));
  return out;
}

/// Where the rings cross a horizontal line, from left to right: inside between the first and the second, and
/// so on.
std::vector<double> crossings_at(const std::vector<DrawnLine>& rings, double y) {
  std::vector<double> at;
  for (const DrawnLine& ring : rings) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const DrawnPoint a = ring[i];
      const DrawnPoint b = ring[(i + 1) % ring.size()];
      if ((a.y <= y) != (b.y <= y)) at.push_back(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
    }
  }
  std::sort(at.begin(), at.end());
  return at;
}

}  // namespace

DrawnLine thinned(const std::vector<PlanePoint>& curve, const PlaneToPixels& pixels, double detail) {
  DrawnLine line;
  DrawnPoint least{1e300, 1e300}, most{-1e300, -1e300};
  for (const PlanePoint place : curve) {
    const DrawnPoint p = pixels(place);
    least = {std::min(least.x, p.x), std::min(least.y, p.y)};
    most = {std::max(most.x, p.x), std::max(most.y, p.y)};
    if (line.empty() || std::hypot(p.x - line.back().x, p.y - line.back().y) >= detail) line.push_back(p);
  }
  const bool seen = std::max(most.x - least.x, most.y - least.y) >= detail;
  return seen ? line : DrawnLine{};
}

std::vector<DrawnCountry> drawn_countries(const AzimuthalProjection& projection, const PlaneToPixels& pixels,
                                          double detail) {
  const BorderTable& table = world_lines();
  std::vector<DrawnCountry> countries;
  for (std::uint32_t row = 0; row < table.rows.size(); ++row) {
    DrawnCountry country{table.rows[row].code, table.rows[row].name, {}, {}};
    const auto rings = [&](BorderMap map) {
      return rings_in_pixels(table, row, map, projection, pixels, detail);
    };
    country.surveyed = rings(BorderMap::kSurveyed);
    if (country.surveyed.empty() || 1.0 / pixels.pixels_per_km < kMapsDifferKm)
      country.generalised = rings(BorderMap::kGeneralised);
    if (!country.surveyed.empty() || !country.generalised.empty()) countries.push_back(std::move(country));
  }
  return countries;
}

namespace {

constexpr double kUnitsPerDegree = 2'000'000.0;

double degrees_of(std::int32_t units) { return units / kUnitsPerDegree; }

/// The box around one line; nowhere across the antimeridian, where lines are cut.
LandBox box_of(const BorderTable& table, const BorderTable::Line& line) {
  LandBox box{90.0, 180.0, -90.0, -180.0};
  for (std::uint32_t i = line.begin; i < line.end; ++i) {
    const double lat = degrees_of(table.vertices[i].y), lon = degrees_of(table.vertices[i].x);
    box = {std::min(box.south, lat), std::min(box.west, lon), std::max(box.north, lat),
           std::max(box.east, lon)};
  }
  return box;
}

std::vector<LandBox> boxes_of(std::string_view code) {
  const BorderTable& table = world_lines();
  std::vector<LandBox> out;
  for (const BorderTable::Line& line : table.lines) {
    if (line.map != BorderMap::kContested && table.rows[line.country].code == code)
      out.push_back(box_of(table, line));
  }
  return out;
}

double size_of(const LandBox& box) { return (box.north - box.south) * (box.east - box.west); }

}  // namespace

std::optional<LandBox> land_box(std::string_view code) {
  std::vector<LandBox> boxes = boxes_of(code);
  if (boxes.empty()) return std::nullopt;
  std::sort(boxes.begin(), boxes.end(), [](const LandBox& a, const LandBox& b) { return a.west < b.west; });
  // All round but for the widest stretch without any of its land.
  LandBox out = boxes.front();
  double east = boxes.front().east, widest = 0.0, last_east = 0.0;
  for (const LandBox& box : boxes) {
    out.south = std::min(out.south, box.south);
    out.north = std::max(out.north, box.north);
    if (box.west - east > widest) {
      widest = box.west - east;
      last_east = east;
      out.west = box.west;
    }
    east = std::max(east, box.east);
  }
  if (boxes.front().west + 360.0 - east >= widest) {
    out.west = boxes.front().west;
    out.east = east;
  } else {
    out.east = last_east;
  }
  return out;
}

std::optional<LandBox> main_land_box(std::string_view code) {
  const std::vector<LandBox> boxes = boxes_of(code);
  const auto largest = std::max_element(
      boxes.begin(), boxes.end(), [](const LandBox& a, const LandBox& b) { return size_of(a) < size_of(b); });
  return largest == boxes.end() ? std::nullopt : std::optional{*largest};
}

std::optional<DrawnPoint> place_for_words(const std::vector<DrawnLine>& rings, const Frame& frame,
                                          double width, double height) {
  double top = frame.y + frame.height, bottom = frame.y;
  for (const DrawnLine& ring : rings) {
    for (const DrawnPoint p : ring) {
      top = std::min(top, p.y);
      bottom = std::max(bottom, p.y);
    }
  }
  top = std::max(top, frame.y) + height;
  bottom = std::min(bottom, frame.y + frame.height) - height;
  std::optional<DrawnPoint> best;
  double best_score = 0.0;
  constexpr int kRows = 24;
  for (int row = 0; row <= kRows && top < bottom; ++row) {
    const double y = top + (bottom - top) * row / kRows;
    const auto at = crossings_at(rings, y);
    for (std::size_t i = 0; i + 1 < at.size(); i += 2) {
      const double left = std::max(at[i], frame.x), right = std::min(at[i + 1], frame.x + frame.width);
      const double room = right - left - width;
      // Wide, and in the middle of the land's height.
      const double score = room - 0.3 * std::abs(y - (top + bottom) / 2.0);
      if (room < 0.0 || (best && score <= best_score)) continue;
      best = DrawnPoint{(left + right) / 2.0, y};
      best_score = score;
    }
  }
  return best;
}

std::vector<DrawnLine> hatching(const std::vector<DrawnLine>& rings, const Frame& frame, double spacing) {
  // In axes that are turned by 45 degrees, u along the hatches and v across.
  constexpr double k = 0.7071067811865476;
  const auto v_of = [](DrawnPoint p) { return k * (p.x + p.y); };
  const auto u_of = [](DrawnPoint p) { return k * (p.x - p.y); };
  const double low = v_of({frame.x, frame.y}), high = v_of({frame.x + frame.width, frame.y + frame.height});
  const auto rows = static_cast<std::size_t>(std::max(0.0, (high - low) / spacing)) + 1;
  std::vector<std::vector<double>> at(rows);
  for (const DrawnLine& ring : rings) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const DrawnPoint a = ring[i], b = ring[(i + 1) % ring.size()];
      const double from = std::min(v_of(a), v_of(b)), to = std::max(v_of(a), v_of(b));
      const double first = std::max(0.0, std::floor((from - low) / spacing) + 1.0);
      for (auto row = static_cast<std::size_t>(std::min(first, 1e6)); row < rows; ++row) {
        const double v = low + static_cast<double>(row) * spacing;
        if (v > to) break;
        at[row].push_back(u_of(a) + (v - v_of(a)) / (v_of(b) - v_of(a)) * (u_of(b) - u_of(a)));
      }
    }
  }
  std::vector<DrawnLine> lines;
  // The frame's corners, as seen along the hatches: nothing is drawn far outside.
  const double least = u_of({frame.x, frame.y + frame.height}), most = u_of({frame.x + frame.width, frame.y});
  for (std::size_t row = 0; row < rows; ++row) {
    std::sort(at[row].begin(), at[row].end());
    const double v = low + static_cast<double>(row) * spacing;
    const auto point = [v](double u) { return DrawnPoint{k * (v + u), k * (v - u)}; };
    for (std::size_t i = 0; i + 1 < at[row].size(); i += 2) {
      const double from = std::max(at[row][i], least), to = std::min(at[row][i + 1], most);
      if (to - from > 1.0) lines.push_back({point(from), point(to)});
    }
  }
  return lines;
}

std::string land_notice() {
  return "Land and borders: \xC2\xA9 OpenStreetMap contributors (ODbL, openstreetmap.org/copyright) and Natural Earth "
         "(public domain), as of 2017/18";
}

}  // namespace chiploc
