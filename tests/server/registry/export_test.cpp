#include "server/registry/export.hpp"

#include "server/registry/import_columns.hpp"
#include "tests/server/registry/exported_files.hpp"
#include "tests/server/registry/order_world.hpp"

namespace chiploc::test::export_test {
namespace {

const std::string kDrawing =
    "{ \"type\": \"Polygon\",\n \"coordinates\": [[[8.61,50.07],[8.66,50.07],[8.660,50.11],[8.61,50.11],[8.61,50.07]]]}";

/// A registry with everything that could come back changed.
Registry::Snapshot odd_registry(const World& world) {
  auto files = world.everything();
  files.push_back(World::chips(world.chip_row(3, "'1E5", "'007") + world.chip_row(4, "'2026-01-02", "L-1")));
  files.push_back(
      world.licences("'007,\"M\xC3\xBCller, \"\"Sons\"\"\",campus pair DE,2026-01-01,2026-12-31\n"));
  files.push_back(World::json(ImportKind::kTerritories, "t.json",
                              R"([{"name": "pair", "countries": ["FR", "BE"], "geojson": ""},
                                  {"name": "campus", "countries": [], "geojson": )" +
                                  kDrawing + "}]"));
  files.push_back(World::revocations(world.list().pem()));
  const ImportPlan plan = world.plan(files);
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  return plan.registry;
}

TEST_CASE("export: read back it changes nothing, whatever the pages", "[registry][export]") {
  const World world;
  const auto registry = odd_registry(world);
  REQUIRE((*registry->find_chip("1E5"))->licence == "007");
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{2'000}, std::size_t{1} << 20}) {
    const ImportPlan plan = world.plan(files_of(*registry, bytes), registry);
    INFO(shown_faults(plan));
    REQUIRE(plan.ok());
    CHECK(plan.added == 0);
    CHECK(plan.changed == 0);
    // A maker, two licences, two anchors, two territories, four chips, a set of lists, two prohibited places.
    CHECK(plan.unchanged == 14);
    CHECK_FALSE(plan.prohibited_differs);
  }
}

TEST_CASE("export: a new registry made from it is the same", "[registry][export]") {
  const World world;
  const auto registry = odd_registry(world);
  const ImportPlan plan = world.plan(files_of(*registry, 5'000));
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  for (const ImportKind kind : kExported)
    CHECK(all_rows(*plan.registry, kind, 1 << 20) == all_rows(*registry, kind, 1 << 20));
  CHECK(plan.registry->territory("campus")->geojson == kDrawing);
  CHECK(plan.registry->territory("campus")->geojson_sha256 == registry->territory("campus")->geojson_sha256);
}

TEST_CASE("export: of an empty registry, and behind its end, there is nothing", "[registry][export]") {
  const Registry empty;
  for (const ImportKind kind : kExported) {
    CHECK(export_rows(empty, kind, "", 100).rows.empty());
    CHECK_FALSE(export_rows(empty, kind, "zzz", 100).next);
  }
  const World world;
  const auto registry = odd_registry(world);
  CHECK(export_rows(*registry, ImportKind::kLicences, "zzz", 100).rows.empty());
  CHECK(export_rows(*registry, ImportKind::kLicences, "007", 100'000).rows.size() == 1);
}

TEST_CASE("export: a registry with everything in it, exported and imported anew, is the same to the byte",
          "[registry][export]") {
  OrderWorld world;
  auto files = world.order_files();
  for (ImportFile& file : world.everything()) {
    if (file.kind == ImportKind::kAnchors || file.kind == ImportKind::kProhibitedTerritories)
      files.push_back(std::move(file));
  }
  files.push_back(World::revocations(world.list().pem()));
  files.push_back(World::json(ImportKind::kTerritories, "t.json",
                              R"([{"name": "campus", "countries": [], "geojson": )" + kDrawing + "}]"));
  files.push_back(OrderWorld::sites("'1E5,,campus,\"'=1+1\"\n007,Hosting SE,,\n"));
  files.push_back(OrderWorld::long_licences("'12E3,\"Q \"\"H\"\"\",campus,2026-01-01,2026-12-31,,\n"));
  files.push_back(OrderWorld::conditions("'2E2,'12E3,volume_cap,2026-12-31,0.1,,,\n"));
  files.push_back(OrderWorld::orders("'3E3,'12E3,Export Ltd,Shadow Inc,User AG,9,2026-02-01,Hosting SE\n"));
  files.push_back(
      OrderWorld::deliveries("'4E4,'3E3,'1E5,2026-03-01,2,\"it was late, and \"\"needed\"\"\"\n"));
  files.push_back(OrderWorld::delivered(world.delivered_row(7, "'4E4", "'12E3")));
  const ImportPlan plan = world.plan(files);
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  REQUIRE(plan.registry->chip(chip_id(7))->delivery == "4E4");
  REQUIRE(plan.registry->site("1E5")->address == "=1+1");
  for (const ImportKind kind : kExported) CHECK_FALSE(all_rows(*plan.registry, kind, 1).empty());
  const ImportPlan again = world.plan(files_of(*plan.registry, 3'000), plan.registry);
  INFO(shown_faults(again));
  REQUIRE(again.ok());
  CHECK(again.added == 0);
  CHECK(again.changed == 0);
  const ImportPlan anew = world.plan(files_of(*plan.registry, 3'000));
  INFO(shown_faults(anew));
  REQUIRE(anew.ok());
  for (const ImportKind kind : kExported)
    CHECK(all_rows(*anew.registry, kind, 1 << 20) == all_rows(*plan.registry, kind, 1 << 20));
  CHECK(anew.registry->order_chips("3E3") == plan.registry->order_chips("3E3"));
}

TEST_CASE("export: every column of every kind is written", "[registry][export]") {
  const OrderWorld world;
  const auto registry = world.ordered();
  for (const ImportKind kind : kExported) {
    for (const std::string& row : all_rows(*registry, kind, 1 << 20)) {
      for (const std::string_view column : columns_of(kind).all)
        CHECK_THAT(row, Catch::Contains("\"" + std::string{column} + "\":"));
    }
  }
}

}  // namespace
}  // namespace chiploc::test::export_test
