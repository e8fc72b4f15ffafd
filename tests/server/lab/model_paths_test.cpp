#include "server/lab/model_paths.hpp"

#include <algorithm>

#include "geo/geodesic.hpp"
#include "server/sim/paths/parametric_paths.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::model_paths_test {
namespace {

using namespace std::chrono_literals;

LatLon place(double lat, double lon) { return *LatLon::from_degrees({.lat = lat, .lon = lon}); }

/// Fibre along the geodesic, a last mile of 1 ms a round trip at each end, and nothing else.
PathParameters straight() {
  PathParameters out;
  out.loss = out.burst_share = 0.0;
  out.last_mile_ms.at.fill(1.0);
  return out;
}

std::shared_ptr<const PathModel> model_of(PathParameters parameters) {
  return std::make_shared<const ParametricPaths>(std::move(parameters));
}

NetworkSite site(const char* name, double lat, double lon) {
  return {.name = name, .place = place(lat, lon), .last_mile = {}, .via = {}, .via_last_mile = {}};
}

const SteadyTime kEpoch{100s};

ModelPaths three(PathParameters parameters, double loss = 0.0) {
  return {model_of(std::move(parameters)),
          7,
          loss,
          kEpoch,
          {site("fra", 50.1, 8.7), site("syd", -33.9, 151.2), site("chip", 51.0, 9.0)}};
}

double in_ms(Nanoseconds t) { return static_cast<double>(t.count()) * 1e-6; }
double fibre_ms(LatLon a, LatLon b) { return 0.5 * geodesic_distance(a, b).km() * kFibreMsPerKm; }

TEST_CASE("ModelPaths: a datagram takes what the model says, at the time of the lab", "[sim][lab]") {
  PathParameters parameters = straight();
  parameters.outages = {{"fra", "chip", {1h, 2h}}};
  ModelPaths paths = three(parameters);
  const double expected = fibre_ms(place(50.1, 8.7), place(51.0, 9.0)) + 1.0;  // half a last mile of each end
  const auto early = paths.forward(0, 2, SteadyTime{10s});  // before the lab begins its clock stands at 0
  CHECK(in_ms(early.due - SteadyTime{10s}) == Approx(expected).margin(1e-5));
  const SteadyTime later = kEpoch + 1h;
  CHECK(in_ms(paths.forward(0, 2, later - 1ns).due - (later - 1ns)) == Approx(expected).margin(1e-5));
  CHECK(paths.forward(0, 2, later).lost);
  CHECK(paths.forward(2, 0, later + 59min).lost);
  CHECK_FALSE(paths.forward(0, 1, later).lost);
  CHECK_FALSE(paths.forward(0, 2, kEpoch + 2h).lost);
}

TEST_CASE("ModelPaths: proxies, stated last miles, and what is added, as over the lab's own network",
          "[sim][lab]") {
  ModelPaths paths = three(straight());
  NetworkSite moved = site("chip", -33.9, 18.4);
  moved.via = place(51.0, 9.0);
  moved.via_delay = 3ms;
  moved.last_mile = 200us;
  moved.via_last_mile = 100us;
  moved.extra.added_round_trip = 10ms;
  paths.set_site(2, moved);
  // One way: chip's mile, proxy's mile twice, fra's half of 1 ms; both legs; the proxy's delay; half of what is added.
  const double legs = fibre_ms(moved.place, *moved.via) + fibre_ms(*moved.via, place(50.1, 8.7));
  const double expected = legs + 0.2 + 2 * 0.1 + 0.5 + 3.0 + 5.0;
  CHECK(in_ms(paths.forward(2, 0, kEpoch).due - kEpoch) == Approx(expected).margin(1e-5));
  CHECK(in_ms(paths.forward(0, 2, kEpoch).due - kEpoch) == Approx(expected).margin(1e-5));
  paths.set_pair(0, 2, {.round_trip = 40ms, .extra = {.loss = 0.0, .added_round_trip = 2ms}});
  CHECK(in_ms(paths.forward(2, 0, kEpoch + 1s).due - (kEpoch + 1s)) == Approx(20.0 + 1.0 + 5.0));
}

TEST_CASE("ModelPaths: each end meets the nearest exit of a proxy", "[sim][lab]") {
  ModelPaths paths = three(straight());
  NetworkSite away = site("chip", -33.9, 18.4);
  away.via = place(51.0, 9.0);
  away.exits = {place(-33.8, 151.0)};
  away.last_mile = away.via_last_mile = 0ns;
  paths.set_site(2, away);
  const auto expected = [&](LatLon exit, LatLon anchor) {
    return fibre_ms(away.place, exit) + fibre_ms(exit, anchor) + 0.5;  // half of the anchor's last mile
  };
  const double near_fra = expected(*away.via, place(50.1, 8.7));
  const double near_syd = expected(away.exits[0], place(-33.9, 151.2));
  CHECK(in_ms(paths.forward(2, 0, kEpoch).due - kEpoch) == Approx(near_fra).margin(1e-5));
  CHECK(in_ms(paths.forward(0, 2, kEpoch).due - kEpoch) == Approx(near_fra).margin(1e-5));
  CHECK(in_ms(paths.forward(2, 1, kEpoch).due - kEpoch) == Approx(near_syd).margin(1e-5));
  CHECK(in_ms(paths.forward(1, 2, kEpoch).due - kEpoch) == Approx(near_syd).margin(1e-5));
}

TEST_CASE("ModelPaths: a proxy's own path may be out while the chip's is not", "[sim][lab]") {
  PathParameters parameters = straight();
  parameters.outages = {{"chip/via", "fra", {}}};
  ModelPaths paths = three(parameters);
  CHECK_FALSE(paths.forward(0, 2, kEpoch).lost);
  NetworkSite relayed = site("chip", -33.9, 18.4);
  relayed.via = place(51.0, 9.0);
  paths.set_site(2, relayed);
  CHECK(paths.forward(0, 2, kEpoch).lost);
  CHECK_FALSE(paths.forward(1, 2, kEpoch).lost);
}

TEST_CASE("ModelPaths: datagrams of a directed pair leave in their order", "[sim][lab]") {
  PathParameters parameters = straight();
  parameters.queue_ms.at.fill(50.0);
  ModelPaths paths = three(parameters);
  SteadyTime latest;
  int held = 0;
  for (int i = 0; i < 2'000; ++i) {
    const SteadyTime sent = kEpoch + i * 1ms;
    const auto decision = paths.forward(0, 1, sent);
    CHECK(decision.due >= latest);
    held += decision.due == latest ? 1 : 0;
    latest = decision.due;
  }
  CHECK(held > 500);  // queues of 25 ms in the mean: most would have overtaken
}

TEST_CASE("ModelPaths: what is lost besides is lost by all its causes, and the same in every run",
          "[sim][lab]") {
  const auto lost = [](double network, double ends, double pair) {
    ModelPaths paths = three(straight(), network);
    NetworkSite worse = site("fra", 50.1, 8.7);
    worse.extra.loss = ends;
    paths.set_site(0, worse);
    paths.set_pair(0, 1, {.round_trip = {}, .extra = {.loss = pair}});
    std::vector<bool> out;
    for (int i = 0; i < 4'000; ++i) out.push_back(paths.forward(0, 1, kEpoch + i * 1ms).lost);
    return out;
  };
  const auto share = [](const std::vector<bool>& fates) {
    return static_cast<double>(std::count(fates.begin(), fates.end(), true)) / 4'000.0;
  };
  CHECK(share(lost(0.0, 0.0, 0.0)) == 0.0);
  CHECK(share(lost(0.2, 0.0, 0.0)) == Approx(0.2).margin(0.025));
  CHECK(share(lost(0.2, 0.3, 0.5)) == Approx(1.0 - 0.8 * 0.7 * 0.5).margin(0.03));
  CHECK(share(lost(0.0, 1.0, 0.0)) == 1.0);
  CHECK(lost(0.2, 0.3, 0.5) == lost(0.2, 0.3, 0.5));
}

TEST_CASE("fate through: without queues it is the least, both ways the same", "[sim][lab]") {
  PathParameters parameters = straight();
  parameters.queue_ms.at.fill(50.0);
  parameters.loss = 0.9;
  const auto model = model_of(parameters);
  const NetworkSite a = site("fra", 50.1, 8.7);
  NetworkSite b = site("chip", -33.9, 18.4);
  b.via = place(51.0, 9.0);
  const PathFate there = fate_through(*model, a, b, {1, {}, 0}, false);
  CHECK_FALSE(there.lost);
  CHECK(there == fate_through(*model, b, a, {1, {}, 5}, false));
  const PathFate busy = fate_through(*model, a, b, {1, {}, 0}, true);
  CHECK(busy.delay > there.delay);
}

}  // namespace
}  // namespace chiploc::test::model_paths_test
