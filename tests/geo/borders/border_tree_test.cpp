#include "geo/borders/border_tree.hpp"

#include <cmath>
#include <random>

#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::border_tree_test {
namespace {

/// A table of one country with a line of long edges and an islet of one vertex. On the real borders edges are
/// short and the ambiguity band is wide, which would hide a mistake with single edges.
BorderTable table_of(std::mt19937_64& random, LatLon middle) {
  BorderTable table;
  table.rows.push_back({"AA", "Test", 1.0});
  for (int i = 0; i < 6; ++i)
    table.points.push_back(to_sphere(random_place_within(random, middle, Kilometers{2500.0})));
  table.lines.push_back({0, 5, 0});
  table.lines.push_back({5, 6, 0});
  table.vertices.resize(table.points.size());
  return table;
}

TEST_CASE("BorderTree: finds exactly the edges that dense sampling finds", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{1500}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const LatLon middle = random_place(random);
  const BorderTable table = table_of(random, middle);
  const BorderTree tree{table};
  std::vector<Cap> caps;
  const auto count = std::uniform_int_distribution<std::uint32_t>{1, 5}(random);
  const double largest = seed % 3 == 0 ? 0.5 : 0.1;
  for (std::uint32_t i = 0; i < count; ++i) {
    caps.emplace_back(to_sphere(random_place_within(random, middle, Kilometers{1500.0})),
                      std::uniform_real_distribution<double>{0.01, largest}(random), i / 2);
  }
  const CapSet set{caps, static_cast<unsigned>(seed % 2)};
  const CapSet larger = set.inflated(1e-3);
  bool certain = set.contains(table.points[5]);
  bool possible = larger.contains(table.points[5]);
  for (std::size_t v = 0; v < 4; ++v) {
    for (double t = 0.0; t <= 1.0; t += 1.0 / 2048) {
      const Vec3 point = normalized(table.points[v] * (1.0 - t) + table.points[v + 1] * t);
      certain = certain || set.contains(point);
      possible = possible || larger.contains(point);
    }
  }
  const bool touches = tree.touches(set, 0);
  if (certain) CHECK(touches);
  if (!possible) CHECK_FALSE(touches);
}

TEST_CASE("BorderTree: an islet of one vertex is met only there", "[geo]") {
  BorderTable table;
  table.rows.push_back({"AA", "Test", 1.0});
  table.points = {to_sphere(place_at(10, 20))};
  table.vertices.resize(1);
  table.lines.push_back({0, 1, 0});
  const BorderTree tree{table};
  const Cap around{to_sphere(place_at(10.001, 20)), 0.001, 0};
  CHECK(tree.touches(CapSet{{around}, 0}, 0));
  CHECK_FALSE(tree.touches(CapSet{{Cap{to_sphere(place_at(11, 20)), 0.001, 0}}, 0}, 0));
}

TEST_CASE("BorderTree: a line that lies in a thin lens without leaving it is met", "[geo]") {
  // Its bounding ball sticks out of the lens on both sides, and no edge crosses a circle.
  BorderTable table;
  table.rows.push_back({"AA", "Test", 1.0});
  for (const double lat : {-3.0, 0.0, 3.0}) table.points.push_back(to_sphere(place_at(lat, 0)));
  table.vertices.resize(3);
  table.lines.push_back({0, 3, 0});
  const Cap west{to_sphere(place_at(0, -20)), 20.5 * 3.14159265 / 180.0, 0};
  const Cap east{to_sphere(place_at(0, 20)), 20.5 * 3.14159265 / 180.0, 1};
  const CapSet lens{{west, east}, 0};
  CHECK(BorderTree{table}.touches(lens, 0));
}

TEST_CASE("BorderTree: all countries at once are each by itself", "[geo][property]") {
  static const auto table = BorderTable::decode(embedded_border_bytes());
  REQUIRE(table.has_value());
  static const BorderTree tree{*table};
  std::mt19937_64 random{7};
  for (int i = 0; i < 2000; ++i) {
    // Around a vertex of any country, so that small ones on the rim of their group come up.
    const auto line = std::uniform_int_distribution<std::size_t>{0, table->lines.size() - 1}(random);
    const double radius = std::pow(10.0, std::uniform_real_distribution<double>{-5.0, -0.5}(random));
    const CapSet set{{Cap{table->points[table->lines[line].begin], radius, 0}}, 0};
    const CountryBits touched = tree.touched(set);
    REQUIRE(touched[table->lines[line].country]);
    for (std::uint32_t row = 0; row < table->rows.size(); ++row) {
      if (touched[row] != tree.touches(set, row)) {
        CAPTURE(table->rows[row].code);
        CHECK(false);
      }
    }
  }
}

}  // namespace
}  // namespace chiploc::border_tree_test
