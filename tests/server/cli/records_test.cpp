#include "server/text/records.hpp"

#include <algorithm>
#include <sstream>

#include "proto/base/safe_text.hpp"
#include "server/cli/evidence_folder.hpp"
#include "server/cli/import_text.hpp"
#include "server/cli/verdict_map.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/cli/watch.hpp"
#include "server/service/answer_json.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

TEST_CASE("verify: what is said of a deadline is in seconds of --deadline", "[cli]") {
  // As server/service/requests.cpp and status.cpp write them; tests/server/service has the same words.
  CHECK(
      in_terms_of_option(
          "deadline_ms: 4000 is shorter than chip 0123 needs to answer (it knocks, and its next knock may be "
          "long in coming); use 9800 or more, or 0 for the policy's") ==
      "--deadline 4 is shorter than chip 0123 needs to answer (it knocks, and its next knock may be long in "
      "coming); give --deadline 9.8 or more, or leave it out");
  CHECK(in_terms_of_option("deadline_ms: 999 is out of range; use 1000 to 600000, or 0 for the policy's") ==
        "--deadline 0.999 is out of range; give --deadline 1 to 600, or leave it out");
  CHECK(in_terms_of_option("deadline_ms is shorter than this chip needs to answer; "
                           "give more, or 0 for the policy's") ==
        "--deadline is shorter than this chip needs to answer; give more, or leave it out");
  CHECK(in_terms_of_option("chip 12 is unknown; use 34 to 56") == "chip 12 is unknown; use 34 to 56");
}

TEST_CASE("csv: fields are quoted as RFC 4180 says, and only then", "[cli]") {
  CHECK(csv_field("plain text") == "plain text");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("say \"x\"") == "\"say \"\"x\"\"\"");
  CHECK(csv_field("two\nlines") == "\"two\nlines\"");
  CHECK(csv_field("") == "");
  CHECK(csv_field(" blanks ") == "\" blanks \"");
  CHECK(csv_value(nullptr) == "");
  CHECK(csv_value(Json::array({"FR", "JP"})) == "FR;JP");
  CHECK(csv_value(12.5) == "12.5");
  CHECK(csv_value(true) == "true");
}

TEST_CASE("records: no stored name repaints a terminal, in whatever format it is shown", "[cli]") {
  const std::string name =
      "a\x1b[2J\n\x7f\xC2\x9B"
      "31m\xE2\x80\xAEz\xF3\xA0\x81\x81";
  for (const OutputFormat format :
       {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson, OutputFormat::kCsv}) {
    std::ostringstream out;
    RecordWriter writer{out, format, {{"name", "NAME", ""}}, false};
    writer.add({{name}}, {{"name", name}});
    writer.finish("nothing");
    std::string lines = out.str();
    lines.erase(std::remove(lines.begin(), lines.end(), '\n'), lines.end());
    CAPTURE(lines);
    CHECK(log_line(lines) == lines);
    // In JSON it is the same text all the same.
    if (format == OutputFormat::kNdjson) CHECK(Json::parse(out.str()).at("name") == name);
    if (format == OutputFormat::kJson) CHECK(Json::parse(out.str()).at(0).at("name") == name);
  }
}

TEST_CASE("records: one list comes out as table, json, ndjson and csv", "[cli]") {
  const auto written = [](OutputFormat format, int rows) {
    std::ostringstream out;
    RecordWriter writer{
        out, format, {{"name", "NAME", ""}, {"n", "N", "", true}, {"deep", "", "/more/deep"}}, false};
    if (rows > 0)
      writer.add({{"M\xC3\xBCller"}, {"5"}, {""}},
                 {{"name", "M\xC3\xBCller"}, {"n", 5}, {"more", {{"deep", "x,y"}}}});
    if (rows > 1) writer.add({{"Li"}, {"12"}, {""}}, {{"name", "Li"}, {"n", 12}});
    writer.finish("nothing");
    return out.str();
  };
  CHECK(written(OutputFormat::kTable, 2) == "NAME     N\nM\xC3\xBCller   5\nLi      12\n");
  CHECK(written(OutputFormat::kTable, 0) == "nothing\n");
  CHECK(written(OutputFormat::kCsv, 2) == "name,n,deep\nM\xC3\xBCller,5,\"x,y\"\nLi,12,\n");
  CHECK(written(OutputFormat::kCsv, 0) == "name,n,deep\n");
  CHECK(written(OutputFormat::kNdjson, 2) ==
        "{\"name\":\"M\xC3\xBCller\",\"n\":5,\"more\":{\"deep\":\"x,y\"}}\n{\"name\":\"Li\",\"n\":12}\n");
  CHECK(written(OutputFormat::kJson, 0) == "[]\n");
  CHECK(Json::parse(written(OutputFormat::kJson, 2)).size() == 2);
}

TEST_CASE("table: wide and combining characters keep columns in line", "[cli]") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("\xE6\x9D\xB1\xE4\xBA\xAC") == 4);  // two wide characters
  CHECK(display_width("e\xCC\x81") == 1);                 // e and a combining accent
  std::ostringstream out;
  write_table(out, {{"", "A", ""}, {"", "B", ""}}, {{{"\xE6\x9D\xB1"}, {"x"}}, {{"abc"}, {"y"}}}, false);
  CHECK(out.str() == "A    B\n\xE6\x9D\xB1   x\nabc  y\n");
}

TEST_CASE("printable: nothing from outside can steer a terminal", "[cli]") {
  CHECK(printable("a\x1b[31mb\r\n") == "a?[31mb??");
  CHECK(printable("\xC2\x9B"
                  "31m") == "?31m");            // C1: another way to begin an escape sequence
  CHECK(printable("x\xE2\x80\xAEy") == "x?y");  // right-to-left override
  CHECK(printable("M\xC3\xBCller \xF0\x9F\x98\x80") == "M\xC3\xBCller \xF0\x9F\x98\x80");
  CHECK(printable("\xFF\xC3") == "??");
  CHECK(printable_lines("a\nb\x07") == "a\nb?");
}

TEST_CASE("paint: colour only where it is wanted", "[cli]") {
  CHECK(paint("x", Colour::kRed, true) == "\x1b[31mx\x1b[0m");
  CHECK(paint("x", Colour::kRed, false) == "x");
  CHECK(paint("x", Colour::kNone, true) == "x");
}

TEST_CASE("texts: times, places and numbers", "[cli]") {
  CHECK(iso_time(0) == "1970-01-01T00:00:00.000Z");
  CHECK(iso_time(1'790'000'000'123'999'999) == "2026-09-21T14:13:20.123Z");
  CHECK(iso_time(-1) == "1969-12-31T23:59:59.999Z");
  CHECK(short_time(1'790'000'000'123'999'999) == "2026-09-21 14:13:20Z");
  CHECK(short_time(0) == "never");
  CHECK(number_text(1234567.891, 1) == "1,234,567.9");
  CHECK(number_text(-1234.5, 2) == "-1,234.50");
  CHECK(number_text(999, 0) == "999");
  v1::Position place;
  place.set_lat_deg(-33.8688);
  place.set_lon_deg(-70.5);
  CHECK(place_text(place) == "33.869 S 70.500 W");
}

v1::VerifyEvent progress_event(const char* anchor, const char* stage, unsigned sent, unsigned received) {
  v1::VerifyEvent event;
  event.mutable_progress()->set_anchor(anchor);
  event.mutable_progress()->set_stage(stage);
  event.mutable_progress()->set_pings_sent(sent);
  event.mutable_progress()->set_pongs_received(received);
  return event;
}

TEST_CASE("watch: a terminal gets a block that is redrawn, others plain lines", "[cli]") {
  v1::VerifyEvent started;
  started.mutable_started()->set_round_id(std::string(16, '\x01'));
  started.mutable_started()->add_anchors("fra1");
  started.mutable_started()->add_anchors("par1");
  const auto shown = [&](std::size_t rows) {
    std::ostringstream out;
    RoundWatch watch{out, rows, false};
    watch.on_event(started);
    watch.on_event(progress_event("par1", "pinging", 4, 3));
    return out.str();
  };
  const std::string head = "round 01010101010101010101010101010101: 2 anchors\n";
  CHECK(shown(0) == head + "par1: pinging, 3 of 4 pings answered, rtt min - ms\n");
  CHECK(shown(24) == head +
                         "ANCHOR  STAGE      PINGS  RTT MIN MS\n"
                         "fra1    preparing    0/0           -\n"
                         "par1    preparing    0/0           -\n"
                         "\x1b[3A\x1b[JANCHOR  STAGE      PINGS  RTT MIN MS\n"
                         "fra1    preparing    0/0           -\n"
                         "par1    pinging      3/4           -\n");
  CHECK(shown(4) == shown(0));  // a block that does not fit cannot be redrawn
}

v1::VerifyEvent hindered_event(const char* anchor, unsigned refusals, bool twice) {
  v1::VerifyEvent event = progress_event(anchor, "waiting", 0, 0);
  event.mutable_progress()->set_refusals(refusals);
  if (refusals > 0) event.mutable_progress()->set_refusal("unknown_coordinator");
  event.mutable_progress()->set_twice(twice);
  return event;
}

TEST_CASE("watch: what hinders an anchor stands beside its stage", "[cli]") {
  std::ostringstream out;
  RoundWatch watch{out, 0, false};
  watch.on_event(hindered_event("par1", 3, false));
  watch.on_event(hindered_event("fra1", 0, true));
  CHECK(out.str() ==
        "par1: waiting, refused 3 (unknown_coordinator), 0 of 0 pings answered, rtt min - ms\n"
        "fra1: waiting, runs twice, 0 of 0 pings answered, rtt min - ms\n");
}

TEST_CASE("watch: whoever does not watch hears what the round waits for, and of refusals at twice as many",
          "[cli]") {
  constexpr WallTime kNow{std::chrono::seconds{1'800'000'000}};
  std::ostringstream out;
  RoundWait wait{out};
  v1::VerifyEvent started;
  started.mutable_started()->set_round_id(std::string(16, '\x01'));
  wait.on_event(started, kNow);
  CHECK(out.str().empty());  // it is reached inbound
  started.mutable_started()->set_knock_wait_ms(180'000);
  started.mutable_started()->set_knock_note("no knock of it has come");
  wait.on_event(started, kNow);
  const std::string waits =
      "waits for the chip's knock until 2027-01-15 08:03:00Z at the latest (180 s): no knock of it has come\n";
  CHECK(out.str() == waits);
  out.str("");
  wait.on_event(progress_event("par1", "preparing", 0, 0), kNow);
  CHECK(out.str().empty());
  const auto refused = [](unsigned times) {
    return "the chip seems to refuse its tickets: " + std::to_string(times) +
           " (unknown_coordinator); anybody can send a refusal, so the round goes on until 2027-01-15 08:03:00Z, "
           "and its verdict says what to do\n";
  };
  wait.on_event(hindered_event("par1", 1, false), kNow);
  wait.on_event(hindered_event("fra1", 1, false), kNow);  // two by now
  wait.on_event(hindered_event("fra1", 2, false), kNow);
  wait.on_event(hindered_event("par1", 2, false), kNow);
  wait.on_event(hindered_event("par1", 2, false), kNow);
  CHECK(out.str() == refused(1) + refused(2) + refused(4));
  out.str("");
  wait.on_event(hindered_event("lon1", 0, true), kNow);
  wait.on_event(hindered_event("lon1", 0, true), kNow);
  CHECK(out.str() == "lon1 runs twice, and the round may fail by it; 'chiploc anchor list' says where\n");
}

v1::Verdict small_verdict() {
  v1::Verdict verdict;
  verdict.set_state(v1::UNRESOLVED);
  verdict.set_chip_id(std::string(16, '\x0c'));
  verdict.mutable_region_centre()->set_lat_deg(50);
  verdict.set_region_geojson(R"({"type":"MultiPolygon","coordinates":[]})");
  auto* anchor = verdict.add_anchors();
  anchor->set_anchor("fra1");
  anchor->set_anchor_id(std::string(16, '\x0a'));
  anchor->set_answered(true);
  anchor->set_bound_km(300);
  anchor->mutable_place()->set_lat_deg(50);
  anchor->mutable_place()->set_lon_deg(8);
  auto* silent = verdict.add_anchors();
  silent->set_anchor("syd1");
  silent->set_note("no answer");
  silent->mutable_place()->set_lat_deg(-33);
  return verdict;
}

v1::ImportResponse understood() {
  v1::ImportResponse response;
  response.set_changes_total(450);
  response.set_changes_left_out(12);
  auto* change = response.add_changes();
  change->set_kind(v1::LICENCES);
  change->set_key("L-1");
  auto* area = response.add_areas();
  area->set_territory("hall");
  area->set_area_km2(0.0001);
  area->set_south(-33.868);
  area->set_north(-33.867991);
  area->set_west(151.209);
  area->set_east(151.209011);
  response.set_areas_total(2000);
  response.set_areas_unchecked(3);
  auto* licence = response.add_licences();
  licence->set_licence("L-OLD");
  licence->set_standing("ended 2021-12-31: exempts nothing (names CN)");
  licence = response.add_licences();
  licence->set_licence("L-AU");
  licence->add_prohibited_inside("sydney");
  response.set_licences_total(2);
  response.set_licences_unchecked(5);
  return response;
}

TEST_CASE("import text: metre-sized areas have two ends, and what is not shown is counted", "[cli]") {
  std::ostringstream out;
  write_import_text(out, understood(), /*dry_run=*/true, /*colour=*/false);
  INFO(out.str());
  CHECK_THAT(out.str(), Catch::Contains("-33.868 to -33.867991, 151.209 to 151.209011"));
  CHECK_THAT(out.str(), Catch::Contains("and 449 more, 12 of them changes of registered records"));
  CHECK_THAT(out.str(), Catch::Contains("and 1999 more, 3 of them too many to be looked at"));
  CHECK_THAT(out.str(), Catch::Contains("of 5 licences not all areas were looked at"));
  CHECK_THAT(out.str(), Catch::Contains("ended 2021-12-31: exempts nothing"));
  CHECK_THAT(out.str(), Catch::Contains("L-AU     -      -             sydney"));
  CHECK_THAT(out.str(), Catch::Contains("hall       0.0001 "));
  v1::ImportResponse fresh = understood();
  fresh.set_changes_left_out(0);
  std::ostringstream more;
  write_import_text(more, fresh, true, false);
  CHECK_THAT(more.str(), Catch::Contains("and 449 more, all of them new"));
}

TEST_CASE("import json: why a licence exempts nothing, what lies in its countries, what was left out",
          "[cli]") {
  Json out = Json::object();
  add_import_json(out, understood());
  CHECK(out.at("changes_left_out") == 12);
  CHECK(out.at("areas_unchecked") == 3);
  CHECK(out.at("licences_unchecked") == 5);
  CHECK(out.at("licences").at(0).at("standing") == "ended 2021-12-31: exempts nothing (names CN)");
  CHECK(out.at("licences").at(0).at("exempts").empty());
  CHECK(out.at("licences").at(1).at("standing").is_null());
  CHECK(out.at("licences").at(1).at("prohibited_inside") == Json::array({"sydney"}));
}

TEST_CASE("map: region, anchors, disks and estimate are features of their own role", "[cli]") {
  v1::Verdict verdict = small_verdict();
  verdict.mutable_estimate()->set_converged(true);
  const Json map = verdict_map(verdict);
  CHECK(map.at("type") == "FeatureCollection");
  CHECK(map.at("state") == "UNRESOLVED");
  std::vector<std::string> roles;
  for (const auto& feature : map.at("features")) {
    CHECK(feature.at("type") == "Feature");
    CHECK(feature.at("geometry").at("coordinates").is_array());
    roles.push_back(feature.at("properties").at("role"));
    CHECK(feature.at("properties").at("chip_id") == map.at("chip_id"));
    CHECK(feature.at("properties").at("state") == map.at("state"));
  }
  CHECK(roles == std::vector<std::string>{"region", "disk", "anchor", "anchor", "estimate"});
  const auto& ring = map.at("features").at(1).at("geometry").at("coordinates").at(0).at(0);
  double north = -90;
  for (const auto& point : ring) north = std::max(north, point.at(1).get<double>());
  CHECK(north == Approx(50 + 300 / 111.2).margin(0.1));  // degrees; 111.2 km to a degree
  verdict.mutable_estimate()->set_converged(false);
  CHECK(verdict_map(verdict).at("features").size() == 4);
  verdict.mutable_posterior()->mutable_place()->set_lat_deg(50);
  auto& likely = *verdict.mutable_posterior()->add_countries();
  likely.set_country("DE");
  likely.set_probability(0.75);
  const Json posterior = verdict_map(verdict).at("features").at(4).at("properties");
  CHECK(posterior.at("role") == "posterior");
  CHECK(posterior.at("countries").at("DE") == 0.75);
}

TEST_CASE("map: an anchor that answered without a round trip bounds nothing", "[cli]") {
  v1::Verdict verdict = small_verdict();
  for (auto& anchor : *verdict.mutable_anchors()) {
    anchor.set_answered(true);
    anchor.set_rtt_min_ns(0);
    anchor.set_bound_km(0);
  }
  const Json map = verdict_map(verdict);
  for (const auto& feature : map.at("features")) {
    const Json& properties = feature.at("properties");
    if (properties.at("role") == "region") continue;
    CHECK(properties.at("role") != "disk");
    CHECK(properties.at("rtt_min_ns").is_null());
    CHECK(properties.at("bound_km").is_null());
  }
}

TEST_CASE("verdict text: an estimate never stands under what was proved", "[cli]") {
  v1::Verdict verdict = small_verdict();
  verdict.mutable_estimate()->set_converged(true);
  verdict.mutable_estimate()->set_nearest_country("DE");
  std::ostringstream out;
  write_verdict(out, verdict, false);
  const std::string text = out.str();
  const auto proved = text.find("\nProved\n");
  const auto suggested = text.find("\nSuggested, not proved\n");
  REQUIRE(proved != std::string::npos);
  REQUIRE(suggested != std::string::npos);
  CHECK(proved < suggested);
  CHECK(text.find("nearest country DE") > suggested);
  CHECK(text.find("syd1") != std::string::npos);
  CHECK(text.find("no: no answer") != std::string::npos);
}

TEST_CASE("verdict text: what proves nothing shows no proof", "[cli]") {
  v1::Verdict verdict;
  verdict.set_state(v1::SILENT);
  std::ostringstream out;
  write_verdict(out, verdict, false);
  CHECK(out.str().find("Proved") == std::string::npos);
  CHECK(out.str().find("SILENT: gave no answer before the deadline") != std::string::npos);
}

TEST_CASE("verdict text: no region is not one that meets no land, and no perspective is not any 0", "[cli]") {
  const auto text_of = [](v1::VerdictState state, std::uint32_t budget, bool region) {
    v1::Verdict verdict;
    verdict.set_state(state);
    verdict.set_speed_km_s(299'792.458);
    verdict.set_speed_name("vacuum");
    verdict.set_fault_budget(budget);
    verdict.add_licensed("DE");
    verdict.add_anchors()->set_anchor("fra1");
    if (region) verdict.mutable_region_centre()->set_lat_deg(-50);
    std::ostringstream out;
    write_verdict(out, verdict, false);
    return out.str();
  };
  const auto holds = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  const std::string open = text_of(v1::UNRESOLVED, 0, false);
  INFO(open);
  REQUIRE(holds(open, "\nProved\n"));
  CHECK_FALSE(holds(open, "met by the region"));
  CHECK(
      holds(text_of(v1::CLEARED, 0, true), "holds if no perspective is wrong; the most it can bear is 0\n"));
  CHECK(holds(text_of(v1::OUTSIDE, 0, true), "countries   none met by the region\n"));
  CHECK(holds(text_of(v1::UNRESOLVED, 0, true), "faults      no perspective may be wrong\n"));
  CHECK(holds(text_of(v1::UNRESOLVED, 2, true), "faults      any 2 perspective(s) may be wrong\n"));
  CHECK(holds(text_of(v1::VERIFIED, 1, true), "faults      holds with any 1 perspective(s) wrong; the most"));
}

TEST_CASE("evidence: names from a server never lead out of the folder", "[cli][evidence]") {
  v1::RoundEvidence evidence;
  auto* anchor = evidence.mutable_verdict()->add_anchors();
  anchor->set_anchor("../../etc/x");
  anchor->set_anchor_id(std::string(16, 'a'));
  v1::ReportBody body;
  body.set_anchor_id(std::string(16, 'a'));
  body.add_sessions()->set_transcript("t");
  body.add_sessions()->set_opening("o");
  evidence.add_reports()->set_body(body.SerializeAsString());
  evidence.add_reports()->set_body("\xFF not a report");
  const auto files = evidence_files(evidence);
  std::vector<std::string> names;
  for (const auto& file : files) {
    names.push_back(file.name);
    CHECK(file.name.find('/') == std::string::npos);
  }
  CHECK(names == std::vector<std::string>{"report-xx-_.._.._etc_x.body", "report-xx-_.._.._etc_x.sig",
                                          "transcript-xx-_.._.._etc_x.bin", "opening-xx-_.._.._etc_x.sig",
                                          "transcript-xx-_.._.._etc_x-2.bin", "opening-xx-_.._.._etc_x-2.sig",
                                          "report-unreadable.body", "report-unreadable.sig", "intent.json",
                                          "verdict.json"});
  CHECK(files[3].content.empty());
  CHECK(files[5].content == "o");

  const TempDir folder;
  REQUIRE(write_evidence(files, folder / "new" / "deep"));
  CHECK(read_file(folder / "new" / "deep" / "report-unreadable.body") == "\xFF not a report");
  const auto again = write_evidence(files, folder / "new" / "deep");
  REQUIRE_FALSE(again);
  CHECK(again.error().find("is not empty; name a new folder") != std::string::npos);
}

}  // namespace
}  // namespace chiploc
