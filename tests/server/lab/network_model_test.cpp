#include "server/lab/network_model.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "geo/geodesic.hpp"
#include "server/sim/paths/path_dice.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

LatLon at(double lat, double lon) { return *LatLon::from_degrees({.lat = lat, .lon = lon}); }
NetworkSite site(std::string name, LatLon place) {
  return {.name = std::move(name), .place = place, .last_mile = {}, .via = {}, .via_last_mile = {}};
}
double ms(Nanoseconds t) { return static_cast<double>(t.count()) / 1e6; }

TEST_CASE("inflation_at: has the three measured quantiles and never beats fibre", "[sim][network]") {
  CHECK(inflation_at(0.05) == Approx(1.44).margin(0.001));
  CHECK(inflation_at(0.50) == Approx(2.00).margin(0.001));
  CHECK(inflation_at(0.95) == Approx(4.60).margin(0.001));
  double before = 1.0;
  for (int i = 0; i <= 1000; ++i) {
    const double g = inflation_at(i / 1000.0);
    CHECK(g >= before);
    before = g;
  }
  CHECK(inflation_at(0.0) > 1.286);
  CHECK(inflation_at(1.0) < 17.0);
}

TEST_CASE("inflation_at: by the normal quantile of path models, bit by bit", "[sim][network]") {
  for (int i = 1; i < 20'000; ++i) {
    const double p = std::clamp(i / 20'000.0, 0.0005, 0.9995);
    CHECK(inflation_at(p) == 1.28627 + 0.71373 * std::exp(0.93337 * normal_quantile_of(p)));
  }
}

TEST_CASE("pair_inflation: over many pairs the quantiles come out as stated", "[sim][network]") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    NetworkOptions options;
    options.seed = seed;
    std::vector<double> drawn;
    for (int i = 0; i < 20'000; ++i) {
      drawn.push_back(pair_inflation(options, "a" + std::to_string(i % 200), "b" + std::to_string(i / 200)));
    }
    std::sort(drawn.begin(), drawn.end());
    CAPTURE(seed);
    // 20,000 draws put the sample quantiles within a few percent.
    CHECK(drawn[1'000] == Approx(1.44).epsilon(0.02));
    CHECK(drawn[10'000] == Approx(2.0).epsilon(0.03));
    CHECK(drawn[19'000] == Approx(4.6).epsilon(0.05));
    CHECK(drawn.front() > 1.0);
  }
}

TEST_CASE("last_mile: is log-uniform between 0.1 and 2 ms unless stated", "[sim][network]") {
  const NetworkOptions options;
  std::vector<double> drawn;
  for (int i = 0; i < 10'000; ++i) drawn.push_back(ms(last_mile(options, "e" + std::to_string(i), {})));
  std::sort(drawn.begin(), drawn.end());
  CHECK(drawn.front() >= 0.1);
  CHECK(drawn.back() <= 2.0 + 1e-6);
  // The median of a log-uniform value is the geometric mean of its ends: sqrt(0.1 * 2).
  CHECK(drawn[5'000] == Approx(0.447).epsilon(0.03));
  CHECK(last_mile(options, "e1", Nanoseconds{123'456}) == Nanoseconds{123'456});
}

TEST_CASE("one_way_delay: a round trip is inflation times light in fibre, plus both last miles twice",
          "[sim][network]") {
  NetworkOptions options;
  for (const double asymmetry : {0.0, 0.3}) {
    options.asymmetry = asymmetry;
    for (int i = 0; i < 50; ++i) {
      const NetworkSite a = site("a" + std::to_string(i), at(50.0 - i, 8.0 + i));
      const NetworkSite b = site("b" + std::to_string(i), at(-30.0 + i, 150.0));
      const double fibre_ms = geodesic_distance(a.place, b.place).km() / kLightInFibre.km_s() * 1e3;
      const double miles_ms = ms(last_mile(options, a.name, {})) + ms(last_mile(options, b.name, {}));
      const double expected = 2.0 * (fibre_ms * pair_inflation(options, a.name, b.name) + miles_ms);
      CHECK(ms(round_trip_delay(options, a, b)) == Approx(expected).margin(1e-5));
      CHECK(ms(one_way_delay(options, a, b)) >= fibre_ms);
      CHECK(ms(one_way_delay(options, b, a)) >= fibre_ms);
      CHECK(pair_inflation(options, a.name, b.name) == pair_inflation(options, b.name, a.name));
      if (asymmetry == 0.0) CHECK(one_way_delay(options, a, b) == one_way_delay(options, b, a));
    }
  }
}

TEST_CASE("one_way_delay: through a proxy it is the sum of two legs, however near the chip is to the anchor",
          "[sim][network]") {
  const NetworkOptions options;
  const NetworkSite anchor = site("anchor", at(55.7, 37.6));
  NetworkSite chip = site("chip", at(55.8, 37.7));  // 13 km away
  const double direct = ms(round_trip_delay(options, chip, anchor));
  chip.via = at(1.35, 103.8);
  const double fibre_ms = 2.0 * geodesic_distance(chip.place, *chip.via).km() / kLightInFibre.km_s() * 1e3;
  CHECK(ms(round_trip_delay(options, chip, anchor)) > 2.0 * fibre_ms);  // there and back again, both ways
  CHECK(ms(round_trip_delay(options, chip, anchor)) > direct);
  CHECK(one_way_delay(options, chip, anchor) == one_way_delay(options, anchor, chip));
}

TEST_CASE(
    "one_way_delay: of several exits each end meets the nearest, and the way behind it is in the round trip",
    "[sim][network]") {
  const NetworkOptions options;
  const NetworkSite sydney = site("sydney", at(-33.9, 151.2)), paulo = site("paulo", at(-23.5, -46.6));
  NetworkSite chip = site("chip", at(22.5, 114.1));
  chip.via = at(-33.8, 151.0);
  CHECK(proxy_towards(chip, paulo.place)->name == "chip/via");  // the only one
  chip.exits = {at(1.35, 103.8), at(-23.5, -46.9)};
  CHECK(proxy_towards(chip, sydney.place)->name == "chip/via");
  CHECK(proxy_towards(chip, paulo.place)->name == "chip/via3");
  CHECK(proxy_towards(chip, paulo.place)->place == chip.exits[1]);
  CHECK_FALSE(proxy_towards(sydney, paulo.place));
  for (const NetworkSite& anchor : {sydney, paulo}) {
    const LatLon exit = proxy_towards(chip, anchor.place)->place;
    const double fibre_ms = 2.0 * geodesic_distance(chip.place, exit).km() / kLightInFibre.km_s() * 1e3;
    CHECK(ms(round_trip_delay(options, chip, anchor)) > fibre_ms);
    CHECK(one_way_delay(options, chip, anchor) == one_way_delay(options, anchor, chip));
  }
}

TEST_CASE("network model: one seed is one network, another seed another", "[sim][network]") {
  const NetworkSite a = site("a", at(0.0, 0.0));
  const NetworkSite b = site("b", at(10.0, 10.0));
  NetworkOptions one;
  NetworkOptions two;
  two.seed = 2;
  CHECK(round_trip_delay(one, a, b) == round_trip_delay(one, a, b));
  CHECK(round_trip_delay(one, a, b) != round_trip_delay(two, a, b));
}

TEST_CASE("datagram_fate: loses, reorders and queues as often as asked", "[sim][network]") {
  NetworkOptions options;
  options.loss = 0.02;
  options.reorder = 0.03;
  const std::uint64_t pair = pair_hash(options.seed, "a", "b");
  int lost = 0;
  int reordered = 0;
  double plain_sum_us = 0.0;
  int plain = 0;
  for (std::uint64_t n = 0; n < 100'000; ++n) {
    const DatagramFate fate = datagram_fate(options, pair, n);
    lost += fate.lost ? 1 : 0;
    reordered += fate.reordered ? 1 : 0;
    REQUIRE(fate.extra >= Nanoseconds{0});
    if (fate.reordered) CHECK(fate.extra >= options.reorder_extra_min);
    if (!fate.reordered) plain_sum_us += static_cast<double>(fate.extra.count()) / 1e3, ++plain;
  }
  CHECK(lost == Approx(2'000).epsilon(0.1));
  CHECK(reordered == Approx(3'000).epsilon(0.1));
  // 30 us for everybody, and 2 ms for one in a hundred: 50 us on average.
  CHECK(plain_sum_us / plain == Approx(50.0).epsilon(0.1));
}

TEST_CASE("datagram_fate: depends on nothing but seed, pair and number", "[sim][network]") {
  const NetworkOptions options;
  const std::uint64_t there = pair_hash(1, "a", "b");
  CHECK(there != pair_hash(1, "b", "a"));
  CHECK(there != pair_hash(2, "a", "b"));
  CHECK(pair_hash(1, "ab", "c") != pair_hash(1, "a", "bc"));
  CHECK(datagram_fate(options, there, 7).extra == datagram_fate(options, there, 7).extra);
  CHECK(datagram_fate(options, there, 7).extra != datagram_fate(options, there, 8).extra);
}

TEST_CASE("one_way_delay: sites of one route have its cables, and so has what relays for them",
          "[sim][network]") {
  NetworkOptions options;
  options.asymmetry = 0.2;
  const NetworkSite anchor = site("anchor", at(50.0, 8.0));
  NetworkSite one = site("one", at(48.0, 2.0)), other = site("other", at(48.0, 2.0));
  one.last_mile = other.last_mile = Nanoseconds{100'000};
  CHECK(round_trip_delay(options, anchor, one) != round_trip_delay(options, anchor, other));
  one.route = other.route = "hall";
  CHECK(one_way_delay(options, anchor, one) == one_way_delay(options, anchor, other));
  CHECK(one_way_delay(options, one, anchor) == one_way_delay(options, other, anchor));
  other.route = "hall2";
  CHECK(round_trip_delay(options, anchor, one) != round_trip_delay(options, anchor, other));
  // A relay in the hall: what is longer is the relay's own, towards every anchor alike.
  NetworkSite relayed = one;
  relayed.place = at(40.0, -3.0);
  relayed.via = one.place;
  relayed.via_last_mile = Nanoseconds{100'000};
  const NetworkSite far = site("far", at(60.0, 20.0));
  const auto added = [&](const NetworkSite& from) {
    return round_trip_delay(options, from, relayed) - round_trip_delay(options, from, one);
  };
  CHECK(added(anchor) == added(far));
  CHECK(added(anchor) > Nanoseconds{0});
}

}  // namespace
}  // namespace chiploc
