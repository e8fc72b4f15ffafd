#pragma once
#include "server/rest/route.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {

// Answers as the routes send them: the views of server/service, and around them what only an API has: pages.

Json status_view(const v1::GetStatusResponse& answer, const ViewParts& parts);
Json summary_view(const v1::GetSummaryResponse& answer, const ViewParts& parts);
Json sign_in_code_view(const v1::CreateSignInCodeResponse& answer, const ViewParts& parts);
Json chips_view(const v1::ListChipsResponse& answer, const ViewParts& parts);
Json chip_view(const v1::GetChipResponse& answer, const ViewParts& parts);
Json restart_view(const v1::RestartCountersResponse& answer, const ViewParts& parts);
Json licences_view(const v1::ListLicencesResponse& answer, const ViewParts& parts);
Json licence_view(const v1::GetLicenceResponse& answer, const ViewParts& parts);
Json territory_view(const v1::GetTerritoryResponse& answer, const ViewParts& parts);
Json anchors_view(const v1::ListAnchorsResponse& answer, const ViewParts& parts);
Json names_view(const v1::CompleteNameResponse& answer, const ViewParts& parts);
Json imports_view(const v1::ListImportsResponse& answer, const ViewParts& parts);
Json import_view(const v1::ImportResponse& answer, const ViewParts& parts);
Json export_view(const v1::ExportResponse& answer, const ViewParts& parts);
Json removed_view(const v1::RemoveResponse& answer, const ViewParts& parts);
Json history_view(const v1::ListRegistryChangesResponse& answer, const ViewParts& parts);
/// The list of the kind that was asked for.
Json records_view(const v1::ListRecordsResponse& answer, const ViewParts& parts);
/// The only record; of an entity with its chips.
Json record_view(const v1::ListRecordsResponse& answer, const ViewParts& parts);
Json order_view(const v1::GetOrderResponse& answer, const ViewParts& parts);
Json holds_view(const v1::ListOrderHoldsResponse& answer, const ViewParts& parts);
Json lifted_view(const v1::LiftOrderHoldResponse& answer, const ViewParts& parts);
Json overridden_view(const v1::OverrideDeliveryResponse& answer, const ViewParts& parts);
Json decided_proposal_view(const v1::DecideProposalResponse& answer, const ViewParts& parts);
Json cases_view(const v1::ListCasesResponse& answer, const ViewParts& parts);
Json case_view(const v1::GetCaseResponse& answer, const ViewParts& parts);
Json disputed_view(const v1::DisputeCaseResponse& answer, const ViewParts& parts);
Json verdicts_view(const v1::ListVerdictsResponse& answer, const ViewParts& parts);
Json verdict_view(const v1::GetVerdictResponse& answer, const ViewParts& parts);
Json replay_view(const v1::ReplayVerdictResponse& answer, const ViewParts& parts);
Json watch_view(const v1::WatchEvent& answer, const ViewParts& parts);
Json event_view(const v1::VerifyEvent& answer, const ViewParts& parts);
Json statuses_view(const v1::ListStatusesResponse& answer, const ViewParts& parts);
Json status_changes_view(const v1::ListStatusChangesResponse& answer, const ViewParts& parts);
Json notices_view(const v1::ListNoticesResponse& answer, const ViewParts& parts);
Json resent_view(const v1::ResendNoticeResponse& answer, const ViewParts& parts);
Json sinks_view(const v1::ListSinksResponse& answer, const ViewParts& parts);
Json tested_view(const v1::TestSinkResponse& answer, const ViewParts& parts);
Json switched_view(const v1::SwitchSinkResponse& answer, const ViewParts& parts);
Json notice_lines_view(const v1::ExportNoticesResponse& answer, const ViewParts& parts);
Json enrolments_view(const v1::ListEnrolmentsResponse& answer, const ViewParts& parts);
Json enrolment_token_view(const v1::CreateEnrolmentTokenResponse& answer, const ViewParts& parts);
Json revoked_enrolment_view(const v1::RevokeEnrolmentResponse& answer, const ViewParts& parts);
Json mutes_view(const v1::ListMutesResponse& answer, const ViewParts& parts);
Json policy_view(const v1::GetPolicyResponse& answer, const ViewParts& parts);
Json audit_view(const v1::ListAuditResponse& answer, const ViewParts& parts);
Json policies_view(const v1::ListPoliciesResponse& answer, const ViewParts& parts);
Json activated_view(const v1::ActivatePolicyResponse& answer, const ViewParts& parts);
Json policy_replay_view(const v1::ReplayPolicyResponse& answer, const ViewParts& parts);
Json report_keys_view(const v1::GetReportKeysResponse& answer, const ViewParts& parts);

/// Of the answers that have one case, one mute, or rows of chips' statuses.
template <class Answer>
Json changed_case_view(const Answer& answer, const ViewParts& parts);
template <class Answer>
Json mute_view(const Answer& answer, const ViewParts& parts);
template <class Answer>
Json absences_view(const Answer& answer, const ViewParts& parts);

}  // namespace chiploc
