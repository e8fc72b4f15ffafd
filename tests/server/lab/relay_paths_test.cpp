#include "server/lab/relay_paths.hpp"

#include <vector>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

std::vector<NetworkSite> three_sites() {
  const auto site = [](const char* name, double lat, double lon) {
    return NetworkSite{.name = name,
                       .place = *LatLon::from_degrees({.lat = lat, .lon = lon}),
                       .last_mile = Nanoseconds{200'000},
                       .via = {},
                       .via_last_mile = {}};
  };
  return {site("fra", 50.1, 8.7), site("syd", -33.9, 151.2), site("chip", 51.0, 9.0)};
}

TEST_CASE("RelayPaths: nothing leaves before the path's delay has passed", "[sim][relay]") {
  NetworkOptions options;
  options.loss = 0.1;
  options.reorder = 0.2;
  RelayPaths paths{options, three_sites()};
  for (int i = 0; i < 5'000; ++i) {
    const SteadyTime arrived{i * 100us};
    const auto decision = paths.forward(0, 2, arrived);
    if (!decision.lost) CHECK(decision.due - arrived >= paths.round_trip(0, 2) / 2);
  }
}

TEST_CASE("RelayPaths: what is not drawn for reordering keeps its order", "[sim][relay]") {
  NetworkOptions options;
  options.burst = 0.3;
  options.reorder = 0.05;
  RelayPaths paths{options, three_sites()};
  SteadyTime last;
  int overtaken = 0;
  SteadyTime latest;
  for (int i = 0; i < 20'000; ++i) {
    const auto decision = paths.forward(0, 1, SteadyTime{i * 50us});
    if (decision.lost) continue;
    if (decision.due < latest) ++overtaken;
    latest = std::max(latest, decision.due);
    if (decision.reordered) continue;
    CHECK(decision.due >= last);
    last = decision.due;
  }
  CHECK(overtaken > 500);
}

TEST_CASE("RelayPaths: one seed loses and reorders the same datagrams, whatever happens on other pairs",
          "[sim][relay]") {
  NetworkOptions options;
  options.loss = 0.05;
  options.reorder = 0.05;
  RelayPaths quiet{options, three_sites()};
  RelayPaths busy{options, three_sites()};
  options.seed = 99;
  RelayPaths other{options, three_sites()};
  int differs = 0;
  for (int i = 0; i < 2'000; ++i) {
    const SteadyTime now{i * 1ms};
    const auto a = quiet.forward(0, 1, now);
    (void)busy.forward(1, 0, now);
    (void)busy.forward(0, 2, now);
    const auto b = busy.forward(0, 1, now);
    CHECK(a.lost == b.lost);
    CHECK(a.reordered == b.reordered);
    CHECK(a.due == b.due);
    differs += other.forward(0, 1, now).lost != a.lost ? 1 : 0;
  }
  CHECK(differs > 50);
}

TEST_CASE("RelayPaths: a stated round trip replaces the modelled one for that pair alone", "[sim][relay]") {
  RelayPaths paths{{}, three_sites()};
  const Nanoseconds other = paths.round_trip(1, 2);
  const Nanoseconds before = paths.round_trip(0, 2);
  CHECK(paths.set_round_trip(0, 2, before + 5ms));
  CHECK(paths.round_trip(0, 2) == before + 5ms);
  CHECK(paths.round_trip(2, 0) == before + 5ms);
  CHECK(paths.round_trip(1, 2) == other);
  CHECK_FALSE(paths.set_round_trip(0, 2, -1ns));
  CHECK_FALSE(paths.set_round_trip(0, 2, 2h));
  CHECK(paths.find("syd") == 1U);
  CHECK_FALSE(paths.find("nobody").has_value());
}

TEST_CASE("RelayPaths: losses of network, ends and pair go together, and delays are added up",
          "[sim][relay]") {
  NetworkOptions options;
  options.loss = 0.1;
  RelayPaths paths{options, three_sites()};
  const Nanoseconds before = paths.round_trip(0, 2);
  const Nanoseconds other = paths.round_trip(0, 1);
  NetworkSite chip = paths.site(2);
  chip.extra = {.loss = 0.5, .added_round_trip = 3ms};
  paths.set_site(2, chip);
  paths.set_pair(2, 0,
                 {.round_trip = {}, .extra = {.loss = 0.5, .added_round_trip = Nanoseconds{1'000'001}}});
  CHECK(paths.round_trip(0, 2) == before + Nanoseconds{4'000'001});
  CHECK(paths.round_trip(2, 0) == before + Nanoseconds{4'000'001});
  CHECK(paths.round_trip(0, 1) == other);
  CHECK(paths.loss(0, 2) == Approx(1.0 - 0.9 * 0.5 * 0.5).margin(1e-12));
  CHECK(paths.loss(2, 0) == Approx(1.0 - 0.9 * 0.5 * 0.5).margin(1e-12));
  CHECK(paths.loss(2, 1) == Approx(1.0 - 0.9 * 0.5).margin(1e-12));
  CHECK(paths.loss(1, 2) == Approx(1.0 - 0.9 * 0.5).margin(1e-12));
  CHECK(paths.loss(0, 1) == Approx(0.1).margin(1e-12));
  int lost = 0;
  for (int i = 0; i < 20'000; ++i) lost += paths.forward(0, 2, SteadyTime{i * 100us}).lost ? 1 : 0;
  // 0.775 of them; four standard deviations are 0.012.
  CHECK(lost / 20'000.0 == Approx(0.775).margin(0.012));
}

TEST_CASE("RelayPaths: what moves takes its name's cables along, and a stated round trip stays",
          "[sim][relay]") {
  RelayPaths paths{{}, three_sites()};
  const Nanoseconds before = paths.round_trip(0, 2);
  CHECK(paths.set_round_trip(1, 2, 50ms));
  NetworkSite chip = paths.site(2);
  const LatLon home = chip.place;
  chip.place = *LatLon::from_degrees({.lat = 35.7, .lon = 51.4});
  chip.via = home;
  chip.via_delay = 2ms;
  paths.set_site(2, chip);
  CHECK(paths.round_trip(0, 2) > before + 4ms);
  CHECK(paths.round_trip(1, 2) == 50ms);
  chip.place = home;
  chip.via.reset();
  chip.via_delay = 0ms;
  paths.set_site(2, chip);
  CHECK(paths.round_trip(0, 2) == before);
  CHECK_FALSE(paths.set_round_trip(1, 2, 2h));
}

TEST_CASE("RelayPaths: the delay of a proxy comes once in each direction", "[sim][relay]") {
  auto sites = three_sites();
  sites[2].via = *LatLon::from_degrees({.lat = 48.0, .lon = 2.0});
  const Nanoseconds without = RelayPaths{{}, sites}.round_trip(0, 2);
  sites[2].via_delay = 1500us;
  CHECK(RelayPaths{{}, sites}.round_trip(0, 2) == without + 3ms);
}

}  // namespace
}  // namespace chiploc
