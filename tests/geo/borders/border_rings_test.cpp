#include "geo/borders/border_rings.hpp"

#include <cmath>
#include <numbers>

#include "geo/borders/borders.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::border_rings_test {
namespace {

std::uint32_t row_of(const BorderTable& table, const char* code) {
  for (std::uint32_t row = 0; row < table.rows.size(); ++row) {
    if (table.rows[row].code == code) return row;
  }
  FAIL("no row " << code);
  return 0;
}

TEST_CASE("border rings: each closes without a leap, at the antimeridian and round the pole too",
          "[geo][borders]") {
  const auto table = BorderTable::decode(embedded_border_bytes()).value();
  for (std::uint32_t row = 0; row < table.rows.size(); ++row) {
    for (const BorderMap map : {BorderMap::kSurveyed, BorderMap::kGeneralised}) {
      for (const auto& ring : border_rings(table, row, map)) {
        for (std::size_t i = 0; i < ring.size(); ++i) {
          const double leap = angle_between(ring[i], ring[(i + 1) % ring.size()]);
          // An edge is at most two degrees each way (border_lines.cpp).
          if (leap > 3.0 * std::numbers::pi / 180.0)
            FAIL(table.rows[row].code << " leaps by " << leap << " rad");
        }
      }
    }
  }
}

TEST_CASE("border rings: what they hold is where the country is", "[geo][borders]") {
  const auto table = BorderTable::decode(embedded_border_bytes()).value();
  const auto held = [&](const char* code, double lat, double lon) {
    return border_rings_hold(table, row_of(table, code), BorderMap::kSurveyed, to_sphere(place_at(lat, lon)));
  };
  CHECK(held("RU", 67.0, -175.0));  // Chukotka, beyond the antimeridian
  CHECK(held("RU", 67.0, 175.0));
  CHECK_FALSE(held("RU", 65.0, -150.0));
  CHECK(held("FJ", -16.85, 179.98));
  CHECK(held("AQ", -89.0, 0.0));
  CHECK_FALSE(held("AQ", 89.0, 0.0));
  CHECK(held("US", 39.0, -98.0));
  CHECK_FALSE(held("DE", 39.0, -98.0));
  // Rings are asked about as the table is: the number of them round the pole is odd.
  std::size_t around = 0;
  for (const auto& ring : border_rings(table, row_of(table, "AQ"), BorderMap::kSurveyed)) {
    double turned = 0.0;
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const Vec3 a = ring[i], b = ring[(i + 1) % ring.size()];
      turned += std::remainder(std::atan2(b.y, b.x) - std::atan2(a.y, a.x), 2.0 * std::numbers::pi);
    }
    around += std::abs(std::lround(turned / (2.0 * std::numbers::pi))) % 2 == 1 ? 1U : 0U;
  }
  CHECK(around % 2 == 1);
}

}  // namespace
}  // namespace chiploc::border_rings_test
