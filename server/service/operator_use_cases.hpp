#pragma once
#include <functional>
#include <string>
#include <vector>

#include "proto/v1/operator_service.pb.h"
#include "server/cases/mute.hpp"
#include "server/follow_up/follow_up.hpp"
#include "server/service/api_counters.hpp"
#include "server/service/caller.hpp"
#include "server/service/enrolment.hpp"
#include "server/service/entity_registries.hpp"
#include "server/service/made_report.hpp"
#include "server/service/notice_control.hpp"
#include "server/service/policy_holder.hpp"
#include "server/service/registry_holder.hpp"
#include "server/service/requests.hpp"
#include "server/service/round_starter.hpp"
#include "server/service/stories.hpp"
#include "server/service/verify_watcher.hpp"
#include "server/service/watch_feed.hpp"
#include "server/service/work_thread.hpp"
#include "server/status/status_keeper.hpp"
#include "server/storage/audit_store.hpp"
#include "server/storage/store_thread.hpp"

namespace chiploc {

class Borders;
class Research;
class SignInCodes;

/// What the use cases work with; all of it is borrowed and outlives them.
struct OperatorParts {
  RegistryHolder& registry;
  StoreThread& store;   ///< for imports
  StoreReader& reader;  ///< for questions; calls take turns, so it is the API's own
  RoundStarter& rounds;
  StatusSource& status;
  PolicyHolder& policy;           ///< in force
  KnownCountry known_country;     ///< for imports: Borders::world().knows(); empty: any two capitals
  std::function<WallTime()> now;  ///< certificates of an import must be valid then
  std::string software_version;
  ApiLimits limits;
  const Borders* borders = nullptr;  ///< for what an import is shown to mean; null: changes alone
  StatusKeeper* statuses = nullptr;  ///< of chips; null: none are kept, and absences are refused
  OrderHoldOf hold_of{};  ///< for imports; empty: what `follow` says, and without it no order is on hold
  const FollowUp* follow =
      nullptr;  ///< orders' holds and cases; null: none are kept, and what persons say of them refused
  NoticeControl* notices = nullptr;  ///< what sends notices; null: none are sent
  MuteRules mutes{};
  StorySources stories{};                  ///< of orders and cases, for reports and the summary
  const ReportSigning* reports = nullptr;  ///< null: none are made
  SignInCodes* codes = nullptr;            ///< for the page; null: none is served
  const Research* research = nullptr;      ///< pseudonyms; null: researchers are refused
  StoreReader* watch_reader = nullptr;  ///< for Watch, which no long question is to hold up; null: `reader`
  WatchLimits watching{};
  std::function<SteadyTime()> steady{};  ///< of slow watchers; empty: the system's
  EnrolmentRules enrolment{};
};

/// How a use case that takes its time gives its answer: once, from the thread that did the work.
template <class T>
using Completion = std::function<void(Answer<T>)>;

/// Everything that people can ask of a coordinator: checks every field, asks registry, store and coordinator.
/// One function for each method of operator_service.proto, from request and caller to an answer, whatever
/// carried the call. The edge has let the caller in (admit()) and shows each role what it may see (redact()):
/// an answer here is whole. Which rows it has is decided here: a caller with an entity gets that entity's.
///
/// Threads   Any. Questions are answered on the caller's (a read of the store takes well under a millisecond,
///           a page of 1,000 chips some ten); imports and replays run on a thread each; reports too; counters restart on
///           the store's thread; a round's events come from the coordinator's. Nothing is kept between calls
///           but counters and the registries of entities.
/// Stopping  Stop the edges first, then destroy this (it drains imports and replays), then what it borrows.
class OperatorUseCases {
 public:
  explicit OperatorUseCases(OperatorParts parts);
  ~OperatorUseCases();
  OperatorUseCases(const OperatorUseCases&) = delete;
  OperatorUseCases& operator=(const OperatorUseCases&) = delete;

  /// Before the use case, at every edge and for every call: a researcher's pseudonyms become what they stand for, and
  /// redact() will know how to turn that back. For others it does nothing. kNotReady where there is no key; else as
  /// Research::read().
  [[nodiscard]] Answer<Done> read_pseudonyms(Caller& caller, google::protobuf::Message& request) const;

  /// Whether what calls rest on is well: the database gives answers, and the store has room for what is written.
  struct Wellness {
    bool database = false;
    bool store = false;
  };
  [[nodiscard]] Wellness wellness() const;

  [[nodiscard]] Answer<v1::GetStatusResponse> get_status(const v1::GetStatusRequest& request,
                                                         const Caller& caller);
  [[nodiscard]] Answer<v1::ListChipsResponse> list_chips(const v1::ListChipsRequest& request,
                                                         const Caller& caller);
  [[nodiscard]] Answer<v1::GetChipResponse> get_chip(const v1::GetChipRequest& request, const Caller& caller);
  [[nodiscard]] Answer<v1::ListLicencesResponse> list_licences(const v1::ListLicencesRequest& request,
                                                               const Caller& caller);
  [[nodiscard]] Answer<v1::ListAnchorsResponse> list_anchors(const v1::ListAnchorsRequest& request,
                                                             const Caller& caller);
  [[nodiscard]] Answer<v1::ListVerdictsResponse> list_verdicts(const v1::ListVerdictsRequest& request,
                                                               const Caller& caller);
  [[nodiscard]] Answer<v1::GetVerdictResponse> get_verdict(const v1::GetVerdictRequest& request,
                                                           const Caller& caller);
  [[nodiscard]] Answer<v1::GetLicenceResponse> get_licence(const v1::GetLicenceRequest& request,
                                                           const Caller& caller);
  [[nodiscard]] Answer<v1::GetTerritoryResponse> get_territory(const v1::GetTerritoryRequest& request,
                                                               const Caller& caller);
  [[nodiscard]] Answer<v1::CompleteNameResponse> complete_name(const v1::CompleteNameRequest& request,
                                                               const Caller& caller);
  [[nodiscard]] Answer<v1::ListImportsResponse> list_imports(const v1::ListImportsRequest& request,
                                                             const Caller& caller);
  [[nodiscard]] Answer<v1::ExportResponse> export_table(const v1::ExportRequest& request,
                                                        const Caller& caller);
  [[nodiscard]] Answer<v1::ListRecordsResponse> list_records(const v1::ListRecordsRequest& request,
                                                             const Caller& caller);
  [[nodiscard]] Answer<v1::GetOrderResponse> get_order(const v1::GetOrderRequest& request,
                                                       const Caller& caller);
  [[nodiscard]] Answer<v1::ListRegistryChangesResponse> list_registry_changes(
      const v1::ListRegistryChangesRequest& request, const Caller& caller);
  /// Answers on this thread what is wrong with the request, on the import worker the rest.
  void remove(const v1::RemoveRequest& request, const Caller& caller,
              const Completion<v1::RemoveResponse>& done);
  /// The same.
  void import(const v1::ImportRequest& request, const Caller& caller,
              const Completion<v1::ImportResponse>& done);
  /// Answers on this thread what is wrong with the request, on the store's the rest.
  void restart_counters(const v1::RestartCountersRequest& request, const Caller& caller,
                        const Completion<v1::RestartCountersResponse>& done);
  /// Answers on this thread what is wrong with the request, on the replay thread the rest: learning places
  /// from the mesh takes seconds with hundreds of anchors.
  void replay_verdict(const v1::ReplayVerdictRequest& request, const Caller& caller,
                      const Completion<v1::ReplayVerdictResponse>& done);
  // What chips are held for.
  [[nodiscard]] Answer<v1::ListStatusesResponse> list_statuses(const v1::ListStatusesRequest& request,
                                                               const Caller& caller);
  [[nodiscard]] Answer<v1::ListStatusChangesResponse> list_status_changes(
      const v1::ListStatusChangesRequest& request, const Caller& caller);
  /// Answers on this thread what is wrong with the request, on the store's the rest.
  void declare_absence(const v1::DeclareAbsenceRequest& request, const Caller& caller,
                       const Completion<v1::DeclareAbsenceResponse>& done);
  /// The same.
  void end_absence(const v1::EndAbsenceRequest& request, const Caller& caller,
                   const Completion<v1::EndAbsenceResponse>& done);
  // What orders are held for. Persons' words: as declare_absence.
  [[nodiscard]] Answer<v1::ListOrderHoldsResponse> list_order_holds(const v1::ListOrderHoldsRequest& request,
                                                                    const Caller& caller);
  void lift_order_hold(const v1::LiftOrderHoldRequest& request, const Caller& caller,
                       const Completion<v1::LiftOrderHoldResponse>& done);
  void override_delivery(const v1::OverrideDeliveryRequest& request, const Caller& caller,
                         const Completion<v1::OverrideDeliveryResponse>& done);
  void decide_proposal(const v1::DecideProposalRequest& request, const Caller& caller,
                       const Completion<v1::DecideProposalResponse>& done);
  // What persons work on; likewise.
  [[nodiscard]] Answer<v1::ListCasesResponse> list_cases(const v1::ListCasesRequest& request,
                                                         const Caller& caller);
  [[nodiscard]] Answer<v1::GetCaseResponse> get_case(const v1::GetCaseRequest& request, const Caller& caller);
  void assign_case(const v1::AssignCaseRequest& request, const Caller& caller,
                   const Completion<v1::AssignCaseResponse>& done);
  void comment_case(const v1::CommentCaseRequest& request, const Caller& caller,
                    const Completion<v1::CommentCaseResponse>& done);
  void add_case_evidence(const v1::AddCaseEvidenceRequest& request, const Caller& caller,
                         const Completion<v1::AddCaseEvidenceResponse>& done);
  void dispute_case(const v1::DisputeCaseRequest& request, const Caller& caller,
                    const Completion<v1::DisputeCaseResponse>& done);
  void decide_dispute(const v1::DecideDisputeRequest& request, const Caller& caller,
                      const Completion<v1::DecideDisputeResponse>& done);
  void resolve_case(const v1::ResolveCaseRequest& request, const Caller& caller,
                    const Completion<v1::ResolveCaseResponse>& done);
  void reopen_case(const v1::ReopenCaseRequest& request, const Caller& caller,
                   const Completion<v1::ReopenCaseResponse>& done);
  void state_user(const v1::StateUserRequest& request, const Caller& caller,
                  const Completion<v1::StateUserResponse>& done);
  /// A code for signing in at the page, good once.
  [[nodiscard]] Answer<v1::CreateSignInCodeResponse> create_sign_in_code(
      const v1::CreateSignInCodeRequest& request, const Caller& caller);
  // Tokens by which newcomers get their first certificate (server/enrol uses them up). Those with a completion answer on this
  // thread what is wrong with the request, on the store's the rest.
  void create_enrolment_token(const v1::CreateEnrolmentTokenRequest& request, const Caller& caller,
                              const Completion<v1::CreateEnrolmentTokenResponse>& done);
  [[nodiscard]] Answer<v1::ListEnrolmentsResponse> list_enrolments(const v1::ListEnrolmentsRequest& request,
                                                                   const Caller& caller);
  void revoke_enrolment(const v1::RevokeEnrolmentRequest& request, const Caller& caller,
                        const Completion<v1::RevokeEnrolmentResponse>& done);
  // What other systems are told. Those with a completion answer on this thread what is wrong with the request, on the
  // store's the rest.
  [[nodiscard]] Answer<v1::ListNoticesResponse> list_notices(const v1::ListNoticesRequest& request,
                                                             const Caller& caller);
  void resend_notice(const v1::ResendNoticeRequest& request, const Caller& caller,
                     const Completion<v1::ResendNoticeResponse>& done);
  [[nodiscard]] Answer<v1::ListSinksResponse> list_sinks(const v1::ListSinksRequest& request,
                                                         const Caller& caller);
  void test_sink(const v1::TestSinkRequest& request, const Caller& caller,
                 const Completion<v1::TestSinkResponse>& done);
  void switch_sink(const v1::SwitchSinkRequest& request, const Caller& caller,
                   const Completion<v1::SwitchSinkResponse>& done);
  [[nodiscard]] Answer<v1::ExportNoticesResponse> export_notices(const v1::ExportNoticesRequest& request,
                                                                 const Caller& caller);
  [[nodiscard]] Answer<v1::ListMutesResponse> list_mutes(const v1::ListMutesRequest& request,
                                                         const Caller& caller);
  void add_mute(const v1::AddMuteRequest& request, const Caller& caller,
                const Completion<v1::AddMuteResponse>& done);
  void end_mute(const v1::EndMuteRequest& request, const Caller& caller,
                const Completion<v1::EndMuteResponse>& done);
  [[nodiscard]] Answer<v1::GetPolicyResponse> get_policy(const v1::GetPolicyRequest& request,
                                                         const Caller& caller);
  [[nodiscard]] Answer<v1::ListPoliciesResponse> list_policies(const v1::ListPoliciesRequest& request,
                                                               const Caller& caller);
  /// Answers on this thread what is wrong with the request, on the store's the rest. In force when it answers,
  /// for rounds that begin from then on.
  void activate_policy(const v1::ActivatePolicyRequest& request, const Caller& caller,
                       const Completion<v1::ActivatePolicyResponse>& done);
  /// As replay_verdict: a page of rounds takes a second or less.
  void replay_policy(const v1::ReplayPolicyRequest& request, const Caller& caller,
                     const Completion<v1::ReplayPolicyResponse>& done);
  /// Answers on this thread what is wrong with the request, on the report thread the rest: a report of 100,000 chips
  /// takes seconds, and is on disk until it has been sent.
  void get_report(const v1::GetReportRequest& request, const Caller& caller,
                  const Completion<MadeReport>& done);
  [[nodiscard]] Answer<v1::GetReportKeysResponse> get_report_keys(const v1::GetReportKeysRequest& request,
                                                                  const Caller& caller);
  [[nodiscard]] Answer<v1::GetSummaryResponse> get_summary(const v1::GetSummaryRequest& request,
                                                           const Caller& caller);
  /// A fault: no round was begun, and the watcher hears nothing. Else it hears all, also that there is none.
  [[nodiscard]] Answer<Done> verify(const v1::VerifyRequest& request, const Caller& caller,
                                    VerifyWatcher watcher);

  /// A place among those who watch what is committed (watch_feed.hpp). What they are handed is redacted, and its look noted:
  /// once for what a watcher sees in an hour, from the first event that shows something sealed.
  [[nodiscard]] Answer<std::shared_ptr<Watching>> watch(const v1::WatchRequest& request,
                                                        const Caller& caller);
  /// Registers the chip of an agent's token that counts (server/enrol), as an import by whoever made that. kBadField: what is
  /// wrong with the certificate, or what an import finds; kConflict: the chip is registered with another serial number, maker,
  /// model or licence. Answers as import() does.
  void enrol_chip(const Enrolment& enrolment, const ArrivedChip& chip, const Completion<v1::Chip>& done);

  /// Ends all of these, for good: before the edges stop.
  void end_watches();

  /// An edge's duty before an answer leaves: the entry that look_at() the whole answer wants (audit.hpp) is on disk when
  /// `done` is called, on the store's thread, where nothing of size may be done and no use case asked. Without an entry `done`
  /// is called at once. A fault: it could not be written, and nothing of the answer may leave. verify() does it itself.
  [[nodiscard]] std::optional<AuditEntry> look_at(const Caller& caller, const std::string& subject,
                                                  const google::protobuf::Message& answer) const;
  void note_look(std::optional<AuditEntry> look, const Completion<Done>& done);
  [[nodiscard]] Answer<v1::ListAuditResponse> list_audit(const v1::ListAuditRequest& request,
                                                         const Caller& caller);

  /// For the edges, which know what they refused.
  [[nodiscard]] ApiCounters& counters() { return counters_; }

 private:
  /// A watcher that hears of nothing sealed before the look is noted; in place of a verdict that may not be shown, a fault.
  [[nodiscard]] VerifyWatcher noted(const Caller& caller, std::string subject, VerifyWatcher watcher);
  /// The registry in force, as far as this caller may know it.
  [[nodiscard]] Registry::Snapshot registry_for(const Caller& caller) {
    return entities_.get(parts_.registry.get(), caller);
  }
  /// On the import worker.
  Answer<v1::ImportResponse> import_now(const Caller& caller, const std::vector<ImportFile>& files,
                                        const std::string& reason, bool dry_run);
  Answer<v1::RemoveResponse> remove_now(const Caller& caller, ImportKind kind, const std::string& text,
                                        const std::string& reason);
  /// Makes a plan durable, then puts its registry in force.
  Answer<Done> save_plan(const std::shared_ptr<const ImportPlan>& plan, const ImportStamp& stamp);
  /// What GetChip says of the chip's counters.
  Answer<Done> add_counters(const ChipRecord& record, v1::Chip& chip);
  /// Its last knock, proof, and verdict of each state.
  [[nodiscard]] Answer<Done> add_last_heard(const ChipRecord& record, v1::Chip& chip);

  /// What GetChip says of the chip's status.
  [[nodiscard]] Answer<Done> add_status(const ChipRecord& record, v1::Chip& chip);
  [[nodiscard]] StatusRules status_rules() const;
  /// What GetOrder says of its hold.
  [[nodiscard]] Answer<Done> add_hold(const std::string& order, const Caller& caller,
                                      v1::GetOrderResponse& out);
  /// Has something happen to an order on the store's thread; the answer has its hold.
  template <class Response>
  void say_of_order(const std::string& order, const Caller& caller, OrderEvent event,
                    const Completion<Response>& done);
  /// Something happens to a case that the caller may know; the answer has the case.
  template <class Response>
  void say_of_case(const std::string& name, const Caller& caller, CaseEvent event,
                   const Completion<Response>& done);
  /// Names of cases that are not resolved, for a shell that completes them.
  [[nodiscard]] Answer<std::vector<std::string>> open_case_names(const std::string& prefix,
                                                                 const Caller& caller, std::size_t most);
  /// Of a sink that notices were written for, or that is configured; kNotFound names those that there are.
  [[nodiscard]] Answer<Done> check_sink(const std::string& sink, bool configured);

  OperatorParts parts_;
  ApiCounters counters_;
  EntityRegistries entities_;
  [[nodiscard]] std::unique_ptr<WatchFeed> make_feed();
  WorkThread imports_, replays_, reports_;  // these last: their threads end before anything else goes
  std::unique_ptr<WatchFeed> feed_;
};

}  // namespace chiploc
