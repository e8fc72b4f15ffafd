#include "server/plan/plan_world.hpp"

#include "geo/path_bound.hpp"
#include "tests/server/eval/small_set.hpp"
#include "tests/server/plan/small_problems.hpp"

namespace chiploc::test::plan_world_test {
namespace {

PlanWorld small_world() {
  PlanWorld world;
  world.sites = {{"Vienna", place_at(48.21, 16.37), Claim{"", codes({"AT"}), {}, true}},
                 {"Oslo", place_at(59.91, 10.75), Claim{"", codes({"NO"}), {}, true}}};
  world.places = {{"Berlin", place_at(52.52, 13.40), Kilometers{2.0}, "Net A", "AS1", 1.0, 0},
                  {"Paris", place_at(48.86, 2.35), Kilometers{0.0}, "Net B", "AS2", 3.0, 0},
                  {"Bern", place_at(46.95, 7.45), Kilometers{0.0}, "Net C", "AS1", 1.0, 0},
                  {"Graz", place_at(47.07, 15.44)}};
  world.standing = 1;
  world.faults = 2;
  world.goal = PlanGoal::kCleared;
  return world;
}

TEST_CASE("plan world: bounds as a verdict makes them, perspectives as it numbers them", "[plan]") {
  const PlanProblem problem = assemble(small_world(), [](std::size_t site, std::size_t place) {
    return place == 3 ? std::nullopt : std::optional{10.0 * static_cast<double>(site + 1)};
  });
  REQUIRE(problem.anchors.size() == 4);
  REQUIRE(problem.reach.size() == 8);
  CHECK(problem.reach_of(0, 1) == path_bound(std::chrono::milliseconds{10}, kLightInVacuum));
  CHECK(problem.reach_of(1, 1) == path_bound(std::chrono::milliseconds{20}, kLightInVacuum));
  CHECK_FALSE(problem.reach_of(0, 3));
  // Berlin and Bern share a network.
  CHECK(problem.anchors[0].perspective == problem.anchors[2].perspective);
  CHECK(problem.anchors[0].perspective != problem.anchors[1].perspective);
  CHECK(problem.anchors[1].perspective != problem.anchors[3].perspective);
  CHECK(problem.anchors[0].uncertainty == Kilometers{2.0});
  CHECK(problem.anchors[1].cost == 3.0);
  CHECK(problem.standing == 1);
  CHECK(problem.faults == 2);
  CHECK(problem.goal == PlanGoal::kCleared);
  CHECK(problem.standing_anchors() == std::vector<std::size_t>{0});
  CHECK(problem.candidates() == std::vector<std::size_t>{1, 2, 3});
}

TEST_CASE("plan world: measured from the anchor to the site, and never of a node by itself", "[plan]") {
  RttSet set = small_set();
  const std::size_t berlin = number_of(set, "b"), vienna = number_of(set, "w"), suva = number_of(set, "s");
  set.min_ms[berlin * set.nodes.size() + vienna] = 77.0;  // one direction alone
  const MeasuredPairs pairs{set, {vienna, std::nullopt, berlin}, {berlin, suva, std::nullopt}};
  CHECK(pairs.rtt_ms(0, 0) == 77.0);
  CHECK_FALSE(pairs.rtt_ms(0, 1));  // Suva has no round trip to Vienna
  CHECK_FALSE(pairs.rtt_ms(1, 0));
  CHECK_FALSE(pairs.rtt_ms(0, 2));
  CHECK_FALSE(pairs.rtt_ms(2, 0));
  CHECK(pairs.is_same_node(2, 0));
  CHECK_FALSE(pairs.is_same_node(1, 2));
}

TEST_CASE("plan world: guessed by distance, and whether both are in one country", "[plan]") {
  const PlanWorld world = small_world();
  const GuessedPairs stretched{world, DelayGuess::stretched(2.0, 1.0), Borders::world()};
  const double km = geodesic_distance(world.sites[0].place, world.places[0].place).km();
  CHECK(stretched.rtt_ms(0, 0) == Approx(1.0 + 2.0 * km / 100.0).margin(1e-9));
  DelayLaw law = DelayLaw::fit({});
  const GuessedPairs lawful{world, DelayGuess::by_law(law, 0.5, 0), Borders::world()};
  law.domestic = 0.0;
  const GuessedPairs nowhere_at_home{world, DelayGuess::by_law(law, 0.5, 0), Borders::world()};
  CHECK(lawful.rtt_ms(0, 3) < nowhere_at_home.rtt_ms(0, 3));  // Graz and Vienna
  CHECK(lawful.rtt_ms(0, 0) == nowhere_at_home.rtt_ms(0, 0));
}

TEST_CASE("plan world: the law is learnt from these nodes alone", "[plan]") {
  RttSet set = small_set();
  const std::vector<std::size_t> nodes{number_of(set, "b"), number_of(set, "f"), number_of(set, "c"),
                                       number_of(set, "w"), number_of(set, "m")};
  const LearntLaw learnt = learn_law(set, nodes);
  CHECK(learnt.pairs == 20);
  const DelayGuess guess = DelayGuess::by_law(learnt.law, 0.5, learnt.pairs);
  CHECK(guess.rtt_ms(Kilometers{700.0}, false) == Approx(0.5 + 1.5 * 7.0).margin(1.0));
  for (double& ms : set.min_ms) ms *= 3.0;  // of everybody
  CHECK(DelayGuess::by_law(learn_law(set, nodes).law, 0.5, 20).rtt_ms(Kilometers{700.0}, false) > 25.0);
  CHECK(learn_law(set, {}).pairs == 0);
}

}  // namespace
}  // namespace chiploc::test::plan_world_test
