#pragma once
#include "proto/v1/operator_service.grpc.pb.h"
#include "server/grpc/certificate_gate.hpp"
#include "server/service/operator_use_cases.hpp"

namespace chiploc {

/// The people's side of the API over gRPC: asks who calls, has the use case answer, and gives answer or
/// status. No rules here.
///
/// Threads   gRPC's own, and those on which OperatorUseCases answers late.
/// Owns      nothing; the use cases outlive this and the server that it is registered with.
class OperatorService final : public v1::OperatorService::CallbackService {
 public:
  /// `gate`: cuts streams of revoked certificates; null: none are.
  explicit OperatorService(OperatorUseCases& cases, CertificateGate* gate = nullptr)
      : cases_{cases}, gate_{gate} {}

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  Reactor* GetStatus(Context*, const v1::GetStatusRequest*, v1::GetStatusResponse*) override;
  Reactor* ListChips(Context*, const v1::ListChipsRequest*, v1::ListChipsResponse*) override;
  Reactor* GetChip(Context*, const v1::GetChipRequest*, v1::GetChipResponse*) override;
  Reactor* ListLicences(Context*, const v1::ListLicencesRequest*, v1::ListLicencesResponse*) override;
  Reactor* GetLicence(Context*, const v1::GetLicenceRequest*, v1::GetLicenceResponse*) override;
  Reactor* GetTerritory(Context*, const v1::GetTerritoryRequest*, v1::GetTerritoryResponse*) override;
  Reactor* CompleteName(Context*, const v1::CompleteNameRequest*, v1::CompleteNameResponse*) override;
  Reactor* ListImports(Context*, const v1::ListImportsRequest*, v1::ListImportsResponse*) override;
  Reactor* Export(Context*, const v1::ExportRequest*, v1::ExportResponse*) override;
  Reactor* Remove(Context*, const v1::RemoveRequest*, v1::RemoveResponse*) override;
  Reactor* ListAnchors(Context*, const v1::ListAnchorsRequest*, v1::ListAnchorsResponse*) override;
  Reactor* Import(Context*, const v1::ImportRequest*, v1::ImportResponse*) override;
  Reactor* RestartCounters(Context*, const v1::RestartCountersRequest*,
                           v1::RestartCountersResponse*) override;
  grpc::ServerWriteReactor<v1::VerifyEvent>* Verify(Context*, const v1::VerifyRequest*) override;
  Reactor* ListVerdicts(Context*, const v1::ListVerdictsRequest*, v1::ListVerdictsResponse*) override;
  Reactor* GetVerdict(Context*, const v1::GetVerdictRequest*, v1::GetVerdictResponse*) override;
  Reactor* ReplayVerdict(Context*, const v1::ReplayVerdictRequest*, v1::ReplayVerdictResponse*) override;
  Reactor* ListStatuses(Context*, const v1::ListStatusesRequest*, v1::ListStatusesResponse*) override;
  Reactor* ListStatusChanges(Context*, const v1::ListStatusChangesRequest*,
                             v1::ListStatusChangesResponse*) override;
  Reactor* DeclareAbsence(Context*, const v1::DeclareAbsenceRequest*, v1::DeclareAbsenceResponse*) override;
  Reactor* EndAbsence(Context*, const v1::EndAbsenceRequest*, v1::EndAbsenceResponse*) override;
  Reactor* ListOrderHolds(Context* context, const v1::ListOrderHoldsRequest* request,
                          v1::ListOrderHoldsResponse* response) override;
  Reactor* LiftOrderHold(Context* context, const v1::LiftOrderHoldRequest* request,
                         v1::LiftOrderHoldResponse* response) override;
  Reactor* OverrideDelivery(Context* context, const v1::OverrideDeliveryRequest* request,
                            v1::OverrideDeliveryResponse* response) override;
  Reactor* DecideProposal(Context* context, const v1::DecideProposalRequest* request,
                          v1::DecideProposalResponse* response) override;
  Reactor* ListCases(Context* context, const v1::ListCasesRequest* request,
                     v1::ListCasesResponse* response) override;
  Reactor* GetCase(Context* context, const v1::GetCaseRequest* request,
                   v1::GetCaseResponse* response) override;
  Reactor* AssignCase(Context* context, const v1::AssignCaseRequest* request,
                      v1::AssignCaseResponse* response) override;
  Reactor* CommentCase(Context* context, const v1::CommentCaseRequest* request,
                       v1::CommentCaseResponse* response) override;
  Reactor* AddCaseEvidence(Context* context, const v1::AddCaseEvidenceRequest* request,
                           v1::AddCaseEvidenceResponse* response) override;
  Reactor* DisputeCase(Context* context, const v1::DisputeCaseRequest* request,
                       v1::DisputeCaseResponse* response) override;
  Reactor* DecideDispute(Context* context, const v1::DecideDisputeRequest* request,
                         v1::DecideDisputeResponse* response) override;
  Reactor* ResolveCase(Context* context, const v1::ResolveCaseRequest* request,
                       v1::ResolveCaseResponse* response) override;
  Reactor* ReopenCase(Context* context, const v1::ReopenCaseRequest* request,
                      v1::ReopenCaseResponse* response) override;
  Reactor* StateUser(Context* context, const v1::StateUserRequest* request,
                     v1::StateUserResponse* response) override;
  Reactor* ListNotices(Context*, const v1::ListNoticesRequest*, v1::ListNoticesResponse*) override;
  Reactor* ResendNotice(Context*, const v1::ResendNoticeRequest*, v1::ResendNoticeResponse*) override;
  Reactor* ListSinks(Context*, const v1::ListSinksRequest*, v1::ListSinksResponse*) override;
  Reactor* TestSink(Context*, const v1::TestSinkRequest*, v1::TestSinkResponse*) override;
  Reactor* SwitchSink(Context*, const v1::SwitchSinkRequest*, v1::SwitchSinkResponse*) override;
  Reactor* ExportNotices(Context*, const v1::ExportNoticesRequest*, v1::ExportNoticesResponse*) override;
  Reactor* ListMutes(Context*, const v1::ListMutesRequest*, v1::ListMutesResponse*) override;
  Reactor* AddMute(Context*, const v1::AddMuteRequest*, v1::AddMuteResponse*) override;
  Reactor* EndMute(Context*, const v1::EndMuteRequest*, v1::EndMuteResponse*) override;
  Reactor* GetPolicy(Context*, const v1::GetPolicyRequest*, v1::GetPolicyResponse*) override;
  Reactor* ActivatePolicy(Context*, const v1::ActivatePolicyRequest*, v1::ActivatePolicyResponse*) override;
  Reactor* ListPolicies(Context*, const v1::ListPoliciesRequest*, v1::ListPoliciesResponse*) override;
  Reactor* ListAudit(Context*, const v1::ListAuditRequest*, v1::ListAuditResponse*) override;
  Reactor* ReplayPolicy(Context*, const v1::ReplayPolicyRequest*, v1::ReplayPolicyResponse*) override;
  Reactor* ListRecords(Context*, const v1::ListRecordsRequest*, v1::ListRecordsResponse*) override;
  Reactor* GetOrder(Context*, const v1::GetOrderRequest*, v1::GetOrderResponse*) override;
  Reactor* ListRegistryChanges(Context*, const v1::ListRegistryChangesRequest*,
                               v1::ListRegistryChangesResponse*) override;
  grpc::ServerWriteReactor<v1::ReportPiece>* GetReport(Context*, const v1::GetReportRequest*) override;
  Reactor* GetReportKeys(Context*, const v1::GetReportKeysRequest*, v1::GetReportKeysResponse*) override;
  Reactor* GetSummary(Context*, const v1::GetSummaryRequest*, v1::GetSummaryResponse*) override;
  Reactor* CreateSignInCode(Context*, const v1::CreateSignInCodeRequest*,
                            v1::CreateSignInCodeResponse*) override;
  grpc::ServerWriteReactor<v1::WatchEvent>* Watch(Context*, const v1::WatchRequest*) override;
  Reactor* CreateEnrolmentToken(Context*, const v1::CreateEnrolmentTokenRequest*,
                                v1::CreateEnrolmentTokenResponse*) override;
  Reactor* ListEnrolments(Context*, const v1::ListEnrolmentsRequest*, v1::ListEnrolmentsResponse*) override;
  Reactor* RevokeEnrolment(Context*, const v1::RevokeEnrolmentRequest*,
                           v1::RevokeEnrolmentResponse*) override;

 private:
  /// A use case that answers at once.
  template <class Request, class Response>
  using AtOnce = Answer<Response> (OperatorUseCases::*)(const Request&, const Caller&);
  /// One that answers when the work is done; none of these is a researcher's.
  template <class Request, class Response>
  using Later = void (OperatorUseCases::*)(const Request&, const Caller&, const Completion<Response>&);

  template <class Request, class Response>
  Reactor* answer(Context* context, const Request& request, Response& response,
                  AtOnce<Request, Response> use_case);
  template <class Request, class Response>
  Reactor* answer(Context* context, const Request& request, Response& response,
                  Later<Request, Response> use_case);

  OperatorUseCases& cases_;
  CertificateGate* gate_;
};

}  // namespace chiploc
