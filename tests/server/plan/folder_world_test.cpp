#include "server/plan/folder_world.hpp"

#include <algorithm>
#include <set>

#include "tests/server/eval/small_set.hpp"

namespace chiploc::test::folder_world_test {
namespace {

FolderWorld world_of(const RttSet& set, const FolderOptions& options) {
  auto world = folder_world(set, options);
  if (!world) FAIL(world.error());
  return std::move(world).value();
}

std::string error_of(const RttSet& set, const FolderOptions& options) {
  const auto world = folder_world(set, options);
  return world ? std::string{} : world.error();
}

TEST_CASE("folder world: so many stand, all others are candidates, all are sites", "[plan]") {
  const RttSet set = small_set();  // Fiji does not serve: one round trip
  const FolderWorld world = world_of(set, {"2", 1, Kilometers{3.0}, {}});
  CHECK(world.world.standing == 2);
  CHECK(world.world.places.size() == 6);
  CHECK(world.world.sites.size() == 6);
  CHECK(world.standing_nodes.size() == 2);
  std::set<std::string> names;
  for (std::size_t i = 0; i < world.world.places.size(); ++i) {
    const PlanPlace& place = world.world.places[i];
    CHECK(names.insert(place.name).second);
    CHECK(place.place == set.nodes[world.place_nodes[i].value()].place);
    CHECK(place.uncertainty == Kilometers{3.0});
    CHECK(place.operator_name.empty());
  }
  for (std::size_t i = 0; i < world.world.sites.size(); ++i) {
    const EvalNode& node = set.nodes[world.site_nodes[i].value()];
    CHECK(world.world.sites[i].claim.licensed == std::vector<CountryCode>{node.country});
  }
}

TEST_CASE("folder world: the seed draws what stands", "[plan]") {
  const RttSet set = small_set();
  std::set<std::vector<std::size_t>> draws;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const FolderWorld one = world_of(set, {"2", seed, Kilometers{0.0}, {}});
    CHECK(one.standing_nodes == world_of(set, {"2", seed, Kilometers{0.0}, {}}).standing_nodes);
    draws.insert(one.standing_nodes);
  }
  CHECK(draws.size() > 5);
}

TEST_CASE("folder world: a label's first draw stands", "[plan]") {
  const RttSet set = small_set();
  const FolderWorld world = world_of(set, {"three", 1, Kilometers{0.0}, {}});
  CHECK(ids_of(set, world.standing_nodes) == "bc");  // Fiji does not serve
  CHECK(world.world.standing == 2);
}

TEST_CASE("folder world: nothing stands, is licensed or is a candidate where it is prohibited", "[plan]") {
  RttSet set = small_set();
  const FolderWorld world = world_of(set, {"0", 1, Kilometers{0.0}, {code("DE")}});
  CHECK(world.world.places.size() == 4);
  CHECK(world.world.sites.size() == 4);
  for (const PlanSite& site : world.world.sites)
    CHECK(site.claim.prohibited == std::vector<CountryCode>{code("DE")});
  set.nodes[number_of(set, "f")].doubt = NodeDoubt::kPlace;
  set.nodes[number_of(set, "c")].role = NodeRole::kTarget;
  const FolderWorld fewer = world_of(set, {"0", 1, Kilometers{0.0}, {code("DE")}});
  CHECK(fewer.world.places.size() == 2);
  CHECK(fewer.world.sites.size() == 3);
}

TEST_CASE("folder world: names that several have get their ids", "[plan]") {
  RttSet set = small_set();
  set.nodes[number_of(set, "p")].name = "Berlin";
  const FolderWorld world = world_of(set, {"0", 1, Kilometers{0.0}, {}});
  const auto has = [&](const char* name) {
    return std::any_of(world.world.places.begin(), world.world.places.end(),
                       [&](const PlanPlace& place) { return place.name == name; });
  };
  CHECK(has("Berlin (b)"));
  CHECK(has("Berlin (p)"));
  CHECK(has("Paris"));
}

TEST_CASE("folder world: a start that is none", "[plan]") {
  const RttSet set = small_set();
  CHECK_THAT(error_of(set, {"some", 1, Kilometers{0.0}, {}}), Catch::Contains("use one of: three"));
  CHECK_THAT(error_of(set, {"6", 1, Kilometers{0.0}, {}}), Catch::Contains("6 nodes for anchors"));
  CHECK_THAT(error_of(set, {"-1", 1, Kilometers{0.0}, {}}), Catch::Contains("--start -1"));
  CHECK_THAT(error_of(set, {"99999999999999999999", 1, Kilometers{0.0}, {}}), Catch::Contains("smaller"));
}

}  // namespace
}  // namespace chiploc::test::folder_world_test
