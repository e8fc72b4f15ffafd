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

}  // namespace
}  // namespace chiploc
