#pragma once
// The embedded border table, decoded: one list of vertices in lines, by country. Read by border_grid and
// border_tree.

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "geo/vec3.hpp"

namespace chiploc {

/// Format (all integers LEB128 varints, signed ones zigzag): magic, 8 bytes of FNV-1a 64 over the rest
/// (little endian), version text, number of countries, and by country, smallest area first: two letters,
/// name, area in 1e-3 km^2, and for each of the three maps number of lines; by line: number of points, then
/// differences of longitude and latitude in micro-degrees, the first from (0, 0). Texts are a length and
/// bytes.
inline constexpr std::string_view kBorderMagic{"CLBORD3\n", 8};
inline constexpr std::size_t kMostCountries = 256;

/// Rows of the table, as bits.
using CountryBits = std::bitset<kMostCountries>;

/// Whose drawing of a country a line belongs to. Each map alone tells inside from outside.
enum class BorderMap : std::uint8_t {
  kSurveyed = 0,     ///< OpenStreetMap's: finer, and the one that answers where the two differ
  kGeneralised = 1,  ///< Natural Earth's
  kContested = 2,    ///< Ours: land that may be the country's too, though neither of the others says so
};

/// FNV-1a, 64 bits: tells damage, not forgery.
[[nodiscard]] std::uint64_t border_digest(std::span<const unsigned char> bytes);

/// A vertex in units of half a micro-degree (5.6 cm), always even. Points asked about are always odd, so that
/// no vertex ever has the longitude or latitude of a point: parity needs no tie rules for vertices.
struct BorderVertex {
  std::int32_t x = 0;  ///< longitude
  std::int32_t y = 0;  ///< latitude
};

struct BorderTable {
  struct Row {
    std::string code;
    std::string name;
    double area_km2 = 0.0;
  };
  /// Vertices [begin, end): consecutive ones are edges, straight in longitude and latitude, and within 50 m
  /// of the great circle. A line of one vertex is an islet that the source's grid has flattened to a point.
  struct Line {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t country = 0;  ///< Index of its row.
    BorderMap map = BorderMap::kSurveyed;
  };

  std::string version;
  std::vector<Row> rows;
  std::vector<Line> lines;  ///< Ascending by country, then by map.
  std::vector<BorderVertex> vertices;
  std::vector<Vec3> points;  ///< The same vertices on the auxiliary sphere.

  /// nullopt when the bytes are not a whole, undamaged table of this format.
  [[nodiscard]] static std::optional<BorderTable> decode(std::span<const unsigned char> bytes);
};

/// The bytes that the build embedded in this library.
[[nodiscard]] std::span<const unsigned char> embedded_border_bytes();

}  // namespace chiploc
