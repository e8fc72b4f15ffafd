#include "geo/cap_set.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "geo/geodesic.hpp"
#include "geo/outline.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::cap_set_test {
namespace {

// Every place within the reach is in the cap: on random and on nearly antipodal pairs, where the geodesic
// turns.
TEST_CASE("covering_radius: covers every place within the reach", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{60}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  for (int i = 0; i < 500; ++i) {
    const LatLon anchor = random_place(random);
    const LatLon antipode = from_sphere(-to_sphere(anchor));
    const LatLon place = i % 4 == 0   ? random_place_within(random, antipode, Kilometers{200.0})
                         : i % 4 == 1 ? random_place_within(random, anchor, Kilometers{1.0})
                                      : random_place(random);
    const Kilometers reach = geodesic_distance(anchor, place);
    const auto radius = covering_radius(anchor, reach);
    if (!radius) {
      CHECK(reach.km() > 19'900.0);
      continue;
    }
    const double angle = angle_between(to_sphere(anchor), to_sphere(place));
    CHECK(angle < *radius);
    // And little more than that: 0.35 % and 2 m.
    CHECK(*radius * kEquatorialRadius.km() < reach.km() * 1.0036 + 0.002);
  }
}

TEST_CASE("covering_radius: more reach never covers less", "[geo]") {
  for (const double lat : {-90.0, -45.0, 0.0, 30.0, 89.9}) {
    double last = 0.0;
    for (double km = 0.0; km < 20'000.0; km += 37.0) {
      const auto radius = covering_radius(place_at(lat, 20.0), Kilometers{km});
      if (!radius) break;
      CHECK(*radius > last);
      last = *radius;
    }
    CHECK(last > 3.0);
  }
}

TEST_CASE("covering_radius: what reaches round the Earth has none", "[geo]") {
  CHECK_FALSE(covering_radius(place_at(0, 0), kLongestGeodesic).has_value());
  CHECK_FALSE(
      covering_radius(place_at(0, 0), Kilometers{std::numeric_limits<double>::quiet_NaN()}).has_value());
  CHECK_FALSE(
      covering_radius(place_at(0, 0), Kilometers{std::numeric_limits<double>::infinity()}).has_value());
  CHECK(covering_radius(place_at(0, 0), Kilometers{-1.0}).value() > 0.0);
}

TEST_CASE("cross_circles: its points lie on both circles, on the side they claim", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{300}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  // Centres from metres to half the Earth apart.
  const double apart_km = std::pow(10.0, std::uniform_real_distribution<double>{-3.0, 4.2}(random));
  const LatLon a_place = random_place(random);
  const Vec3 a = to_sphere(a_place);
  const Vec3 b = to_sphere(geodesic_direct(a_place, static_cast<double>(seed), Kilometers{apart_km}));
  const double apart = angle_between(a, b);
  const double a_radius = std::uniform_real_distribution<double>{0.001, 3.0}(random);
  const double b_radius = a_radius + apart * std::uniform_real_distribution<double>{-0.999, 0.999}(random);
  if (b_radius <= 0.0 || b_radius >= 3.14) return;
  const Cap first{a, a_radius, 0};
  const Cap second{b, b_radius, 1};
  const auto crossing = cross_circles(first, second);
  if (a_radius + b_radius < apart || a_radius + b_radius + apart > 2.0 * std::numbers::pi) {
    CHECK_FALSE(crossing.has_value());
    return;
  }
  REQUIRE(crossing.has_value());
  for (const Vec3 point : {crossing->left, crossing->right}) {
    CHECK(norm(point) == Approx(1.0).margin(1e-12));
    CHECK(std::abs(angle_between(point, a) - a_radius) < 1e-12);
    CHECK(std::abs(angle_between(point, b) - b_radius) < 1e-12);
  }
  CHECK(dot(crossing->left, cross(a, b)) >= 0.0);
  CHECK(dot(crossing->right, cross(a, b)) <= 0.0);
}

TEST_CASE("cross_circles: nested, distant and identical circles do not cross", "[geo]") {
  const Vec3 x{1.0, 0.0, 0.0};
  const Vec3 y{0.0, 1.0, 0.0};
  CHECK_FALSE(cross_circles(Cap{x, 0.2, 0}, Cap{y, 0.2, 0}).has_value());
  CHECK_FALSE(cross_circles(Cap{x, 3.0, 0}, Cap{y, 0.2, 0}).has_value());
  CHECK_FALSE(cross_circles(Cap{x, 0.2, 0}, Cap{x, 0.2, 1}).has_value());
  CHECK_FALSE(cross_circles(Cap{x, 0.2, 0}, Cap{x, 0.3, 1}).has_value());
  CHECK(cross_circles(Cap{x, 1.0, 0}, Cap{y, 1.0, 0}).has_value());
}

// The tree over the borders relies on this: kNone and kAll are promises, kSome is none.
TEST_CASE("CapSet::overlap: a ball outside has no point of the set, one inside only such",
          "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{200}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  std::vector<Cap> caps;
  for (std::uint32_t i = 0; i < 6; ++i) {
    caps.emplace_back(to_sphere(random_place(random)),
                      std::uniform_real_distribution<double>{0.3, 2.9}(random), i / 2);
  }
  const CapSet set{caps, static_cast<unsigned>(seed % 3)};
  int decided = 0;
  for (int i = 0; i < 50; ++i) {
    const LatLon place = random_place(random);
    const double rho = std::uniform_real_distribution<double>{0.0, 0.5}(random);
    const auto overlap = set.overlap(to_sphere(place), std::cos(rho), std::sin(rho));
    if (overlap == CapSet::Overlap::kSome) continue;
    ++decided;
    for (int k = 0; k < 20; ++k) {
      const LatLon inside = random_place_within(random, place, Kilometers{rho * kPolarRadius.km()});
      CHECK(set.contains(to_sphere(inside)) == (overlap == CapSet::Overlap::kAll));
    }
  }
  if (set.faults() < 2) CHECK(decided > 0);
}

TEST_CASE("CapSet::without_idle_caps: describes the same set, and stays so when it is inflated",
          "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{40}));
  const unsigned faults = GENERATE(0U, 1U, 2U);
  CAPTURE(seed, faults);
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<double> stretch{1.0, 3.0};
  std::uniform_int_distribution<std::uint32_t> perspective{0, 11};
  const LatLon chip = random_place(random);
  std::vector<AnchorBound> bounds;
  for (int i = 0; i < 20; ++i) {
    const LatLon anchor = random_place_within(random, chip, Kilometers{i % 2 == 0 ? 600.0 : 9000.0});
    const double lie = i % 7 == 6 ? 0.6 : stretch(random);  // some exclude the chip
    bounds.push_back({anchor, Kilometers{1.0}, Kilometers{lie * geodesic_distance(chip, anchor).km() + 5.0},
                      perspective(random)});
  }
  const CapSet full = CapSet::from_bounds(bounds, faults);
  const CapSet lean = full.without_idle_caps();
  CHECK(lean.caps().size() <= full.caps().size());
  CHECK(lean.groups() > faults);
  for (const double angle : {0.0, 0.05, 1.5}) {
    const CapSet all = full.inflated(angle);
    const CapSet fewer = lean.inflated(angle);
    CHECK(all.is_everything() == fewer.is_everything());
    for (int k = 0; k < 2000; ++k) {
      const LatLon place =
          k % 2 == 0 ? random_place(random) : random_place_within(random, chip, Kilometers{2000.0});
      CHECK(fewer.contains(to_sphere(place)) == all.contains(to_sphere(place)));
    }
  }
}

TEST_CASE("CapSet::without_idle_caps: far anchors that exclude nothing near the nearest ones are left out",
          "[geo]") {
  const auto bound_at = [](double lat, double lon, double km, std::uint32_t perspective) {
    return AnchorBound{place_at(lat, lon), Kilometers{0.0}, Kilometers{km}, perspective};
  };
  const std::vector bounds{bound_at(50, 8, 100, 1), bound_at(50, 9, 120, 2), bound_at(52, 13, 900, 3),
                           bound_at(40, -74, 9000, 4), bound_at(51, 8, 90, 5)};
  CHECK(CapSet::from_bounds(bounds, 0).without_idle_caps().caps().size() == 3);
  // One of the near ones may lie: the next in size must be looked at too.
  const CapSet one = CapSet::from_bounds(bounds, 1).without_idle_caps();
  CHECK(one.caps().size() == 3);
  CHECK(CapSet::from_bounds(bounds, 5).without_idle_caps().caps().size() ==
        5);  // everything: nothing to leave out
  // The same cap twice: one of them stays.
  const std::vector twice{bound_at(50, 8, 100, 1), bound_at(50, 8, 100, 2)};
  CHECK(CapSet::from_bounds(twice, 0).without_idle_caps().caps().size() == 1);
  CHECK(CapSet::from_bounds(twice, 1).without_idle_caps().caps().size() == 2);
}

TEST_CASE("trace_outline: loops are closed and have the set on their left", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{200}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const LatLon middle = random_place(random);
  std::vector<Cap> caps;
  for (std::uint32_t i = 0; i < 7; ++i) {
    caps.emplace_back(to_sphere(random_place_within(random, middle, Kilometers{2000.0})),
                      std::uniform_real_distribution<double>{0.1, 0.5}(random), i / 2);
  }
  caps.push_back(caps.front());  // a duplicate
  const CapSet set{caps, static_cast<unsigned>(seed % 3)};
  const auto loops = trace_outline(set);
  REQUIRE(loops.has_value());
  for (const auto& loop : *loops) {
    for (std::size_t i = 0; i < loop.size(); ++i) {
      const BoundaryArc& arc = loop[i];
      const BoundaryArc& next = loop[(i + 1) % loop.size()];
      CHECK(norm(point_on_circle(set.caps()[arc.cap], arc.to) -
                 point_on_circle(set.caps()[next.cap], next.from)) < 1e-6);
      const Cap& cap = set.caps()[arc.cap];
      const double between = (arc.from + arc.to) / 2.0;
      CHECK(set.contains(point_on_circle(Cap{cap.centre, cap.radius - 1e-8, 0}, between)));
      CHECK_FALSE(set.contains(point_on_circle(Cap{cap.centre, cap.radius + 1e-8, 0}, between)));
    }
  }
}

}  // namespace
}  // namespace chiploc::cap_set_test
