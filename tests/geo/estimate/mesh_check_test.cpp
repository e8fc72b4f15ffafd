#include "geo/estimate/mesh_check.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "geo/geodesic.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

/// An honest mesh: paths 1.3 to 3 times as long as straight glass.
RttMesh honest_mesh(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<double> detour{1.3, 3.0};
  RttMesh mesh;
  for (std::size_t i = 0; i < count; ++i)
    mesh.places.push_back(random_place_within(random, place_at(48.0, 10.0), Kilometers{2500.0}));
  mesh.rtt_ms.assign(count * count, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = a + 1; b < count; ++b) {
      const double ms = 0.4 + detour(random) * geodesic_distance(mesh.places[a], mesh.places[b]).km() / 100.0;
      mesh.rtt_ms[a * count + b] = mesh.rtt_ms[b * count + a] = ms;
    }
  }
  return mesh;
}

TEST_CASE("mesh check: an honest mesh has no suspect", "[geo]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{20}));
  CAPTURE(seed);
  CHECK(check_mesh(honest_mesh(40, seed), {}, Borders::world()).empty());
}

TEST_CASE("mesh check: liars about their place are named, and nobody else", "[geo]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{20}));
  CAPTURE(seed);
  RttMesh mesh = honest_mesh(40, seed);
  mesh.places[7] = geodesic_direct(mesh.places[7], 40.0, Kilometers{3500.0});
  mesh.places[22] = geodesic_direct(mesh.places[22], 200.0, Kilometers{4000.0});
  std::vector<std::size_t> named;
  for (const MeshSuspect& suspect : check_mesh(mesh, {}, Borders::world())) {
    named.push_back(suspect.node);
    CHECK(suspect.contradicts.size() > 1);
    CHECK(suspect.excess > Kilometers{0.0});
    CHECK_FALSE(suspect.or_else.has_value());
  }
  std::sort(named.begin(), named.end());
  CHECK(named == std::vector<std::size_t>{7, 22});
}

TEST_CASE("mesh check: a pair that contradicts itself is settled by what the others saw of both", "[geo]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{20}));
  const bool first_lies = GENERATE(false, true);
  CAPTURE(seed, first_lies);
  RttMesh mesh = honest_mesh(30, seed);
  const std::size_t count = mesh.size();
  // Two nodes in one house, half a millisecond apart, of which one states a place 500 km away; everybody else
  // is far.
  mesh.places[3] = place_at(-36.85, 174.76);
  mesh.places[4] = mesh.places[3];
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<double> detour{1.6, 2.2};
  for (const std::size_t node : {3U, 4U}) {
    for (std::size_t other = 0; other < count; ++other) {
      if (other == node) continue;
      const double km = geodesic_distance(mesh.places[node], mesh.places[other]).km();
      const double ms = km < 1.0 ? 0.5 : detour(random) * km / 100.0;
      mesh.rtt_ms[node * count + other] = mesh.rtt_ms[other * count + node] = ms;
    }
  }
  // Nearer witnesses, as there are in most meshes.
  for (const std::size_t node : {3U, 4U}) {
    for (std::size_t other = 10; other < 22; ++other) {
      mesh.places[other] =
          geodesic_direct(mesh.places[node], 30.0 * static_cast<double>(other), Kilometers{1200.0});
    }
  }
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = a + 1; b < count; ++b) {
      if (b == 4 && a == 3) continue;
      const double km = geodesic_distance(mesh.places[a], mesh.places[b]).km();
      mesh.rtt_ms[a * count + b] = mesh.rtt_ms[b * count + a] = 0.2 + detour(random) * km / 100.0;
    }
  }
  const std::size_t liar = first_lies ? 3 : 4;
  mesh.places[liar] = geodesic_direct(mesh.places[liar], 170.0, Kilometers{500.0});
  const auto suspects = check_mesh(mesh, {}, Borders::world());
  REQUIRE(suspects.size() == 1);
  CHECK(suspects[0].node == liar);
  REQUIRE(suspects[0].or_else.has_value());
  CHECK(*suspects[0].or_else == (first_lies ? 4 : 3));
}

TEST_CASE("mesh check: one direction that is too fast accuses nobody", "[geo]") {
  RttMesh mesh = honest_mesh(12, 3);
  mesh.rtt_ms[2 * 12 + 9] = 0.1;
  CHECK(check_mesh(mesh, {}, Borders::world()).empty());
  mesh.rtt_ms[9 * 12 + 2] = 0.1;
  CHECK(check_mesh(mesh, {}, Borders::world()).size() == 1);
}

TEST_CASE("mesh check: a place in another country than the one it states", "[geo]") {
  RttMesh mesh = honest_mesh(4, 5);
  mesh.places = {place_at(14.63, -90.52), place_at(31.78, 35.23), place_at(52.5, 13.4), place_at(9.0, -79.5)};
  mesh.rtt_ms.assign(16, std::numeric_limits<double>::quiet_NaN());
  const auto code = [](const char* text) { return CountryCode::from_text(text); };
  // Guatemala City that calls itself Panama; Jerusalem within the border's own error; one that states
  // nothing.
  const std::vector<std::optional<CountryCode>> countries{code("PA"), code("IL"), std::nullopt, code("PA")};
  const auto suspects = check_mesh(mesh, countries, Borders::world());
  REQUIRE(suspects.size() == 1);
  CHECK(suspects[0].node == 0);
  CHECK(suspects[0].country_differs);
  CHECK(suspects[0].contradicts.empty());
}

}  // namespace
}  // namespace chiploc
