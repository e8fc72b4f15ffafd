// The step to schema 11 keeps what was there; the change history runs over indexes and is part of its import.
#include "server/storage/sqlite/migrate.hpp"
#include "tests/server/registry/order_world.hpp"
#include "tests/server/storage/old_database.hpp"
#include "tests/server/storage/registry_fixture.hpp"

namespace chiploc::test {

TEST_CASE(
    "schema 11: every value of a database of schema 7 is there after apply, and new columns say nothing",
    "[storage]") {
  const Folder folder;
  write_schema5(folder.options().path);
  {
    const auto db = raw(folder);
    REQUIRE(migrate(*db, migrations().first(7)));
    REQUIRE(
        db->execute("INSERT INTO imports (version, at_unix_ns, imported_by, added, changed, unchanged) "
                    "VALUES (77, 5, 'ada', 1, 2, 3)"));
    REQUIRE(db->integer("PRAGMA user_version").value() == 7);
  }
  check_migration_keeps_all(folder);
  CHECK(raw(folder)->integer("SELECT count(*) FROM pragma_foreign_key_check").value() == 0);
  const auto store = folder.open();
  const auto registry = store->registry().load_registry().value();
  CHECK(registry->version() == 77);
  CHECK(registry->chips().size() == 4);
  for (const auto& [id, chip] : registry->chips()) CHECK(chip->delivery.empty());
  for (const auto& [id, licence] : registry->licences()) {
    CHECK(licence->quantity == 0);
    CHECK(licence->end_user.empty());
  }
  CHECK(store->registry().imports(1)->front().stamp.reason.empty());
  CHECK(store->registry().changes({})->rows.empty());
  // And goes on from there.
  const OrderWorld world;
  const auto plan = world.plan(world.order_files(), registry);
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  REQUIRE(store->registry().save_import(plan, {"ada", at(0)}));
  check_same(*plan.registry, **store->registry().load_registry());
  CHECK(store->registry().changes({})->rows.size() == 19);
}

TEST_CASE("schema 11: without its history no import is saved", "[storage]") {
  const Folder folder;
  (void)folder.open();
  REQUIRE(raw(folder)->execute(
      "CREATE TRIGGER no_history BEFORE INSERT ON registry_changes WHEN new.position = 10 "
      "BEGIN SELECT RAISE(ABORT, 'no room'); END"));
  const auto store = folder.open();
  const OrderWorld world;
  const auto saved = store->registry().save_import(world.plan(world.order_files()), {"ada", at(0)});
  REQUIRE_FALSE(saved);
  CHECK_THAT(saved.error().text, Catch::Contains("write what the import changes"));
  CHECK((*store->registry().load_registry())->version() == 0);
  CHECK((*store->registry().load_registry())->orders().empty());
  CHECK(store->registry().imports(9)->empty());
  CHECK(store->registry().changes({})->rows.empty());
}

TEST_CASE("schema 11: a row that other hands changed is named", "[storage]") {
  const Folder folder;
  const OrderWorld world;
  REQUIRE(folder.open()->registry().save_import(world.plan(world.order_files()), {"ada", at(0)}));
  const std::pair<const char*, const char*> tampered[] = {
      {"UPDATE entities SET roles = 'thief' WHERE name = 'User AG'", "entity \"User AG\" cannot be read"},
      {"UPDATE entities SET country = 'Germany' WHERE name = 'User AG'", "entity \"User AG\""},
      {"UPDATE sites SET place = '?' WHERE name = 'fra-1'", "site \"fra-1\""},
      {"UPDATE conditions SET kind = '' WHERE condition = 'C-1'", "condition \"C-1\""},
      {"UPDATE conditions SET met = 'x' WHERE condition = 'C-1'", "condition \"C-1\""},
      {"UPDATE orders SET placed = '' WHERE order_id = 'O-1'", "order \"O-1\""},
      {"UPDATE deliveries SET date = '2026-02-30' WHERE delivery = 'D-1'", "delivery \"D-1\""}};
  for (const auto& [sql, part] : tampered) {
    const auto store = folder.open();
    const auto db = raw(folder);
    CAPTURE(sql);
    const std::string table = std::string{sql}.substr(7, std::string{sql}.find(" SET") - 7);
    REQUIRE(db->execute(("CREATE TEMP TABLE old AS SELECT * FROM " + table).c_str()));
    REQUIRE(db->execute(sql));
    const auto loaded = store->registry().load_registry();
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().code == StoreFaultCode::kCorrupt);
    CHECK_THAT(loaded.error().text, Catch::Contains(part));
    REQUIRE(db->execute("PRAGMA foreign_keys = OFF"));
    REQUIRE(db->execute(("DELETE FROM " + table).c_str()));
    REQUIRE(db->execute(("INSERT INTO " + table + " SELECT * FROM old").c_str()));
    CHECK(store->registry().load_registry());
  }
}

TEST_CASE("schema 11: every list of changes runs over an index", "[storage]") {
  const Folder folder;
  (void)folder.open();
  const auto db = raw(folder);
  const std::string from =
      "SELECT c.field FROM registry_changes c JOIN imports i ON i.version = c.version WHERE c.version >= 1";
  for (const std::string filter :
       {"", " AND c.kind = 3", " AND c.kind = 3 AND c.record_key = 'x'",
        " AND c.kind = 3 AND c.record_key = 'x' AND (c.version, c.position) < (9, 9)",
        " AND (c.version, c.position) < (9, 9)"}) {
    auto plan = db->query("EXPLAIN QUERY PLAN " + from + filter +
                          " ORDER BY c.version DESC, c.position DESC LIMIT 9");
    std::string steps;
    while (plan.next()) steps += plan.text(3) + "\n";
    CAPTURE(filter, steps);
    CHECK(steps.find("USING") != std::string::npos);
    CHECK(steps.find("TEMP B-TREE") == std::string::npos);
    CHECK(steps.find("SCAN i") == std::string::npos);
    const bool by_record = filter.find("record_key") != std::string::npos;
    CHECK((steps.find("registry_changes_by_record") != std::string::npos) == by_record);
  }
}

}  // namespace chiploc::test
