#include "server/reports/forms.hpp"

#include <nlohmann/json.hpp>

#include "tests/server/reports/report_maker.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using nlohmann::json;

const Report& act() {
  static const Report report = act_report(head_of(ReportKind::kAct, "elsewhere/O-17/campus#1"), act_facts());
  return report;
}

std::string csv_of(const std::vector<ReportedChip>& chips) {
  std::string out;
  REQUIRE(write_csv_form(act(), each_of(chips), [&](std::string_view bytes) { out += bytes; }));
  return out;
}
json geojson_of(const std::vector<ReportedChip>& chips) {
  std::string out;
  REQUIRE(write_geojson_form(act(), totals_of(chips), each_of(chips),
                             [&](std::string_view bytes) { out += bytes; }));
  return json::parse(out);
}

TEST_CASE("JSON form: canonical, and the same bytes for the same facts") {
  const auto chips = some_chips();
  const std::string text = json_form(act(), chips);
  CHECK(text == json_form(act(), chips));
  // Sorted keys without blanks: what a reader of JSON writes again is the same.
  CHECK(json::parse(text).dump() + "\n" == text);
  const json report = json::parse(text);
  CHECK(report["report"]["format"] == "chiploc.report/1");
  CHECK(report["report"]["as_of"] == "2026-09-21T14:13:20Z");
  CHECK(report["report"]["made"] == "2026-09-21T14:13:25Z");
  CHECK(report["report"]["registry_version"] == 7);
  REQUIRE(report["chips"].size() == 8);
  const json& chip = report["chips"][0];
  CHECK(chip["serial"] == "SN-1");
  CHECK(chip["location"] == "in DE; inside its licensed territory");
  CHECK(chip["location_countries"] == json::array({"DE"}));
  CHECK(chip["location_verdict"] == verdict_id(1).hex());
  CHECK(chip["newest_state"] == "VERIFIED");
  CHECK(chip["compliance"] == "proved");
  // What is not known is there, and is null.
  const json& none = report["chips"][6];
  CHECK(none.size() == chip.size());
  CHECK(none["status"].is_null());
  CHECK(none["newest_verdict"].is_null());
  CHECK(none["compliance"] == "not proved");
  CHECK(report["totals"]["never_measured"] == 2);
}

TEST_CASE("JSON form: a state of an estimate, or a place finer than a country, has no key") {
  const json report = json::parse(json_form(act(), some_chips()));
  REQUIRE_FALSE(report["chips"][0].empty());
  for (const auto& [key, value] : report["chips"][0].items()) {
    for (const char* word :
         {"lat", "lon", "centre", "radius", "estimate", "posterior", "anchor", "rtt", "address"}) {
      if (key != "location" && key.rfind("location_", 0) != 0) CHECK(key.find(word) == std::string::npos);
    }
  }
}

TEST_CASE("CSV form: a row for each chip, every fact of it, and no formula") {
  auto chips = some_chips();
  chips[0].serial = "=HYPERLINK(1)";
  const std::string csv = csv_of(chips);
  CHECK(csv.find("chip_id,device_id,serial,maker,model,eccn,licence,order,delivery,site,end_user,status,") ==
        0);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 9);
  CHECK(csv.find(",'=HYPERLINK(1),") != std::string::npos);
  CHECK(csv.find(",\"Größe \"\"7\"\", Halle\",") != std::string::npos);
  CHECK(csv.find(",\"DE, FR\",") != std::string::npos);
  CHECK(csv_of({}).find('\n') == csv_of({}).size() - 1);
}

TEST_CASE("GeoJSON form: countries as boxes with their numbers, chips without a place of their own") {
  const json map = geojson_of(some_chips());
  CHECK(map["type"] == "FeatureCollection");
  CHECK(map["report"]["kind"] == "act");
  std::size_t countries = 0, chips = 0;
  for (const json& feature : map["features"]) {
    CHECK(feature["type"] == "Feature");
    if (feature["properties"]["role"] == "chip") {
      ++chips;
      CHECK(feature["geometry"].is_null());
      continue;
    }
    ++countries;
    const json& ring = feature["geometry"]["coordinates"][0];
    CHECK(ring.front() == ring.back());
    CHECK(ring.size() == 5);
  }
  CHECK(countries == 3);
  CHECK(chips == 8);
  const json& emirates = map["features"][0];
  CHECK(emirates["properties"]["country"] == "AE");
  CHECK(emirates["properties"]["chips"] == 2);
  CHECK(emirates["properties"]["contradicted_or_disputed"] == 2);
  const json& corner = emirates["geometry"]["coordinates"][0][0];
  CHECK(corner[0].get<double>() > 51.0);
  CHECK(corner[0].get<double>() < 52.0);
  CHECK(corner[1].get<double>() > 22.0);
  CHECK(corner[1].get<double>() < 23.0);
}

TEST_CASE("GeoJSON form: across the antimeridian in two, and of a code that is not drawn without a box") {
  const json map =
      geojson_of({chip_of(1, ChipState::kCompliant, verdict_of(1, ReportedState::kVerified, {"FJ"})),
                  chip_of(2, ChipState::kCompliant, verdict_of(2, ReportedState::kVerified, {"ZZ"}))});
  const json& fiji = map["features"][0]["geometry"];
  CHECK(fiji["type"] == "MultiPolygon");
  REQUIRE(fiji["coordinates"].size() == 2);
  CHECK(fiji["coordinates"][0][0][1][0] == 180.0);
  CHECK(fiji["coordinates"][1][0][0][0] == -180.0);
  CHECK(map["features"][1]["geometry"].is_null());
}

TEST_CASE("forms: chips that cannot be read are no report") {
  const EachChip broken = [](const auto&) { return false; };
  const auto nowhere = [](std::string_view) {};
  CHECK_FALSE(write_json_form(act(), {}, broken, nowhere));
  CHECK_FALSE(write_csv_form(act(), broken, nowhere));
  CHECK_FALSE(write_geojson_form(act(), {}, broken, nowhere));
  CHECK_FALSE(write_pdf_form(act(), {}, broken, {}, nowhere));
}

}  // namespace
}  // namespace chiploc
