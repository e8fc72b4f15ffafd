// The registry when the file was changed by other hands, or is full.
#include <sqlite3.h>

#include "geo/area/area.hpp"
#include "geo/region.hpp"
#include "tests/server/storage/fixture.hpp"
#include "tests/server/storage/registry_fixture.hpp"

namespace chiploc::test {

TEST_CASE("store: a territory taken out by other hands lifts no prohibition and makes no licence for nowhere",
          "[storage]") {
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
