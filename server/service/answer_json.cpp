#include "server/service/answer_json.hpp"

#include <map>
#include <utility>

#include "server/service/case_json.hpp"
#include "server/service/json_parts.hpp"
#include "server/service/record_json.hpp"
#include "server/service/registry_kinds.hpp"

namespace chiploc {
namespace {

Json hex_or_null(const std::string& raw) { return raw.empty() ? Json(nullptr) : Json(hex_of(raw)); }

Json hex_list(const google::protobuf::RepeatedPtrField<std::string>& raw) {
  Json out = Json::array();
  for (const std::string& bytes : raw) out.push_back(hex_of(bytes));
  return out;
}

template <class Messages>
Json all_of(const Messages& messages) {
  Json out = Json::array();
  for (const auto& message : messages) out.push_back(json_of(message));
  return out;
}

Json states_json(const google::protobuf::Map<std::string, std::uint64_t>& by_state) {
  Json out = Json::object();
  for (int state = v1::VERIFIED; state <= v1::INVALID; ++state) {
    const std::string& name = v1::VerdictState_Name(static_cast<v1::VerdictState>(state));
    const auto at = by_state.find(name);
    out[name] = at == by_state.end() ? 0 : at->second;
  }
  return out;
}

std::string kind_word(v1::ImportKind kind) {
  const RegistryKind* known = registry_kind(kind);
  return known == nullptr ? "record" : std::string{word_of(*known)};
}

}  // namespace

bool expired(const v1::Verdict& verdict, WallTime now) {
  return Nanoseconds{verdict.expires_unix_ns()} <= now.since_epoch;
}

Json verdict_record(const v1::Verdict& verdict, WallTime now) {
  Json record = json_of(verdict);
  record["expired"] = expired(verdict, now);
  return record;
}

Json chip_record(const v1::Chip& chip, WallTime now) {
  Json record = json_of(chip);
  record["expired"] = chip.has_last_verdict() ? Json(expired(chip.last_verdict(), now)) : Json(nullptr);
  return record;
}

Json json_of_requester(const v1::RoundRequester& requester) {
  if (requester.name().empty()) return nullptr;
  return {{"name", requester.name()},
          {"certificate_sha256", hex_or_null(requester.certificate_sha256())},
          {"at", iso_time(requester.at_unix_ns())}};
}

Json chip_answer(const v1::GetChipResponse& answer, WallTime now) {
  Json record = chip_record(answer.chip(), now);
  record["last_verdict_requested_by"] = json_of_requester(answer.requested_by());
  return record;
}

Json verdict_answer(const v1::GetVerdictResponse& answer, WallTime now) {
  Json record = verdict_record(answer.verdict(), now);
  record["requested_by"] = json_of_requester(answer.requested_by());
  return record;
}

Json evidence_json(const v1::RoundEvidence& evidence) {
  Json reports = Json::array();
  for (const auto& report : evidence.reports())
    reports.push_back({{"body", hex_of(report.body())}, {"signature", hex_of(report.signature())}});
  Json knocks = Json::array();
  for (const auto& knock : evidence.knocks()) {
    knocks.push_back({{"chip_id", hex_of(knock.chip_id())},
                      {"anchor_id", hex_of(knock.anchor_id())},
                      {"proof", hex_of(knock.proof())},
                      {"seen_at", iso_time(knock.seen_unix_ns())},
                      {"peer_address", knock.peer_address()}});
  }
  Json publics = Json::object();
  for (const auto& [anchor, key] :
       std::map<std::string, std::string>{evidence.anchor_publics().begin(), evidence.anchor_publics().end()})
    publics[anchor] = hex_of(key);
  return {{"intent", intent_json(evidence)},
          {"tickets", hex_list(evidence.tickets())},
          {"reports", std::move(reports)},
          {"close_order", hex_or_null(evidence.close_order())},
          {"statements", hex_list(evidence.statements())},
          {"unjudged_statements", list_of(evidence.unjudged_statements())},
          {"device_certificate", hex_or_null(evidence.device_certificate())},
          {"device_issuers", hex_list(evidence.device_issuers())},
          {"coordinator_public", hex_or_null(evidence.coordinator_public())},
          {"anchor_publics", std::move(publics)},
          {"knocks", std::move(knocks)}};
}

Json json_of(const v1::RestartCountersResponse& restarted) {
  Json record = json_of(restarted.start());
  record["chip_id"] = hex_of(restarted.chip_id());
  record["device_id"] = hex_of(restarted.device_id());
  return record;
}

Json json_of(const v1::CreateSignInCodeResponse& answer) {
  return {{"code", answer.code()},
          {"expires_at", iso_time(answer.expires_unix_ns())},
          {"page", answer.page_address()}};
}

Json json_of(const v1::ListLicencesResponse& answer) {
  return {{"licences", all_of(answer.licences())},
          {"prohibited", list_of(answer.prohibited())},
          {"territories", all_of(answer.territories())}};
}

Json json_of(const v1::GetLicenceResponse& answer) {
  Json record = json_of(answer.licence());
  record["standing"] = text_or_null(answer.standing());
  record["chips_by_state"] = states_json(answer.chips_by_state());
  record["chips_expired"] = answer.expired();
  record["orders"] = answer.orders();
  record["conditions"] = all_of(answer.conditions());
  record["territories"] = all_of(answer.territories());
  return record;
}

Json json_of(const v1::GetTerritoryResponse& answer) {
  Json record = json_of(answer.territory());
  record["used_by"] = list_of(answer.used_by());
  record["used_by_total"] = answer.used_by_total();
  return record;
}

Json json_of(const v1::GetOrderResponse& answer) {
  Json record = json_of(answer.order());
  record["delivered_at"] = all_of(answer.sites());
  record["watched"] = all_of(answer.watched());
  record["hold"] = answer.has_hold() ? json_of(answer.hold()) : Json(nullptr);
  return record;
}

Json hold_record(const v1::OrderHold& hold,
                 const google::protobuf::RepeatedPtrField<v1::OrderHoldChange>& changes) {
  Json out = json_of(hold);
  out["changes"] = all_of(changes);
  return out;
}

Json json_of(const v1::ImportRecord& entry) {
  Json files = Json::array();
  for (const auto& file : entry.files()) {
    files.push_back({{"table", table_of(file.kind())},
                     {"name", file.name()},
                     {"sha256", hex_of(file.sha256())},
                     {"rows", file.rows()}});
  }
  return {{"version", entry.version()},
          {"at", iso_time(entry.at_unix_ns())},
          {"by", entry.by()},
          {"certificate_sha256", hex_or_null(entry.certificate_sha256())},
          {"reason", text_or_null(entry.reason())},
          {"added", entry.added()},
          {"changed", entry.changed()},
          {"unchanged", entry.unchanged()},
          {"removed", entry.removed()},
          {"files", std::move(files)}};
}

Json json_of(const v1::RegistryChange& change) {
  return {{"version", change.version()},
          {"at", iso_time(change.at_unix_ns())},
          {"by", change.by()},
          {"certificate_sha256", hex_or_null(change.certificate_sha256())},
          {"reason", text_or_null(change.reason())},
          {"kind", kind_word(change.kind())},
          {"key", change.key()},
          {"field", text_or_null(change.field())},
          {"old", change.came() ? Json(nullptr) : Json(change.old_value())},
          {"new", change.gone() ? Json(nullptr) : Json(change.new_value())}};
}

Json removed_json(v1::ImportKind kind, const v1::RemoveResponse& answer) {
  return {{"removed", kind_word(kind)}, {"name", answer.name()}};
}

Json import_json(const v1::ImportResponse& response, bool dry_run) {
  Json out{{"faults", all_of(response.faults())}, {"faults_total", response.faults_total()},
           {"added", response.added()},           {"changed", response.changed()},
           {"unchanged", response.unchanged()},   {"dry_run", dry_run}};
  out["counts"] = Json::array();
  for (const auto& counts : response.counts()) {
    out["counts"].push_back({{"table", table_of(counts.kind())},
                             {"added", counts.added()},
                             {"changed", counts.changed()},
                             {"unchanged", counts.unchanged()}});
  }
  add_import_json(out, response);
  return out;
}

void add_import_json(Json& out, const v1::ImportResponse& response) {
  const auto list = [&out](const char* name, Json items, std::uint32_t total) {
    out[name] = std::move(items);
    out[std::string{name} + "_total"] = total;
  };
  const auto texts = [](const auto& items) {
    Json all = Json::array();
    for (const auto& item : items) all.push_back(item);
    return all;
  };
  const auto place = [](const v1::Position& at) {
    return Json{{"lat_deg", at.lat_deg()}, {"lon_deg", at.lon_deg()}};
  };
  Json items = Json::array();
  for (const auto& change : response.changes()) {
    Json fields = Json::array();
    for (const auto& field : change.fields())
      fields.push_back({{"field", field.field()}, {"old", field.old_value()}, {"new", field.new_value()}});
    items.push_back({{"kind", kind_word(change.kind())},
                     {"key", change.key()},
                     {"added", change.added()},
                     {"fields", std::move(fields)}});
  }
  list("changes", std::move(items), response.changes_total());
  out["changes_left_out"] = response.changes_left_out();
  items = Json::array();
  for (const auto& area : response.areas()) {
    items.push_back({{"territory", area.territory()},
                     {"area_km2", area.area_km2()},
                     {"countries", texts(area.countries())},
                     {"centre", place(area.centre())},
                     {"south", area.south()},
                     {"west", area.west()},
                     {"north", area.north()},
                     {"east", area.east()}});
  }
  list("areas", std::move(items), response.areas_total());
  out["areas_unchecked"] = response.areas_unchecked();
  items = Json::array();
  for (const auto& licence : response.licences()) {
    items.push_back({{"licence", licence.licence()},
                     {"exempts", texts(licence.exempts())},
                     {"within", texts(licence.within())},
                     {"prohibited_inside", texts(licence.prohibited_inside())},
                     {"standing", licence.standing().empty() ? Json(nullptr) : Json(licence.standing())}});
  }
  list("licences", std::move(items), response.licences_total());
  out["licences_unchecked"] = response.licences_unchecked();
  items = Json::array();
  for (const auto& anchor : response.anchors()) {
    items.push_back({{"anchor", anchor.anchor()},
                     {"place", place(anchor.place())},
                     {"country", anchor.country().empty() ? Json(nullptr) : Json(anchor.country())}});
  }
  list("anchors", std::move(items), response.anchors_total());
  items = Json::array();
  for (const auto& warning : response.warnings()) {
    items.push_back(
        {{"kind", kind_word(warning.kind())}, {"key", warning.key()}, {"problem", warning.problem()}});
  }
  list("warnings", std::move(items), response.warnings_total());
}

}  // namespace chiploc
