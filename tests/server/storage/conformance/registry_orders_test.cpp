// Models, entities, sites, conditions, orders and deliveries; and what every import changed.
#include "server/registry/removal.hpp"
#include "tests/server/registry/order_world.hpp"
#include "tests/server/storage/conformance/backend.hpp"
#include "tests/server/storage/registry_fixture.hpp"

namespace chiploc::test {
namespace {

std::vector<HistoryEntry> entries_of(const ChangePage& page) {
  std::vector<HistoryEntry> out;
  for (const RegistryChange& change : page.rows) out.push_back(change.entry);
  return out;
}

std::vector<HistoryEntry> entries_of(const ImportPlan& plan) {
  std::vector<HistoryEntry> out;
  (void)each_history_entry(plan, [&](const HistoryEntry& entry) {
    out.push_back(entry);
    return true;
  });
  return out;
}

}  // namespace

TEST_CASE("store: orders and all that belongs to them come back as they were planned",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const OrderWorld world;
  auto files = world.order_files();
  files.push_back(OrderWorld::orders("O-2,L-1,Export Ltd,Buyer BV,User AG,1,2026-02-01,Hosting SE\n"));
  files.push_back(World::csv(ImportKind::kTerritories, "t.csv", "name,countries,geojson\nbenelux,BE NL,\n"));
  files.push_back(OrderWorld::sites("ams-1,,benelux,\n"));
  files.push_back(OrderWorld::deliveries("D-9,O-2,ams-1,2026-05-01,1,urgent\n"));
  const auto plan = world.plan(files);
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  REQUIRE(backend->open()->registry().save_import(plan, {"ada", at(0), {}, "order 7 of the file"}));
  {
    const auto store = backend->open();
    const auto loaded = store->registry().load_registry();
    REQUIRE(loaded);
    check_same(*plan.registry, **loaded);
    CHECK((*loaded)->order_chips("O-1").size() == 3);
    CHECK((*loaded)->entity_sites("Hosting SE").size() == 1);
    CHECK(store->registry().imports(1)->front().stamp.reason == "order 7 of the file");
  }
  // Changed in place.
  const auto changed = world.plan(
      {OrderWorld::long_licences("L-1,Holder GmbH,DE FR,2026-01-01,2026-12-31,Shadow Inc,9\n"),
       OrderWorld::models("LAB-100,Acme,4A090,\n"), OrderWorld::entities("Shadow Inc,end_user,CN,,\n"),
       OrderWorld::sites("fra-1,,FR,elsewhere\n"),
       OrderWorld::conditions("C-2,L-1,third_party_test,2027-01-01,,lab report," + std::string(64, 'c') +
                              ",2026-09-02\n"),
       OrderWorld::orders("O-2,L-1,Export Ltd,Buyer BV,Shadow Inc,3,2026-02-02,\n"),
       OrderWorld::deliveries("D-9,O-2,fra-1,2026-05-02,2,\n"),
       OrderWorld::delivered(world.delivered_row(3, "D-9"))},
      plan.registry);
  INFO(shown_faults(changed));
  REQUIRE(changed.ok());
  const auto store = backend->open();
  REQUIRE(store->registry().save_import(changed, {"bob", at(1)}));
  check_same(*changed.registry, **store->registry().load_registry());
  CHECK(store->registry().imports(1)->front().stamp.reason.empty());
}

TEST_CASE("store: what nothing uses of the new kinds is removed, and stays in the history",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const OrderWorld world;
  const auto store = backend->open();
  auto files = world.order_files();
  files.erase(files.begin());  // no chips
  const auto plan = world.plan(files);
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  REQUIRE(store->registry().save_import(plan, {"ada", at(0)}));
  const std::pair<ImportKind, const char*> records[] = {
      {ImportKind::kDeliveries, "D-1"},      {ImportKind::kDeliveries, "D-2"},
      {ImportKind::kOrders, "O-1"},          {ImportKind::kSites, "par-1"},
      {ImportKind::kEntities, "Shadow Inc"}, {ImportKind::kConditions, "C-1"},
      {ImportKind::kModels, "LAB-100"}};
  for (const auto& [kind, name] : records) {
    CAPTURE(name);
    const auto base = *store->registry().load_registry();
    REQUIRE(uses_of(*base, kind, name, 1).total == 0);
    const auto gone = plan_removal(base, kind, name);
    REQUIRE(store->registry().save_import(gone, {"bob", at(1), {}, "mistyped"}));
    const auto left = *store->registry().load_registry();
    CHECK_FALSE(has_record(*left, kind, name));
    check_same(*gone.registry, *left);
    const auto past = store->registry().changes({.kind = kind, .key = name});
    REQUIRE(past);
    REQUIRE(past->rows.size() == 2);
    CHECK(past->rows[0].stamp.reason == "mistyped");
    CHECK(past->rows[0].stamp.by == "bob");
    CHECK(past->rows[0].entry.before == past->rows[1].entry.after);
    CHECK_FALSE(past->rows[0].entry.after);
  }
}

TEST_CASE("store: every import leaves what it changed, with who, when and why", "[storage][conformance]") {
  const auto backend = each_backend();
  const OrderWorld world;
  const Digest who = id<Digest>(77);
  const auto first = world.plan(world.order_files());
  const auto second = world.plan({OrderWorld::entities("Shadow Inc,buyer end_user,CN,,\n"),
                                  OrderWorld::models("LAB-100,Acme,4A090,first of its kind\n")},
                                 first.registry);
  REQUIRE(second.ok());
  {
    const auto store = backend->open();
    CHECK(store->registry().changes({})->rows.empty());
    REQUIRE(store->registry().save_import(first, {"ada", at(5), who, "first import"}));
    REQUIRE(store->registry().save_import(second, {"bob", at(9)}));
  }
  const auto store = backend->open();
  const auto all = store->registry().changes({});
  REQUIRE(all);
  CHECK_FALSE(all->next);
  auto expected = entries_of(second);
  std::reverse(expected.begin(), expected.end());
  auto older = entries_of(first);
  std::reverse(older.begin(), older.end());
  const std::size_t newer = expected.size();
  expected.insert(expected.end(), older.begin(), older.end());
  CHECK(entries_of(*all) == expected);
  CHECK(newer == 4);  // country, watch_reason, watch_since, eccn
  CHECK(all->rows.front().stamp.by == "bob");
  CHECK(all->rows.front().stamp.at == at(9));
  CHECK(all->rows.front().version == 2);
  CHECK_FALSE(all->rows.front().stamp.with);
  CHECK(all->rows.back().stamp.with == who);
  CHECK(all->rows.back().stamp.reason == "first import");

  const auto of = [&](const ChangeQuery& query) { return entries_of(*store->registry().changes(query)); };
  CHECK(of({.kind = ImportKind::kModels}).size() == 2);
  CHECK(of({.kind = ImportKind::kEntities}).size() == 8);
  CHECK(of({.kind = ImportKind::kEntities, .key = "Shadow Inc"}).size() == 4);
  CHECK(of({.kind = ImportKind::kEntities, .key = "User AG"}).size() == 1);
  CHECK(of({.kind = ImportKind::kEntities, .key = "nobody"}).empty());
  CHECK(of({.kind = ImportKind::kAnchors}).empty());
  CHECK(of({.since = at(6)}).size() == 4);
  CHECK(of({.since = at(9)}).size() == 4);
  CHECK(of({.since = at(10)}).empty());
  CHECK(of({.since = at(5)}).size() == expected.size());
  CHECK(of({.kind = ImportKind::kModels, .since = at(9)}) ==
        std::vector<HistoryEntry>{{ImportKind::kModels, "LAB-100", "eccn", "3A090.a", "4A090"}});
}

TEST_CASE("store: a record that is gone is found by what it was called", "[storage][conformance]") {
  const auto backend = each_backend();
  const OrderWorld world;
  const auto store = backend->open();
  REQUIRE(store->registry().save_import(world.plan(world.order_files()), {"ada", at(0)}));
  const auto removed = [&](std::uint8_t chip) {
    const auto base = *store->registry().load_registry();
    REQUIRE(store->registry().save_import(plan_removal(base, ImportKind::kChips, chip_id(chip).hex()),
                                          {"bob", at(1)}));
  };
  // Two that had one serial number, one after the other.
  removed(1);
  std::string again = world.chip_row(9, "S-1");
  again.back() = ',';
  REQUIRE(store->registry().save_import(
      world.plan({OrderWorld::delivered(again + "D-1\n")}, *store->registry().load_registry()),
      {"ada", at(2)}));
  removed(9);
  const auto keys = [&](ImportKind kind, std::string_view name) {
    return store->registry().past_keys(kind, name).value();
  };
  using Keys = std::vector<std::string>;
  const std::string one = chip_id(1).hex(), nine = chip_id(9).hex();
  CHECK(keys(ImportKind::kChips, "s-1") == Keys{nine, one});
  CHECK(keys(ImportKind::kChips, one) == Keys{one});
  CHECK(keys(ImportKind::kChips, nine.substr(0, 20)) == Keys{nine});
  CHECK(keys(ImportKind::kChips, "S-2").empty());  // it is there: the registry knows it
  CHECK(keys(ImportKind::kChips, one.substr(0, 3)).empty());
  CHECK(keys(ImportKind::kChips, "%").empty());
  CHECK(keys(ImportKind::kEntities, "SHADOW inc") == Keys{"Shadow Inc"});
  CHECK(keys(ImportKind::kEntities, "s-1").empty());
}

TEST_CASE("store: pages of changes go on where the last one ended, whatever the filter",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const OrderWorld world;
  const auto store = backend->open();
  const auto plan = world.plan(world.order_files());
  REQUIRE(store->registry().save_import(plan, {"ada", at(0)}));
  const auto more = world.plan({OrderWorld::entities("Buyer BV,buyer,NL,x,2026-01-01\n")}, plan.registry);
  REQUIRE(store->registry().save_import(more, {"ada", at(1)}));
  for (const ChangeQuery& filter : {ChangeQuery{}, ChangeQuery{.kind = ImportKind::kEntities},
                                    ChangeQuery{.kind = ImportKind::kEntities, .key = "Buyer BV"}}) {
    ChangeQuery query = filter;
    query.limit = 1'000;
    const auto whole = entries_of(*store->registry().changes(query));
    query.limit = 2;
    std::vector<HistoryEntry> pieces;
    for (;;) {
      const auto page = store->registry().changes(query);
      REQUIRE(page);
      CHECK(page->rows.size() <= 2);
      for (const HistoryEntry& entry : entries_of(*page)) pieces.push_back(entry);
      if (!page->next) break;
      query.after = page->next;
    }
    CHECK(pieces == whole);
  }
  CHECK(store->registry().changes({.limit = 0})->rows.size() == 1);
}

TEST_CASE("store: an import that is refused leaves no history", "[storage][conformance]") {
  const auto backend = each_backend();
  const OrderWorld world;
  const auto store = backend->open();
  REQUIRE(store->registry().save_import(world.plan(world.order_files()), {"ada", at(0)}));
  const auto before = store->registry().changes({})->rows.size();
  CHECK_FALSE(
      store->registry().save_import(world.plan({world.licences()}), {"bob", at(1)}));  // of an older base
  CHECK(store->registry().changes({})->rows.size() == before);
}

}  // namespace chiploc::test
