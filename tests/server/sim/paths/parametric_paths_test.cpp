#include "server/sim/paths/parametric_paths.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <thread>
#include <vector>

#include "geo/geodesic.hpp"
#include "tests/server/sim/paths/test_network.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::parametric_paths_test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const PathEnd kBerlin{"berlin", at(52.52, 13.40)}, kLisbon{"lisbon", at(38.72, -9.14)},
    kSydney{"sydney", at(-33.87, 151.21)};

LatLon any_place() {
  return at(*rc::gen::inRange(-9'000, 9'001) * 0.01, *rc::gen::inRange(-17'999, 18'001) * 0.01);
}

TEST_CASE("parametric paths: never faster than light, and than fibre without fast paths",
          "[sim][paths][property]") {
  PathParameters parameters = lively();
  parameters.changes_per_day = 2.0;
  parameters.asymmetry = 1.0;
  parameters.cuts = {{at(30.0, 30.0), 500.0, 0.7, {}}};
  const ParametricPaths slow{parameters};
  parameters.fast = {{"a", "", 1.0, 1.0, 0.0, {}}};
  parameters.last_mile_ms = {};
  const ParametricPaths fast{parameters};
  CHECK(rc::check([&] {
    const PathEnd a{"a", any_place()}, b{"b", any_place()};
    const PathDatagram datagram{*rc::gen::arbitrary<std::uint64_t>(), minutes{*rc::gen::inRange(0, 100'000)},
                                *rc::gen::arbitrary<std::uint64_t>()};
    const double km = geodesic_distance(a.place, b.place).km();
    RC_ASSERT(slow.least_round_trip_ms(datagram.seed, a, b, datagram.at) >= km * kFibreMsPerKm);
    RC_ASSERT(ms_of(slow.fate(a, b, datagram).delay) >= 0.5 * km * kFibreMsPerKm - 1e-9);
    RC_ASSERT(fast.fate(a, b, datagram).delay >= least_one_way(a.place, b.place));
    RC_ASSERT(ms_of(fast.fate(a, b, datagram).delay) < 100.0 + 0.5 * km * kFibreMsPerKm * 5.0);
  }));
}

TEST_CASE("parametric paths: a function of its arguments, over any threads and in any order",
          "[sim][paths]") {
  PathParameters parameters = lively();
  parameters.changes_per_day = 1.0;
  parameters.loss = 0.1;
  const ParametricPaths paths{parameters};
  const Ends world = scattered(6, 4);
  const auto ask = [&](std::size_t i) {
    return paths.fate(world.ends[i % 6],
                      world.ends[(i / 6 + 1 + i) % 6 == i % 6 ? (i + 1) % 6 : (i / 6 + 1 + i) % 6],
                      {i % 3, minutes{static_cast<int>(i)}, i});
  };
  constexpr std::size_t kAsked = 2'000;
  std::vector<PathFate> forwards(kAsked), backwards(kAsked);
  std::thread other{[&] {
    for (std::size_t i = kAsked; i-- > 0;) backwards[i] = ask(i);
  }};
  for (std::size_t i = 0; i < kAsked; ++i) forwards[i] = ask(i);
  other.join();
  CHECK(forwards == backwards);
  CHECK(std::count_if(forwards.begin(), forwards.end(), [](const PathFate& it) { return it.lost; }) > 120);
  CHECK(std::count_if(forwards.begin(), forwards.end(), [](const PathFate& it) { return it.lost; }) < 290);
}

TEST_CASE("parametric paths: symmetric without asymmetry, and its sum kept with it",
          "[sim][paths][property]") {
  PathParameters parameters = lively();
  parameters.queue_ms = {{}, 0.01};
  const ParametricPaths even{parameters};
  parameters.asymmetry = 0.8;
  const ParametricPaths uneven{parameters};
  CHECK(rc::check([&] {
    const PathEnd a{"a", any_place()}, b{"b", any_place()};
    const PathDatagram datagram{*rc::gen::arbitrary<std::uint64_t>(), hours{1}, 0};
    RC_ASSERT(even.fate(a, b, datagram).delay == even.fate(b, a, datagram).delay);
    RC_ASSERT(even.least_round_trip_ms(datagram.seed, a, b, hours{1}) ==
              even.least_round_trip_ms(datagram.seed, b, a, hours{1}));
    const double both = ms_of(uneven.fate(a, b, datagram).delay + uneven.fate(b, a, datagram).delay);
    RC_ASSERT(std::abs(both - uneven.least_round_trip_ms(datagram.seed, a, b, hours{1})) < 3e-6);
  }));
  CHECK(uneven.fate(kBerlin, kSydney, {}).delay != uneven.fate(kSydney, kBerlin, {}).delay);
}

TEST_CASE("parametric paths: detours have the law of their distance, over pairs", "[sim][paths]") {
  PathParameters parameters = bare();
  parameters.bands = {{1'000.0, spread(0.2, 3.0)}};
  parameters.node_share = 0.0;
  const ParametricPaths paths{parameters};
  const double km = geodesic_distance(kBerlin.place, kLisbon.place).km();
  std::vector<double> x;
  for (std::uint64_t seed = 0; seed < 4'000; ++seed)
    x.push_back((paths.least_round_trip_ms(seed, kBerlin, kLisbon, {}) / kFibreMsPerKm - km) /
                (km + kDetourKm));
  std::sort(x.begin(), x.end());
  for (const double share : {0.05, 0.25, 0.5, 0.75, 0.95}) {
    const double expected = parameters.bands[0].extra.quantile(share);
    CHECK(x[static_cast<std::size_t>(share * 4'000)] == Approx(expected).epsilon(0.08));
  }
}

TEST_CASE("parametric paths: two pairs of one end have as much in common as node_share says",
          "[sim][paths]") {
  for (const double share : {0.0, 0.6}) {
    PathParameters parameters = bare();
    parameters.bands = {{1'000.0, spread(0.2, 3.0)}};
    parameters.node_share = share;
    const ParametricPaths paths{parameters};
    const auto score = [&](std::uint64_t seed, const PathEnd& a, const PathEnd& b) {
      const double km = geodesic_distance(a.place, b.place).km();
      const double x = (paths.least_round_trip_ms(seed, a, b, {}) / kFibreMsPerKm - km) / (km + kDetourKm);
      return normal_quantile_of(std::clamp(parameters.bands[0].extra.share_below(x), 1e-6, 1.0 - 1e-6));
    };
    double product = 0.0;
    for (std::uint64_t seed = 0; seed < 4'000; ++seed)
      product += score(seed, kBerlin, kLisbon) * score(seed, kBerlin, kSydney);
    CHECK(product / 4'000 == Approx(0.5 * share).margin(0.05));  // one end of two is common
  }
}

TEST_CASE("parametric paths: a known end has what is said of it, a chip its own last mile", "[sim][paths]") {
  PathParameters parameters = bare();
  parameters.last_mile_ms = spread(0.5, 0.9);
  parameters.chip_last_mile_ms = 2.0;
  parameters.ends = {{"berlin", 3.0, 0.0}, {"lisbon", 1.0, 0.0}};
  const ParametricPaths paths{parameters};
  const double fibre = geodesic_distance(kBerlin.place, kLisbon.place).km() * kFibreMsPerKm;
  CHECK(paths.least_round_trip_ms(1, kBerlin, kLisbon, {}) == Approx(fibre + 4.0));
  PathEnd chip = kLisbon;
  chip.kind = EndKind::kChip;
  CHECK(paths.least_round_trip_ms(1, kBerlin, chip, {}) == Approx(fibre + 6.0));
  // A better rank is a shorter path, whoever is at the other end.
  parameters.bands = {{1'000.0, spread(0.2, 3.0)}};
  parameters.node_share = 0.9;
  const auto with_rank = [&](double rank) {
    parameters.ends[0].rank = rank;
    return ParametricPaths{parameters}.least_round_trip_ms(1, kBerlin, kLisbon, {});
  };
  CHECK(with_rank(-2.0) < with_rank(0.0));
  CHECK(with_rank(0.0) < with_rank(2.0));
}

TEST_CASE("parametric paths: a stated last mile counts instead of any other", "[sim][paths]") {
  PathParameters parameters = bare();
  parameters.last_mile_ms = spread(0.5, 0.9);
  parameters.chip_last_mile_ms = 2.0;
  parameters.ends = {{"berlin", 3.0, 0.0}};
  const ParametricPaths paths{parameters};
  const double fibre = geodesic_distance(kBerlin.place, kLisbon.place).km() * kFibreMsPerKm;
  PathEnd chip = kLisbon, known = kBerlin;
  chip.kind = EndKind::kChip;
  chip.last_mile_ms = 0.25;
  CHECK(paths.least_round_trip_ms(1, kBerlin, chip, {}) == Approx(fibre + 3.25));
  known.last_mile_ms = 0.0;
  CHECK(paths.least_round_trip_ms(1, known, chip, {}) == Approx(fibre + 0.25));
}

TEST_CASE("parametric paths: least is what a datagram takes through empty queues", "[sim][paths][property]") {
  PathParameters parameters = lively();
  parameters.changes_per_day = 1.0;
  parameters.asymmetry = 0.5;
  parameters.loss = 0.5;
  parameters.outages = {{"b", "c", {}}};
  const ParametricPaths busy{parameters};
  parameters.queue_ms = {{}, 0.01};
  parameters.loss = 0.0;
  const ParametricPaths empty{parameters};
  CHECK(rc::check([&] {
    const PathEnd a{"a", any_place()}, b{"b", any_place()}, c{"c", any_place()};
    const PathDatagram datagram{*rc::gen::arbitrary<std::uint64_t>(), minutes{*rc::gen::inRange(0, 100'000)},
                                *rc::gen::arbitrary<std::uint64_t>()};
    RC_ASSERT(busy.least(a, b, datagram) == empty.fate(a, b, datagram));
    RC_ASSERT(busy.least(a, b, datagram).delay <= busy.fate(a, b, datagram).delay);
    RC_ASSERT(!busy.least(a, b, datagram).lost);
    RC_ASSERT(busy.least(b, c, datagram).lost);
  }));
}

TEST_CASE("parametric paths: an outage holds from its first moment to its last, for whom it names",
          "[sim][paths]") {
  PathParameters parameters = bare();
  parameters.outages = {{"berlin", "lisbon", {hours{2}, hours{3}}},
                        {"sydney", "", {hours{5}, Nanoseconds::max()}}};
  const ParametricPaths paths{parameters};
  const auto lost = [&](const PathEnd& a, const PathEnd& b, Nanoseconds t) {
    return paths.fate(a, b, {1, t, 0}).lost;
  };
  CHECK_FALSE(lost(kBerlin, kLisbon, hours{2} - Nanoseconds{1}));
  CHECK(lost(kBerlin, kLisbon, hours{2}));
  CHECK(lost(kLisbon, kBerlin, hours{3} - Nanoseconds{1}));
  CHECK_FALSE(lost(kBerlin, kLisbon, hours{3}));
  CHECK_FALSE(lost(kBerlin, kSydney, hours{2}));
  CHECK(lost(kBerlin, kSydney, hours{5}));
  CHECK(lost(kSydney, kLisbon, hours{500}));
  CHECK_FALSE(lost(kBerlin, kLisbon, hours{500}));
}

TEST_CASE("parametric paths: a cut makes the pairs that pass it longer, while it lasts", "[sim][paths]") {
  PathParameters parameters = bare();
  const LatLon middle = at(46.5, 1.0);  // Berlin to Lisbon passes near it
  parameters.cuts = {{middle, 300.0, 0.5, {hours{10}, hours{20}}}};
  const ParametricPaths paths{parameters};
  const double fibre = geodesic_distance(kBerlin.place, kLisbon.place).km() * kFibreMsPerKm;
  const auto ms = [&](const PathEnd& a, const PathEnd& b, Nanoseconds t) {
    return paths.least_round_trip_ms(1, a, b, t);
  };
  CHECK(ms(kBerlin, kLisbon, hours{9}) == Approx(fibre));
  CHECK(ms(kBerlin, kLisbon, hours{10}) == Approx(1.5 * fibre));
  CHECK(ms(kLisbon, kBerlin, hours{19}) == Approx(1.5 * fibre));
  CHECK(ms(kBerlin, kLisbon, hours{20}) == Approx(fibre));
  CHECK(ms(kBerlin, kSydney, hours{15}) == Approx(ms(kBerlin, kSydney, hours{5})));
}

TEST_CASE("passes: as many points along the geodesic say", "[sim][paths][property]") {
  CHECK(rc::check([] {
    const LatLon a = any_place(), b = any_place(), centre = any_place();
    const double radius = *rc::gen::inRange(10, 3'000);
    RC_PRE(geodesic_distance(a, b).km() < 19'000.0 && geodesic_distance(a, b).km() > 1.0);
    double least = 1e9;
    const Vec3 from = to_sphere(a), to = to_sphere(b);
    for (int step = 0; step <= 2'000; ++step) {
      // Spherical interpolation: points on the great circle between the two.
      const double angle = angle_between(from, to), part = step / 2'000.0;
      const Vec3 point = from * (std::sin((1.0 - part) * angle) / std::sin(angle)) +
                         to * (std::sin(part * angle) / std::sin(angle));
      least = std::min(least, geodesic_distance(from_sphere(point), centre).km());
    }
    RC_PRE(std::abs(least - radius) > 0.01 * radius + 20.0);  // the sphere's error, and the steps
    RC_ASSERT(passes(a, b, centre, radius) == (least < radius));
  }));
}

TEST_CASE("diurnal load: at its peak by the sun, a half in the mean, one day long", "[sim][paths]") {
  CHECK(diurnal_load(0.0, 21.0, hours{21}) == Approx(1.0));
  CHECK(diurnal_load(0.0, 21.0, hours{9}) == Approx(0.0).margin(1e-12));
  CHECK(diurnal_load(90.0, 21.0, hours{15}) == Approx(1.0));  // six hours east: six hours earlier
  CHECK(diurnal_load(-90.0, 21.0, hours{27}) == Approx(1.0));
  double sum = 0.0;
  for (int minute = 0; minute < 1'440; ++minute) {
    const double load = diurnal_load(33.0, 20.0, minutes{minute});
    CHECK((load >= 0.0 && load <= 1.0));
    CHECK(load == Approx(diurnal_load(33.0, 20.0, minutes{minute} + hours{72})).margin(1e-9));
    sum += load;
  }
  CHECK(sum / 1'440 == Approx(0.5).margin(1e-6));
}

TEST_CASE("parametric paths: queues are longer at the peak, by as much as is said, and as long in the mean",
          "[sim][paths]") {
  PathParameters parameters = bare();
  parameters.queue_ms.at.fill(4.0);
  parameters.diurnal_peak = 3.0;
  parameters.peak_hour = 21.0;
  const ParametricPaths paths{parameters};
  const PathEnd here{"here", at(10.0, 0.0)}, near{"near", at(10.0, 0.5)};
  const double least = paths.least_round_trip_ms(1, here, near, {});
  const auto mean_at = [&](Nanoseconds t) {
    double sum = 0.0;
    for (std::uint64_t n = 0; n < 20'000; ++n)
      sum += ms_of(paths.fate(here, near, {1, t, n}).delay) - 0.5 * least;
    return sum / 20'000;
  };
  const double peak = mean_at(hours{21}), trough = mean_at(hours{9});
  CHECK(peak / trough == Approx(4.0).epsilon(0.04));
  CHECK(0.5 * (peak + trough) == Approx(2.0).epsilon(0.03));  // half of the round trip's 4 ms
}

TEST_CASE("parametric paths: bursts add what their share and length say", "[sim][paths]") {
  PathParameters parameters = bare();
  parameters.queue_ms.at.fill(2.0);
  parameters.burst_share = 0.05;
  parameters.burst_ratio = 30.0;
  const ParametricPaths paths{parameters};
  const double least = paths.least_round_trip_ms(1, kBerlin, kLisbon, {});
  double sum = 0.0, square = 0.0;
  constexpr int kDraws = 60'000;
  for (std::uint64_t n = 0; n < kDraws; ++n) {
    const double extra = ms_of(paths.fate(kBerlin, kLisbon, {1, {}, n}).delay) - 0.5 * least;
    CHECK(extra >= 0.0);
    sum += extra;
    square += extra * extra;
  }
  const double mean = sum / kDraws;
  CHECK(mean == Approx(1.0 + 0.05 * 30.0).epsilon(0.05));
  CHECK(square / kDraws - mean * mean == Approx(1.0 + 2.0 * 0.05 * 900.0 - 2.25).epsilon(0.1));
}

TEST_CASE("route changes: as many, as long and as far as is said", "[sim][paths]") {
  PathParameters parameters = bare();
  parameters.changes_per_day = 0.5;
  parameters.change_hours = 5.0;
  parameters.change_extra = 0.3;
  double changes = 0.0, away = 0.0, extra = 0.0;
  constexpr int kPairs = 200, kDays = 100, kStepsPerHour = 6;
  for (std::uint64_t pair = 0; pair < kPairs; ++pair) {
    double before = route_change_extra(parameters, pair, "a", "b", {});
    for (int step = 1; step < kDays * 24 * kStepsPerHour; ++step) {
      const double now = route_change_extra(parameters, pair, "a", "b", minutes{step * 10});
      if (now != before && now > 0.0) changes += 1.0;
      if (now > 0.0) {
        away += 1.0 / kStepsPerHour;
        extra += now / kStepsPerHour;
      }
      before = now;
    }
  }
  const double days = kPairs * kDays;
  CHECK(changes / days ==
        Approx(0.5).epsilon(0.08));  // seen every ten minutes; some end, and show an older one
  // Away is what a Poisson process of such spans covers: 1 - exp(-rate * length).
  CHECK(away / (24.0 * days) == Approx(1.0 - std::exp(-0.5 * 5.0 / 24.0)).epsilon(0.05));
  CHECK(extra / away == Approx(0.3).epsilon(0.05));
  CHECK(route_change_extra(parameters, 3, "a", "b", hours{77}) ==
        route_change_extra(parameters, 3, "b", "a", hours{77}));
  parameters.changes_per_day = 0.0;
  CHECK(route_change_extra(parameters, 3, "a", "b", hours{77}) == 0.0);
}

TEST_CASE("parametric paths: a satellite is near c, and only while and where it is", "[sim][paths]") {
  PathParameters parameters = bare();
  parameters.fast = {{"berlin", "sydney", 1.0, 1.2, 1'600.0, {hours{1}, hours{2}}}};
  const ParametricPaths paths{parameters};
  const double km = geodesic_distance(kBerlin.place, kSydney.place).km();
  CHECK(paths.least_round_trip_ms(1, kBerlin, kSydney, hours{1}) ==
        Approx((1.2 * km + 1'600.0) * kLightMsPerKm));
  CHECK(paths.least_round_trip_ms(1, kSydney, kBerlin, hours{2}) == Approx(km * kFibreMsPerKm));
  CHECK(paths.least_round_trip_ms(1, kBerlin, kLisbon, hours{1}) ==
        Approx(geodesic_distance(kBerlin.place, kLisbon.place).km() * kFibreMsPerKm));
}

TEST_CASE("extra_at: the bands themselves, between them what lies between, near pairs apart",
          "[sim][paths]") {
  const std::vector<DistanceBand> bands{{100.0, spread(0.3, 4.0)}, {1'000.0, spread(0.2, 3.0)}};
  CHECK(extra_at(bands, 10.0) == bands[0].extra);
  CHECK(extra_at(bands, 100.0) == bands[0].extra);
  CHECK(extra_at(bands, 5'000.0) == bands[1].extra);
  CHECK(extra_at(bands, 1'000.0) == bands[1].extra);
  const double middle = extra_at(bands, 400.0).quantile(0.5);
  CHECK(middle < bands[0].extra.quantile(0.5));
  CHECK(middle > bands[1].extra.quantile(0.5));
  CHECK(extra_at({}, 5.0).quantile(1.0) == 0.0);
  const std::vector<DistanceBand> near{
      {50.0, spread(5.0, 9.0)}, {150.0, spread(0.3, 4.0)}, {300.0, spread(0.2, 3.0)}};
  CHECK(extra_at(near, 99.0) == near[0].extra);
  CHECK(extra_at(near, 0.0) == near[0].extra);
  CHECK(extra_at(near, 100.0) == near[1].extra);
  CHECK(extra_at({near[0]}, 900.0) == near[0].extra);
}

}  // namespace
}  // namespace chiploc::test::parametric_paths_test
