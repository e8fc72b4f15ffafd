#pragma once
#include <chrono>
#include <functional>
#include <memory>

#include "proto/base/result.hpp"
#include "proto/v1/operator_service.pb.h"
#include "server/cli/exit_code.hpp"
#include "server/cli/settings.hpp"

namespace chiploc {

/// Why a watch ended.
struct WatchEnd {
  CliFault fault;
  bool may_go_on = false;  ///< asked again later, behind the last event, it may go well
};

/// The coordinator as the commands see it: one function per call, faults as exit code and sentence. One
/// thread, but for verify(). Every call has a deadline, so that the command line never hangs on a dead network.
class Client {
 public:
  template <class T>
  using Answer = Result<T, CliFault>;

  /// Opens nothing yet: the first call does. Fails with kBadConfig if the TLS files are wrong, or the
  /// certificate is over, of another authority, or no person's.
  [[nodiscard]] static Result<Client, CliFault> open(const Settings& settings,
                                                     std::chrono::seconds call_deadline);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  /// What a person should know of their certificate: that it ends soon. Empty: nothing.
  [[nodiscard]] const std::string& remark() const;
  /// Whether the certificate is an entity's: of whom chips are asked for, not who asks.
  [[nodiscard]] bool of_entity() const;

  [[nodiscard]] Answer<v1::GetStatusResponse> status();
  [[nodiscard]] Answer<v1::ListChipsResponse> list_chips(const v1::ListChipsRequest& request);
  [[nodiscard]] Answer<v1::GetChipResponse> chip(const v1::GetChipRequest& request);
  [[nodiscard]] Answer<v1::RestartCountersResponse> restart_counters(
      const v1::RestartCountersRequest& request);
  [[nodiscard]] Answer<v1::ListLicencesResponse> licences();
  [[nodiscard]] Answer<v1::GetLicenceResponse> licence(const v1::GetLicenceRequest& request);
  [[nodiscard]] Answer<v1::GetTerritoryResponse> territory(const v1::GetTerritoryRequest& request);
  [[nodiscard]] Answer<v1::CompleteNameResponse> complete_name(const v1::CompleteNameRequest& request);
  [[nodiscard]] Answer<v1::ListImportsResponse> imports(const v1::ListImportsRequest& request);
  [[nodiscard]] Answer<v1::ExportResponse> export_table(const v1::ExportRequest& request);
  [[nodiscard]] Answer<v1::RemoveResponse> remove(const v1::RemoveRequest& request);
  [[nodiscard]] Answer<v1::ListAnchorsResponse> anchors();
  [[nodiscard]] Answer<v1::ListRecordsResponse> records(const v1::ListRecordsRequest& request);
  [[nodiscard]] Answer<v1::GetOrderResponse> order(const v1::GetOrderRequest& request);
  [[nodiscard]] Answer<v1::ListRegistryChangesResponse> registry_changes(
      const v1::ListRegistryChangesRequest& request);
  /// `wait`: so long at most for a coordinator that is away at the moment, and for its answer; 0: no waiting
  /// for the one, and the call's deadline for the other.
  [[nodiscard]] Answer<v1::ImportResponse> import(const v1::ImportRequest& request,
                                                  std::chrono::seconds wait = std::chrono::seconds{0});
  [[nodiscard]] Answer<v1::ListVerdictsResponse> list_verdicts(const v1::ListVerdictsRequest& request);
  [[nodiscard]] Answer<v1::GetVerdictResponse> verdict(const v1::GetVerdictRequest& request);
  [[nodiscard]] Answer<v1::ReplayVerdictResponse> replay(const v1::ReplayVerdictRequest& request);
  // What chips are held for.
  [[nodiscard]] Answer<v1::ListStatusesResponse> list_statuses(const v1::ListStatusesRequest& request);
  [[nodiscard]] Answer<v1::ListStatusChangesResponse> list_status_changes(
      const v1::ListStatusChangesRequest& request);
  [[nodiscard]] Answer<v1::DeclareAbsenceResponse> declare_absence(const v1::DeclareAbsenceRequest& request);
  [[nodiscard]] Answer<v1::EndAbsenceResponse> end_absence(const v1::EndAbsenceRequest& request);
  // Orders' holds, and cases.
  [[nodiscard]] Answer<v1::ListOrderHoldsResponse> list_order_holds(const v1::ListOrderHoldsRequest& request);
  [[nodiscard]] Answer<v1::LiftOrderHoldResponse> lift_order_hold(const v1::LiftOrderHoldRequest& request);
  [[nodiscard]] Answer<v1::OverrideDeliveryResponse> override_delivery(
      const v1::OverrideDeliveryRequest& request);
  [[nodiscard]] Answer<v1::DecideProposalResponse> decide_proposal(const v1::DecideProposalRequest& request);
  [[nodiscard]] Answer<v1::ListCasesResponse> list_cases(const v1::ListCasesRequest& request);
  [[nodiscard]] Answer<v1::GetCaseResponse> case_of(const v1::GetCaseRequest& request);
  [[nodiscard]] Answer<v1::AssignCaseResponse> assign_case(const v1::AssignCaseRequest& request);
  [[nodiscard]] Answer<v1::CommentCaseResponse> comment_case(const v1::CommentCaseRequest& request);
  [[nodiscard]] Answer<v1::AddCaseEvidenceResponse> add_case_evidence(
      const v1::AddCaseEvidenceRequest& request);
  [[nodiscard]] Answer<v1::DisputeCaseResponse> dispute_case(const v1::DisputeCaseRequest& request);
  [[nodiscard]] Answer<v1::DecideDisputeResponse> decide_dispute(const v1::DecideDisputeRequest& request);
  [[nodiscard]] Answer<v1::ResolveCaseResponse> resolve_case(const v1::ResolveCaseRequest& request);
  [[nodiscard]] Answer<v1::ReopenCaseResponse> reopen_case(const v1::ReopenCaseRequest& request);
  [[nodiscard]] Answer<v1::StateUserResponse> state_user(const v1::StateUserRequest& request);
  // What other systems are told.
  [[nodiscard]] Answer<v1::ListNoticesResponse> list_notices(const v1::ListNoticesRequest& request);
  [[nodiscard]] Answer<v1::ResendNoticeResponse> resend_notice(const v1::ResendNoticeRequest& request);
  [[nodiscard]] Answer<v1::TestSinkResponse> test_sink(const v1::TestSinkRequest& request);
  [[nodiscard]] Answer<v1::SwitchSinkResponse> switch_sink(const v1::SwitchSinkRequest& request);
  [[nodiscard]] Answer<v1::ExportNoticesResponse> export_notices(const v1::ExportNoticesRequest& request);
  [[nodiscard]] Answer<v1::ListMutesResponse> list_mutes(const v1::ListMutesRequest& request);
  [[nodiscard]] Answer<v1::AddMuteResponse> add_mute(const v1::AddMuteRequest& request);
  [[nodiscard]] Answer<v1::EndMuteResponse> end_mute(const v1::EndMuteRequest& request);
  [[nodiscard]] Answer<v1::ListSinksResponse> list_sinks();
  [[nodiscard]] Answer<v1::GetPolicyResponse> policy();
  [[nodiscard]] Answer<v1::ActivatePolicyResponse> activate_policy(const v1::ActivatePolicyRequest& request);
  [[nodiscard]] Answer<v1::ListAuditResponse> audit(const v1::ListAuditRequest& request);
  [[nodiscard]] Answer<v1::ListPoliciesResponse> policies(const v1::ListPoliciesRequest& request);
  [[nodiscard]] Answer<v1::ReplayPolicyResponse> replay_policy(const v1::ReplayPolicyRequest& request);
  [[nodiscard]] Answer<v1::GetSummaryResponse> summary(const v1::GetSummaryRequest& request);
  [[nodiscard]] Answer<v1::CreateSignInCodeResponse> sign_in_code();
  // Tokens of enrolment.
  [[nodiscard]] Answer<v1::CreateEnrolmentTokenResponse> create_enrolment_token(
      const v1::CreateEnrolmentTokenRequest& request);
  [[nodiscard]] Answer<v1::ListEnrolmentsResponse> list_enrolments(const v1::ListEnrolmentsRequest& request);
  [[nodiscard]] Answer<v1::RevokeEnrolmentResponse> revoke_enrolment(
      const v1::RevokeEnrolmentRequest& request);
  [[nodiscard]] Answer<v1::GetReportKeysResponse> report_keys();
  /// Calls `each` for the pieces of the document in order and returns its signature, which comes with the last.
  [[nodiscard]] Answer<std::string> report(const v1::GetReportRequest& request,
                                           std::chrono::milliseconds deadline,
                                           const std::function<void(const std::string&)>& each);
  /// Calls `each` for every event in order and returns the verdict, which is the last one. Several threads may
  /// verify at once.
  [[nodiscard]] Answer<v1::Verdict> verify(const v1::VerifyRequest& request,
                                           std::chrono::milliseconds deadline,
                                           const std::function<void(const v1::VerifyEvent&)>& each);
  /// Calls `each` for what is committed, in order, until it says false or the watch ends. It has no deadline; a
  /// coordinator that vanished is noticed within 30 seconds.
  [[nodiscard]] WatchEnd watch(const v1::WatchRequest& request,
                               const std::function<bool(const v1::WatchEvent&)>& each);
  /// The same coordinator by a new connection, with the TLS files as they are now. Fails as open().
  [[nodiscard]] Result<Client, CliFault> again() const;

 private:
  struct State;
  explicit Client(std::unique_ptr<State> state);
  template <class Request, class Response, class Call>
  Answer<Response> unary(const Request& request, Call call,
                         std::chrono::seconds wait = std::chrono::seconds{0});
  std::unique_ptr<State> state_;
};

}  // namespace chiploc
