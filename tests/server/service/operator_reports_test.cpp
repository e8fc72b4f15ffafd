#include <nlohmann/json.hpp>

#include "proto/crypto/digest.hpp"
#include "server/service/reported_chips.hpp"
#include "tests/server/service/report_service.hpp"

namespace chiploc::test {
namespace {

using Parsed = nlohmann::json;

Parsed parsed(const Answer<MadeReport>& report) {
  INFO((report ? "" : report.error().text));
  REQUIRE(report);
  return Parsed::parse(content_of(*report));
}
std::string refused(const Answer<MadeReport>& report, ApiFaultCode code) {
  REQUIRE_FALSE(report);
  CHECK(report.error().code == code);
  return report.error().text;
}
/// "SN-1 compliant proved DE, SN-2 .."
std::string rows_in(const Parsed& report) {
  std::string out;
  for (const Parsed& chip : report["chips"]) {
    out += (out.empty() ? "" : ", ") + chip["serial"].get<std::string>() + " " +
           (chip["status"].is_null() ? "-" : chip["status"].get<std::string>()) + " " +
           chip["compliance"].get<std::string>();
    for (const Parsed& country : chip["location_countries"]) out += " " + country.get<std::string>();
  }
  return out;
}

TEST_CASE("GetReport: the fleet, each chip with its status, proved country and end user; signed",
          "[service][reports]") {
  ReportService world;
  world.round(1, 1, v1::VERIFIED, {"DE"});
  world.round(2, 2, v1::UNRESOLVED, {"DE", "FR"});
  world.round(3, 3, v1::OUTSIDE, {"AE"});
  world.round(3, 4, v1::OUTSIDE, {"AE"});
  const auto made = world.ask(report_of(v1::REPORT_FLEET));
  const Parsed report = parsed(made);
  CHECK(
      rows_in(report) ==
      "SN-1 compliant proved DE, SN-2 pending not proved, SN-3 drifted contradicted AE, SN-4 pending not proved");
  const Parsed& first = report["chips"][0];
  CHECK(first["end_user"] == "User GmbH");
  CHECK(first["order"] == "O-7");
  CHECK(first["site"] == "campus");
  CHECK(first["eccn"] == "3A090.a");
  CHECK(first["status_rests_on"] == Parsed::array({id<VerdictId>(1).hex()}));
  CHECK(report["chips"][2]["end_user"] == "Licensed User");
  CHECK(report["chips"][2]["status_rests_on"].size() == 2);
  CHECK(report["totals"]["never_measured"] == 1);
  CHECK(report["report"]["made_by"] == "bob");
  CHECK(report["report"]["scope"] == "all chips");
  CHECK(report["report"]["policy_sha256"] == digest_of(world.policy.get().policy).hex());
  const auto seal = parse_seal(made->signature);
  REQUIRE(seal);
  const std::string content = content_of(*made);
  CHECK(check_seal(*seal, sha256(bytes_of(content)), content.size(), world.signing.keys));
  CHECK(seal->seal.json_sha256 == seal->seal.sha256);
  CHECK(seal->seal.kind == ReportKind::kFleet);
}

TEST_CASE("GetReport: as of a time, what was so then, however it went on", "[service][reports]") {
  ReportService world;
  world.round(1, 1, v1::VERIFIED, {"DE"});
  world.round(1, 10, v1::OUTSIDE, {"AE"});
  world.round(1, 11, v1::OUTSIDE, {"AE"});
  const auto at = [&](double hour) {
    auto request = report_of(v1::REPORT_FLEET);
    request.set_as_of_unix_ns(h(hour).since_epoch.count());
    return rows_in(parsed(world.ask(request))).substr(0, rows_in(parsed(world.ask(request))).find(','));
  };
  CHECK(at(0.5) == "SN-1 pending not proved");
  CHECK(at(1) == "SN-1 compliant proved DE");
  CHECK(at(9) == "SN-1 compliant proved DE");
  CHECK(at(10) == "SN-1 compliant not proved AE");  // one sign; what is proved now is that it is in AE
  CHECK(at(11) == "SN-1 drifted contradicted AE");
  CHECK(at(-1) == "SN-1 - not proved");
  auto later = report_of(v1::REPORT_FLEET);
  later.set_as_of_unix_ns(h(12).since_epoch.count());
  CHECK(refused(world.ask(later), ApiFaultCode::kBadField).find("in the future") != std::string::npos);
}

TEST_CASE("GetReport: a proof that has run out is none, though the status was not told on yet",
          "[service][reports]") {
  ReportService world;
  world.round(1, 1, v1::VERIFIED, {"DE"});
  world.now = h(25);
  const Parsed report = parsed(world.ask(report_of(v1::REPORT_FLEET)));
  CHECK(rows_in(report).find("SN-1 compliant not proved,") == 0);
  CHECK(report["chips"][0]["location"] == "not proved");
}

TEST_CASE("GetReport: every form of one report is signed over its own bytes, and names the same JSON",
          "[service][reports]") {
  ReportService world;
  world.round(1, 1, v1::VERIFIED, {"DE"});
  std::set<std::string> json;
  for (const auto form : {v1::REPORT_JSON, v1::REPORT_CSV, v1::REPORT_GEOJSON, v1::REPORT_PDF}) {
    const auto made = world.ask(report_of(v1::REPORT_FLEET, form));
    REQUIRE(made);
    const std::string content = content_of(*made);
    const auto seal = parse_seal(made->signature).value();
    CHECK(check_seal(seal, sha256(bytes_of(content)), content.size(), world.signing.keys));
    CHECK(seal.seal.form == static_cast<ReportForm>(form));
    json.insert(seal.seal.json_sha256.hex());
  }
  CHECK(json.size() == 1);
}

TEST_CASE("GetReport: one order, and whether it is on hold as of now alone", "[service][reports]") {
  OrderDays days;
  days.joined(0, 0, 8, ChipState::kCompliant).become(2, 0, 3, ChipState::kDrifted);
  StorySources stories;
  stories.order_of = [&](const std::string& order) -> Stored<std::optional<OrderStory>> {
    CHECK(order == "O-7");
    return std::optional{days.story()};
  };
  ReportService world{4, stories};
  auto request = report_of(v1::REPORT_ORDER);
  request.set_order("o-7");
  Parsed report = parsed(world.ask(request));
  CHECK(report["chips"].size() == 3);
  CHECK(report["parts"]["order"]["delivered"] == 10);
  CHECK(report["parts"]["standing"]["state"] == "hold");
  CHECK(report["report"]["subject"] == "O-7");
  request.set_as_of_unix_ns(h(-1).since_epoch.count());
  report = parsed(world.ask(request));
  CHECK_FALSE(report["parts"].contains("standing"));
  request.set_order("O-9");
  CHECK(refused(world.ask(request), ApiFaultCode::kNotFound).find("O-9") != std::string::npos);
}

TEST_CASE("GetReport: a case by its number, with its chips; another holder's is not there",
          "[service][reports]") {
  CaseDays days{CaseKind::kElsewhere};
  days.accused(1, 1, 3);
  CaseStory story = days.story();
  story.ref.key.order = "O-7";
  story.licence = "L-1";
  StorySources stories;
  stories.case_of = [&](std::uint64_t number) -> Stored<std::optional<FoundCase>> {
    if (number != 12) return std::optional<FoundCase>{};
    return std::optional{FoundCase{12, story, days.entries(), {id<ChipId>(1), id<ChipId>(2)}}};
  };
  ReportService world{4, stories};
  world.now = wall_from_unix_seconds(4'000'000'000);
  world.signing.keys.keys[0].from.reset();
  auto request = report_of(v1::REPORT_ACT);
  request.set_case_number(12);
  const Parsed report = parsed(world.ask(request));
  CHECK(report["parts"]["case"]["number"] == 12);
  CHECK(report["parts"]["case"]["timeline"].size() == 2);
  CHECK(report["parts"]["licence"]["id"] == "L-1");
  CHECK(report["chips"].size() == 2);
  const Caller bolt{"bea", Role::kReader, "Bolt"}, example{"eva", Role::kReader, "Example SA"};
  CHECK(parsed(world.ask(request, example))["report"]["scope"] == "chips of Example SA");
  const std::string foreign = refused(world.ask(request, bolt), ApiFaultCode::kNotFound);
  request.set_case_number(13);
  CHECK(refused(world.ask(request), ApiFaultCode::kNotFound) == "there is no case 13");
  CHECK(foreign == "there is no case 12");
  request.set_as_of_unix_ns(1);
  refused(world.ask(request), ApiFaultCode::kBadField);
}

TEST_CASE("GetReport: an operator's is of the own chips, whoever asks", "[service][reports]") {
  ReportService world;
  const Caller bolt{"bea", Role::kReader, "Bolt"};
  CHECK(rows_in(parsed(world.ask(report_of(v1::REPORT_OPERATOR), bolt))) == "SN-3 pending not proved");
  CHECK(rows_in(parsed(world.ask(report_of(v1::REPORT_FLEET), bolt))) == "SN-3 pending not proved");
  auto request = report_of(v1::REPORT_OPERATOR);
  CHECK(refused(world.ask(request), ApiFaultCode::kBadField).find("holder: is missing") == 0);
  request.set_holder("bolt");
  const Parsed report = parsed(world.ask(request));
  CHECK(report["chips"].size() == 1);
  CHECK(report["parts"]["holder"]["licences"][0]["id"] == "L-2");
  request.set_holder("Example SA");
  CHECK(refused(world.ask(request, bolt), ApiFaultCode::kNotFound).find("Example SA") != std::string::npos);
}

TEST_CASE("GetReport: fields that do not belong, or are missing, are refused by name", "[service][reports]") {
  ReportService world;
  const auto said = [&](auto change) {
    auto request = report_of(v1::REPORT_FLEET);
    change(request);
    return refused(world.ask(request), ApiFaultCode::kBadField);
  };
  CHECK(said([](auto& r) { r.set_kind(v1::REPORT_KIND_UNSPECIFIED); }).find("kind: ") == 0);
  CHECK(said([](auto& r) { r.set_kind(static_cast<v1::ReportKind>(5)); }).find("kind: ") == 0);
  CHECK(said([](auto& r) { r.set_form(static_cast<v1::ReportForm>(0)); }).find("form: ") == 0);
  CHECK(said([](auto& r) { r.set_form(static_cast<v1::ReportForm>(9)); }).find("form: ") == 0);
  CHECK(said([](auto& r) { r.set_case_number(1); }).find("case_number: belongs to an act report alone") == 0);
  CHECK(said([](auto& r) { r.set_order("O-7"); }).find("order: belongs") == 0);
  CHECK(said([](auto& r) { r.set_holder("Bolt"); }).find("holder: belongs") == 0);
  CHECK(said([](auto& r) { r.set_kind(v1::REPORT_ACT); }).find("case_number: is missing") == 0);
  CHECK(said([](auto& r) { r.set_kind(v1::REPORT_ORDER); }).find("order: is missing") == 0);
  CHECK(said([](auto& r) { r.set_as_of_unix_ns(-1); }).find("as_of_unix_ns") == 0);
}

TEST_CASE("GetReport: without cases, a key, or a key in force, it says so and signs nothing",
          "[service][reports]") {
  ReportService world;
  auto act = report_of(v1::REPORT_ACT);
  act.set_case_number(1);
  CHECK(refused(world.ask(act), ApiFaultCode::kNotReady).find("keeps no cases") != std::string::npos);
  world.signing.unusable = "report-keys.toml cannot be read";
  CHECK(refused(world.ask(report_of(v1::REPORT_FLEET)), ApiFaultCode::kNotReady) ==
        "report-keys.toml cannot be read");
  CHECK_FALSE(world.cases->get_report_keys({}, kReader));
  world.signing.unusable.clear();
  CHECK(world.cases->get_report_keys({}, kReader)->toml() == report_keys_text(world.signing.keys));
  world.signing.keys.keys[0].from = h(1);
  CHECK(refused(world.ask(report_of(v1::REPORT_FLEET)), ApiFaultCode::kNotReady).find("look at that clock") !=
        std::string::npos);
  world.signing.keys.keys[0].until = h(2);
  refused(world.ask(report_of(v1::REPORT_FLEET)), ApiFaultCode::kInternal);
  ServiceWorld without;
  std::promise<Answer<MadeReport>> got;
  without.cases.get_report(report_of(v1::REPORT_FLEET), kReader,
                           [&](Answer<MadeReport> answer) { got.set_value(std::move(answer)); });
  refused(got.get_future().get(), ApiFaultCode::kNotReady);
  CHECK_FALSE(without.cases.get_report_keys({}, kReader));
}

TEST_CASE("reported chips: what is spooled is read back as it was", "[service][reports]") {
  ReportedChip chip{.id = id<ChipId>(7)};
  chip.serial = "a \"b\"\nc\x01 ü";
  chip.end_user = "U";
  CHECK(spool_line(chip).find('\n') == spool_line(chip).size() - 1);
  for (const bool judged : {false, true}) {
    if (judged) {
      chip.status = ChipState::kDrifted;
      chip.status_since = h(3);
      chip.rests_on = {id<VerdictId>(1), id<VerdictId>(2)};
      chip.newest = ReportedVerdict{id<VerdictId>(1), ReportedState::kOutside, h(1), h(2), {"AE", "DE"}};
      chip.proof = chip.newest;
    }
    std::string line = spool_line(chip);
    line.pop_back();
    const auto read = read_spool_line(line);
    REQUIRE(read);
    CHECK(spool_line(*read) == spool_line(chip));
    CHECK(read->serial == chip.serial);
    CHECK(read->status == chip.status);
    CHECK(read->proof.has_value() == judged);
  }
  for (const char* wrong : {"", "[]", "{}", "not json", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]"})
    CHECK_FALSE(read_spool_line(wrong));
}

TEST_CASE("reported chips: more than a page of them, each once and in order", "[service][reports]") {
  ReportService world{1'203};
  world.round(1'100, 1, v1::VERIFIED, {"DE"});
  const Parsed report = parsed(world.ask(report_of(v1::REPORT_FLEET)));
  REQUIRE(report["chips"].size() == 1'203);
  CHECK(report["totals"]["chips"] == 1'203);
  std::string before;
  std::size_t proved = 0;
  for (const Parsed& chip : report["chips"]) {
    CHECK(chip["chip_id"].get<std::string>() > before);
    before = chip["chip_id"];
    proved += chip["compliance"] == "proved" ? 1U : 0U;
  }
  CHECK(proved == 1);
}

}  // namespace
}  // namespace chiploc::test
