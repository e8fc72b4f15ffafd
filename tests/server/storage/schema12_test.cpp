// A database of a release before, brought up to date, has everything that it had: what it exports is the same to the byte, and
// so is what a new coordinator exports that imports it.
#include "server/storage/sqlite/migrate.hpp"
#include "tests/server/registry/exported_files.hpp"
#include "tests/server/registry/order_world.hpp"
#include "tests/server/storage/old_database.hpp"
#include "tests/server/storage/registry_fixture.hpp"

namespace chiploc::test {
namespace {

/// By kind, as `chiploc export` writes it.
std::map<ImportKind, std::vector<std::string>> exported(const Registry& registry) {
  std::map<ImportKind, std::vector<std::string>> out;
  for (const ImportKind kind : kExported) out[kind] = all_rows(registry, kind, 3'000);
  return out;
}
std::map<ImportKind, std::vector<std::string>> exported(const Folder& folder) {
  return exported(**folder.open()->registry().load_registry());
}
/// What a new coordinator has that imports all of this.
std::map<ImportKind, std::vector<std::string>> imported_anew(const Registry& registry,
                                                             const ImportOptions& options) {
  const Folder fresh;
  const ImportPlan plan = plan_import(nullptr, files_of(registry, 3'000), options);
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  REQUIRE(fresh.open()->registry().save_import(plan, {"ada", at(0)}));
  return exported(fresh);
}

/// Something of every kind: makers and their lists, models, chips, entities, licences with conditions, orders,
/// deliveries, sites, anchors, territories, prohibited places.
std::vector<ImportFile> files_of_everything(const OrderWorld& world) {
  auto files = world.order_files();
  for (ImportFile& file : world.everything()) {
    if (file.kind == ImportKind::kAnchors || file.kind == ImportKind::kProhibitedTerritories)
      files.push_back(std::move(file));
  }
  files.push_back(World::revocations(world.list().pem()));
  files.push_back(World::json(ImportKind::kTerritories, "t.json",
                              R"([{"name": "campus", "countries": [], "geojson": { "type": "Polygon",
           "coordinates": [[[8.61,50.07],[8.66,50.07],[8.660,50.11],[8.61,50.11],[8.61,50.07]]]}},
          {"name": "pair", "countries": ["FR", "BE"], "geojson": ""}])"));
  return files;
}

}  // namespace

TEST_CASE(
    "schema 12: a database of the release before exports the same to the byte, and a new one that imports it",
    "[storage]") {
  const OrderWorld world;
  const Folder made;
  {
    const ImportPlan plan = world.plan(files_of_everything(world));
    INFO(shown_faults(plan));
    REQUIRE(plan.ok());
    REQUIRE(made.open()->registry().save_import(plan, {"ada", at(0)}));
  }
  const auto before = exported(made);
  for (const auto& [kind, rows] : before) {
    CAPTURE(static_cast<int>(kind));
    CHECK_FALSE(rows.empty());
  }
  const Folder folder;
  write_older(folder.options().path, 11, made.options().path);
  CHECK(open_sqlite_store(folder.options()).error().code == StoreFaultCode::kOlderSchema);
  const auto tables = tables_of(*raw(folder));
  const Contents contents = contents_of(*raw(folder), tables);
  CHECK(contents.at("orders").size() == 1);
  CHECK(contents.at("conditions").size() == 3);
  REQUIRE(migrate_sqlite(folder.options()));
  CHECK(raw(folder)->integer("SELECT count(*) FROM pragma_foreign_key_check").value() == 0);
  const Contents kept = contents_of(*raw(folder), tables);
  for (const auto& [table, rows] : contents) {
    INFO(table);
    CHECK((kept.at(table) == rows));
  }
  CHECK((exported(folder) == before));
  const auto registry = folder.open()->registry().load_registry().value();
  CHECK((imported_anew(*registry, world.options) == before));
  // And its change history goes on where it was.
  const ImportPlan more = world.plan({OrderWorld::sites("par-2,,FR,\n")}, registry);
  REQUIRE(more.ok());
  const auto store = folder.open();
  const auto changes = store->registry().changes({})->rows.size();
  REQUIRE(store->registry().save_import(more, {"ada", at(1)}));
  CHECK(store->registry().changes({})->rows.size() == changes + 1);
}

TEST_CASE("schema 12: of the oldest database, too, everything is exported, and imported anew it is the same",
          "[storage]") {
  const Folder folder;
  write_schema5(folder.options().path);
  std::vector<std::string> names;  // of everything that it had in its registry
  {
    const auto db = raw(folder);
    auto rows = db->query(
        "SELECT name FROM makers UNION ALL SELECT licence FROM licences UNION ALL SELECT name FROM anchors "
        "UNION ALL SELECT serial FROM chips UNION ALL SELECT address FROM anchors");
    while (rows.next()) names.push_back(rows.text(0));
    REQUIRE_FALSE(rows.failed());
  }
  REQUIRE(names.size() == 1 + 2 + 5 + 4 + 5);
  REQUIRE(migrate_sqlite(folder.options()));
  const auto registry = folder.open()->registry().load_registry().value();
  const auto first = exported(*registry);
  std::string text;
  for (const auto& [kind, rows] : first)
    for (const std::string& row : rows) text += row;
  for (const std::string& name : names) CHECK_THAT(text, Catch::Contains("\"" + name + "\""));
  CHECK(first.at(ImportKind::kProhibitedTerritories).size() == 4);
  ImportOptions options;
  options.now = {std::chrono::seconds{1'796'051'900}};  // when the lab ran: its certificates last a month
  CHECK((imported_anew(*registry, options) == first));
}

}  // namespace chiploc::test
