// Bounds as the verifier would have them from the same round trips.
#include "server/fleet/heard.hpp"

#include "tests/server/fleet/fleet_text.hpp"

namespace chiploc::fleet {
namespace {

TEST_CASE("heard: a bound is that of the production code for the path and what queues add", "[fleet]") {
  const FleetPlan plan{fleet_of(kSmallFleet), Borders::world()};
  const Hearing hearing = plan.hearing(0);
  const std::vector<double> empty(hearing.listeners.size(), 1.0);
  const auto bounds = bounds_of(hearing, empty);
  REQUIRE(bounds.size() == 8);
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    CHECK(bounds[i].radius == *proved_radius(hearing.listeners[i].empty_path, hearing.policy));
    CHECK(bounds[i].perspective == i);
    CHECK(bounds[i].place_uncertainty == Kilometers{1.0});
  }
  std::vector<double> some = empty;
  some[2] = 0.0;
  some[4] = 0.25;
  const auto fewer = bounds_of(hearing, some);
  REQUIRE(fewer.size() == 7);
  CHECK(fewer[2].perspective == 3);
  CHECK(fewer[3].radius ==
        *proved_radius(hearing.listeners[4].empty_path + *hearing.law.extra(0.25), hearing.policy));
}

TEST_CASE("heard: who is heard by nobody is silent, and by too few proves nothing", "[fleet]") {
  const FleetPlan plan{fleet_of(kSmallFleet), Borders::world()};
  const Hearing hearing = plan.hearing(0);
  std::vector<double> draw(hearing.listeners.size(), 0.0);
  CHECK(judge(hearing, draw) == VerdictState::kSilent);
  draw[0] = 1.0;
  CHECK(judge(hearing, draw) == VerdictState::kUnresolved);
  CHECK(judge(hearing, std::vector<double>(draw.size(), 1.0)) == VerdictState::kCleared);
}

}  // namespace
}  // namespace chiploc::fleet
