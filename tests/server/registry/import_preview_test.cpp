#include "server/registry/import_preview.hpp"

#include <algorithm>

#include "geo/area/area.hpp"
#include "geo/area/area_land.hpp"
#include "proto/base/joined.hpp"
#include "server/registry/import_changes.hpp"
#include "tests/server/registry/world.hpp"

namespace chiploc::test::import_preview_test {
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
  // Every change is listed, and what is new as far as asked.
  const ImportChanges two = changes_of(*first.registry, second, {.added = 0});
  CHECK(two.shown.size() == 2);
  CHECK(two.total == 3);
  CHECK(two.changed_left_out == 0);
  CHECK_FALSE(two.shown[1].added);
  const ImportChanges one = changes_of(*first.registry, second, {.added = 0, .bytes = 150});
  CHECK(one.shown.size() == 1);
  CHECK(one.changed_left_out == 1);
}

TEST_CASE("import changes: all of them are listed, and long values in full", "[registry]") {
  const World world;
  const auto rows = [](const char* to) {
    std::string out;
    for (int i = 0; i < 150; ++i) out += "L-" + std::to_string(i) + ",H,DE,2026-01-01," + to + "\n";
    return out;
  };
  std::string places;
  for (int i = 0; i < 60; ++i) places += " site-" + std::to_string(i);
  std::string sites;
  for (int i = 0; i < 61; ++i) sites += "site-" + std::to_string(i) + ",DE FR,\n";
  const auto first = world.plan({territories(sites), world.licences(rows("2026-11-30") + "L-long,H,DE" +
                                                                    places + ",2026-01-01,2026-12-31\n")});
  INFO(shown_faults(first));
  REQUIRE(first.ok());
  const auto second = world.plan(
      {world.licences(rows("2026-12-31") + "L-long,H,DE" + places + " site-60,2026-01-01,2026-12-31\n")},
      first.registry);
  REQUIRE(second.ok());
  const ImportChanges changes = changes_of(*first.registry, second);
  CHECK(changes.shown.size() == 151);
  CHECK(changes.total == 151);
  CHECK(changes.changed_left_out == 0);
  const auto& field = changes.shown.back().fields.at(0);
  CHECK(field.before != field.after);  // they differ behind their 200th byte
}

TEST_CASE("import changes: the size of a small area is not nothing", "[registry]") {
  const World world;
  const auto plan = world.plan({territories(area_row("hall", box(151.209, -33.868, 151.21, -33.867)))});
  REQUIRE(plan.ok());
  const auto lines = texts(changes_of(Registry{}, plan));
  CHECK_THAT(lines.at(0), Catch::Contains("-> 0.0103 km2, sha256"));
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
  const ImportPreview preview = preview_of(plan, Borders::world(), kNow);
  REQUIRE(preview.areas.shown.size() == 3);
  const auto& campus = preview.areas.shown[0];
  CHECK(campus.territory == "campus");
  CHECK(campus.km2 == Approx(28.65 * 22.24).epsilon(0.01));
  CHECK(joined(campus.countries, " ") == "DE");
  CHECK(campus.centre.lat == Approx(50.1));
  CHECK(campus.centre.lon == Approx(8.7));
  CHECK(campus.box.south == 50.0);
  CHECK(campus.box.east == 8.9);
  CHECK(joined(preview.areas.shown[1].countries, " ") == "DE FR");
  const auto& fiji = preview.areas.shown[2];
  CHECK(joined(fiji.countries, " ") == "FJ");
  CHECK(fiji.centre.lon == Approx(179.0));
  CHECK(fiji.box.west == 177.0);
  CHECK(fiji.box.east == -179.0);
  CHECK(preview.warnings.total == 0);
  CHECK(preview_of(plan, Borders::world(), kNow, {.listed = 1}).areas.shown.size() == 1);
  CHECK(preview_of(plan, Borders::world(), kNow, {.listed = 1}).areas.total == 3);
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
  const ImportPreview preview = preview_of(plan, Borders::world(), kNow);
  REQUIRE(preview.licences.shown.size() == 3);
  CHECK(preview.licences.shown[0].licence == "L-2");
  CHECK(joined(preview.licences.shown[0].exempts, " ") == "RU");
  CHECK(preview.licences.shown[0].within.empty());
  CHECK(joined(preview.licences.shown[1].exempts, " ") == "CN");
  CHECK(preview.licences.shown[2].licence == "L-4");
  CHECK(preview.licences.shown[2].exempts.empty());
  CHECK(joined(preview.licences.shown[2].within, " ") == "CN");
  // A new prohibited list asks of the licences that are registered already.
  const auto next = world.plan({prohibited("DE\n")}, plan.registry);
  REQUIRE(next.ok());
  const ImportPreview again = preview_of(next, Borders::world(), kNow);
  CHECK(again.licences.total == 4);
  CHECK(joined(again.licences.shown[0].exempts, " ") == "DE");
}

TEST_CASE("import preview: a licence that is not in force exempts nothing, and says so", "[registry]") {
  const World world;
  const auto plan =
      world.plan({prohibited("CN\n"),
                  world.licences("L-OLD,H,CN,2020-01-01,2021-12-31\nL-NEXT,H,CN DE,2027-01-01,2027-12-31\n"
                                 "L-NOW,H,CN,2026-01-01,2026-09-21\nL-DE,H,DE,2020-01-01,2021-12-31\n")});
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  const ImportPreview preview = preview_of(plan, Borders::world(), kNow);
  REQUIRE(preview.licences.total == 3);
  const auto& next = preview.licences.shown[0];
  CHECK(next.exempts.empty());
  CHECK(next.standing == "not before 2027-01-01: exempts nothing until then (names CN)");
  CHECK(joined(preview.licences.shown[1].exempts, " ") == "CN");
  CHECK(preview.licences.shown[1].standing.empty());
  CHECK(preview.licences.shown[2].licence == "L-OLD");
  CHECK(preview.licences.shown[2].exempts.empty());
  CHECK(preview.licences.shown[2].standing == "ended 2021-12-31: exempts nothing (names CN)");
}

TEST_CASE("import preview: prohibited areas, in a licence's countries, named by it, under its areas",
          "[registry]") {
  const World world;
  const std::string dates = ",2026-01-01,2026-12-31\n";
  const auto plan = world.plan(
      {territories(
           area_row("sydney", box(150.9, -34.1, 151.4, -33.6)) +
           area_row("harbour", box(151.2, -33.9, 151.3, -33.8)) +
           area_row("perth", box(115.7, -32.1, 116.0, -31.8)) + "oceania,AU NZ,\n" +
           area_row("fiji", box(177.0, -19.0, 180.0, -16.0)) +
           area_row("fiji-east", box(-179.9, -19.0, -179.0, -16.0)) +
           area_row("around",
                    "{\"type\":\"Polygon\",\"coordinates\":[[[150,-35],[152,-35],[152,-33],[150,-33],"
                    "[150,-35]],[[150.8,-34.2],[151.5,-34.2],[151.5,-33.5],[150.8,-33.5],[150.8,-34.2]]]}")),
       prohibited("sydney\nfiji\n"),
       world.licences("L-AU,H,AU" + dates + "L-NZ,H,NZ" + dates + "L-OC,H,oceania" + dates +
                      "L-SYD,H,AU sydney" + dates + "L-HARBOUR,H,harbour" + dates + "L-PERTH,H,perth" +
                      dates + "L-RING,H,around" + dates + "L-FJE,H,fiji-east" + dates +
                      "L-MORE,H,AU harbour" + dates)});
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  const ImportPreview preview = preview_of(plan, Borders::world(), kNow);
  std::string all;
  for (const LicenceUnderstood& licence : preview.licences.shown)
    all += licence.licence + ":" + joined(licence.exempts, " ") + "|" + joined(licence.within, " ") + "|" +
           joined(licence.prohibited_inside, " ") + "\n";
  CHECK(all == "L-AU:||sydney\nL-HARBOUR:|sydney|\nL-MORE:|sydney|sydney\nL-OC:||sydney\nL-SYD:sydney||\n");
  CHECK(preview.licences.unchecked == 0);
  CHECK(preview_of(plan, Borders::world(), kNow, {.drawings = 1}).licences.unchecked > 0);
}

TEST_CASE("import preview: every place is looked at, however many are listed", "[registry]") {
  const World world;
  std::string areas;
  std::string anchors;
  for (int i = 0; i < 120; ++i) {
    areas += area_row("site-" + std::to_string(i), box(8.5, 50.0, 8.9, 50.2));
    anchors += anchor_at("a-" + std::to_string(i), static_cast<std::uint8_t>(i + 1), "50.1,8.7");
  }
  areas += area_row("zero", box(-0.1, -0.1, 0.1, 0.1)) + area_row("turned", box(48.8, 2.2, 48.9, 2.4));
  anchors += anchor_at("null", 121, "0,0") + anchor_at("swapped", 122, "2.35,48.85");
  const auto plan = world.plan({territories(areas), World::anchors(anchors)});
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  const ImportPreview preview = preview_of(plan, Borders::world(), kNow);
  CHECK(preview.areas.shown.size() == 100);
  CHECK(preview.areas.total == 122);
  CHECK(preview.areas.unchecked == 0);
  CHECK(preview.anchors.total == 122);
  std::string warned;
  for (const ImportWarning& warning : preview.warnings.shown) warned += warning.key + " ";
  CHECK(warned == "zero turned null swapped ");
  std::string wide = areas;
  for (int i = 0; i < 3; ++i) wide += area_row("wide-" + std::to_string(i), box(6, 45, 15, 55));
  const auto more = world.plan({territories(wide)});
  REQUIRE(more.ok());
  const ImportPreview few = preview_of(more, Borders::world(), kNow, {.listed = 10, .drawings = 11});
  CHECK(few.areas.total == 125);
  CHECK(few.areas.unchecked == 2);
  CHECK(few.warnings.total == 2);
}

TEST_CASE("import preview: places of the Americas with their numbers swapped lie in Antarctica",
          "[registry]") {
  const World world;
  std::string anchors;
  std::string areas;
  std::uint8_t seed = 0;
  for (const auto& [name, lat, lon] : {std::tuple{"new-york", 40.71, -74.01},
                                       {"toronto", 43.65, -79.38},
                                       {"chicago", 41.88, -87.63},
                                       {"lima", -12.05, -77.04},
                                       {"miami", 25.76, -80.19}}) {
    anchors += anchor_at(name, ++seed, std::to_string(lon) + "," + std::to_string(lat));
    areas += area_row(std::string{name} + "-area", box(lat - 0.05, lon - 0.05, lat + 0.05, lon + 0.05));
  }
  anchors += anchor_at("mcmurdo", 11, "-77.85,166.67") + anchor_at("peninsula", 12, "-64.77,-64.05");
  const auto plan = world.plan({World::anchors(anchors), territories(areas)});
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  const ImportPreview preview = preview_of(plan, Borders::world(), kNow);
  std::string all;
  for (const ImportWarning& warning : preview.warnings.shown) all += warning.key + " " + warning.text + "\n";
  INFO(all);
  CHECK(preview.warnings.total == 10);
  CHECK_THAT(all, Catch::Contains("new-york stands in Antarctica (AQ); with latitude and "
                                  "longitude swapped it would be in US"));
  CHECK_THAT(all, Catch::Contains(
                      "lima-area lies in Antarctica (AQ); with the two numbers swapped it would be in PE"));
  CHECK_THAT(all, !Catch::Contains("mcmurdo") && !Catch::Contains("peninsula"));
}

TEST_CASE("import preview: a place on land both ways is held against its licences and its operator",
          "[registry]") {
  const World world;
  const std::string dates = ",2026-01-01,2026-12-31\n";
  const std::string turned = area_row("frankfurt", box(50.0, 8.6, 50.2, 8.8));  // in Somalia as it stands
  const auto warnings = [&](const std::vector<ImportFile>& files, const Registry::Snapshot& base = nullptr) {
    const auto plan = world.plan(files, base);
    INFO(shown_faults(plan));
    REQUIRE(plan.ok());
    std::string all;
    const ImportPreview preview = preview_of(plan, Borders::world(), kNow);
    for (const ImportWarning& warning : preview.warnings.shown)
      all += warning.key + " " + warning.text + "\n";
    return all;
  };
  CHECK(warnings({territories(turned)}).empty());
  CHECK(warnings({territories(turned), world.licences("L,H,SO frankfurt" + dates)}).empty());
  CHECK(warnings({territories(turned), world.licences("L,H,FR frankfurt" + dates)}).empty());
  CHECK_THAT(warnings({territories(turned), world.licences("L,H,DE frankfurt" + dates)}),
             Catch::Contains("frankfurt meets SO, which no licence has that names it; with the two "
                             "numbers swapped it would be in DE"));
  CHECK_THAT(
      warnings({territories(turned + "dach,DE AT CH,\n"), world.licences("L,H,dach frankfurt" + dates)}),
      Catch::Contains("frankfurt meets SO"));
  CHECK_THAT(warnings({territories(turned + area_row("berlin", box(13.3, 52.4, 13.5, 52.6))),
                       world.licences("L,H,frankfurt berlin" + dates)}),
             Catch::Contains("frankfurt meets SO"));
  const auto registered = world.plan({territories(turned)});
  CHECK_THAT(warnings({world.licences("L,H,DE frankfurt" + dates)}, registered.registry),
             Catch::Contains("frankfurt meets SO"));

  const std::string berlin = anchor_at("berlin", 1, "52.5,13.4");
  const std::string swapped = anchor_at("fra", 2, "8.68,50.12");
  CHECK(warnings({World::anchors(swapped)}).empty());
  const std::string beside = warnings({World::anchors(berlin + swapped)});
  CHECK_THAT(beside, Catch::StartsWith(
                         "fra stands in SO, where no other anchor of its operator does; with latitude and "
                         "longitude swapped it would be in DE, where others do"));
  const auto known = world.plan({World::anchors(berlin)});
  CHECK_THAT(warnings({World::anchors(swapped)}, known.registry), Catch::Contains("fra stands in SO"));
  CHECK(warnings({World::anchors(berlin + anchor_at("mog", 3, "8.69,50.13") + swapped)}).empty());
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
  const ImportPreview preview = preview_of(plan, Borders::world(), kNow);
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
}  // namespace chiploc::test::import_preview_test
