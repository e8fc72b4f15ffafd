#include "server/registry/export.hpp"

#include "tests/server/registry/world.hpp"

namespace chiploc::test {
namespace {

constexpr ImportKind kKinds[] = {
    ImportKind::kMakers,  ImportKind::kTerritories,           ImportKind::kLicences,
    ImportKind::kAnchors, ImportKind::kProhibitedTerritories, ImportKind::kRevocations,
    ImportKind::kChips};

std::vector<std::string> all_rows(const Registry& registry, ImportKind kind, std::size_t bytes) {
  std::vector<std::string> rows;
  std::string after;
  for (;;) {
    ExportPage page = export_rows(registry, kind, after, bytes);
    rows.insert(rows.end(), page.rows.begin(), page.rows.end());
    if (!page.next) return rows;
    REQUIRE_FALSE(page.rows.empty());
    after = *page.next;
  }
}

std::vector<ImportFile> files_of(const Registry& registry, std::size_t bytes) {
  std::vector<ImportFile> files;
  for (const ImportKind kind : kKinds) {
    std::string text;
    for (const std::string& row : all_rows(registry, kind, bytes)) text += (text.empty() ? "[" : ",\n") + row;
    files.push_back(World::json(kind, "exported.json", text.empty() ? "[]" : text + "]"));
  }
  return files;
}

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
  for (const ImportKind kind : kKinds)
    CHECK(all_rows(*plan.registry, kind, 1 << 20) == all_rows(*registry, kind, 1 << 20));
  CHECK(plan.registry->territory("campus")->geojson == kDrawing);
  CHECK(plan.registry->territory("campus")->geojson_sha256 == registry->territory("campus")->geojson_sha256);
}

TEST_CASE("export: of an empty registry, and behind its end, there is nothing", "[registry][export]") {
  const Registry empty;
  for (const ImportKind kind : kKinds) {
    CHECK(export_rows(empty, kind, "", 100).rows.empty());
    CHECK_FALSE(export_rows(empty, kind, "zzz", 100).next);
  }
  const World world;
  const auto registry = odd_registry(world);
  CHECK(export_rows(*registry, ImportKind::kLicences, "zzz", 100).rows.empty());
  CHECK(export_rows(*registry, ImportKind::kLicences, "007", 100'000).rows.size() == 1);
}

}  // namespace
}  // namespace chiploc::test
