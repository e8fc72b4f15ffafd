#include "geo/area/area.hpp"
#include "tests/server/registry/world.hpp"

namespace chiploc::test::import_territories_test {
namespace {

constexpr const char* kBox =
    R"({"type":"Polygon","coordinates":[[[8.5,50.0],[8.9,50.0],[8.9,50.2],[8.5,50.2],[8.5,50.0]]]})";

ImportFile territories(const std::string& rows) {
  return World::csv(ImportKind::kTerritories, "t.csv", "name,countries,geojson\n" + rows);
}
ImportFile prohibited(const std::string& rows) {
  return World::csv(ImportKind::kProhibitedTerritories, "p.csv", "country\n" + rows);
}
void check_only(const ImportPlan& plan, const std::string& file, std::uint32_t line, const std::string& field,
                const std::string& part) {
  INFO(shown_faults(plan));
  REQUIRE(plan.faults_total == 1);
  CHECK(plan.faults[0].file == file);
  CHECK(plan.faults[0].line == line);
  CHECK(plan.faults[0].field == field);
  CHECK_THAT(plan.faults[0].problem, Catch::Contains(part));
}

}  // namespace

TEST_CASE("import: groups and areas under a name, which licences and the prohibited list may give",
          "[registry]") {
  const World world;
  const auto plan = world.plan(
      {world.licences("L-1,H,DE fra-campus benelux,2026-01-01,2026-12-31\n"), prohibited("KP\nborder-zone\n"),
       World::json(ImportKind::kTerritories, "t.json",
                   std::string{R"([{"name": "benelux", "countries": ["BE", "NL", "LU"], "geojson": ""},)"} +
                       R"({"name": "fra-campus", "countries": [], "geojson": )" + kBox + "}]"),
       territories("border-zone,," + csv_quoted(kBox) + "\n")});
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  CHECK(plan.added == 6);
  const TerritoryRecord* group = plan.registry->territory("benelux");
  REQUIRE(group != nullptr);
  CHECK(group->countries.size() == 3);
  CHECK_FALSE(group->area);
  const TerritoryRecord* campus = plan.registry->territory("fra-campus");
  REQUIRE(campus != nullptr);
  CHECK(campus->geojson == kBox);
  REQUIRE(campus->area);
  CHECK(campus->area->contains(LatLon::from_degrees({50.1, 8.7}).value()));
  CHECK(campus->geojson_sha256 == plan.registry->territory("border-zone")->geojson_sha256);
  CHECK(to_text(plan.registry->licence("L-1")->places) == "DE benelux fra-campus");
  CHECK(to_text(plan.registry->prohibited()) == "KP border-zone");

  // The same again changes nothing; another drawing under the name changes it, and what names it stays.
  CHECK(world.plan({territories("border-zone,," + csv_quoted(kBox) + "\n")}, plan.registry).unchanged == 1);
  const auto next = world.plan({territories("border-zone,DE,\n")}, plan.registry);
  REQUIRE(next.ok());
  CHECK(next.changed == 1);
  CHECK(next.territories.size() == 1);
  CHECK_FALSE(next.registry->territory("border-zone")->area);
  CHECK(to_text(next.registry->prohibited()) == "KP border-zone");
}

TEST_CASE("import: what is wrong with a territory, and names that nothing has", "[registry]") {
  const World world;
  const auto only = [&](const std::string& rows, const std::string& field, const std::string& part) {
    check_only(world.plan({territories(rows)}), "t.csv", 2, field, part);
  };
  only("EU,DE FR,\n", "name", "three characters or more");
  only("a b c,DE FR,\n", "name", "");
  only("union,DE,x\n", "", "not both");
  only("union,,\n", "", "neither countries nor geojson");
  only("union,QQ,\n", "countries", "QQ");
  only("union,other-group,\n", "countries", "not a country code");  // no groups of groups
  only("site,," + csv_quoted(R"({"type":"Point","coordinates":[1,2]})") + "\n", "geojson", "Point");
  only("site,,{\n", "geojson", "not JSON");
  check_only(world.plan({territories("union,DE,\nunion,FR,\n")}), "t.csv", 3, "name", "already");

  const std::string dates = ",2026-01-01,2026-12-31\n";
  check_only(world.plan({world.licences("L-1,H,DE atlantis" + dates)}), "licences.csv", 2, "countries",
             "is neither");
  check_only(world.plan({prohibited("KP\natlantis\n")}), "p.csv", 3, "country", "is neither");
  check_only(world.plan({prohibited("KP IR\n")}), "p.csv", 2, "country", "a row of its own");
  // A territory with a fault of its own is one fault, not two.
  check_only(world.plan({territories("union,QQ,\n"), world.licences("L-1,H,union" + dates)}), "t.csv", 2,
             "countries", "QQ");
}

TEST_CASE("import: a drawing without a row around it is told the row, which then is taken", "[registry]") {
  const World world;
  const std::string feature = std::string{R"({"type":"Feature","properties":{},"geometry":)"} + kBox + "}";
  for (const std::string& drawing : {std::string{kBox}, "\xEF\xBB\xBF \r\n" + feature,
                                     R"({"type":"FeatureCollection","features":[)" + feature + "]}"}) {
    const auto bare = world.plan({World::json(ImportKind::kTerritories, "site.json", drawing)});
    INFO(shown_faults(bare));
    REQUIRE(bare.faults_total == 1);
    CHECK(bare.faults[0].line == 1);
    const std::string& told = bare.faults[0].problem;
    // The words themselves, put around it.
    const auto between = [&](const std::string& from, const std::string& to) {
      const std::size_t begin = told.find(from) + from.size();
      return told.substr(begin, told.find(to, begin) - begin);
    };
    const std::string wrapped = between("write ", " before it") + drawing.substr(drawing.find('{')) +
                                between("before it and ", " behind it");
    const auto plan = world.plan({World::json(ImportKind::kTerritories, "site.json", wrapped)});
    INFO(wrapped << shown_faults(plan));
    REQUIRE(plan.ok());
    CHECK(plan.registry->territory("my-site")->area->contains(LatLon::from_degrees({50.1, 8.7}).value()));
  }
  // Of other tables nothing is guessed.
  check_only(world.plan({World::json(ImportKind::kLicences, "l.json", "{}")}), "l.json", 1, "",
             "not an array of objects");
}

TEST_CASE("import: territories are bounded in number and in bytes", "[registry]") {
  World world;
  const std::string box = csv_quoted(kBox);
  world.options.limits.registry.territories = 1;
  check_only(world.plan({territories("one,DE,\ntwo,FR,\n")}), "t.csv", 0, "", "at most 1");
  world.options.limits = {};
  world.options.limits.registry.area_bytes = 150;
  CHECK(world.plan({territories("one,," + box + "\n")}).ok());
  check_only(world.plan({territories("one,," + box + "\ntwo,," + box + "\n")}), "t.csv", 0, "",
             "at most 150");
  world.options.limits = {};
  world.options.limits.area_bytes = 50;
  check_only(world.plan({territories("one,," + box + "\n")}), "t.csv", 2, "geojson", "at most 50");
}

}  // namespace chiploc::test::import_territories_test
