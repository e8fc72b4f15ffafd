// Builds the border table that is embedded in the geo library. Run by CMake, not by people:
//
//     chiploc-borders-build countries-10m.json map.geo.json iso_3166-1.json SOURCE_VERSION OUTPUT
//
// Reads the three files, writes one. Exit code 0, or 1 with one line on stderr that names the file and the
// fault. The format is described in geo/borders/border_table.hpp, which reads it.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "geo/borders/border_lines.hpp"
#include "geo/borders/border_table.hpp"
#include "geo/borders/build/codes.hpp"
#include "geo/borders/build/contested.hpp"
#include "geo/borders/build/enclaves.hpp"
#include "geo/borders/build/geo_maps.hpp"
#include "geo/borders/build/topojson.hpp"

namespace chiploc::borders_build {
namespace {

void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void put_signed(std::string& out, std::int64_t value) {
  put_varint(out, (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

void put_text(std::string& out, const std::string& text) {
  put_varint(out, text.size());
  out += text;
}

std::vector<Degrees> degrees_of(const Ring& ring) {
  std::vector<Degrees> out;
  out.reserve(ring.size());
  for (const Point p : ring) out.push_back({.lat = p.lat, .lon = p.lon});
  return out;
}

using Polygons = std::vector<std::vector<Ring>>;

double area_of(const Polygons& polygons) {
  double area = 0.0;
  for (const auto& polygon : polygons) {
    // GeoJSON's order, which both sources keep: the outer ring first, then its holes.
    for (std::size_t i = 0; i < polygon.size(); ++i)
      area += (i == 0 ? 1.0 : -1.0) * ring_area_km2(degrees_of(polygon[i]));
  }
  return std::max(area, 0.0);
}

/// Each map leaves land out that the other has.
double territory_area(const Territory& territory) {
  return std::max(area_of(territory.polygons), area_of(territory.surveyed));
}

void put_lines(std::string& out, const Polygons& polygons) {
  std::vector<GridLine> lines;
  for (const auto& polygon : polygons) {
    for (const Ring& ring : polygon) {
      for (GridLine& line : lines_of_ring(degrees_of(ring))) lines.push_back(std::move(line));
    }
  }
  put_varint(out, lines.size());
  for (const GridLine& line : lines) {
    put_varint(out, line.size());
    GridPoint last;
    for (const GridPoint point : line) {
      put_signed(out, point.lon - last.lon);
      put_signed(out, point.lat - last.lat);
      last = point;
    }
  }
}

std::string encode(const std::vector<Territory>& territories, const std::string& version) {
  std::string body;
  put_text(body, version);
  put_varint(body, territories.size());
  for (const Territory& territory : territories) {
    body += territory.code;
    put_text(body, territory.name);
    put_varint(body, static_cast<std::uint64_t>(std::llround(territory_area(territory) * 1000.0)));
    put_lines(body, territory.surveyed);
    put_lines(body, territory.polygons);
    put_lines(body, territory.contested);
  }
  std::string file{kBorderMagic};
  const std::uint64_t digest =
      border_digest({reinterpret_cast<const unsigned char*>(body.data()), body.size()});
  for (unsigned shift = 0; shift < 64; shift += 8)
    file.push_back(static_cast<char>((digest >> shift) & 0xff));
  return file + body;
}

struct Arguments {
  std::string atlas;
  std::string land;
  std::string iso;
  std::string version;
  std::string output;
};

void build(const Arguments& arguments) {
  const auto iso = read_iso_codes(arguments.iso);
  auto territories = assign_codes(read_topojson(arguments.atlas), iso);
  auto countries = read_geo_maps(arguments.land);
  const std::vector<Box> shared = shared_outlines(countries);
  for (GeoMapsCountry& country : countries) thin(country, shared);
  cut_enclaves(countries);
  cut_territories(countries);
  join_second_map(territories, std::move(countries), iso);
  join_contested(territories, contested_land());
  // Smallest first: where polygons of one map overlap, the first that holds a point answers.
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < territories.size(); ++i) order.emplace_back(territory_area(territories[i]), i);
  std::sort(order.begin(), order.end());
  std::vector<Territory> sorted;
  for (const auto& [area, i] : order) sorted.push_back(std::move(territories[i]));
  if (sorted.size() > kMostCountries)
    throw std::runtime_error{arguments.atlas + ": more territories than the table holds"};
  std::ofstream file{arguments.output, std::ios::binary | std::ios::trunc};
  file << encode(sorted, arguments.version);
  file.close();
  if (!file) throw std::runtime_error{arguments.output + ": cannot be written"};
}

}  // namespace
}  // namespace chiploc::borders_build

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr,
                 "usage: chiploc-borders-build COUNTRIES_TOPOJSON LAND_GEOJSON "
                 "ISO_3166_1_JSON SOURCE_VERSION OUTPUT\n");
    return 1;
  }
  try {
    chiploc::borders_build::build({argv[1], argv[2], argv[3], argv[4], argv[5]});
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "chiploc-borders-build: %s\n", error.what());
    return 1;
  }
}
