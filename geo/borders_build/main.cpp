// Builds the border table that is embedded in the geo library. Run by CMake, not by people:
//
//     chiploc-borders-build countries-10m.json iso_3166-1.json SOURCE_VERSION OUTPUT
//
// Reads the two files, writes one. Exit code 0, or 1 with one line on stderr that names the file and the
// fault. The format is described in geo/border_table.hpp, which reads it.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>

#include "geo/border_lines.hpp"
#include "geo/border_table.hpp"
#include "geo/borders_build/codes.hpp"
#include "geo/borders_build/topojson.hpp"

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

double territory_area(const Territory& territory) {
  double area = 0.0;
  for (const auto& polygon : territory.polygons) {
    // GeoJSON's order, which world-atlas keeps: the outer ring first, then its holes.
    for (std::size_t i = 0; i < polygon.size(); ++i)
      area += (i == 0 ? 1.0 : -1.0) * ring_area_km2(degrees_of(polygon[i]));
  }
  return std::max(area, 0.0);
}

std::string encode(const std::vector<Territory>& territories, const std::string& version) {
  std::string body;
  put_text(body, version);
  put_varint(body, territories.size());
  for (const Territory& territory : territories) {
    body += territory.code;
    put_text(body, territory.name);
    put_varint(body, static_cast<std::uint64_t>(std::llround(territory_area(territory) * 1000.0)));
    std::vector<GridLine> lines;
    for (const auto& polygon : territory.polygons) {
      for (const Ring& ring : polygon) {
        for (GridLine& line : lines_of_ring(degrees_of(ring))) lines.push_back(std::move(line));
      }
    }
    put_varint(body, lines.size());
    for (const GridLine& line : lines) {
      put_varint(body, line.size());
      GridPoint last;
      for (const GridPoint point : line) {
        put_signed(body, point.lon - last.lon);
        put_signed(body, point.lat - last.lat);
        last = point;
      }
    }
  }
  std::string file{kBorderMagic};
  const std::uint64_t digest =
      border_digest({reinterpret_cast<const unsigned char*>(body.data()), body.size()});
  for (unsigned shift = 0; shift < 64; shift += 8)
    file.push_back(static_cast<char>((digest >> shift) & 0xff));
  return file + body;
}

void build(const std::string& atlas, const std::string& iso, const std::string& version,
           const std::string& output) {
  auto territories = assign_codes(read_topojson(atlas), read_iso_codes(iso));
  // Smallest first: where polygons overlap, the first that holds a point answers.
  std::sort(territories.begin(), territories.end(), [](const Territory& a, const Territory& b) {
    const double area_a = territory_area(a);
    const double area_b = territory_area(b);
    return area_a < area_b || (area_a == area_b && a.code < b.code);
  });
  if (territories.size() > kMostCountries)
    throw std::runtime_error{atlas + ": more territories than the table holds"};
  std::ofstream file{output, std::ios::binary | std::ios::trunc};
  file << encode(territories, version);
  file.close();
  if (!file) throw std::runtime_error{output + ": cannot be written"};
}

}  // namespace
}  // namespace chiploc::borders_build

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr,
                 "usage: chiploc-borders-build COUNTRIES_TOPOJSON ISO_3166_1_JSON SOURCE_VERSION OUTPUT\n");
    return 1;
  }
  try {
    chiploc::borders_build::build(argv[1], argv[2], argv[3], argv[4]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "chiploc-borders-build: %s\n", error.what());
    return 1;
  }
}
