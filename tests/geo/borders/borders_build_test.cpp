// The tool that makes the border table: what it cuts, thins and checks.

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <string>

#include "geo/borders/border_table.hpp"
#include "geo/borders/build/contested.hpp"
#include "geo/borders/build/enclaves.hpp"
#include "geo/borders/build/geo_maps.hpp"
#include "geo/estimate/cities_build/border_check.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

namespace chiploc::borders_build::borders_build_test {
namespace {

Ring box(double west, double south, double east, double north) {
  return {{west, south}, {east, south}, {east, north}, {west, north}, {west, south}};
}

/// Even-odd over all rings of a country, as the table decides.
bool has(const GeoMapsCountry& country, double lon, double lat) {
  bool inside = false;
  for (const auto& polygon : country.polygons) {
    for (const Ring& ring : polygon) {
      for (std::size_t i = 1; i < ring.size(); ++i) {
        const Point a = ring[i - 1];
        const Point b = ring[i];
        if ((a.lat > lat) != (b.lat > lat) && lon < a.lon + (lat - a.lat) / (b.lat - a.lat) * (b.lon - a.lon))
          inside = !inside;
      }
    }
  }
  return inside;
}

TEST_CASE("borders_build: water is land, and an islet in a lake is not taken out again", "[geo]") {
  std::vector<GeoMapsCountry> countries{
      {"AAA", {{box(0, 0, 10, 10), box(4, 4, 6, 6)}, {box(4.5, 4.5, 5.5, 5.5)}, {box(20, 0, 21, 1)}}}};
  cut_enclaves(countries);
  CHECK(has(countries[0], 5.0, 5.0));
  CHECK(has(countries[0], 4.2, 4.2));
  CHECK(has(countries[0], 20.5, 0.5));
  CHECK_FALSE(has(countries[0], 15.0, 5.0));
}

TEST_CASE("borders_build: enclaves are cut out, however deep they nest", "[geo]") {
  std::vector<GeoMapsCountry> countries{{"ARE", {{box(0, 0, 10, 10)}, {box(4.5, 4.5, 5.5, 5.5)}}},
                                        {"OMN", {{box(4, 4, 6, 6)}}}};
  cut_enclaves(countries);
  CHECK(has(countries[0], 1.0, 1.0));
  CHECK_FALSE(has(countries[0], 4.2, 4.2));
  CHECK(has(countries[1], 4.2, 4.2));
  CHECK(has(countries[0], 5.0, 5.0));
  CHECK_FALSE(has(countries[1], 5.0, 5.0));
}

TEST_CASE("borders_build: land that two countries draw stays both's", "[geo]") {
  std::vector<GeoMapsCountry> countries{
      {"MAR", {{box(0, 0, 10, 10)}}},         {"ESH", {{box(0, 0, 10, 4)}}},
      {"AAA", {{box(20, 0, 30, 10)}}},        {"BBB", {{box(28, 2, 35, 8)}}},
      {"CCC", {{box(40.1, 0.1, 49.9, 9.9)}}}, {"DDD", {{box(40, 0, 50, 10)}}}};
  cut_enclaves(countries);
  cut_territories(countries);
  CHECK((has(countries[0], 5.0, 2.0) && has(countries[1], 5.0, 2.0)));    // on the coast, no enclave
  CHECK((has(countries[2], 29.0, 5.0) && has(countries[3], 29.0, 5.0)));  // partly inside
  CHECK((has(countries[4], 45.0, 5.0) && has(countries[5], 45.0, 5.0)));  // nearly the same ring
}

TEST_CASE("borders_build: a territory is taken out of its state's land", "[geo]") {
  std::vector<GeoMapsCountry> countries{
      {"CHN", {{box(0, 0, 10, 10)}, {box(11, 0, 11.5, 0.5)}, {box(14, 0, 15, 1)}}},
      {"HKG", {{box(8, 0, 10, 2)}, {box(11.001, 0, 11.5, 0.499)}}}};
  cut_enclaves(countries);
  cut_territories(countries);
  CHECK_FALSE(has(countries[0], 9.0, 1.0));  // hangs together with the mainland
  CHECK(has(countries[1], 9.0, 1.0));
  CHECK_FALSE(has(countries[0], 11.2, 0.2));  // an island of the territory
  CHECK(countries[0].polygons.size() == 2);
  CHECK(has(countries[0], 5.0, 5.0));
  CHECK(has(countries[0], 14.5, 0.5));
}

TEST_CASE("borders_build: where a territory hangs together with its state neither outline is thinned",
          "[geo]") {
  Ring coast{{0, 0}, {9, 0}};  // with a harbour of 0.4 km at each tenth of a degree
  for (int i = 1; i < 40; ++i) coast.push_back({9.0 - (i % 2 == 0 ? 0.0 : 0.004), 0.1 * i});
  coast.insert(coast.end(), {{9, 4}, {0, 4}, {0, 0}});
  GeoMapsCountry state{"CHN", {{coast}}};
  GeoMapsCountry bay{"HKG", {{box(8.9, 1.0, 9.0, 2.0)}, {box(20, 0, 21, 1)}}};
  GeoMapsCountry with_island = state;
  with_island.polygons.push_back({box(20.001, 0, 21, 1)});
  const std::vector<Box> shared = shared_outlines({with_island, bay});
  REQUIRE(shared.size() == 1);  // the island is a polygon of its own on both sides
  CHECK(shared[0].holds({9.0, 1.5}));
  CHECK_FALSE(shared[0].holds({20.5, 0.5}));
  const auto in_bay = [&](const Ring& ring) {
    return std::count_if(ring.begin(), ring.end(), [&](Point p) { return shared[0].holds(p); });
  };
  const auto before = in_bay(state.polygons[0][0]);
  thin(state, shared);
  CHECK(in_bay(state.polygons[0][0]) == before);
  CHECK(state.polygons[0][0].size() < coast.size());
  state.polygons[0][0] = coast;
  thin(state);
  CHECK(in_bay(state.polygons[0][0]) < before);
}

TEST_CASE("borders_build: a thinned ring stays within what it promises", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{40}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const double lat = std::uniform_real_distribution<double>{-70.0, 70.0}(random);
  const double radius = std::pow(10.0, std::uniform_real_distribution<double>{-2.5, 0.5}(random));
  Ring ring;
  for (int i = 0; i < 400; ++i) {
    const double turn = 2.0 * 3.14159265358979 * i / 400;
    const double wave = radius * (1.0 + std::uniform_real_distribution<double>{-0.02, 0.02}(random));
    ring.push_back({wave * std::cos(turn) / std::cos(lat * 0.0174532925), lat + wave * std::sin(turn)});
  }
  ring.push_back(ring.front());
  GeoMapsCountry country{"AAA", {{ring}}};
  thin(country);
  const Ring& thinned = country.polygons[0][0];
  CHECK(thinned.size() < ring.size());
  CHECK(thinned.size() >= 4);
  CHECK(thinned.front() == thinned.back());
  const double area_km2 = 3.14 * radius * radius * 12'364.0;
  const double most = std::min(area_km2 < 4'800.0 ? 0.2 : 0.7, 2.04 * radius * 111.2 / 12.0);
  for (const Point p : ring) {
    double least = 1e9;
    for (std::size_t i = 1; i < thinned.size(); ++i) {
      const double shrink = std::cos(p.lat * 0.0174532925);
      const double ax = (thinned[i - 1].lon - p.lon) * shrink * 111.2;
      const double ay = (thinned[i - 1].lat - p.lat) * 111.2;
      const double dx = (thinned[i].lon - thinned[i - 1].lon) * shrink * 111.2;
      const double dy = (thinned[i].lat - thinned[i - 1].lat) * 111.2;
      const double share = std::clamp(-(ax * dx + ay * dy) / (dx * dx + dy * dy), 0.0, 1.0);
      least = std::min(least, std::hypot(ax + share * dx, ay + share * dy));
    }
    CHECK(least <= most * 1.01 + 0.005);
  }
}

TEST_CASE("borders_build: contested land is added once to each of its countries, or the build stops",
          "[geo]") {
  const auto joined = [](const std::vector<Contested>& contested) {
    std::vector<Territory> territories{{"AA", "A", {}, {}, {}}, {"BB", "B", {}, {}, {}}};
    try {
      join_contested(territories, contested);
    } catch (const std::runtime_error& error) {
      return std::string{error.what()};
    }
    return std::to_string(territories[0].contested.size()) + " and " +
           std::to_string(territories[1].contested.size());
  };
  CHECK(joined({{"one", {"AA", "BB"}, box(0, 0, 2, 2)}, {"two", {"AA"}, box(3, 0, 4, 1)}}) == "2 and 1");
  CHECK(joined({{"one", {"AA"}, box(0, 0, 2, 2)}, {"two", {"BB"}, box(1, 1, 3, 3)}}) == "1 and 1");
  const std::string both = "two and one overlap, and both name AA";
  CHECK(joined({{"one", {"AA"}, box(0, 0, 2, 2)}, {"two", {"AA"}, box(1, 1, 3, 3)}}) == both);
  CHECK(joined({{"one", {"AA"}, box(0, 0, 9, 9)}, {"two", {"AA"}, box(1, 1, 3, 3)}}) == both);
  CHECK(joined({{"one", {"AA"}, box(1, 1, 3, 3)}, {"two", {"AA"}, box(0, 0, 9, 9)}}) == both);
  CHECK(joined({{"one", {"CC"}, box(0, 0, 2, 2)}}) == "one: no country CC");
  const std::string bad = "one: not a ring that closes and does not cross itself";
  CHECK(joined({{"one", {"AA"}, {{0, 0}, {2, 2}, {2, 0}, {0, 2}, {0, 0}}}}) == bad);
  CHECK(joined({{"one", {"AA"}, {{0, 0}, {2, 0}, {2, 2}, {0, 2}}}}) == bad);
}

TEST_CASE("borders_build: a city on another country's land stops the build, by name", "[geo]") {
  const TempFolder folder;
  const auto path = folder.path() / "borders.bin";
  const auto bytes = embedded_border_bytes();
  std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()),
                                              static_cast<std::streamsize>(bytes.size()));
  const auto says = [&](const cities_build::NamedCity& city) {
    try {
      cities_build::check_cities_against_borders({city}, path);
    } catch (const std::runtime_error& error) {
      return std::string{error.what()};
    }
    return std::string{};
  };
  CHECK(says({"Berlin", "PL", 52.52, 13.40}).find("Berlin (PL) at 52.5200 13.4000 is ") != std::string::npos);
  CHECK(says({"Berlin", "DE", 52.52, 13.40}).find("Berlin") == std::string::npos);
  CHECK(says({"Berlin", "DE", 54.60, 13.40}).find("Berlin (DE)") == std::string::npos);  // Ruegen
  CHECK(says({"Navis", "AT", 47.5403, 11.1307}).find("Navis") == std::string::npos);     // excepted
  CHECK(says({"Navis", "AT", 47.12, 11.54}).find("Navis lies right by now") != std::string::npos);
  std::vector<cities_build::NamedCity> all{
      {"Navis", "AT", 47.5403, 11.1307},  {"Berlin", "DE", 52.52, 13.40},
      {"Sambo Creek", "HN", 15.9, -86.6}, {"Río Esteban", "HN", 15.9, -86.2},
      {"Jericó", "HN", 16.20, -85.90},    {"Tulalip Bay", "US", 48.3, -123.5},
      {"Cambarus", "PH", 14.3, 123.6},    {"Sarupathar", "IN", 26.206, 96.81}};
  CHECK(cities_build::check_cities_against_borders(all, path) ==
        std::vector<std::size_t>{0, 2, 3, 4, 5, 6, 7});
  CHECK(says({"Nowhere", "ZZ", 0.0, 0.0}).find("Nowhere: no country") != std::string::npos);
}

}  // namespace
}  // namespace chiploc::borders_build::borders_build_test
