// Boxes against the production judge: whatever a tree says of a draw is what judging that draw says.
#include "server/fleet/verdict_tree.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <random>

#include "server/fleet/fleet_dice.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::fleet {
namespace {

struct Town {
  double lat, lon;
  const char* country;
};
/// At borders, on coasts, on islands, at the antimeridian, and in the middle of nowhere.
constexpr Town kTowns[] = {{48.57, 7.75, "FR"},    {47.56, 7.59, "CH"},   {50.00, 8.27, "DE"},
                           {1.30, 103.80, "SG"},   {22.30, 114.17, "HK"}, {-17.7, 178.1, "FJ"},
                           {64.15, -21.9, "IS"},   {32.54, -117.0, "MX"}, {43.12, 131.9, "RU"},
                           {-33.87, 151.21, "AU"}, {55.75, 37.62, "RU"},  {38.71, -9.14, "PT"}};
constexpr const char* kCodes[] = {"DE", "FR", "CH", "SG", "MY", "CN", "HK", "FJ", "IS",
                                  "US", "MX", "RU", "KP", "AU", "PT", "ES", "AT", "RE"};

/// A site, its anchors, a licence and a policy, all from dice.
struct Case {
  std::mt19937_64 dice;
  NetworkOptions network;
  std::vector<Listener> listeners;
  Policy policy;
  Claim claim;
  std::string home{};

  explicit Case(std::uint64_t seed) : dice{seed} {
    network.loss = at_most(0.3);
    network.burst = at_most(0.3);
    policy.speed = below(4) == 0 ? kLightInFibre : kLightInVacuum;
    policy.fault_budget = below(3);
    policy.more_to_clear = below(2);
    policy.more_to_accuse = below(2);
    const Town& town = kTowns[below(std::size(kTowns))];
    home = town.country;
    const LatLon stands = *LatLon::from_degrees({.lat = town.lat, .lon = town.lon});
    const NetworkSite chip{
        .name = "chip", .place = stands, .last_mile = Nanoseconds{100'000}, .via = {}, .via_last_mile = {}};
    network.seed = seed;
    const unsigned count = 1 + below(9);
    for (unsigned i = 0; i < count; ++i) {
      const double wide = std::array{0.5, 6.0, 60.0}[below(3)];
      const LatLon place =
          *LatLon::from_degrees({.lat = std::clamp(town.lat + wide * (at_most(2.0) - 1.0), -89.0, 89.0),
                                 .lon = std::remainder(town.lon + wide * (at_most(2.0) - 1.0), 360.0)});
      const NetworkSite anchor{.name = "anchor" + std::to_string(i),
                               .place = place,
                               .last_mile = Nanoseconds{100'000},
                               .via = {},
                               .via_last_mile = {}};
      // Some are farther than they say, or nearer: their disks need not agree.
      const double factor = below(4) == 0 ? at_most(1.5) : 1.0;
      const auto way = static_cast<double>(round_trip_delay(network, anchor, chip).count()) * factor;
      listeners.push_back(
          {place, Kilometers{at_most(3.0)}, below(count), Nanoseconds{static_cast<std::int64_t>(way)}});
    }
    for (unsigned i = 0, n = 1 + below(3); i < n; ++i) claim.licensed.push_back(code());
    for (unsigned i = 0, n = below(4); i < n; ++i) claim.prohibited.push_back(code());
  }
  unsigned below(std::uint64_t n) { return static_cast<unsigned>(dice() % n); }
  double at_most(double x) { return x * to_unit(dice()); }
  CountryCode code() {
    return *CountryCode::from_text(below(3) == 0 ? home : kCodes[below(std::size(kCodes))]);
  }
  /// Half of them from the tails, where anchors hear little or nothing.
  std::vector<double> draw() {
    std::vector<double> out;
    const double power = below(2) == 0 ? 1.0 : 6.0;
    for (std::size_t i = 0; i < listeners.size(); ++i) out.push_back(std::pow(to_unit(dice()), power));
    return out;
  }
};

TEST_CASE("verdict tree: a decided box has the judge's state for every draw in it", "[fleet]") {
  const Borders& borders = Borders::world();
  std::map<VerdictState, int> seen;
  int decided = 0, open = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    Case made{seed};
    const PingLaw law{made.network, 1 + made.below(8)};
    const TerritoryJudge judge_of_claim{made.claim, borders};
    const Hearing hearing{made.listeners, law, made.policy, judge_of_claim};
    const VerdictTree tree{hearing, borders, {.boxes = 40, .left_open = 1e-9}};
    CHECK(tree.boxes() <= 81);
    for (int i = 0; i < 40; ++i) {
      const std::vector<double> draw = made.draw();
      const auto state = tree.state([&](std::size_t listener) { return draw[listener]; });
      ++(state ? decided : open);
      if (!state) continue;
      const VerdictState judged = judge(hearing, draw);
      ++seen[judged];
      CAPTURE(seed, i);
      CHECK(*state == judged);
    }
  }
  CHECK(decided > open);
  for (const VerdictState state :
       {VerdictState::kVerified, VerdictState::kCleared, VerdictState::kUnresolved, VerdictState::kOutside,
        VerdictState::kProhibited, VerdictState::kSilent}) {
    CAPTURE(chiploc::name_of(state));
    CHECK(seen[state] > 0);
  }
}

TEST_CASE("verdict tree: the facts decide the state, and a longer round trip never takes one back",
          "[fleet]") {
  const Borders& borders = Borders::world();
  for (std::uint64_t seed = 500; seed < 560; ++seed) {
    Case made{seed};
    const PingLaw law{made.network, 4};
    const TerritoryJudge judge_of_claim{made.claim, borders};
    const Hearing hearing{made.listeners, law, made.policy, judge_of_claim};
    std::map<std::uint32_t, VerdictState> by_facts;
    for (int i = 0; i < 12; ++i) {
      std::vector<double> draw = made.draw(), middle, longer;
      for (const double s : draw) middle.push_back(s * to_unit(made.dice()));
      for (const double s : middle) longer.push_back(s * to_unit(made.dice()));
      const std::uint32_t facts[] = {facts_of(hearing, borders, draw), facts_of(hearing, borders, middle),
                                     facts_of(hearing, borders, longer)};
      const std::vector<double>* draws[] = {&draw, &middle, &longer};
      CAPTURE(seed, i);
      for (int k = 0; k < 3; ++k) {
        const VerdictState state = judge(hearing, *draws[k]);
        CHECK(by_facts.try_emplace(facts[k], state).first->second == state);
      }
      // Each fact changes once at most: what both ends agree on, the middle has too.
      CHECK(((facts[0] ^ facts[1]) & ~(facts[0] ^ facts[2])) == 0);
    }
  }
}

TEST_CASE("verdict tree: what is left open is as probable as it says", "[fleet]") {
  const Borders& borders = Borders::world();
  Case made{7};
  const PingLaw law{made.network, 2};
  const TerritoryJudge judge_of_claim{made.claim, borders};
  const Hearing hearing{made.listeners, law, made.policy, judge_of_claim};
  const VerdictTree tree{hearing, borders, {.boxes = 12, .left_open = 1e-9}};
  constexpr int kDraws = 20'000;
  int open = 0;
  for (int i = 0; i < kDraws; ++i) {
    const RoundDice dice{1, static_cast<std::uint64_t>(i)};
    open += tree.state([&](std::size_t listener) { return dice.survival(listener); }) ? 0 : 1;
  }
  CAPTURE(tree.open_share());
  CHECK(std::abs(tree.open_share() - static_cast<double>(open) / kDraws) < 0.02);
  const VerdictTree finer{hearing, borders, {.boxes = 400, .left_open = 1e-9}};
  CHECK(finer.open_share() <= tree.open_share());
}

}  // namespace
}  // namespace chiploc::fleet
