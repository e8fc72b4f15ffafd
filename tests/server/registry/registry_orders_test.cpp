// Look-ups by what brought a chip, the part of a holder, and what may be removed.
#include <random>

#include "server/registry/removal.hpp"
#include "tests/server/registry/order_world.hpp"

namespace chiploc::test::registry_orders_test {
namespace {

using Ids = std::vector<ChipId>;
using Keys = Registry::Keys;

}  // namespace

TEST_CASE("orders registry: chips are found by licence, delivery, order, site and entity",
          "[registry][orders]") {
  const OrderWorld world;
  const auto registry = world.ordered();
  const Ids all{chip_id(1), chip_id(2), chip_id(3)};
  CHECK(registry->order_chips("O-1") == all);
  CHECK(registry->chips_of_order("O-1") == 3);
  CHECK(registry->site_chips("fra-1") == Ids{chip_id(1), chip_id(2)});
  CHECK(registry->site_chips("par-1") == Ids{chip_id(3)});
  CHECK(registry->delivery_chips("D-2") == Registry::ChipIds{chip_id(3)});
  CHECK(registry->licence_chips("L-1").size() == 3);
  CHECK(registry->entity_chips("Export Ltd") == all);
  CHECK(registry->entity_chips("User AG") == all);  // by its order, and by its licence: each once
  CHECK(registry->entity_chips("Hosting SE") == Ids{chip_id(1), chip_id(2)});
  CHECK(registry->entity_chips("Shadow Inc").empty());
  CHECK(registry->order_chips("O-9").empty());
  CHECK(registry->licence_orders("L-1") == Keys{"O-1"});
  CHECK(registry->licence_conditions("L-1") == Keys{"C-1", "C-2", "C-3"});
  CHECK(registry->order_deliveries("O-1") == Keys{"D-1", "D-2"});
  CHECK(registry->site_deliveries("fra-1") == Keys{"D-1"});
  CHECK(registry->entity_orders("Buyer BV") == Keys{"O-1"});
  CHECK(registry->entity_licences("User AG") == Keys{"L-1"});
  CHECK(registry->entity_sites("Hosting SE") == Keys{"fra-1"});
}

TEST_CASE("orders registry: a holder's chips are found by an index, whatever came and went",
          "[registry][orders]") {
  std::mt19937 random{20261201};
  const auto under = [&](unsigned bound) { return static_cast<std::uint8_t>(random() % bound); };
  const auto named = [](const char* what, int number) { return what + std::to_string(number); };
  for (int world = 0; world < 20; ++world) {
    Registry registry;
    for (int step = 0; step < 200; ++step) {
      const std::string licence = named("L-", under(6));
      switch (under(6)) {
        case 0:
        case 1: {  // also of another holder than before
          LicenceRecord record;
          record.id = licence;
          record.holder = named("H-", under(3));
          registry.put(std::move(record));
          break;
        }
        case 2:
          registry.remove_licence(licence);
          break;
        case 3:
          registry.remove_chip(chip_id(under(20)));
          break;
        default: {  // also from one licence to another
          ChipRecord chip;
          chip.id = chip_id(under(20));
          chip.serial = "S";
          chip.licence = licence;
          registry.put(std::move(chip));
        }
      }
      if (step % 10 != 0) continue;
      for (int number = 0; number < 3; ++number) {
        const std::string holder = named("H-", number);
        Keys licences;
        for (const auto& [id, record] : registry.licences())
          if (record->holder == holder) licences.insert(id);
        Ids chips;
        for (const auto& [id, chip] : registry.chips())
          if (licences.count(chip->licence) > 0) chips.push_back(id);
        CHECK(registry.holder_licences(holder) == licences);
        CHECK(registry.holder_chips(holder) == chips);
        CHECK(registry.chips_of_holder(holder) == chips.size());
        const Registry part = registry.of_holder(holder);
        CHECK(part.chips().size() == chips.size());
        CHECK(part.holder_chips(holder) == chips);
        CHECK(part.licences().size() == licences.size());
        CHECK(part.fleet() == registry.chips().size());
        CHECK(registry.fleet() == registry.chips().size());
      }
    }
  }
}

TEST_CASE(
    "orders registry: a replaced record leaves no trace in the indexes, and a copy none in its original",
    "[registry][orders]") {
  const OrderWorld world;
  const auto registry = world.ordered();
  Registry next{*registry};
  ChipRecord chip = *next.chip(chip_id(1));
  chip.delivery = "D-2";
  chip.licence = "L-2";
  next.put(chip);
  CHECK(next.licence_chips("L-2") == Registry::ChipIds{chip_id(1)});
  CHECK(next.licence_chips("L-1").size() == 2);
  CHECK(next.delivery_chips("D-1") == Registry::ChipIds{chip_id(2)});
  CHECK(next.delivery_chips("D-2").size() == 2);
  next.remove_chip(chip_id(1));
  CHECK(next.licence_chips("L-2").empty());
  CHECK(next.delivery_chips("D-2").size() == 1);
  next.put(OrderRecord{"O-1", "L-2", "Buyer BV", "Buyer BV", "Shadow Inc", "Hosting SE", 1, {}});
  CHECK(next.licence_orders("L-1").empty());
  CHECK(next.licence_orders("L-2") == Keys{"O-1"});
  CHECK(next.entity_orders("Export Ltd").empty());
  CHECK(next.entity_orders("User AG").empty());
  CHECK(next.entity_orders("Hosting SE") == Keys{"O-1"});
  next.put(DeliveryRecord{"D-1", "O-2", "par-1", {}, 1, ""});
  CHECK(next.order_deliveries("O-1") == Keys{"D-2"});
  CHECK(next.site_deliveries("fra-1").empty());
  CHECK(next.site_deliveries("par-1") == Keys{"D-1", "D-2"});
  next.put(SiteRecord{"fra-1", "", {}, ""});
  CHECK(next.entity_sites("Hosting SE").empty());
  next.put(ConditionRecord{"C-1", "L-2", ConditionKind::kVolumeCap, 5.0, {}});
  CHECK(next.licence_conditions("L-1") == Keys{"C-2", "C-3"});
  next.put(LicenceRecord{"L-1", "H", {}, {}, {}, "Shadow Inc", 0});
  CHECK(next.entity_licences("User AG").empty());
  CHECK(next.entity_licences("Shadow Inc") == Keys{"L-1"});
  CHECK(next.entity_chips("Shadow Inc") ==
        Ids{chip_id(2), chip_id(3)});  // by the licence alone, and by its order
  next.put(OrderRecord{"O-1", "L-2", "Buyer BV", "Buyer BV", "Buyer BV", "", 1, {}});
  CHECK(next.entity_chips("Shadow Inc") == Ids{chip_id(2), chip_id(3)});
  CHECK(registry->order_chips("O-1").size() == 3);
  CHECK(registry->entity_licences("User AG") == Keys{"L-1"});
}

TEST_CASE("orders registry: a holder's part has its orders and what these name, and no watch list",
          "[registry][orders]") {
  const OrderWorld world;
  const auto base = world.ordered();
  const auto plan = world.plan(
      {OrderWorld::entities(
           "Shadow Inc,buyer end_user,,diversion,2025-06-01\nUser AG,end_user buyer,DE,late,2026-01-01\n"
           "Other Hosting,operator,,,\nLicensee,end_user,,,\n"),
       World::csv(ImportKind::kTerritories, "t.csv", "name,countries,geojson\nbenelux,BE NL,\nunused,BE,\n"),
       OrderWorld::long_licences("L-2,Somebody,DE,2026-01-01,2026-12-31,Licensee,\n"),
       OrderWorld::orders("O-2,L-2,Export Ltd,Shadow Inc,Shadow Inc,1,2026-02-01,\n"),
       OrderWorld::sites("ams-1,Other Hosting,benelux,\nfra-1,Hosting SE,benelux,\n"),
       OrderWorld::deliveries("D-9,O-2,ams-1,2026-05-01,1,\n"),
       OrderWorld::conditions("C-9,L-2,third_party_test,2026-01-01,,,,\n"),
       OrderWorld::delivered(world.delivered_row(9, "D-9", "L-2"))},
      base);
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  const Registry part = plan.registry->of_holder("Holder GmbH");
  CHECK(part.licences().size() == 1);
  CHECK(part.chips().size() == 3);
  CHECK(part.order("O-1") != nullptr);
  CHECK(part.order("O-2") == nullptr);
  CHECK(part.deliveries().size() == 2);
  CHECK(part.conditions().size() == 3);
  CHECK(part.models().size() == 1);
  CHECK(part.sites().size() == 2);
  CHECK(part.site("ams-1") == nullptr);
  CHECK(part.territories().size() == 1);  // of a site
  CHECK(part.entity("Shadow Inc") == nullptr);
  CHECK(part.entity("Other Hosting") == nullptr);
  CHECK(part.entity("Hosting SE") != nullptr);  // of a site
  REQUIRE(part.entity("User AG") != nullptr);
  CHECK_FALSE(part.entity("User AG")->watch);
  CHECK(plan.registry->entity("User AG")->watch);
  CHECK(part.order_chips("O-1").size() == 3);
  CHECK(part.entity_orders("Export Ltd") == Keys{"O-1"});
  const Registry other = plan.registry->of_holder("Somebody");
  CHECK(other.orders().size() == 1);
  CHECK(other.entity("Licensee") != nullptr);  // of a licence, and of no order
  CHECK(part.entity("Licensee") == nullptr);
  CHECK_FALSE(other.entity("Shadow Inc")->watch);
  CHECK(other.order_chips("O-2") == Ids{chip_id(9)});
  CHECK(other.conditions().count("C-9") == 1);
}

TEST_CASE("orders registry: who uses a record stands in the way of its removal",
          "[registry][removal][orders]") {
  const OrderWorld world;
  const auto base = world.ordered();
  using Names = std::vector<std::string>;
  const auto uses = [&](ImportKind kind, const char* name) { return uses_of(*base, kind, name, 9).first; };
  const std::string first = "chip " + chip_id(1).hex();
  CHECK(uses(ImportKind::kLicences, "L-1") == Names{first, "chip " + chip_id(2).hex(),
                                                    "chip " + chip_id(3).hex(), "order O-1", "condition C-1",
                                                    "condition C-2", "condition C-3"});
  CHECK(uses(ImportKind::kOrders, "O-1") == Names{"delivery D-1", "delivery D-2"});
  CHECK(uses(ImportKind::kDeliveries, "D-1") == Names{first, "chip " + chip_id(2).hex()});
  CHECK(uses(ImportKind::kSites, "par-1") == Names{"delivery D-2"});
  CHECK(uses(ImportKind::kEntities, "User AG") == Names{"order O-1", "licence L-1"});
  CHECK(uses(ImportKind::kEntities, "Hosting SE") == Names{"site fra-1"});
  CHECK(uses(ImportKind::kEntities, "Shadow Inc").empty());
  CHECK(uses(ImportKind::kConditions, "C-1").empty());
  CHECK(uses(ImportKind::kModels, "LAB-100").size() == 3);
  CHECK(uses(ImportKind::kMakers, "Acme").size() == 4);
  CHECK(uses(ImportKind::kMakers, "Acme").front() == "model LAB-100");
  const auto placed =
      world.plan({World::csv(ImportKind::kTerritories, "t.csv", "name,countries,geojson\nbenelux,BE NL,\n"),
                  OrderWorld::sites("ams-1,,benelux,\n")},
                 base);
  REQUIRE(placed.ok());
  CHECK(uses_of(*placed.registry, ImportKind::kTerritories, "benelux", 9).first == Names{"site ams-1"});
}

TEST_CASE("orders registry: the next version lacks what was removed, in every index",
          "[registry][removal][orders]") {
  const OrderWorld world;
  const auto base = world.ordered();
  const std::pair<ImportKind, const char*> records[] = {
      {ImportKind::kModels, "LAB-100"}, {ImportKind::kEntities, "Export Ltd"},
      {ImportKind::kSites, "fra-1"},    {ImportKind::kConditions, "C-2"},
      {ImportKind::kOrders, "O-1"},     {ImportKind::kDeliveries, "D-2"},
      {ImportKind::kLicences, "L-1"}};
  for (const auto& [kind, name] : records) {
    CAPTURE(name);
    CHECK(removable(kind));
    REQUIRE(has_record(*base, kind, name));
    const ImportPlan plan = plan_removal(base, kind, name);
    CHECK(plan.base == base);
    CHECK_FALSE(has_record(*plan.registry, kind, name));
    CHECK(has_record(*base, kind, name));
    CHECK_FALSE(has_record(*base, kind, "nothing"));
  }
  CHECK(plan_removal(base, ImportKind::kOrders, "O-1").registry->licence_orders("L-1").empty());
  CHECK(plan_removal(base, ImportKind::kOrders, "O-1").registry->entity_orders("User AG").empty());
  CHECK(plan_removal(base, ImportKind::kDeliveries, "D-2").registry->order_deliveries("O-1") == Keys{"D-1"});
  CHECK(plan_removal(base, ImportKind::kDeliveries, "D-2").registry->site_deliveries("par-1").empty());
  CHECK(plan_removal(base, ImportKind::kConditions, "C-2").registry->licence_conditions("L-1").size() == 2);
  CHECK(plan_removal(base, ImportKind::kSites, "fra-1").registry->entity_sites("Hosting SE").empty());
  CHECK(plan_removal(base, ImportKind::kLicences, "L-1").registry->entity_licences("User AG").empty());
}

}  // namespace chiploc::test::registry_orders_test
