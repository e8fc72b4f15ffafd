#include "server/registry/record_history.hpp"

#include "server/registry/import_changes.hpp"
#include "server/registry/removal.hpp"
#include "tests/server/registry/order_world.hpp"

namespace chiploc::test::record_history_test {
namespace {

std::vector<HistoryEntry> entries_of(const ImportPlan& plan) {
  std::vector<HistoryEntry> out;
  CHECK(each_history_entry(plan, [&](const HistoryEntry& entry) {
    out.push_back(entry);
    return true;
  }));
  return out;
}

using Entries = std::vector<HistoryEntry>;

}  // namespace

TEST_CASE("history: a record that comes stands whole, once", "[registry][history]") {
  const OrderWorld world;
  const auto entries = entries_of(world.plan(world.order_files()));
  REQUIRE(entries.size() == 19);
  std::map<ImportKind, std::size_t> counts;
  for (const HistoryEntry& entry : entries) {
    ++counts[entry.kind];
    CHECK(entry.field.empty());
    CHECK_FALSE(entry.before);
    CHECK(entry.after->front() == '{');
  }
  CHECK(counts[ImportKind::kChips] == 3);
  CHECK(counts[ImportKind::kEntities] == 5);
  const auto find = [&](ImportKind kind, const std::string& key) -> const HistoryEntry& {
    return *std::find_if(entries.begin(), entries.end(),
                         [&](const HistoryEntry& one) { return one.kind == kind && one.key == key; });
  };
  CHECK(
      *find(ImportKind::kOrders, "O-1").after ==
      R"({"licence":"L-1","exporter":"Export Ltd","buyer":"Buyer BV","end_user":"User AG","quantity":"4","placed":"2026-02-01"})");
  CHECK(*find(ImportKind::kEntities, "Shadow Inc").after ==
        R"({"roles":"buyer end_user","watch_reason":"diversion in 2025","watch_since":"2025-06-01"})");
  CHECK_THAT(*find(ImportKind::kConditions, "C-1").after, Catch::Contains(std::string(64, 'a')));
  // A certificate by its whole digest.
  const std::string der = string_of(world.ordered()->chip(chip_id(1))->certificate);
  CHECK_THAT(*find(ImportKind::kChips, chip_id(1).hex()).after, Catch::Contains("\"delivery\":\"D-1\""));
  const auto plan = world.plan(world.order_files());
  const auto chip = plan.registry->chip(chip_id(1));
  CHECK_THAT(*entries_of(plan).back().after, Catch::Contains("sha256 "));
  CHECK_THAT(*entries_of(plan)[entries.size() - 3].after, Catch::Contains(sha256(chip->certificate).hex()));
}

TEST_CASE("history: of a changed record each field that differs, with what it was", "[registry][history]") {
  const OrderWorld world;
  const auto base = world.ordered();
  const auto plan = world.plan(
      {OrderWorld::orders("O-1,L-1,Export Ltd,Buyer BV,Shadow Inc,5,2026-02-01,\n"),
       OrderWorld::models("LAB-100,Acme,4A090,\n"), OrderWorld::deliveries("D-1,O-1,fra-1,2026-03-01,2,\n")},
      base);
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  CHECK(entries_of(plan) == Entries{{ImportKind::kModels, "LAB-100", "eccn", "3A090.a", "4A090"},
                                    {ImportKind::kModels, "LAB-100", "note", "first of its kind", ""},
                                    {ImportKind::kOrders, "O-1", "end_user", "User AG", "Shadow Inc"},
                                    {ImportKind::kOrders, "O-1", "quantity", "4", "5"}});
  CHECK(entries_of(world.plan(world.order_files(), base)).empty());  // nothing changes
}

TEST_CASE("history: places of the prohibited list, one by one", "[registry][history]") {
  const World world;
  const auto first = world.plan(world.everything());
  const auto second = world.plan(
      {World::csv(ImportKind::kProhibitedTerritories, "p.csv", "country\nKP\nSY\n")}, first.registry);
  CHECK(entries_of(second) ==
        Entries{{ImportKind::kProhibitedTerritories, "", "country", "IR", std::nullopt},
                {ImportKind::kProhibitedTerritories, "", "country", std::nullopt, "SY"}});
}

TEST_CASE("history: a record that goes stands as it was; with a maker go its lists", "[registry][history]") {
  const OrderWorld world;
  const auto base = world.ordered();
  const std::pair<ImportKind, std::string> records[] = {
      {ImportKind::kModels, "LAB-100"},      {ImportKind::kEntities, "Export Ltd"},
      {ImportKind::kSites, "fra-1"},         {ImportKind::kLicences, "L-1"},
      {ImportKind::kConditions, "C-2"},      {ImportKind::kOrders, "O-1"},
      {ImportKind::kDeliveries, "D-2"},      {ImportKind::kMakers, "Acme"},
      {ImportKind::kChips, chip_id(1).hex()}};
  for (const auto& [kind, name] : records) {
    CAPTURE(name);
    const auto entries = entries_of(plan_removal(base, kind, name));
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].kind == kind);
    CHECK(entries[0].key == name);
    CHECK(entries[0].before->front() == '{');
    CHECK_FALSE(entries[0].after);
  }
  const auto plan =
      world.plan({world.makers(), World::revocations(world.list().pem()),
                  World::anchors(World::anchor_row("fra1", 1, 7001)),
                  World::csv(ImportKind::kTerritories, "t.csv", "name,countries,geojson\nunion,DE FR,\n")});
  REQUIRE(plan.ok());
  const auto gone = entries_of(plan_removal(plan.registry, ImportKind::kMakers, "Acme"));
  REQUIRE(gone.size() == 2);
  CHECK(gone[0].kind == ImportKind::kRevocations);
  CHECK(gone[1].kind == ImportKind::kMakers);
  CHECK(entries_of(plan_removal(plan.registry, ImportKind::kAnchors, "fra1")).size() == 1);
  CHECK(*entries_of(plan_removal(plan.registry, ImportKind::kTerritories, "union"))[0].before ==
        R"({"countries":"DE FR"})");
}

TEST_CASE("history: values are bounded, and whoever takes them may stop", "[registry][history]") {
  const OrderWorld world;
  std::string names, rows = "name,countries,geojson\n";
  for (int i = 0; i < 300; ++i) {
    const std::string name = "territory-" + std::to_string(1000 + i);
    names += name + " ";
    rows += name + ",DE,\n";
  }
  const auto base = world.plan({world.licences(), World::csv(ImportKind::kTerritories, "t.csv", rows)});
  REQUIRE(base.ok());
  const auto plan = world.plan({world.licences("L-1,Holder GmbH," + names +
                                               ",2026-01-01,2026-12-31\n"
                                               "L-2,Holder GmbH," +
                                               names + ",2026-01-01,2026-12-31\n")},
                               base.registry);
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  const auto entries = entries_of(plan);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].after->size() == kHistoryValueBytes);
  CHECK_THAT(*entries[0].after, Catch::EndsWith("..."));
  CHECK(entries[1].after->size() < kHistoryPartBytes + 200);
  std::size_t seen = 0;
  CHECK_FALSE(each_history_entry(plan, [&](const HistoryEntry&) { return ++seen < 1; }));
  CHECK(seen == 1);
  CHECK_FALSE(each_history_entry(base, [&](const HistoryEntry&) { return ++seen < 5; }));
  CHECK(seen == 5);
}

TEST_CASE("changes: what an import would change names the new kinds' fields too", "[registry][history]") {
  const OrderWorld world;
  const auto base = world.ordered();
  const auto plan = world.plan({OrderWorld::sites("fra-1,Hosting SE,FR,\"Example Street 1, Frankfurt\"\n"),
                                OrderWorld::entities("New Co,buyer,,,\n")},
                               base);
  const ImportChanges changes = changes_of(*base, plan);
  REQUIRE(changes.shown.size() == 2);
  CHECK(changes.shown[0].kind == ImportKind::kSites);
  CHECK(changes.shown[0].fields == std::vector<FieldChange>{{"place", "DE", "FR"}});
  CHECK(changes.shown[1].added);
  CHECK(changes.shown[1].fields == std::vector<FieldChange>{{"roles", "", "buyer"}});
}

}  // namespace chiploc::test::record_history_test
