#include <sqlite3.h>

#include "geo/area/area.hpp"
#include "geo/region.hpp"
#include "tests/server/registry/world.hpp"
#include "tests/server/storage/fixture.hpp"

namespace chiploc::test {
namespace {

void check_same(const Registry& a, const Registry& b) {
  CHECK(a.version() == b.version());
  CHECK(a.prohibited() == b.prohibited());
  REQUIRE(a.makers().size() == b.makers().size());
  for (const auto& [name, maker] : a.makers()) CHECK(*maker == *b.maker(name));
  REQUIRE(a.revocations().size() == b.revocations().size());
  for (const auto& [name, lists] : a.revocations()) CHECK(*lists == *b.revocations(name));
  REQUIRE(a.licences().size() == b.licences().size());
  for (const auto& [name, licence] : a.licences()) CHECK(*licence == *b.licence(name));
  REQUIRE(a.territories().size() == b.territories().size());
  for (const auto& [name, territory] : a.territories()) {
    CHECK(*territory == *b.territory(name));
    CHECK(territory->geojson_sha256 == b.territory(name)->geojson_sha256);
    CHECK((territory->area == nullptr) == (b.territory(name)->area == nullptr));
  }
  REQUIRE(a.anchors().size() == b.anchors().size());
  for (const auto& [name, anchor] : a.anchors()) CHECK(*anchor == *b.anchor(name));
  REQUIRE(a.chips().size() == b.chips().size());
  for (const auto& [chip, record] : a.chips()) CHECK(*record == *b.chip(chip));
}

}  // namespace

TEST_CASE("store: a new one holds an empty registry of version 0", "[storage]") {
  const Folder folder;
  const auto registry = folder.open()->registry().load_registry();
  REQUIRE(registry);
  CHECK((*registry)->version() == 0);
  CHECK((*registry)->chips().empty());
}

TEST_CASE("store: an import comes back as it was planned, with its journal", "[storage]") {
  const Folder folder;
  const World world;
  const auto plan = world.plan(world.everything());
  REQUIRE(plan.ok());
  {
    const auto store = folder.open();
    REQUIRE(store->registry().save_import(plan, {"ada", at(5)}));
  }
  const auto store = folder.open();
  const auto loaded = store->registry().load_registry();
  REQUIRE(loaded);
  check_same(*plan.registry, **loaded);
  const auto journal = store->registry().imports(10);
  REQUIRE(journal);
  REQUIRE(journal->size() == 1);
  const ImportJournalEntry& entry = journal->front();
  CHECK(entry.version == 1);
  CHECK(entry.stamp.by == "ada");
  CHECK(entry.stamp.at == at(5));
  CHECK(entry.added == plan.added);
  REQUIRE(entry.files.size() == 5);
  CHECK(entry.files[0].name == "chips.csv");
  CHECK(entry.files[0].sha256 == plan.files[0].sha256);
  CHECK(entry.files[0].rows == 2);
}

TEST_CASE("store: named territories come back, and what names them", "[storage]") {
  const Folder folder;
  const World world;
  const std::string box =
      R"({"type":"Polygon","coordinates":[[[8.5,50.0],[8.9,50.0],[8.9,50.2],[8.5,50.0]]]})";
  const auto plan =
      world.plan({World::csv(ImportKind::kTerritories, "t.csv",
                             "name,countries,geojson\nunion,DE FR,\ncampus,," + csv_quoted(box) + "\n"),
                  World::csv(ImportKind::kProhibitedTerritories, "p.csv", "country\nunion\nKP\n"),
                  world.licences("L-1,H,IT campus,2026-01-01,2026-12-31\n")});
  REQUIRE(plan.ok());
  const auto store = folder.open();
  REQUIRE(store->registry().save_import(plan, {"ada", at(0)}));
  const auto loaded = store->registry().load_registry();
  REQUIRE(loaded);
  check_same(*plan.registry, **loaded);
  CHECK(to_text((*loaded)->prohibited()) == "KP union");
  CHECK(to_text((*loaded)->licence("L-1")->places) == "IT campus");

  // Taken out by other hands: a prohibition must not be lifted by it, nor a licence be one for nowhere.
  const std::string lost = GENERATE("union", "campus");
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(folder.options().path.c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, ("DELETE FROM territories WHERE name = '" + lost + "'").c_str(), nullptr,
                       nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(other);
  CHECK(store->registry().load_registry().error().code == StoreFaultCode::kCorrupt);
}

TEST_CASE("store: a drawing that an earlier version took and this one refuses is kept, and proves nothing",
          "[storage]") {
  const Folder folder;
  const World world;
  const std::string box =
      R"({"type":"Polygon","coordinates":[[[8.5,50.0],[8.9,50.0],[8.9,50.2],[8.5,50.0]]]})";
  const std::string tie =
      R"({"type":"Polygon","coordinates":[[[8.5,50.0],[8.9,50.2],[8.9,50.0],[8.5,50.2],[8.5,50.0]]]})";
  const auto plan = world.plan({World::csv(ImportKind::kTerritories, "t.csv",
                                           "name,countries,geojson\ncampus,," + csv_quoted(box) + "\n"),
                                world.licences("L-1,H,campus,2026-01-01,2026-12-31\n")});
  REQUIRE(plan.ok());
  const auto store = folder.open();
  REQUIRE(store->registry().save_import(plan, {"ada", at(0)}));
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(folder.options().path.c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, ("UPDATE territories SET geojson = '" + tie + "'").c_str(), nullptr, nullptr,
                       nullptr) == SQLITE_OK);
  sqlite3_close(other);
  const auto loaded = store->registry().load_registry();
  REQUIRE(loaded);
  const TerritoryRecord* campus = (*loaded)->territory("campus");
  REQUIRE(campus != nullptr);
  CHECK(campus->geojson == tie);
  CHECK_THAT(campus->unreadable, Catch::Contains("crosses itself"));
  const Region anywhere =
      Region::from_bounds(std::vector<AnchorBound>{{LatLon::from_degrees({.lat = 50.1, .lon = 8.7}).value(),
                                                    Kilometers{0.0}, Kilometers{5.0}, 1}},
                          0);
  CHECK(campus->area->meets(anywhere));
  CHECK_FALSE(campus->area->holds(anywhere));
  CHECK(world
            .plan({World::csv(ImportKind::kTerritories, "t.csv",
                              "name,countries,geojson\ncampus,," + csv_quoted(box) + "\n")},
                  *loaded)
            .changed == 1);
}

TEST_CASE("store: a second import changes records in place and replaces the prohibited list", "[storage]") {
  const Folder folder;
  const World world;
  const auto store = folder.open();
  const auto first = world.plan(world.everything());
  REQUIRE(store->registry().save_import(first, {"ada", at(0)}));
  const auto second =
      world.plan({world.makers(),
                  world.licences("L-1,New Holder,IT,2026-01-01,2027-12-31\nL-2,H,DE,2026-01-01,2026-12-31\n"),
                  World::chips(world.chip_row(1, "S-9", "L-2")),
                  World::csv(ImportKind::kProhibitedTerritories, "p.csv", "country\nSY\n")},
                 first.registry);
  REQUIRE(second.ok());
  REQUIRE(store->registry().save_import(second, {"bob", at(1)}));
  const auto loaded = store->registry().load_registry();
  REQUIRE(loaded);
  check_same(*second.registry, **loaded);
  CHECK(store->registry().imports(1)->front().stamp.by == "bob");
}

TEST_CASE("store: a maker's revocation lists come back, and a newer set takes the old one's place",
          "[storage]") {
  const Folder folder;
  const World world;
  const auto plant = make_authority("Acme Plant CA");
  const std::string of_plant = std::move(plant.revoke({}, kNow - std::chrono::hours{1}, 7)).value().pem();
  const auto first =
      world.plan({World::csv(ImportKind::kMakers, "makers.csv",
                             "name,ca_pem\nAcme," +
                                 csv_quoted(world.authority.certificate().pem() + plant.certificate().pem()) +
                                 "\nBolt," + csv_quoted(plant.certificate().pem()) + "\n"),
                  World::csv(ImportKind::kRevocations, "revocations.csv",
                             "maker,crl_pem\nBolt," + csv_quoted(of_plant) + "\nAcme," +
                                 csv_quoted(of_plant + world.list().pem()) + "\n")});
  INFO(shown_faults(first));
  REQUIRE(first.ok());
  REQUIRE(folder.open()->registry().save_import(first, {"ada", at(0)}));
  const auto store = folder.open();
  const auto loaded = store->registry().load_registry();
  REQUIRE(loaded);
  REQUIRE((*loaded)->revocations("Acme")->lists.size() == 2);
  check_same(*first.registry, **loaded);

  const std::string pem = device_pem(world.authority, chip_id(1));
  const auto second =
      world.plan({world.makers(), World::revocations(world.list({pem}, kNow).pem())}, *loaded);
  INFO(shown_faults(second));
  REQUIRE(second.ok());
  REQUIRE(store->registry().save_import(second, {"ada", at(1)}));
  REQUIRE((*store->registry().load_registry())->revocations("Acme")->lists.size() == 1);
  check_same(*second.registry, **store->registry().load_registry());
}

TEST_CASE("store: an import planned from an older registry is refused and changes nothing", "[storage]") {
  const Folder folder;
  const World world;
  const auto store = folder.open();
  const auto plan = world.plan(world.everything());
  const auto rival = world.plan({World::csv(ImportKind::kProhibitedTerritories, "p.csv", "country\nSY\n")});
  REQUIRE(store->registry().save_import(plan, {"ada", at(0)}));
  const auto late = store->registry().save_import(rival, {"bob", at(1)});
  REQUIRE_FALSE(late);
  CHECK(late.error().code == StoreFaultCode::kConflict);
  check_same(*plan.registry, **store->registry().load_registry());
  CHECK(store->registry().imports(10)->size() == 1);
}

TEST_CASE("store: a plan with faults is never saved", "[storage]") {
  const Folder folder;
  const World world;
  const auto store = folder.open();
  CHECK(store->registry().save_import(world.plan({world.licences("bad\n")}), {"ada", at(0)}).error().code ==
        StoreFaultCode::kInvalid);
}

TEST_CASE("store: an import that a full disk cuts leaves the registry before it", "[storage]") {
  const Folder folder;
  const World world;
  const auto first = world.plan(world.everything());
  REQUIRE(folder.open()->registry().save_import(first, {"ada", at(0)}));
  std::string rows;
  for (int i = 0; i < 3'000; ++i)
    rows += "X-" + std::to_string(i) + "," + std::string(150, 'h') + ",DE,2026-01-01,2026-12-31\n";
  const auto large = world.plan({world.licences(rows)}, first.registry);
  REQUIRE(large.ok());
  auto options = folder.options();
  options.page_count_max = static_cast<std::uint32_t>(std::filesystem::file_size(options.path) / 4096 + 10);
  auto store = open_sqlite_store(options);
  REQUIRE(store);
  CHECK((*store)->registry().save_import(large, {"ada", at(1)}).error().code == StoreFaultCode::kFull);
  check_same(*first.registry, **(*store)->registry().load_registry());
  store->reset();
  const auto again = folder.open();
  REQUIRE(again->registry().save_import(large, {"ada", at(1)}));
  check_same(*large.registry, **again->registry().load_registry());
}

}  // namespace chiploc::test
