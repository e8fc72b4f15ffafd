#include "server/registry/change_warnings.hpp"
#include "tests/server/registry/order_world.hpp"

namespace chiploc::test::order_warnings_test {
namespace {

using Texts = std::vector<std::string>;

Texts warned(const OrderWorld& world, const std::vector<ImportFile>& files, const Registry::Snapshot& base) {
  const auto plan = world.plan(files, base);
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  Texts out;
  for (const ImportWarning& warning : change_warnings(*base, plan, 99).shown)
    out.push_back(std::string{word_of(warning.kind)} + " " + warning.key + ": " + warning.text);
  return out;
}

}  // namespace

TEST_CASE("order warnings: a first import of an order that is right warns of nothing", "[registry][orders]") {
  const OrderWorld world;
  const auto plan = world.plan(world.order_files());
  CHECK(change_warnings(Registry{}, plan, 99).total == 0);
  CHECK(warned(world, world.order_files(), plan.registry).empty());
}

TEST_CASE("order warnings: an entity that comes onto the watch list or leaves it", "[registry][orders]") {
  const OrderWorld world;
  const auto base = world.ordered();
  CHECK(warned(world,
               {OrderWorld::entities("Buyer BV,buyer,NL,sold on,2026-09-01\nShadow Inc,buyer end_user,,,\n"
                                     "New Co,buyer,,known,2026-01-01\n")},
               base) ==
        Texts{"entity Buyer BV: comes onto the watch list (since 2026-09-01: sold on); 1 order names it",
              "entity Shadow Inc: leaves the watch list (since 2025-06-01: diversion in 2025)"});
  CHECK(warned(world, {OrderWorld::entities("Shadow Inc,buyer,,other words,2025-06-01\n")}, base).empty());
}

TEST_CASE("order warnings: another classification, end user, quantity", "[registry][orders]") {
  const OrderWorld world;
  const auto base = world.ordered();
  CHECK(
      warned(world, {OrderWorld::models("LAB-100,Acme,EAR99,\n")}, base) ==
      Texts{"model LAB-100: was 3A090.a, is EAR99 from now on: licences for its chips rest on that number"});
  CHECK(warned(world,
               {OrderWorld::long_licences("L-1,Holder GmbH,DE FR,2026-01-01,2026-12-31,Shadow Inc,2\n")},
               base) == Texts{"licence L-1: was for end user User AG, is for Shadow Inc from now on",
                              "licence L-1: is for 2 chips, and has 3 already: no more come in"});
  CHECK(
      warned(world, {OrderWorld::long_licences("L-1,Holder GmbH,DE FR,2026-01-01,2026-12-31,,4\n")}, base) ==
      Texts{"licence L-1: was for end user User AG, is for none in particular from now on"});
  CHECK(
      warned(world, {OrderWorld::orders("O-1,L-1,Export Ltd,Buyer BV,Shadow Inc,2,2026-02-01,\n")}, base) ==
      Texts{
          "order O-1: was for end user User AG, is for Shadow Inc from now on",
          "order O-1: is for end user Shadow Inc, and its licence L-1 for User AG",
          "order O-1: names as end user Shadow Inc, which is on the watch list (since 2025-06-01: diversion in 2025)",
          "order O-1: is for 2 chips, and has 3 already"});
  const auto lowered = world.plan(
      {OrderWorld::long_licences("L-1,Holder GmbH,DE FR,2026-01-01,2026-12-31,User AG,2\n")}, base);
  CHECK(warned(world, {OrderWorld::long_licences("L-1,New Name,DE FR,2026-01-01,2026-12-31,User AG,2\n")},
               lowered.registry)
            .empty());  // said when it was lowered
  CHECK(warned(world, {OrderWorld::deliveries("D-1,O-1,fra-1,2026-03-01,1,\n")}, base) ==
        Texts{"delivery D-1: is of 1 chips, and has 2 already"});
  CHECK(
      warned(world, {OrderWorld::orders("O-2,L-1,Export Ltd,Shadow Inc,User AG,1,2026-02-01,\n")}, base) ==
      Texts{
          "order O-2: names as buyer Shadow Inc, which is on the watch list (since 2025-06-01: diversion in 2025)",
          "licence L-1: is for 4 chips, and its orders are for 5 together"});
}

TEST_CASE("order warnings: a licence that licenses more, by itself or by a territory that grows",
          "[registry][orders]") {
  const OrderWorld world;
  const auto groups = [](const std::string& rows) {
    return World::csv(ImportKind::kTerritories, "t.csv", "name,countries,geojson\n" + rows);
  };
  const auto base = world.plan(
      {groups("union,DE FR,\n"), world.licences("L-5,H,union IT,2026-01-01,2026-12-31\n")}, world.ordered());
  REQUIRE(base.ok());
  const auto long_row = [](const std::string& places) {
    return OrderWorld::long_licences("L-1,Holder GmbH," + places + ",2026-01-01,2026-12-31,User AG,4\n");
  };
  CHECK(warned(world, {long_row("DE FR GB union")}, base.registry) ==
        Texts{"licence L-1: licenses GB as well from now on; it was for DE FR"});
  CHECK(warned(world, {long_row("union")}, base.registry).empty());  // the same by another name
  CHECK(warned(world, {long_row("DE")}, base.registry).empty());
  CHECK(warned(world, {groups("union,DE FR GB,\n")}, base.registry) ==
        Texts{"licence L-5: licenses GB as well from now on; it was for IT union"});
  CHECK(warned(world, {groups("union,DE,\n")}, base.registry).empty());
}

TEST_CASE("order warnings: chips of a model that their maker has not registered, once for all of them",
          "[registry][orders]") {
  const OrderWorld world;
  const auto base = world.plan(
      {OrderWorld::long_licences("L-1,Holder GmbH,DE FR,2026-01-01,2026-12-31,User AG,\n")}, world.ordered());
  REQUIRE(base.ok());
  std::string rows = world.chip_row(4, "S-4") + world.chip_row(5, "S-5");
  for (std::size_t at = 0; (at = rows.find("LAB-100", at)) != std::string::npos;)
    rows.replace(at, 7, "LAB-10");
  CHECK(
      warned(world, {World::chips(rows)}, base.registry) ==
      Texts{
          "chip " + chip_id(4).hex() +
          ": is of model LAB-10, which is none of Acme's registered models; the nearest is LAB-100 (and 1 more chips)"});
  // Of a maker without registered models nothing is asked, as before.
  const auto without = world.plan({world.makers(), world.licences()});
  CHECK(warned(world, {World::chips(rows)}, without.registry).empty());
}

}  // namespace chiploc::test::order_warnings_test
