#include "server/service/answer_json.hpp"

#include <set>

#include "tests/server/service/full_message.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

namespace answer_json_test {

std::set<std::string> keys_of(const Json& json) {
  std::set<std::string> out;
  for (const auto& [key, value] : json.items()) out.insert(key);
  return out;
}

const WallTime kNow = wall_from_unix_seconds(1'790'000'000);

}  // namespace answer_json_test

using namespace answer_json_test;

TEST_CASE("answer json: a verdict is expired from the moment of its end on", "[service][json]") {
  v1::Verdict verdict;
  verdict.set_expires_unix_ns(kNow.since_epoch.count() + 1);
  CHECK(verdict_record(verdict, kNow)["expired"].dump() == "false");
  verdict.set_expires_unix_ns(kNow.since_epoch.count());
  CHECK(verdict_record(verdict, kNow)["expired"].dump() == "true");
  v1::Chip chip;
  CHECK(chip_record(chip, kNow)["expired"].is_null());
  *chip.mutable_last_verdict() = verdict;
  CHECK(chip_record(chip, kNow)["expired"].dump() == "true");
}

TEST_CASE("answer json: who asked is null where it is sealed", "[service][json]") {
  v1::GetVerdictResponse answer;
  CHECK(verdict_answer(answer, kNow)["requested_by"].is_null());
  CHECK(chip_answer({}, kNow)["last_verdict_requested_by"].is_null());
  answer.mutable_requested_by()->set_name("vic");
  const Json json = verdict_answer(answer, kNow);
  CHECK(json["requested_by"]["name"].dump() == R"("vic")");
  CHECK(json["requested_by"]["certificate_sha256"].is_null());
}

TEST_CASE("answer json: what is stored of a round is there byte for byte", "[service][json]") {
  v1::RoundEvidence evidence;
  evidence.add_tickets("\x01\x02");
  auto& report = *evidence.add_reports();
  report.set_body("\xff");
  report.set_signature("\x10");
  evidence.add_statements("\xab");
  (*evidence.mutable_anchor_publics())["b"] = "\x02";
  (*evidence.mutable_anchor_publics())["a"] = "\x01";
  evidence.add_unjudged_statements(1);
  const Json json = evidence_json(evidence);
  CHECK(json["tickets"].dump() == R"(["0102"])");
  CHECK(json["reports"].dump() == R"([{"body":"ff","signature":"10"}])");
  CHECK(json["statements"].dump() == R"(["ab"])");
  CHECK(json["anchor_publics"].dump() == R"({"a":"01","b":"02"})");
  CHECK(json["unjudged_statements"].dump() == "[1]");
  CHECK(json["close_order"].is_null());
}

TEST_CASE("answer json: answers have the keys that scripts rely on", "[service][json]") {
  using Keys = std::set<std::string>;
  CHECK(keys_of(json_of(test::full<v1::ListLicencesResponse>())) ==
        Keys{"licences", "prohibited", "territories"});
  CHECK(keys_of(json_of(test::full<v1::GetLicenceResponse>())) ==
        Keys{"licence", "holder", "countries", "valid_from", "valid_to", "chips", "quantity", "end_user",
             "standing", "chips_by_state", "chips_expired", "orders", "conditions", "territories"});
  CHECK(keys_of(json_of(test::full<v1::GetTerritoryResponse>())) ==
        Keys{"territory", "countries", "area_km2", "geojson_sha256", "used_by", "used_by_total"});
  CHECK(json_of(v1::GetOrderResponse{})["hold"].is_null());
  CHECK(json_of(test::full<v1::GetOrderResponse>())["delivered_at"].size() == 2);
  const auto hold = test::full<v1::GetOrderResponse>();
  CHECK(hold_record(hold.hold(), hold.changes())["changes"].size() == 2);
  CHECK(keys_of(json_of(test::full<v1::RestartCountersResponse>())) ==
        Keys{"at", "started_by", "reason", "signer_sha256", "before", "chip_id", "device_id"});
}

TEST_CASE("answer json: the journal says of what tables, the history what came and went", "[service][json]") {
  v1::ImportRecord entry;
  entry.add_files()->set_kind(v1::PROHIBITED_TERRITORIES);
  CHECK(json_of(entry)["files"][0]["table"].dump() == R"("prohibited")");
  CHECK(json_of(entry)["reason"].is_null());
  v1::RegistryChange change;
  change.set_kind(v1::DELIVERIES);
  change.set_came(true);
  change.set_old_value("kept back");
  change.set_new_value("new");
  const Json came = json_of(change);
  CHECK(came["kind"].dump() == R"("delivery")");
  CHECK(came["old"].is_null());
  CHECK(came["new"].dump() == R"("new")");
  change.set_kind(static_cast<v1::ImportKind>(99));
  CHECK(json_of(change)["kind"].dump() == R"("record")");
  v1::RemoveResponse removed;
  removed.set_name("SN-1");
  CHECK(removed_json(v1::CHIPS, removed).dump() == R"({"removed":"chip","name":"SN-1"})");
}

TEST_CASE("answer json: an import says whether it was a trial, and each list its total", "[service][json]") {
  v1::ImportResponse response;
  response.set_faults_total(3);
  response.add_counts()->set_kind(v1::CHIPS);
  const Json json = import_json(response, true);
  CHECK(json["dry_run"].dump() == "true");
  CHECK(json["faults_total"].dump() == "3");
  CHECK(json["counts"][0]["table"].dump() == R"("chips")");
  for (const char* list : {"changes", "areas", "licences", "anchors", "warnings"}) {
    CHECK(json[list].is_array());
    CHECK(json[std::string{list} + "_total"].dump() == "0");
  }
}

}  // namespace
}  // namespace chiploc
