#include "server/registry/import_preview.hpp"

#include <algorithm>

#include "geo/area.hpp"
#include "geo/area_land.hpp"
#include "server/registry/import_changes.hpp"
#include "tests/server/registry/world.hpp"

namespace chiploc::test {
namespace {

std::string box(double west, double south, double east, double north) {
  const auto at = [](double lon, double lat) {
    return "[" + std::to_string(lon) + "," + std::to_string(lat) + "]";
  };
  return R"({"type":"Polygon","coordinates":[[)" + at(west, south) + "," + at(east, south) + "," +
         at(east, north) + "," + at(west, north) + "," + at(west, south) + "]]}";
}
ImportFile territories(const std::string& rows) {
  return World::csv(ImportKind::kTerritories, "t.csv", "name,countries,geojson\n" + rows);
}
std::string area_row(const std::string& name, const std::string& drawing) {
  return name + ",," + csv_quoted(drawing) + "\n";
}
ImportFile prohibited(const std::string& rows) {
  return World::csv(ImportKind::kProhibitedTerritories, "p.csv", "country\n" + rows);
}
std::string anchor_at(const std::string& name, std::uint8_t seed, const std::string& lat_lon) {
  return name + "," + anchor_key_hex(seed) + "," + lat_lon + ",0.5,Net,AS1,192.0.2." + std::to_string(seed) +
         ":7000,no\n";
}
std::string joined(const std::vector<CountryCode>& codes) {
  std::string out;
  for (const CountryCode code : codes) out += (out.empty() ? "" : " ") + code.text();
  return out;
}
std::vector<std::string> texts(const ImportChanges& changes) {
  std::vector<std::string> out;
  for (const RecordChange& change : changes.shown) {
    for (const FieldChange& field : change.fields)
      out.push_back(change.key + (change.added ? "+ " : " ") + field.field + ": " + field.before + " -> " +
                    field.after);
  }
  return out;
}
bool has(const std::vector<std::string>& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

TEST_CASE("import changes: old and new values of each field that differs", "[registry]") {
  const World world;
  const auto first = world.plan(world.everything());
  REQUIRE(first.ok());
  const auto added = texts(changes_of(Registry{}, first));
  CHECK(has(added, "L-1+ countries:  -> DE FR"));
  CHECK(has(added, "fra1+ lat:  -> 50.1"));
  CHECK(has(added, " country:  -> KP"));
  CHECK(has(added, chip_id(1).hex() + "+ serial:  -> S-1"));

  std::string moved = World::anchor_row("fra1", 1, 7001);
  moved.replace(moved.find("50.1,"), 5, "49.9,");
  const auto second = world.plan(
      {world.licences("L-1,Holder GmbH,DE,2026-01-01,2026-06-30\nL-2,H,FR,2026-01-01,2026-12-31\n"),
       World::anchors(moved), prohibited("KP\nSY\n"), World::chips(world.chip_row(1, "S-9"))},
      first.registry);
  INFO(shown_faults(second));
  REQUIRE(second.ok());
  const ImportChanges changes = changes_of(*first.registry, second);
  CHECK(changes.total == 5);
  const auto lines = texts(changes);
  CHECK(has(lines, "L-1 countries: DE FR -> DE"));
  CHECK(has(lines, "L-1 valid_to: 2026-12-31 -> 2026-06-30"));
  CHECK(has(lines, "fra1 lat: 50.1 -> 49.9"));
  CHECK(has(lines, " country: IR -> "));
  CHECK(has(lines, " country:  -> SY"));
  CHECK(has(lines, chip_id(1).hex() + " serial: S-1 -> S-9"));
  CHECK_FALSE(has(lines, "L-1 holder: Holder GmbH -> Holder GmbH"));
  CHECK(changes.shown.back().key == "L-2");  // what is new comes last
  CHECK(changes.shown.back().added);
}

TEST_CASE("import changes: a drawing stands by its size and digest, and long lists are cut", "[registry]") {
  const World world;
  const auto first =
      world.plan({territories(area_row("campus", box(8.5, 50.0, 8.9, 50.2)) + "union,DE FR,\n")});
  REQUIRE(first.ok());
  const auto second = world.plan({territories(area_row("campus", box(8.5, 50.0, 8.9, 50.3)) + "union,DE,\n" +
                                              area_row("new", box(0, 1, 2, 3)))},
                                 first.registry);
  REQUIRE(second.ok());
  const ImportChanges changes = changes_of(*first.registry, second);
  REQUIRE(changes.shown.size() == 3);
  CHECK_THAT(changes.shown[0].fields.at(0).before, Catch::Contains("km2, sha256 "));
  CHECK(changes.shown[0].fields.at(0).before != changes.shown[0].fields.at(0).after);
  const ImportChanges two = changes_of(*first.registry, second, 2);
  CHECK(two.shown.size() == 2);
  CHECK(two.total == 3);
  CHECK_FALSE(two.shown[1].added);
}

TEST_CASE("import preview: an area's size, countries, centre and box", "[registry]") {
  const World world;
  const auto plan = world.plan({territories(
      area_row("campus", box(8.5, 50.0, 8.9, 50.2)) + area_row("rhine", box(7.0, 48.0, 8.2, 49.2)) +
      area_row(
          "fiji",
          R"({"type":"MultiPolygon","coordinates":[[[[177,-19],[180,-19],[180,-16],[177,-16],[177,-19]]],)"
          "[[[-180,-19],[-179,-19],[-179,-16],[-180,-16],[-180,-19]]]]}") +
      "union,DE FR,\n")});
  REQUIRE(plan.ok());
  const ImportPreview preview = preview_of(plan, Borders::world());
  REQUIRE(preview.areas.shown.size() == 3);
  const auto& campus = preview.areas.shown[0];
  CHECK(campus.territory == "campus");
  CHECK(campus.km2 == Approx(28.65 * 22.24).epsilon(0.01));
  CHECK(joined(campus.countries) == "DE");
  CHECK(campus.centre.lat == Approx(50.1));
  CHECK(campus.centre.lon == Approx(8.7));
  CHECK(campus.box.south == 50.0);
  CHECK(campus.box.east == 8.9);
  CHECK(joined(preview.areas.shown[1].countries) == "DE FR");
  const auto& fiji = preview.areas.shown[2];
  CHECK(joined(fiji.countries) == "FJ");
  CHECK(fiji.centre.lon == Approx(179.0));
  CHECK(fiji.box.west == 177.0);
  CHECK(fiji.box.east == -179.0);
  CHECK(preview.warnings.total == 0);
  CHECK(preview_of(plan, Borders::world(), 1).areas.shown.size() == 1);
  CHECK(preview_of(plan, Borders::world(), 1).areas.total == 3);
}

TEST_CASE("import preview: what a licence permits that is prohibited", "[registry]") {
  const World world;
  const std::string dates = ",2026-01-01,2026-12-31\n";
  const auto plan =
      world.plan({territories(area_row("shenzhen", box(113.8, 22.6, 114.1, 22.8)) +
                              area_row("hall", box(8.5, 50.0, 8.9, 50.2)) + "far-east,CN JP,\n"),
                  prohibited("CN\nRU\n"),
                  world.licences("L-1,H,DE" + dates + "L-2,H,DE RU" + dates + "L-3,H,far-east" + dates +
                                 "L-4,H,shenzhen hall" + dates + "L-5,H,hall" + dates)});
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  const ImportPreview preview = preview_of(plan, Borders::world());
  REQUIRE(preview.licences.shown.size() == 3);
  CHECK(preview.licences.shown[0].licence == "L-2");
  CHECK(joined(preview.licences.shown[0].exempts) == "RU");
  CHECK(preview.licences.shown[0].within.empty());
  CHECK(joined(preview.licences.shown[1].exempts) == "CN");
  CHECK(preview.licences.shown[2].licence == "L-4");
  CHECK(preview.licences.shown[2].exempts.empty());
  CHECK(joined(preview.licences.shown[2].within) == "CN");
  // A new prohibited list asks of the licences that are registered already.
  const auto next = world.plan({prohibited("DE\n")}, plan.registry);
  REQUIRE(next.ok());
  const ImportPreview again = preview_of(next, Borders::world());
  CHECK(again.licences.total == 4);
  CHECK(joined(again.licences.shown[0].exempts) == "DE");
}

TEST_CASE("import preview: warnings for places at sea, at 0, 0 and with their numbers swapped",
          "[registry]") {
  const World world;
  const auto plan =
      world.plan({World::anchors(anchor_at("good", 1, "50.1,8.7") + anchor_at("null", 2, "0,0") +
                                 anchor_at("sea", 3, "-40,-120") + anchor_at("swapped", 4, "2.35,48.85") +
                                 anchor_at("pier", 5, "53.55,8.52") + anchor_at("tokyo", 6, "35.68,139.7")),
                  territories(area_row("zero", box(-0.1, -0.1, 0.1, 0.1)) +
                              area_row("water", box(-121, -41, -120, -40)) +
                              area_row("turned", box(48.8, 2.2, 48.9, 2.4)))});
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  const ImportPreview preview = preview_of(plan, Borders::world());
  std::vector<std::string> warned;
  std::string all;
  for (const ImportWarning& warning : preview.warnings.shown) {
    warned.push_back(warning.key);
    all += warning.key + " " + warning.text + "\n";
  }
  INFO(all);
  CHECK(has(warned, "null"));
  CHECK(has(warned, "sea"));
  CHECK(has(warned, "zero"));
  CHECK(has(warned, "water"));
  CHECK_FALSE(has(warned, "good"));
  CHECK_FALSE(has(warned, "pier"));
  CHECK_FALSE(has(warned, "tokyo"));
  CHECK_THAT(all, Catch::Contains("null stands at latitude 0, longitude 0"));
  CHECK_THAT(all, Catch::Contains("sea stands at sea, no land within 5 km\n"));
  CHECK_THAT(all, Catch::Contains("turned meets no land; with the two numbers swapped it would be in FR"));
  CHECK_THAT(all, Catch::Contains("swapped stands at sea, no land within 5 km; with latitude and longitude"));
  REQUIRE(preview.anchors.total == 6);
  CHECK(preview.anchors.shown[0].country->text() == "DE");
  CHECK_FALSE(preview.anchors.shown[2].country.has_value());
}

}  // namespace
}  // namespace chiploc::test
