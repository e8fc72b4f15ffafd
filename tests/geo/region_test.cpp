#include "geo/region.hpp"

#include <algorithm>
#include <limits>

#include "geo/geodesic.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::region_test {
namespace {

AnchorBound bound(LatLon place, double km, std::uint32_t perspective, double uncertainty_km = 0.0) {
  return {place, Kilometers{uncertainty_km}, Kilometers{km}, perspective};
}

bool near_any(const std::vector<LatLon>& places, LatLon place, double km) {
  return std::any_of(places.begin(), places.end(),
                     [&](LatLon p) { return geodesic_distance(p, place).km() <= km; });
}

TEST_CASE("Region: nothing measured excludes nothing", "[geo]") {
  const Region region = Region::from_bounds({}, 0);
  CHECK(region.is_everything());
  CHECK_FALSE(region.empty());
  CHECK(region.contains(place_at(-90.0, 0.0)));
  CHECK(region.representatives().empty());
  REQUIRE(region.extent().has_value());
  CHECK(region.extent()->area_km2 == Approx(5.1e8).epsilon(0.01));
}

TEST_CASE("Region: a budget that covers every perspective leaves everything", "[geo]") {
  const std::vector<AnchorBound> bounds{bound(place_at(50, 8), 100, 1), bound(place_at(50, 9), 100, 2)};
  CHECK_FALSE(Region::from_bounds(bounds, 1).is_everything());
  CHECK(Region::from_bounds(bounds, 2).is_everything());
  CHECK(Region::from_bounds(bounds, 7).contains(place_at(-30, 100)));
}

TEST_CASE("Region: bounds that reach round the Earth, or are not numbers, exclude nothing", "[geo]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double km : {20'004.0, 30'000.0, infinity, nan}) {
    CHECK(Region::from_bounds(std::vector{bound(place_at(50, 8), km, 1)}, 0).is_everything());
  }
  CHECK(Region::from_bounds(std::vector{bound(place_at(50, 8), 10.0, 1, nan)}, 0).is_everything());
  CHECK(Region::from_bounds(std::vector{bound(place_at(50, 8), 19'000.0, 1, 2'000.0)}, 0).is_everything());
  // Just short of it, the antipode is still excluded.
  const Region most = Region::from_bounds(std::vector{bound(place_at(50, 8), 19'800.0, 1)}, 0);
  CHECK_FALSE(most.is_everything());
  CHECK_FALSE(most.contains(place_at(-50, -172)));
  CHECK(most.contains(place_at(-40, 20)));
}

TEST_CASE("Region: a single bound is the disk around its anchor, little larger", "[geo]") {
  const LatLon anchor = place_at(48.0, 11.0);
  const Region region = Region::from_bounds(std::vector{bound(anchor, 300.0, 1, 5.0)}, 0);
  for (double azimuth = 0.0; azimuth < 360.0; azimuth += 7.0) {
    CHECK(region.contains(geodesic_direct(anchor, azimuth, Kilometers{304.999})));
    CHECK_FALSE(region.contains(geodesic_direct(anchor, azimuth, Kilometers{305.0 * 1.0036})));
  }
  REQUIRE(region.representatives().size() == 1);
  CHECK(geodesic_distance(region.representatives()[0], anchor).km() == Approx(305.0).epsilon(0.004));
  const auto extent = region.extent();
  CHECK(geodesic_distance(extent->centre, anchor).km() < 10.0);
  CHECK(extent->radius.km() == Approx(305.0).epsilon(0.04));
  CHECK(extent->area_km2 == Approx(3.14159 * 305.0 * 305.0).epsilon(0.03));
}

TEST_CASE("Region: a negative radius counts as zero, outward", "[geo]") {
  const Region region = Region::from_bounds(std::vector{bound(place_at(1, 1), -5.0, 1)}, 0);
  CHECK_FALSE(region.empty());
  CHECK(region.contains(place_at(1, 1)));
  CHECK_FALSE(region.contains(place_at(1.0001, 1)));
}

TEST_CASE("Region: disks that just touch have the point between them", "[geo]") {
  const LatLon a = place_at(10.0, 179.0);
  const LatLon b = place_at(12.0, -178.0);  // across the antimeridian
  const double half = geodesic_distance(a, b).km() / 2.0;
  const Region touching = Region::from_bounds(std::vector{bound(a, half, 1), bound(b, half, 2)}, 0);
  CHECK_FALSE(touching.empty());
  CHECK_FALSE(touching.representatives().empty());
  const Region apart =
      Region::from_bounds(std::vector{bound(a, half * 0.99, 1), bound(b, half * 0.99, 2)}, 0);
  CHECK(apart.empty());
  CHECK_FALSE(apart.extent().has_value());
  CHECK(apart.representatives().empty());
}

TEST_CASE("Region: nested, concentric and repeated disks are the smallest of them", "[geo]") {
  const LatLon anchor = place_at(-33.0, 151.0);
  const std::vector<AnchorBound> bounds{bound(anchor, 500, 1), bound(anchor, 500, 2), bound(anchor, 100, 3),
                                        bound(place_at(-33.1, 151.0), 400, 4)};
  const Region region = Region::from_bounds(bounds, 0);
  CHECK_FALSE(region.empty());
  CHECK(region.extent()->radius.km() == Approx(100.0).epsilon(0.04));
  // With one liar allowed, the smallest may be wrong: the next two disks bound the region, on both of their
  // sides.
  const Region tolerant = Region::from_bounds(bounds, 1);
  CHECK(tolerant.extent()->radius.km() > 390.0);
  CHECK(tolerant.contains(geodesic_direct(anchor, 0.0, Kilometers{495.0})) == false);
}

TEST_CASE("Region: poles are places like any other", "[geo]") {
  const Region region =
      Region::from_bounds(std::vector{bound(place_at(85, 0), 700, 1), bound(place_at(85, 120), 700, 2),
                                      bound(place_at(85, -120), 700, 3)},
                          0);
  CHECK(region.contains(place_at(90, 0)));
  CHECK(region.contains(place_at(89.5, 45)));
  CHECK_FALSE(region.contains(place_at(80, 0)));
  CHECK(geodesic_distance(region.extent()->centre, place_at(90, 0)).km() < 10.0);
}

TEST_CASE("Region: anchors of one perspective count once", "[geo]") {
  // Three anchors of one network lie together about a chip that two independent ones see in Berlin.
  const LatLon berlin = place_at(52.5, 13.4);
  const LatLon madrid = place_at(40.4, -3.7);
  std::vector<AnchorBound> bounds{bound(madrid, 100, 1), bound(madrid, 120, 1), bound(madrid, 140, 1),
                                  bound(berlin, 100, 2), bound(berlin, 120, 3)};
  const Region region = Region::from_bounds(bounds, 1);
  CHECK(region.perspectives() == 3);
  CHECK(region.contains(berlin));
  CHECK_FALSE(region.contains(madrid));  // two perspectives say no
  for (std::uint32_t i = 0; i < 5; ++i) bounds[i].perspective = i;
  CHECK_FALSE(Region::from_bounds(bounds, 1).contains(berlin));
}

TEST_CASE("Region: one perspective is violated when any of its disks excludes a place", "[geo]") {
  const std::vector<AnchorBound> bounds{bound(place_at(0, 0), 1000, 1), bound(place_at(0, 30), 1000, 1),
                                        bound(place_at(0, 5), 300, 2)};
  // Perspective 1 contradicts itself, so with one fault only perspective 2 bounds the place.
  CHECK(Region::from_bounds(bounds, 0).empty());
  const Region region = Region::from_bounds(bounds, 1);
  CHECK(region.contains(place_at(0, 5)));
  CHECK_FALSE(region.contains(place_at(0, 0)));
  CHECK(smallest_conflict(bounds, 3) == std::vector<std::size_t>{1});
}

TEST_CASE("Region: without a perspective that does not shape it, it is the same", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{30}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<double> stretch{1.05, 2.5};
  const LatLon chip = random_place(random);
  std::vector<AnchorBound> bounds;
  for (std::uint32_t i = 0; i < 12; ++i) {
    const LatLon anchor = random_place_within(random, chip, Kilometers{3000.0});
    bounds.push_back(bound(anchor, stretch(random) * geodesic_distance(chip, anchor).km() + 5.0, i / 2));
  }
  const Region region = Region::from_bounds(bounds, 1);
  const auto shaping = region.shaping_perspectives();
  CHECK(region.perspectives() == 6);
  CHECK(shaping.size() >= 2);
  for (std::uint32_t left_out = 0; left_out < 6; ++left_out) {
    std::vector<AnchorBound> others;
    for (const AnchorBound& b : bounds) {
      if (b.perspective != left_out) others.push_back(b);
    }
    const Region without = Region::from_bounds(others, 1);
    if (std::binary_search(shaping.begin(), shaping.end(), left_out)) continue;
    for (int k = 0; k < 1000; ++k) {
      const LatLon place = random_place_within(random, chip, Kilometers{4000.0});
      CHECK(without.contains(place) == region.contains(place));
    }
  }
}

TEST_CASE("Region: disconnected components each have a representative", "[geo]") {
  // One of three may lie: the region is the three pairwise lenses, which are apart.
  const LatLon a = place_at(0, 0);
  const LatLon b = place_at(0, 10);
  const LatLon c = place_at(8, 5);
  const std::vector<AnchorBound> bounds{bound(a, 570, 1), bound(b, 570, 2), bound(c, 570, 3)};
  CHECK(Region::from_bounds(bounds, 0).empty());
  const auto places = Region::from_bounds(bounds, 1).representatives();
  CHECK(near_any(places, place_at(0, 5), 250));
  CHECK(near_any(places, place_at(4, 2.5), 250));
  CHECK(near_any(places, place_at(4, 7.5), 250));
}

TEST_CASE("Region: inflating contains every place near by", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{60}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const LatLon chip = random_place(random);
  std::vector<AnchorBound> bounds;
  for (std::uint32_t i = 0; i < 5; ++i) {
    const LatLon anchor = random_place_within(random, chip, Kilometers{2000.0});
    bounds.push_back(bound(anchor, geodesic_distance(anchor, chip).km() * 1.1, i));
  }
  const Region region = Region::from_bounds(bounds, seed % 2);
  const Region larger = region.inflated(Kilometers{25.0});
  for (const LatLon place : region.representatives()) {
    for (int i = 0; i < 10; ++i)
      CHECK(larger.contains(random_place_within(random, place, Kilometers{24.99})));
  }
}

// The promise of the whole product. Liars are up to the budget, and choose the worst: tiny disks elsewhere.
TEST_CASE("Region: the true place is never outside, with as many liars as the budget", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{400}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const LatLon chip = seed % 10 == 0   ? place_at(90.0, 0.0)
                      : seed % 10 == 1 ? place_at(0.1, 180.0)
                                       : random_place(random);
  const auto perspectives = std::uniform_int_distribution<std::uint32_t>{2, 9}(random);
  const auto faults = std::uniform_int_distribution<unsigned>{0, 2}(random);
  std::vector<AnchorBound> bounds;
  for (std::uint32_t perspective = 0; perspective < perspectives; ++perspective) {
    const int anchors = std::uniform_int_distribution<int>{1, 3}(random);
    for (int i = 0; i < anchors; ++i) {
      const LatLon stated =
          i % 2 == 0 ? random_place(random) : random_place_within(random, chip, Kilometers{500.0});
      if (perspective < faults) {
        bounds.push_back(
            bound(stated, std::uniform_real_distribution<double>{0.0, 50.0}(random), perspective));
        continue;
      }
      // The anchor stands somewhere within its uncertainty, and light needs at least the geodesic. Often
      // exactly.
      const double uncertainty = std::uniform_real_distribution<double>{0.0, 10.0}(random);
      const LatLon real = random_place_within(random, stated, Kilometers{uncertainty});
      const double slack = i == 0 ? 1.0 : std::uniform_real_distribution<double>{1.0, 1.5}(random);
      bounds.push_back(bound(stated, geodesic_distance(real, chip).km() * slack, perspective, uncertainty));
    }
  }
  const Region region = Region::from_bounds(bounds, faults);
  CHECK(region.contains(chip));
  CHECK_FALSE(region.empty());
  const auto conflict = smallest_conflict(bounds, faults);
  CHECK(conflict.size() <= faults);
  if (const auto extent = region.extent()) {
    CHECK(geodesic_distance(extent->centre, chip) <= extent->radius * 1.001 + Kilometers{0.01});
  }
}

TEST_CASE("Region: empty exactly when dense sampling finds nothing", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{150}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const LatLon middle = random_place(random);
  std::vector<AnchorBound> bounds;
  for (std::uint32_t i = 0; i < 6; ++i) {
    const LatLon anchor = random_place_within(random, middle, Kilometers{1500.0});
    bounds.push_back(
        bound(anchor, std::uniform_real_distribution<double>{200.0, 1500.0}(random), i / 2 + i % 2));
  }
  for (unsigned faults = 0; faults < 3; ++faults) {
    const Region region = Region::from_bounds(bounds, faults);
    int inside = 0;
    for (int i = 0; i < 3000; ++i) {
      inside += region.contains(random_place_within(random, middle, Kilometers{3000.0})) ? 1 : 0;
    }
    if (inside > 0) CHECK_FALSE(region.empty());
    if (region.empty()) CHECK(inside == 0);
    // Representatives lie in the region to within half a metre.
    const Region slightly_larger = region.inflated(Kilometers{0.001});
    for (const LatLon place : region.representatives()) CHECK(slightly_larger.contains(place));
  }
}

TEST_CASE("smallest_conflict: names the one that contradicts the others", "[geo]") {
  const LatLon berlin = place_at(52.5, 13.4);
  std::vector<AnchorBound> bounds{bound(place_at(48.1, 11.6), 600, 10), bound(place_at(50.1, 8.7), 500, 20),
                                  bound(place_at(52.2, 21.0), 600, 30),
                                  bound(place_at(35.7, 139.7), 400, 40)};
  CHECK(Region::from_bounds(bounds, 0).empty());
  CHECK(smallest_conflict(bounds, 3) == std::vector<std::size_t>{40});
  CHECK(Region::from_bounds(bounds, 1).contains(berlin));
  bounds.pop_back();
  CHECK(smallest_conflict(bounds, 3).empty());
  CHECK(smallest_conflict({}, 3).empty());
}

TEST_CASE("smallest_conflict: is exact where taking the worst first is not", "[geo]") {
  // Perspective 1 conflicts with 2 and 3, which agree: removing 1 is enough, although 2 and 3 conflict as
  // well.
  const std::vector<AnchorBound> bounds{bound(place_at(0, 0), 300, 1), bound(place_at(0, 20), 300, 2),
                                        bound(place_at(0, 22), 300, 3)};
  CHECK(smallest_conflicts(bounds, 2) == std::vector<std::vector<std::size_t>>{{1}});
  // Two that exclude each other: either may be the liar.
  const std::vector<AnchorBound> pair{bounds[0], bounds[1]};
  CHECK(smallest_conflicts(pair, 2) == std::vector<std::vector<std::size_t>>{{1}, {2}});
  // Four far apart: three must go, which is more than two.
  const std::vector<AnchorBound> four{bound(place_at(0, 0), 300, 1), bound(place_at(0, 60), 300, 2),
                                      bound(place_at(0, 120), 300, 3), bound(place_at(0, 180), 300, 4)};
  CHECK(smallest_conflict(four, 2).empty());
  CHECK(smallest_conflicts(four, 3).size() == 4);
}

}  // namespace
}  // namespace chiploc::region_test
