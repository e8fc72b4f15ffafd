#include "server/cli/client_state.hpp"

#include <grpc/grpc_security_constants.h>
#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <cstdlib>
#include <utility>

#include "server/net/certificate_check.hpp"
#include "server/net/keepalive.hpp"
#include "server/net/unresolved.hpp"

namespace chiploc {
namespace {

// Evidence of a round with 64 anchors is about 2 MiB; a page of chips about 1 MiB; an exported maker as much as
// Import takes.
constexpr int kReceiveMax = 144 << 20;
constexpr int kSendMax = 144 << 20;  // as the server's limit for Import

bool mentions(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Of a call that is UNAVAILABLE: there was a connection, and it ended before the answer (killed, cut, no
/// more heartbeats). What gRPC says of one that never came about names the attempt.
bool broke_off(const std::string& message) {
  for (const char* attempt : {"ailed to connect", "DNS resolution", "andshake", "SSL", "Peer name"}) {
    if (mentions(message, attempt)) return false;
  }
  return true;
}

}  // namespace

std::string Client::State::unreachable(const std::string& message) const {
  // The service's own sentence, not gRPC's: it was reached, and says why it will not.
  if (message.compare(0, 9, "chiplocd ") == 0) return message;
  if (const std::string unresolved = unresolved_text(message, settings.server, settings.server_from);
      !unresolved.empty())
    return unresolved;
  const std::string who = "no coordinator at " + settings.server;
  if (mentions(message, "refused"))
    return who + ": the connection was refused; start chiplocd or correct " + settings.server_from;
  if (broke_off(message)) {
    return "the connection with " + settings.server +
           " broke off; look whether chiplocd still runs, and ask again (a round "
           "in flight is cut: verify again)";
  }
  if (mentions(message, "Peer name") || mentions(message, "ostname")) {
    return "no TLS connection with " + settings.server + ": the coordinator's certificate is not for '" +
           settings.server_name +
           "'; set server_name to a name that it is for, or have one issued that is: chiploc pki issue coordinator "
           "NAME --host " +
           settings.server_name;
  }
  if (mentions(message, "andshake") || mentions(message, "SSL") || mentions(message, "certificate") ||
      mentions(message, "reset") || mentions(message, "closed")) {
    return "no TLS connection with " + settings.server + " (" + message + "); check that " +
           settings.tls.ca.string() +
           " issued both sides' certificates, that neither has ended (chiplocd --config chiplocd.toml --check-config "
           "says so there), that both clocks are right, and that the server's name is " +
           settings.server_name;
  }
  return who + " (" + message + "); check " + settings.server_from + " and the network";
}

CliFault Client::State::fault_of(const grpc::Status& status) const {
  const std::string text = status.error_message();
  switch (status.error_code()) {
    case grpc::StatusCode::NOT_FOUND:
      return {ExitCode::kNotFound, text};
    case grpc::StatusCode::INVALID_ARGUMENT:
      return {ExitCode::kUsage, text};
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return {ExitCode::kRefused, text};
    case grpc::StatusCode::UNAVAILABLE:
      return {ExitCode::kUnreachable, unreachable(text),
              text.compare(0, 9, "chiplocd ") != 0 && broke_off(text)};
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return {ExitCode::kUnreachable,
              settings.server + " did not answer in time; try again, raise --timeout, or correct " +
                  settings.server_from,
              true};
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::FAILED_PRECONDITION:
      return {ExitCode::kUnreachable, text};
    default:
      break;
  }
  return {ExitCode::kInternal, "the coordinator failed: " + text + " (gRPC status " +
                                   std::to_string(static_cast<int>(status.error_code())) +
                                   "); look at its log"};
}

Client::Client(std::unique_ptr<State> state) : state_{std::move(state)} {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client, CliFault> Client::open(const Settings& settings, std::chrono::seconds call_deadline) {
  // gRPC reports a failed handshake on standard error by itself; our own sentence says it once and better.
  if (std::getenv("GRPC_VERBOSITY") == nullptr) {  // NOLINT(concurrency-mt-unsafe): before any thread
    gpr_set_log_function([](gpr_log_func_args*) {});
  }
  const auto material = load_tls(settings.tls);
  if (!material) return Fail{CliFault{ExitCode::kBadConfig, material.error()}};
  const WallTime now{
      std::chrono::duration_cast<Nanoseconds>(std::chrono::system_clock::now().time_since_epoch())};
  const auto own = check_certificate(settings.tls, *material, CertificateHolder::kPerson, "", now);
  if (!own) return Fail{CliFault{ExitCode::kBadConfig, own.error()}};
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(settings.server_name);
  arguments.SetMaxReceiveMessageSize(kReceiveMax);
  arguments.SetMaxSendMessageSize(kSendMax);
  apply_client_keepalive(arguments);  // a round, and who watches, may be without a word for long
  // A connection of its own for each client: gRPC's shared ones bring their own, longer waits.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  auto state = std::make_unique<State>();
  state->settings = settings;
  state->remark = near_end_text(*own, now);
  state->of_entity = own->of_entity;
  state->call_deadline = call_deadline;
  state->channel = grpc::CreateCustomChannel(settings.server, channel_credentials(*material), arguments);
  state->stub = v1::OperatorService::NewStub(state->channel);
  return Client{std::move(state)};
}

Result<Client, CliFault> Client::again() const { return open(state_->settings, state_->call_deadline); }

const std::string& Client::remark() const { return state_->remark; }
bool Client::of_entity() const { return state_->of_entity; }

template <class Request, class Response, class Call>
Client::Answer<Response> Client::unary(const Request& request, Call call, std::chrono::seconds wait) {
  grpc::ClientContext context;
  state_->say_why(context);
  const bool waits = wait.count() > 0;
  if (waits) context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + (waits ? wait : state_->call_deadline));
  Response response;
  const grpc::Status status = ((*state_->stub).*call)(&context, request, &response);
  if (!status.ok()) return Fail{state_->fault_of(status)};
  return response;
}

using Stub = v1::OperatorService::Stub;

Client::Answer<v1::GetStatusResponse> Client::status() {
  return unary<v1::GetStatusRequest, v1::GetStatusResponse>({}, &Stub::GetStatus);
}
Client::Answer<v1::ListChipsResponse> Client::list_chips(const v1::ListChipsRequest& request) {
  return unary<v1::ListChipsRequest, v1::ListChipsResponse>(request, &Stub::ListChips);
}
Client::Answer<v1::GetChipResponse> Client::chip(const v1::GetChipRequest& request) {
  return unary<v1::GetChipRequest, v1::GetChipResponse>(request, &Stub::GetChip);
}
Client::Answer<v1::RestartCountersResponse> Client::restart_counters(
    const v1::RestartCountersRequest& request) {
  return unary<v1::RestartCountersRequest, v1::RestartCountersResponse>(request, &Stub::RestartCounters);
}
Client::Answer<v1::ListLicencesResponse> Client::licences() {
  return unary<v1::ListLicencesRequest, v1::ListLicencesResponse>({}, &Stub::ListLicences);
}
Client::Answer<v1::GetLicenceResponse> Client::licence(const v1::GetLicenceRequest& request) {
  return unary<v1::GetLicenceRequest, v1::GetLicenceResponse>(request, &Stub::GetLicence);
}
Client::Answer<v1::GetTerritoryResponse> Client::territory(const v1::GetTerritoryRequest& request) {
  return unary<v1::GetTerritoryRequest, v1::GetTerritoryResponse>(request, &Stub::GetTerritory);
}
Client::Answer<v1::CompleteNameResponse> Client::complete_name(const v1::CompleteNameRequest& request) {
  return unary<v1::CompleteNameRequest, v1::CompleteNameResponse>(request, &Stub::CompleteName);
}
Client::Answer<v1::ListImportsResponse> Client::imports(const v1::ListImportsRequest& request) {
  return unary<v1::ListImportsRequest, v1::ListImportsResponse>(request, &Stub::ListImports);
}
Client::Answer<v1::ExportResponse> Client::export_table(const v1::ExportRequest& request) {
  return unary<v1::ExportRequest, v1::ExportResponse>(request, &Stub::Export);
}
Client::Answer<v1::RemoveResponse> Client::remove(const v1::RemoveRequest& request) {
  return unary<v1::RemoveRequest, v1::RemoveResponse>(request, &Stub::Remove);
}
Client::Answer<v1::ListAnchorsResponse> Client::anchors() {
  return unary<v1::ListAnchorsRequest, v1::ListAnchorsResponse>({}, &Stub::ListAnchors);
}
Client::Answer<v1::ListRecordsResponse> Client::records(const v1::ListRecordsRequest& request) {
  return unary<v1::ListRecordsRequest, v1::ListRecordsResponse>(request, &Stub::ListRecords);
}
Client::Answer<v1::GetOrderResponse> Client::order(const v1::GetOrderRequest& request) {
  return unary<v1::GetOrderRequest, v1::GetOrderResponse>(request, &Stub::GetOrder);
}
Client::Answer<v1::ListRegistryChangesResponse> Client::registry_changes(
    const v1::ListRegistryChangesRequest& request) {
  return unary<v1::ListRegistryChangesRequest, v1::ListRegistryChangesResponse>(request,
                                                                                &Stub::ListRegistryChanges);
}
Client::Answer<v1::ImportResponse> Client::import(const v1::ImportRequest& request,
                                                  std::chrono::seconds wait) {
  return unary<v1::ImportRequest, v1::ImportResponse>(request, &Stub::Import, wait);
}
Client::Answer<v1::ListVerdictsResponse> Client::list_verdicts(const v1::ListVerdictsRequest& request) {
  return unary<v1::ListVerdictsRequest, v1::ListVerdictsResponse>(request, &Stub::ListVerdicts);
}
Client::Answer<v1::GetVerdictResponse> Client::verdict(const v1::GetVerdictRequest& request) {
  return unary<v1::GetVerdictRequest, v1::GetVerdictResponse>(request, &Stub::GetVerdict);
}
Client::Answer<v1::ReplayVerdictResponse> Client::replay(const v1::ReplayVerdictRequest& request) {
  return unary<v1::ReplayVerdictRequest, v1::ReplayVerdictResponse>(request, &Stub::ReplayVerdict);
}
Client::Answer<v1::GetPolicyResponse> Client::policy() {
  return unary<v1::GetPolicyRequest, v1::GetPolicyResponse>({}, &Stub::GetPolicy);
}
Client::Answer<v1::ActivatePolicyResponse> Client::activate_policy(const v1::ActivatePolicyRequest& request) {
  return unary<v1::ActivatePolicyRequest, v1::ActivatePolicyResponse>(request, &Stub::ActivatePolicy);
}
Client::Answer<v1::ListAuditResponse> Client::audit(const v1::ListAuditRequest& request) {
  return unary<v1::ListAuditRequest, v1::ListAuditResponse>(request, &Stub::ListAudit);
}
Client::Answer<v1::ListPoliciesResponse> Client::policies(const v1::ListPoliciesRequest& request) {
  return unary<v1::ListPoliciesRequest, v1::ListPoliciesResponse>(request, &Stub::ListPolicies);
}
Client::Answer<v1::ReplayPolicyResponse> Client::replay_policy(const v1::ReplayPolicyRequest& request) {
  return unary<v1::ReplayPolicyRequest, v1::ReplayPolicyResponse>(request, &Stub::ReplayPolicy);
}

Client::Answer<v1::ListStatusesResponse> Client::list_statuses(const v1::ListStatusesRequest& request) {
  return unary<v1::ListStatusesRequest, v1::ListStatusesResponse>(request, &Stub::ListStatuses);
}
Client::Answer<v1::ListStatusChangesResponse> Client::list_status_changes(
    const v1::ListStatusChangesRequest& request) {
  return unary<v1::ListStatusChangesRequest, v1::ListStatusChangesResponse>(request,
                                                                            &Stub::ListStatusChanges);
}
Client::Answer<v1::DeclareAbsenceResponse> Client::declare_absence(const v1::DeclareAbsenceRequest& request) {
  return unary<v1::DeclareAbsenceRequest, v1::DeclareAbsenceResponse>(request, &Stub::DeclareAbsence);
}
Client::Answer<v1::EndAbsenceResponse> Client::end_absence(const v1::EndAbsenceRequest& request) {
  return unary<v1::EndAbsenceRequest, v1::EndAbsenceResponse>(request, &Stub::EndAbsence);
}
Client::Answer<v1::ListOrderHoldsResponse> Client::list_order_holds(
    const v1::ListOrderHoldsRequest& request) {
  return unary<v1::ListOrderHoldsRequest, v1::ListOrderHoldsResponse>(request, &Stub::ListOrderHolds);
}
Client::Answer<v1::LiftOrderHoldResponse> Client::lift_order_hold(const v1::LiftOrderHoldRequest& request) {
  return unary<v1::LiftOrderHoldRequest, v1::LiftOrderHoldResponse>(request, &Stub::LiftOrderHold);
}
Client::Answer<v1::OverrideDeliveryResponse> Client::override_delivery(
    const v1::OverrideDeliveryRequest& request) {
  return unary<v1::OverrideDeliveryRequest, v1::OverrideDeliveryResponse>(request, &Stub::OverrideDelivery);
}
Client::Answer<v1::DecideProposalResponse> Client::decide_proposal(const v1::DecideProposalRequest& request) {
  return unary<v1::DecideProposalRequest, v1::DecideProposalResponse>(request, &Stub::DecideProposal);
}
Client::Answer<v1::ListCasesResponse> Client::list_cases(const v1::ListCasesRequest& request) {
  return unary<v1::ListCasesRequest, v1::ListCasesResponse>(request, &Stub::ListCases);
}
Client::Answer<v1::GetCaseResponse> Client::case_of(const v1::GetCaseRequest& request) {
  return unary<v1::GetCaseRequest, v1::GetCaseResponse>(request, &Stub::GetCase);
}
Client::Answer<v1::AssignCaseResponse> Client::assign_case(const v1::AssignCaseRequest& request) {
  return unary<v1::AssignCaseRequest, v1::AssignCaseResponse>(request, &Stub::AssignCase);
}
Client::Answer<v1::CommentCaseResponse> Client::comment_case(const v1::CommentCaseRequest& request) {
  return unary<v1::CommentCaseRequest, v1::CommentCaseResponse>(request, &Stub::CommentCase);
}
Client::Answer<v1::AddCaseEvidenceResponse> Client::add_case_evidence(
    const v1::AddCaseEvidenceRequest& request) {
  return unary<v1::AddCaseEvidenceRequest, v1::AddCaseEvidenceResponse>(request, &Stub::AddCaseEvidence);
}
Client::Answer<v1::DisputeCaseResponse> Client::dispute_case(const v1::DisputeCaseRequest& request) {
  return unary<v1::DisputeCaseRequest, v1::DisputeCaseResponse>(request, &Stub::DisputeCase);
}
Client::Answer<v1::DecideDisputeResponse> Client::decide_dispute(const v1::DecideDisputeRequest& request) {
  return unary<v1::DecideDisputeRequest, v1::DecideDisputeResponse>(request, &Stub::DecideDispute);
}
Client::Answer<v1::ResolveCaseResponse> Client::resolve_case(const v1::ResolveCaseRequest& request) {
  return unary<v1::ResolveCaseRequest, v1::ResolveCaseResponse>(request, &Stub::ResolveCase);
}
Client::Answer<v1::ReopenCaseResponse> Client::reopen_case(const v1::ReopenCaseRequest& request) {
  return unary<v1::ReopenCaseRequest, v1::ReopenCaseResponse>(request, &Stub::ReopenCase);
}
Client::Answer<v1::StateUserResponse> Client::state_user(const v1::StateUserRequest& request) {
  return unary<v1::StateUserRequest, v1::StateUserResponse>(request, &Stub::StateUser);
}

Client::Answer<v1::ListNoticesResponse> Client::list_notices(const v1::ListNoticesRequest& request) {
  return unary<v1::ListNoticesRequest, v1::ListNoticesResponse>(request, &Stub::ListNotices);
}
Client::Answer<v1::ResendNoticeResponse> Client::resend_notice(const v1::ResendNoticeRequest& request) {
  return unary<v1::ResendNoticeRequest, v1::ResendNoticeResponse>(request, &Stub::ResendNotice);
}
Client::Answer<v1::TestSinkResponse> Client::test_sink(const v1::TestSinkRequest& request) {
  return unary<v1::TestSinkRequest, v1::TestSinkResponse>(request, &Stub::TestSink);
}
Client::Answer<v1::SwitchSinkResponse> Client::switch_sink(const v1::SwitchSinkRequest& request) {
  return unary<v1::SwitchSinkRequest, v1::SwitchSinkResponse>(request, &Stub::SwitchSink);
}
Client::Answer<v1::ExportNoticesResponse> Client::export_notices(const v1::ExportNoticesRequest& request) {
  return unary<v1::ExportNoticesRequest, v1::ExportNoticesResponse>(request, &Stub::ExportNotices);
}
Client::Answer<v1::ListMutesResponse> Client::list_mutes(const v1::ListMutesRequest& request) {
  return unary<v1::ListMutesRequest, v1::ListMutesResponse>(request, &Stub::ListMutes);
}
Client::Answer<v1::AddMuteResponse> Client::add_mute(const v1::AddMuteRequest& request) {
  return unary<v1::AddMuteRequest, v1::AddMuteResponse>(request, &Stub::AddMute);
}
Client::Answer<v1::EndMuteResponse> Client::end_mute(const v1::EndMuteRequest& request) {
  return unary<v1::EndMuteRequest, v1::EndMuteResponse>(request, &Stub::EndMute);
}
Client::Answer<v1::ListSinksResponse> Client::list_sinks() {
  return unary<v1::ListSinksRequest, v1::ListSinksResponse>({}, &Stub::ListSinks);
}

Client::Answer<v1::GetSummaryResponse> Client::summary(const v1::GetSummaryRequest& request) {
  return unary<v1::GetSummaryRequest, v1::GetSummaryResponse>(request, &Stub::GetSummary);
}
Client::Answer<v1::CreateSignInCodeResponse> Client::sign_in_code() {
  return unary<v1::CreateSignInCodeRequest, v1::CreateSignInCodeResponse>({}, &Stub::CreateSignInCode);
}
Client::Answer<v1::CreateEnrolmentTokenResponse> Client::create_enrolment_token(
    const v1::CreateEnrolmentTokenRequest& request) {
  return unary<v1::CreateEnrolmentTokenRequest, v1::CreateEnrolmentTokenResponse>(
      request, &Stub::CreateEnrolmentToken);
}
Client::Answer<v1::ListEnrolmentsResponse> Client::list_enrolments(const v1::ListEnrolmentsRequest& request) {
  return unary<v1::ListEnrolmentsRequest, v1::ListEnrolmentsResponse>(request, &Stub::ListEnrolments);
}
Client::Answer<v1::RevokeEnrolmentResponse> Client::revoke_enrolment(
    const v1::RevokeEnrolmentRequest& request) {
  return unary<v1::RevokeEnrolmentRequest, v1::RevokeEnrolmentResponse>(request, &Stub::RevokeEnrolment);
}
Client::Answer<v1::GetReportKeysResponse> Client::report_keys() {
  return unary<v1::GetReportKeysRequest, v1::GetReportKeysResponse>({}, &Stub::GetReportKeys);
}
}  // namespace chiploc
