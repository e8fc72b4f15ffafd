#include "server/grpc/operator_service.hpp"

#include <utility>

#include "server/grpc/peer.hpp"
#include "server/grpc/status.hpp"
#include "server/service/audit.hpp"
#include "server/service/redaction.hpp"

namespace chiploc {
namespace {

/// How one call ends. The response lives until then, whether or not the person is still there.
template <class Response>
class Ending {
 public:
  Ending(grpc::ServerUnaryReactor* reactor, Response& response, OperatorUseCases& cases,
         const Answer<Caller>& caller, const google::protobuf::Message& request)
      : reactor_{reactor},
        response_{response},
        cases_{cases},
        caller_{caller ? *caller : Caller{}},
        subject_{caller_.sees_all ? subject_of(request) : ""} {}

  void operator()(Answer<Response> answer) const {
    if (!answer) return refuse(told_to(caller_, answer.error()));
    auto look = cases_.look_at(caller_, subject_, *answer);
    redact(caller_, *answer);
    response_ = std::move(*answer);
    cases_.note_look(std::move(look), [self = *this](const Answer<Done>& noted) {
      if (!noted) {
        self.response_.Clear();
        return self.refuse(noted.error());
      }
      self.reactor_->Finish(grpc::Status::OK);
    });
  }

 private:
  void refuse(const ApiFault& fault) const {
    cases_.counters().count(fault);
    reactor_->Finish(to_status(fault));
  }
  grpc::ServerUnaryReactor* reactor_;
  Response& response_;
  OperatorUseCases& cases_;
  Caller caller_;  // who was not let in sees nothing
  std::string subject_;
};

}  // namespace

template <class Request, class Response>
OperatorService::Reactor* OperatorService::answer(Context* context, const Request& request,
                                                  Response& response, AtOnce<Request, Response> use_case) {
  Reactor* reactor = context->DefaultReactor();
  auto caller = caller_of(*context->auth_context(), *Request::descriptor(), reason_of(*context));
  Request asked = request;
  if (caller) {
    if (const auto read = cases_.read_pseudonyms(*caller, asked); !read) caller = Fail{read.error()};
  }
  const Ending<Response> end{reactor, response, cases_, caller, asked};
  if (caller) {
    end((cases_.*use_case)(asked, *caller));
  } else {
    end(Fail{caller.error()});
  }
  return reactor;
}

template <class Request, class Response>
OperatorService::Reactor* OperatorService::answer(Context* context, const Request& request,
                                                  Response& response, Later<Request, Response> use_case) {
  Reactor* reactor = context->DefaultReactor();
  const auto caller = caller_of(*context->auth_context(), *Request::descriptor(), reason_of(*context));
  const Ending<Response> end{reactor, response, cases_, caller, request};
  if (caller) {
    (cases_.*use_case)(request, *caller, end);
  } else {
    end(Fail{caller.error()});
  }
  return reactor;
}

OperatorService::Reactor* OperatorService::GetStatus(Context* context, const v1::GetStatusRequest* request,
                                                     v1::GetStatusResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::get_status);
}

OperatorService::Reactor* OperatorService::ListChips(Context* context, const v1::ListChipsRequest* request,
                                                     v1::ListChipsResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_chips);
}

OperatorService::Reactor* OperatorService::GetChip(Context* context, const v1::GetChipRequest* request,
                                                   v1::GetChipResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::get_chip);
}

OperatorService::Reactor* OperatorService::ListLicences(Context* context,
                                                        const v1::ListLicencesRequest* request,
                                                        v1::ListLicencesResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_licences);
}

OperatorService::Reactor* OperatorService::GetLicence(Context* context, const v1::GetLicenceRequest* request,
                                                      v1::GetLicenceResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::get_licence);
}

OperatorService::Reactor* OperatorService::GetTerritory(Context* context,
                                                        const v1::GetTerritoryRequest* request,
                                                        v1::GetTerritoryResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::get_territory);
}

OperatorService::Reactor* OperatorService::CompleteName(Context* context,
                                                        const v1::CompleteNameRequest* request,
                                                        v1::CompleteNameResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::complete_name);
}

OperatorService::Reactor* OperatorService::ListImports(Context* context,
                                                       const v1::ListImportsRequest* request,
                                                       v1::ListImportsResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_imports);
}

OperatorService::Reactor* OperatorService::Export(Context* context, const v1::ExportRequest* request,
                                                  v1::ExportResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::export_table);
}

OperatorService::Reactor* OperatorService::Remove(Context* context, const v1::RemoveRequest* request,
                                                  v1::RemoveResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::remove);
}

OperatorService::Reactor* OperatorService::ListAnchors(Context* context,
                                                       const v1::ListAnchorsRequest* request,
                                                       v1::ListAnchorsResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_anchors);
}

OperatorService::Reactor* OperatorService::Import(Context* context, const v1::ImportRequest* request,
                                                  v1::ImportResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::import);
}

OperatorService::Reactor* OperatorService::RestartCounters(Context* context,
                                                           const v1::RestartCountersRequest* request,
                                                           v1::RestartCountersResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::restart_counters);
}

OperatorService::Reactor* OperatorService::ListVerdicts(Context* context,
                                                        const v1::ListVerdictsRequest* request,
                                                        v1::ListVerdictsResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_verdicts);
}

OperatorService::Reactor* OperatorService::GetVerdict(Context* context, const v1::GetVerdictRequest* request,
                                                      v1::GetVerdictResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::get_verdict);
}

OperatorService::Reactor* OperatorService::ReplayVerdict(Context* context,
                                                         const v1::ReplayVerdictRequest* request,
                                                         v1::ReplayVerdictResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::replay_verdict);
}

OperatorService::Reactor* OperatorService::ListRecords(Context* context,
                                                       const v1::ListRecordsRequest* request,
                                                       v1::ListRecordsResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_records);
}

OperatorService::Reactor* OperatorService::GetOrder(Context* context, const v1::GetOrderRequest* request,
                                                    v1::GetOrderResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::get_order);
}

OperatorService::Reactor* OperatorService::ListRegistryChanges(Context* context,
                                                               const v1::ListRegistryChangesRequest* request,
                                                               v1::ListRegistryChangesResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_registry_changes);
}

OperatorService::Reactor* OperatorService::ListStatuses(Context* context,
                                                        const v1::ListStatusesRequest* request,
                                                        v1::ListStatusesResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_statuses);
}

OperatorService::Reactor* OperatorService::ListStatusChanges(Context* context,
                                                             const v1::ListStatusChangesRequest* request,
                                                             v1::ListStatusChangesResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_status_changes);
}

OperatorService::Reactor* OperatorService::DeclareAbsence(Context* context,
                                                          const v1::DeclareAbsenceRequest* request,
                                                          v1::DeclareAbsenceResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::declare_absence);
}

OperatorService::Reactor* OperatorService::EndAbsence(Context* context, const v1::EndAbsenceRequest* request,
                                                      v1::EndAbsenceResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::end_absence);
}

OperatorService::Reactor* OperatorService::ListOrderHolds(Context* context,
                                                          const v1::ListOrderHoldsRequest* request,
                                                          v1::ListOrderHoldsResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_order_holds);
}

OperatorService::Reactor* OperatorService::LiftOrderHold(Context* context,
                                                         const v1::LiftOrderHoldRequest* request,
                                                         v1::LiftOrderHoldResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::lift_order_hold);
}

OperatorService::Reactor* OperatorService::OverrideDelivery(Context* context,
                                                            const v1::OverrideDeliveryRequest* request,
                                                            v1::OverrideDeliveryResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::override_delivery);
}

OperatorService::Reactor* OperatorService::DecideProposal(Context* context,
                                                          const v1::DecideProposalRequest* request,
                                                          v1::DecideProposalResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::decide_proposal);
}

OperatorService::Reactor* OperatorService::ListCases(Context* context, const v1::ListCasesRequest* request,
                                                     v1::ListCasesResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_cases);
}

OperatorService::Reactor* OperatorService::GetCase(Context* context, const v1::GetCaseRequest* request,
                                                   v1::GetCaseResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::get_case);
}

OperatorService::Reactor* OperatorService::AssignCase(Context* context, const v1::AssignCaseRequest* request,
                                                      v1::AssignCaseResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::assign_case);
}

OperatorService::Reactor* OperatorService::CommentCase(Context* context,
                                                       const v1::CommentCaseRequest* request,
                                                       v1::CommentCaseResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::comment_case);
}

OperatorService::Reactor* OperatorService::AddCaseEvidence(Context* context,
                                                           const v1::AddCaseEvidenceRequest* request,
                                                           v1::AddCaseEvidenceResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::add_case_evidence);
}

OperatorService::Reactor* OperatorService::DisputeCase(Context* context,
                                                       const v1::DisputeCaseRequest* request,
                                                       v1::DisputeCaseResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::dispute_case);
}

OperatorService::Reactor* OperatorService::DecideDispute(Context* context,
                                                         const v1::DecideDisputeRequest* request,
                                                         v1::DecideDisputeResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::decide_dispute);
}

OperatorService::Reactor* OperatorService::ResolveCase(Context* context,
                                                       const v1::ResolveCaseRequest* request,
                                                       v1::ResolveCaseResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::resolve_case);
}

OperatorService::Reactor* OperatorService::ReopenCase(Context* context, const v1::ReopenCaseRequest* request,
                                                      v1::ReopenCaseResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::reopen_case);
}
OperatorService::Reactor* OperatorService::StateUser(Context* context, const v1::StateUserRequest* request,
                                                     v1::StateUserResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::state_user);
}

OperatorService::Reactor* OperatorService::ListNotices(Context* context,
                                                       const v1::ListNoticesRequest* request,
                                                       v1::ListNoticesResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_notices);
}

OperatorService::Reactor* OperatorService::ResendNotice(Context* context,
                                                        const v1::ResendNoticeRequest* request,
                                                        v1::ResendNoticeResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::resend_notice);
}

OperatorService::Reactor* OperatorService::ListSinks(Context* context, const v1::ListSinksRequest* request,
                                                     v1::ListSinksResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_sinks);
}

OperatorService::Reactor* OperatorService::TestSink(Context* context, const v1::TestSinkRequest* request,
                                                    v1::TestSinkResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::test_sink);
}

OperatorService::Reactor* OperatorService::SwitchSink(Context* context, const v1::SwitchSinkRequest* request,
                                                      v1::SwitchSinkResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::switch_sink);
}

OperatorService::Reactor* OperatorService::ExportNotices(Context* context,
                                                         const v1::ExportNoticesRequest* request,
                                                         v1::ExportNoticesResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::export_notices);
}

OperatorService::Reactor* OperatorService::ListMutes(Context* context, const v1::ListMutesRequest* request,
                                                     v1::ListMutesResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_mutes);
}

OperatorService::Reactor* OperatorService::AddMute(Context* context, const v1::AddMuteRequest* request,
                                                   v1::AddMuteResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::add_mute);
}

OperatorService::Reactor* OperatorService::EndMute(Context* context, const v1::EndMuteRequest* request,
                                                   v1::EndMuteResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::end_mute);
}

OperatorService::Reactor* OperatorService::GetPolicy(Context* context, const v1::GetPolicyRequest* request,
                                                     v1::GetPolicyResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::get_policy);
}

OperatorService::Reactor* OperatorService::ListAudit(Context* context, const v1::ListAuditRequest* request,
                                                     v1::ListAuditResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_audit);
}

OperatorService::Reactor* OperatorService::ActivatePolicy(Context* context,
                                                          const v1::ActivatePolicyRequest* request,
                                                          v1::ActivatePolicyResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::activate_policy);
}

OperatorService::Reactor* OperatorService::ListPolicies(Context* context,
                                                        const v1::ListPoliciesRequest* request,
                                                        v1::ListPoliciesResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_policies);
}

OperatorService::Reactor* OperatorService::ReplayPolicy(Context* context,
                                                        const v1::ReplayPolicyRequest* request,
                                                        v1::ReplayPolicyResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::replay_policy);
}

OperatorService::Reactor* OperatorService::GetReportKeys(Context* context,
                                                         const v1::GetReportKeysRequest* request,
                                                         v1::GetReportKeysResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::get_report_keys);
}

OperatorService::Reactor* OperatorService::GetSummary(Context* context, const v1::GetSummaryRequest* request,
                                                      v1::GetSummaryResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::get_summary);
}

OperatorService::Reactor* OperatorService::CreateSignInCode(Context* context,
                                                            const v1::CreateSignInCodeRequest* request,
                                                            v1::CreateSignInCodeResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::create_sign_in_code);
}

OperatorService::Reactor* OperatorService::CreateEnrolmentToken(
    Context* context, const v1::CreateEnrolmentTokenRequest* request,
    v1::CreateEnrolmentTokenResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::create_enrolment_token);
}
OperatorService::Reactor* OperatorService::ListEnrolments(Context* context,
                                                          const v1::ListEnrolmentsRequest* request,
                                                          v1::ListEnrolmentsResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::list_enrolments);
}
OperatorService::Reactor* OperatorService::RevokeEnrolment(Context* context,
                                                           const v1::RevokeEnrolmentRequest* request,
                                                           v1::RevokeEnrolmentResponse* response) {
  return answer(context, *request, *response, &OperatorUseCases::revoke_enrolment);
}

}  // namespace chiploc
