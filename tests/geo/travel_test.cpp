#include "geo/travel.hpp"

#include "geo/geodesic.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Region disk(LatLon centre, double km) {
  return Region::from_bounds(std::vector<AnchorBound>{{centre, Kilometers{0.0}, Kilometers{km}, 1}}, 0);
}

TEST_CASE("travel: Frankfurt and Singapore within an hour are two holders of the key", "[geo]") {
  const Region frankfurt = disk(place_at(50.1, 8.7), 400.0);
  const Region singapore = disk(place_at(1.35, 103.8), 600.0);
  const auto soon = travel_between(frankfurt, singapore, hours{1});
  REQUIRE(soon.has_value());
  CHECK(soon->impossible);
  const double apart = geodesic_distance(place_at(50.1, 8.7), place_at(1.35, 103.8)).km();
  CHECK(soon->apart.km() < apart - 1000.0);
  CHECK(soon->apart.km() > apart - 1000.0 * 1.02 - 10.0);
  CHECK_FALSE(travel_between(frankfurt, singapore, hours{24})->impossible);
  CHECK(travel_between(frankfurt, singapore, minutes{0})->impossible);
}

TEST_CASE("travel: regions that overlap prove nothing, however short the time", "[geo]") {
  const auto same = travel_between(disk(place_at(50, 8), 400.0), disk(place_at(50, 12), 400.0), minutes{0});
  REQUIRE(same.has_value());
  CHECK(same->apart == Kilometers{0.0});
  CHECK_FALSE(same->impossible);
}

TEST_CASE("travel: nothing is compared with a region that says nothing", "[geo]") {
  const Region everything = Region::from_bounds({}, 0);
  CHECK_FALSE(travel_between(everything, disk(place_at(50, 8), 10.0), hours{1}).has_value());
  const std::vector<AnchorBound> apart{{place_at(49, 11), Kilometers{0.0}, Kilometers{10.0}, 1},
                                       {place_at(0, 0), Kilometers{0.0}, Kilometers{10.0}, 2}};
  CHECK_FALSE(
      travel_between(disk(place_at(50, 8), 10.0), Region::from_bounds(apart, 0), hours{1}).has_value());
}

TEST_CASE("travel: never farther apart than two places of the regions", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{60}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<double> stretch{1.0, 2.0};
  const LatLon first = random_place(random);
  const LatLon second = random_place(random);
  const auto region_of = [&](LatLon chip) {
    std::vector<AnchorBound> bounds;
    for (std::uint32_t a = 0; a < 5; ++a) {
      const LatLon anchor = random_place_within(random, chip, Kilometers{2500.0});
      bounds.push_back({anchor, Kilometers{1.0},
                        Kilometers{stretch(random) * geodesic_distance(chip, anchor).km() + 1.0}, a});
    }
    return Region::from_bounds(bounds, 1);
  };
  const auto travel = travel_between(region_of(first), region_of(second), hours{2});
  if (!travel) return;
  CHECK(travel->apart <= geodesic_distance(first, second));
}

}  // namespace
}  // namespace chiploc
