#include "server/rest/answer_views.hpp"

#include <utility>

#include "server/service/answer_json.hpp"
#include "server/service/audit_json.hpp"
#include "server/service/case_json.hpp"
#include "server/service/enrolment_json.hpp"
#include "server/service/json_parts.hpp"
#include "server/service/notice_json.hpp"
#include "server/service/policy_json.hpp"
#include "server/service/record_json.hpp"
#include "server/service/status_json.hpp"
#include "server/service/summary_json.hpp"
#include "server/service/watch_json.hpp"

namespace chiploc {
namespace {

/// The request, of the type that the answer's call takes.
template <class Request>
const Request& request_of(const ViewParts& parts) {
  return static_cast<const Request&>(parts.request);
}

template <class Messages>
Json views_of(const Messages& messages) {
  Json out = Json::array();
  for (const auto& message : messages) out.push_back(json_of(message));
  return out;
}

template <class Texts>
Json texts_view(const Texts& texts) {
  Json out = Json::array();
  for (const auto& text : texts) out.push_back(text);
  return out;
}

Json token_of(const std::string& next_page_token) {
  return next_page_token.empty() ? Json(nullptr) : Json(next_page_token);
}

/// A list with where it goes on: null after the last page.
Json page(const char* name, Json items, const std::string& next_page_token) {
  return object_of({{name, std::move(items)}, {"next_page_token", token_of(next_page_token)}});
}

/// What all pages have together: null unless it was asked for.
template <class Request, class Answer>
void add_total(Json& out, const Answer& answer, const ViewParts& parts) {
  const bool asked = request_of<Request>(parts).with_total();
  out["total"] = asked ? Json(answer.total()) : Json(nullptr);
}
/// And whether counting ended there.
template <class Request, class Answer>
void add_total_more(Json& out, const Answer& answer, const ViewParts& parts) {
  add_total<Request>(out, answer, parts);
  out["total_more"] = answer.total_more();
}

/// Rows that are JSON themselves; what is none (there is no such) would be null.
template <class Texts>
Json parsed_rows(const Texts& rows) {
  Json out = Json::array();
  for (const std::string& row : rows) {
    Json value = Json::parse(row, nullptr, /*allow_exceptions=*/false);
    out.push_back(value.is_discarded() ? Json(nullptr) : std::move(value));
  }
  return out;
}

}  // namespace

Json status_view(const v1::GetStatusResponse& answer, const ViewParts& /*parts*/) { return json_of(answer); }
Json summary_view(const v1::GetSummaryResponse& answer, const ViewParts& /*parts*/) {
  return json_of(answer);
}
Json sign_in_code_view(const v1::CreateSignInCodeResponse& answer, const ViewParts& /*parts*/) {
  return json_of(answer);
}

Json chips_view(const v1::ListChipsResponse& answer, const ViewParts& parts) {
  Json chips = Json::array();
  for (const auto& chip : answer.chips()) chips.push_back(chip_record(chip, parts.now));
  Json out = page("chips", std::move(chips), answer.next_page_token());
  add_total<v1::ListChipsRequest>(out, answer, parts);
  return out;
}

Json chip_view(const v1::GetChipResponse& answer, const ViewParts& parts) {
  return chip_answer(answer, parts.now);
}
Json restart_view(const v1::RestartCountersResponse& answer, const ViewParts& /*parts*/) {
  return json_of(answer);
}
Json licences_view(const v1::ListLicencesResponse& answer, const ViewParts& /*parts*/) {
  return json_of(answer);
}
Json licence_view(const v1::GetLicenceResponse& answer, const ViewParts& /*parts*/) {
  return json_of(answer);
}

Json territory_view(const v1::GetTerritoryResponse& answer, const ViewParts& /*parts*/) {
  Json out = json_of(answer);
  Json drawing = Json::parse(answer.geojson(), nullptr, /*allow_exceptions=*/false);
  out["geojson"] = drawing.is_discarded() ? Json(nullptr) : std::move(drawing);
  return out;
}

Json anchors_view(const v1::ListAnchorsResponse& answer, const ViewParts& /*parts*/) {
  return {{"anchors", views_of(answer.anchors())}};
}
Json names_view(const v1::CompleteNameResponse& answer, const ViewParts& /*parts*/) {
  return {{"names", texts_view(answer.names())}};
}
Json imports_view(const v1::ListImportsResponse& answer, const ViewParts& /*parts*/) {
  return {{"imports", views_of(answer.imports())}};
}
Json import_view(const v1::ImportResponse& answer, const ViewParts& parts) {
  return import_json(answer, request_of<v1::ImportRequest>(parts).dry_run());
}

Json export_view(const v1::ExportResponse& answer, const ViewParts& /*parts*/) {
  Json out = page("rows", parsed_rows(answer.rows()), answer.next_page_token());
  out["registry_version"] = answer.registry_version();
  return out;
}

Json removed_view(const v1::RemoveResponse& answer, const ViewParts& parts) {
  return removed_json(request_of<v1::RemoveRequest>(parts).kind(), answer);
}
Json history_view(const v1::ListRegistryChangesResponse& answer, const ViewParts& /*parts*/) {
  return page("changes", views_of(answer.changes()), answer.next_page_token());
}

Json records_view(const v1::ListRecordsResponse& answer, const ViewParts& parts) {
  const auto list = [&](const char* name, const auto& records) {
    Json out = page(name, views_of(records), answer.next_page_token());
    add_total<v1::ListRecordsRequest>(out, answer, parts);
    return out;
  };
  switch (request_of<v1::ListRecordsRequest>(parts).kind()) {
    case v1::MODELS:
      return list("models", answer.models());
    case v1::ENTITIES:
      return list("entities", answer.entities());
    case v1::SITES:
      return list("sites", answer.sites());
    case v1::DELIVERIES:
      return list("deliveries", answer.deliveries());
    case v1::CONDITIONS:
      return list("conditions", answer.conditions());
    default:
      return list("orders", answer.orders());
  }
}

Json record_view(const v1::ListRecordsResponse& answer, const ViewParts& parts) {
  const auto first = [](const auto& records) {
    return records.empty() ? Json(nullptr) : json_of(records[0]);
  };
  switch (request_of<v1::ListRecordsRequest>(parts).kind()) {
    case v1::MODELS:
      return first(answer.models());
    case v1::ENTITIES: {
      if (answer.entities().empty()) return nullptr;
      Json out = json_of(answer.entities(0));
      out["chips"] = answer.entities(0).chips();
      return out;
    }
    case v1::SITES:
      return first(answer.sites());
    case v1::DELIVERIES:
      return first(answer.deliveries());
    case v1::CONDITIONS:
      return first(answer.conditions());
    default:
      return first(answer.orders());
  }
}

Json order_view(const v1::GetOrderResponse& answer, const ViewParts& /*parts*/) {
  Json out = json_of(answer);
  if (answer.has_hold()) out["hold"] = hold_record(answer.hold(), answer.changes());
  return out;
}
Json holds_view(const v1::ListOrderHoldsResponse& answer, const ViewParts& /*parts*/) {
  return page("orders", views_of(answer.orders()), answer.next_page_token());
}
Json lifted_view(const v1::LiftOrderHoldResponse& answer, const ViewParts& /*parts*/) {
  return json_of(answer.hold());
}
Json overridden_view(const v1::OverrideDeliveryResponse& answer, const ViewParts& /*parts*/) {
  return json_of(answer.hold());
}
Json decided_proposal_view(const v1::DecideProposalResponse& answer, const ViewParts& /*parts*/) {
  return json_of(answer.hold());
}

Json cases_view(const v1::ListCasesResponse& answer, const ViewParts& parts) {
  Json out = page("cases", views_of(answer.cases()), answer.next_page_token());
  add_total<v1::ListCasesRequest>(out, answer, parts);
  return out;
}
Json case_view(const v1::GetCaseResponse& answer, const ViewParts& /*parts*/) {
  Json out = json_of(answer.found(), answer.timeline());
  out["next_page_token"] = token_of(answer.next_page_token());
  return out;
}
template <class Answer>
Json changed_case_view(const Answer& answer, const ViewParts& /*parts*/) {
  return json_of(answer.changed());
}
template Json changed_case_view(const v1::AssignCaseResponse&, const ViewParts&);
template Json changed_case_view(const v1::CommentCaseResponse&, const ViewParts&);
template Json changed_case_view(const v1::AddCaseEvidenceResponse&, const ViewParts&);
template Json changed_case_view(const v1::DecideDisputeResponse&, const ViewParts&);
template Json changed_case_view(const v1::ResolveCaseResponse&, const ViewParts&);
template Json changed_case_view(const v1::ReopenCaseResponse&, const ViewParts&);
template Json changed_case_view(const v1::StateUserResponse&, const ViewParts&);
Json disputed_view(const v1::DisputeCaseResponse& answer, const ViewParts& /*parts*/) {
  Json out = json_of(answer.changed());
  out["rounds_asked"] = answer.rounds_asked();
  return out;
}

Json verdicts_view(const v1::ListVerdictsResponse& answer, const ViewParts& parts) {
  Json verdicts = Json::array();
  for (const auto& verdict : answer.verdicts()) verdicts.push_back(verdict_record(verdict, parts.now));
  Json out = page("verdicts", std::move(verdicts), answer.next_page_token());
  add_total_more<v1::ListVerdictsRequest>(out, answer, parts);
  return out;
}
Json verdict_view(const v1::GetVerdictResponse& answer, const ViewParts& parts) {
  Json out = verdict_answer(answer, parts.now);
  if (answer.has_evidence()) out["evidence"] = evidence_json(answer.evidence());
  return out;
}
Json replay_view(const v1::ReplayVerdictResponse& answer, const ViewParts& /*parts*/) {
  return json_of(answer);
}
Json watch_view(const v1::WatchEvent& answer, const ViewParts& /*parts*/) { return watch_json(answer); }
Json event_view(const v1::VerifyEvent& answer, const ViewParts& parts) {
  Json out = json_of(answer);
  if (answer.has_verdict()) out["verdict"] = verdict_record(answer.verdict(), parts.now);
  return out;
}

Json statuses_view(const v1::ListStatusesResponse& answer, const ViewParts& parts) {
  Json out = page("chips", views_of(answer.chips()), answer.next_page_token());
  add_total_more<v1::ListStatusesRequest>(out, answer, parts);
  return out;
}
Json status_changes_view(const v1::ListStatusChangesResponse& answer, const ViewParts& parts) {
  Json out = page("changes", views_of(answer.changes()), answer.next_page_token());
  add_total_more<v1::ListStatusChangesRequest>(out, answer, parts);
  return out;
}
template <class Answer>
Json absences_view(const Answer& answer, const ViewParts& /*parts*/) {
  return {{"chips", views_of(answer.chips())}};
}
template Json absences_view(const v1::DeclareAbsenceResponse&, const ViewParts&);
template Json absences_view(const v1::EndAbsenceResponse&, const ViewParts&);

Json notices_view(const v1::ListNoticesResponse& answer, const ViewParts& /*parts*/) {
  return page("attempts", views_of(answer.attempts()), answer.next_page_token());
}
Json resent_view(const v1::ResendNoticeResponse& answer, const ViewParts& /*parts*/) {
  return {{"sink", answer.sink()}, {"sink_off", answer.sink_off()}};
}
Json sinks_view(const v1::ListSinksResponse& answer, const ViewParts& /*parts*/) {
  return {{"sinks", views_of(answer.sinks())}};
}
Json tested_view(const v1::TestSinkResponse& answer, const ViewParts& /*parts*/) {
  return {{"notice_id", hex_of(answer.notice_id())}};
}
Json switched_view(const v1::SwitchSinkResponse& answer, const ViewParts& /*parts*/) {
  return json_of(answer.sink());
}
Json notice_lines_view(const v1::ExportNoticesResponse& answer, const ViewParts& /*parts*/) {
  Json out = page("notices", parsed_rows(answer.lines()), answer.next_page_token());
  out["unreadable"] = answer.unreadable();
  return out;
}
Json enrolments_view(const v1::ListEnrolmentsResponse& answer, const ViewParts& /*parts*/) {
  return page("enrolments", views_of(answer.enrolments()), answer.next_page_token());
}
Json enrolment_token_view(const v1::CreateEnrolmentTokenResponse& answer, const ViewParts& /*parts*/) {
  return {{"token", answer.token()}, {"enrolment", json_of(answer.enrolment())}};
}
Json revoked_enrolment_view(const v1::RevokeEnrolmentResponse& answer, const ViewParts& /*parts*/) {
  return json_of(answer.enrolment());
}
Json mutes_view(const v1::ListMutesResponse& answer, const ViewParts& /*parts*/) {
  return page("mutes", views_of(answer.mutes()), answer.next_page_token());
}
template <class Answer>
Json mute_view(const Answer& answer, const ViewParts& /*parts*/) {
  return json_of(answer.mute());
}
template Json mute_view(const v1::AddMuteResponse&, const ViewParts&);
template Json mute_view(const v1::EndMuteResponse&, const ViewParts&);

Json policy_view(const v1::GetPolicyResponse& answer, const ViewParts& /*parts*/) { return json_of(answer); }
Json policies_view(const v1::ListPoliciesResponse& answer, const ViewParts& /*parts*/) {
  return {{"policies", views_of(answer.policies())}};
}
Json audit_view(const v1::ListAuditResponse& answer, const ViewParts& /*parts*/) {
  return page("entries", views_of(answer.entries()), answer.next_page_token());
}
Json activated_view(const v1::ActivatePolicyResponse& answer, const ViewParts& /*parts*/) {
  return json_of(answer);
}
Json policy_replay_view(const v1::ReplayPolicyResponse& answer, const ViewParts& /*parts*/) {
  Json out{{"sha256", hex_of(answer.sha256())},
           {"version", answer.version()},
           {"moved", views_of(answer.moved())},
           {"unjudged", views_of(answer.unjudged())}};
  out["changes"] = views_of(answer.changes());
  out["next_page_token"] = token_of(answer.next_page_token());
  return out;
}
Json report_keys_view(const v1::GetReportKeysResponse& answer, const ViewParts& /*parts*/) {
  return {{"toml", answer.toml()}};
}

}  // namespace chiploc
