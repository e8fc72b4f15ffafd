// The one table of this edge.
#include <memory>
#include <utility>

#include "server/rest/answer_views.hpp"
#include "server/rest/route.hpp"
#include "server/service/operator_use_cases.hpp"

namespace chiploc {
namespace {

using google::protobuf::Message;

/// Answers at once.
template <auto kUseCase, class Request, class Response>
RestCall at_once(Answer<Response> (OperatorUseCases::* /*type*/)(const Request&, const Caller&)) {
  return {&Request::default_instance(), &Response::default_instance(),
          [](OperatorUseCases& cases, const Message& request, const Caller& caller, HeardAnswer heard) {
            Answer<Response> answer = (cases.*kUseCase)(static_cast<const Request&>(request), caller);
            if (!answer) return heard(Fail{answer.error()});
            heard(std::unique_ptr<Message>{std::make_unique<Response>(std::move(*answer))});
          }};
}

/// Answers when the work is done.
template <auto kUseCase, class Request, class Response>
RestCall later(void (OperatorUseCases::* /*type*/)(const Request&, const Caller&,
                                                   const Completion<Response>&)) {
  return {&Request::default_instance(), &Response::default_instance(),
          [](OperatorUseCases& cases, const Message& request, const Caller& caller, HeardAnswer heard) {
            (cases.*kUseCase)(
                static_cast<const Request&>(request), caller,
                [heard = std::move(heard)](Answer<Response> answer) {
                  if (!answer) return heard(Fail{answer.error()});
                  heard(std::unique_ptr<Message>{std::make_unique<Response>(std::move(*answer))});
                });
          }};
}

template <auto kUseCase>
RestCall call() {
  if constexpr (requires { at_once<kUseCase>(kUseCase); }) {
    return at_once<kUseCase>(kUseCase);
  } else {
    return later<kUseCase>(kUseCase);
  }
}

/// What the edge carries itself.
template <class Request, class Response>
RestCall streamed() {
  return {&Request::default_instance(), &Response::default_instance(), nullptr};
}

template <auto kView, class Response>
RestView view_of(Json (* /*type*/)(const Response&, const ViewParts&)) {
  return [](const Message& answer, const ViewParts& parts) {
    return kView(static_cast<const Response&>(answer), parts);
  };
}
template <auto kView>
RestView view() {
  return view_of<kView>(kView);
}

using Cases = OperatorUseCases;
constexpr bool kChanges = true;

std::vector<RestRoute> make_routes() {
  const RestCall records = call<&Cases::list_records>();
  const RestCall remove = call<&Cases::remove>();
  const RestView list = view<&records_view>(), one = view<&record_view>(), removed = view<&removed_view>();
  constexpr std::string_view kRemoves = "reason";
  constexpr std::string_view kNoMore = "name";  // of a record that its path names
  return {
      {"GET", "/v1/status", call<&Cases::get_status>(), view<&status_view>(), "status",
       "How the coordinator stands, and what was dropped or refused since its start."},
      {"GET", "/v1/summary", call<&Cases::get_summary>(), view<&summary_view>(), "status",
       "The day at a glance: counts, what is overdue, what runs out soon, what waits for somebody."},
      {"POST", "/v1/sign-in-codes", call<&Cases::create_sign_in_code>(), view<&sign_in_code_view>(), "status",
       "A code by which the holder of this call's certificate signs in at the page, good once.", 201,
       kChanges},

      {"GET", "/v1/chips", call<&Cases::list_chips>(), view<&chips_view>(), "chips",
       "Chips with their latest verdicts, in pages."},
      {"GET", "/v1/chips/{chip}", call<&Cases::get_chip>(), view<&chip_view>(), "chips",
       "One chip by its id, a unique prefix of it, or its serial number."},
      {"POST", "/v1/chips/{chip}/counters/restart", call<&Cases::restart_counters>(), view<&restart_view>(),
       "chips", "The counters of the chip's present key begin anew, on record.", 200, kChanges},
      {"POST", "/v1/chips/{chip}/verify", streamed<v1::VerifyRequest, v1::VerifyEvent>(), view<&event_view>(),
       "chips", "Starts a round now and sends its events until the verdict.", 200, kChanges, "", "",
       RestForm::kEvents},
      {"GET", "/v1/statuses", call<&Cases::list_statuses>(), view<&statuses_view>(), "chips",
       "What chips are held for, in pages."},
      {"GET", "/v1/status-changes", call<&Cases::list_status_changes>(), view<&status_changes_view>(),
       "chips", "What became of chips, newest first."},
      {"POST", "/v1/absences", call<&Cases::declare_absence>(),
       view<&absences_view<v1::DeclareAbsenceResponse>>(), "chips",
       "Says that chips cannot answer for a time; all of them or none.", 201, kChanges},
      {"POST", "/v1/absences/end", call<&Cases::end_absence>(),
       view<&absences_view<v1::EndAbsenceResponse>>(), "chips",
       "Ends the absence in force and takes back those to come; all or none.", 200, kChanges},
      {"GET", "/v1/names", call<&Cases::complete_name>(), view<&names_view>(), "registry",
       "Names that begin so, 200 at most."},

      {"GET", "/v1/licences", call<&Cases::list_licences>(), view<&licences_view>(), "registry",
       "Licences, prohibited territories, and what territories' names mean."},
      {"GET", "/v1/licences/{licence}", call<&Cases::get_licence>(), view<&licence_view>(), "registry",
       "One licence, whether it is in force, and how its chips stand."},
      {"GET", "/v1/territories/{territory}", call<&Cases::get_territory>(), view<&territory_view>(),
       "registry", "One territory with what uses it."},
      {"GET", "/v1/anchors", call<&Cases::list_anchors>(), view<&anchors_view>(), "anchors",
       "Every anchor, and how it stands."},
      {"GET", "/v1/models", records, list, "registry", "Models of chips, in pages.", 200, false,
       "kind=models", "name maker page_size page_token with_total"},
      {"GET", "/v1/models/{model:name}", records, one, "registry", "One model.", 200, false, "kind=models",
       kNoMore},
      {"GET", "/v1/entities", records, list, "registry", "Exporters, buyers, end users, operators, in pages.",
       200, false, "kind=entities", "name watched page_size page_token with_total"},
      {"GET", "/v1/entities/{entity:name}", records, one, "registry", "One entity.", 200, false,
       "kind=entities", kNoMore},
      {"GET", "/v1/sites", records, list, "registry", "Sites that chips are delivered to, in pages.", 200,
       false, "kind=sites", "name entity page_size page_token with_total"},
      {"GET", "/v1/sites/{site:name}", records, one, "registry", "One site.", 200, false, "kind=sites",
       kNoMore},
      {"GET", "/v1/deliveries", records, list, "orders", "Deliveries of orders, in pages.", 200, false,
       "kind=deliveries", "name licence order site entity page_size page_token with_total"},
      {"GET", "/v1/deliveries/{delivery:name}", records, one, "orders", "One delivery.", 200, false,
       "kind=deliveries", kNoMore},
      {"GET", "/v1/conditions", records, list, "registry", "Conditions of licences, in pages.", 200, false,
       "kind=conditions", "name licence due_before unmet page_size page_token with_total"},
      {"GET", "/v1/conditions/{condition:name}", records, one, "registry", "One condition.", 200, false,
       "kind=conditions", kNoMore},
      {"DELETE", "/v1/makers/{maker:name}", remove, removed, "registry", "Removes a maker that nothing uses.",
       200, kChanges, "kind=makers", kRemoves},
      {"DELETE", "/v1/models/{model:name}", remove, removed, "registry", "Removes a model that nothing uses.",
       200, kChanges, "kind=models", kRemoves},
      {"DELETE", "/v1/territories/{territory:name}", remove, removed, "registry",
       "Removes a territory that nothing uses.", 200, kChanges, "kind=territories", kRemoves},
      {"DELETE", "/v1/entities/{entity:name}", remove, removed, "registry",
       "Removes an entity that nothing uses.", 200, kChanges, "kind=entities", kRemoves},
      {"DELETE", "/v1/sites/{site:name}", remove, removed, "registry", "Removes a site that nothing uses.",
       200, kChanges, "kind=sites", kRemoves},
      {"DELETE", "/v1/licences/{licence:name}", remove, removed, "registry",
       "Removes a licence that nothing uses.", 200, kChanges, "kind=licences", kRemoves},
      {"DELETE", "/v1/conditions/{condition:name}", remove, removed, "registry", "Removes a condition.", 200,
       kChanges, "kind=conditions", kRemoves},
      {"DELETE", "/v1/orders/{order:name}", remove, removed, "orders", "Removes an order that nothing uses.",
       200, kChanges, "kind=orders", kRemoves},
      {"DELETE", "/v1/deliveries/{delivery:name}", remove, removed, "orders",
       "Removes a delivery that brought no chip.", 200, kChanges, "kind=deliveries", kRemoves},
      {"DELETE", "/v1/anchors/{anchor:name}", remove, removed, "anchors",
       "Removes an anchor that is not connected.", 200, kChanges, "kind=anchors", kRemoves},
      {"DELETE", "/v1/chips/{chip:name}", remove, removed, "chips", "Removes a chip that was never measured.",
       200, kChanges, "kind=chips", kRemoves},
      {"GET", "/v1/imports", call<&Cases::list_imports>(), view<&imports_view>(), "registry",
       "Who imported or removed what, newest first."},
      {"POST", "/v1/imports", call<&Cases::import>(), view<&import_view>(), "registry",
       "Imports files, all or nothing; what is wrong with them is in the answer, which is then no problem.",
       200, kChanges},
      {"GET", "/v1/exports/{kind}", call<&Cases::export_table>(), view<&export_view>(), "registry",
       "One table of the registry as it is imported, in pages."},
      {"GET", "/v1/registry-changes", call<&Cases::list_registry_changes>(), view<&history_view>(),
       "registry", "What imports and removals changed, newest first."},

      {"GET", "/v1/orders", records, list, "orders", "Orders, in pages.", 200, false, "kind=orders",
       "name licence entity watched page_size page_token with_total"},
      {"GET", "/v1/orders/{order}", call<&Cases::get_order>(), view<&order_view>(), "orders",
       "One order: what was delivered of it, where, and what it is held for."},
      {"GET", "/v1/order-holds", call<&Cases::list_order_holds>(), view<&holds_view>(), "orders",
       "What orders are held for, in pages."},
      {"POST", "/v1/orders/{order}/hold/lift", call<&Cases::lift_order_hold>(), view<&lifted_view>(),
       "orders", "Takes a hold back for a time.", 200, kChanges},
      {"POST", "/v1/orders/{order}/deliveries/{delivery}/override", call<&Cases::override_delivery>(),
       view<&overridden_view>(), "orders", "Lets one delivery in although its order is on hold.", 200,
       kChanges},
      {"POST", "/v1/orders/{order}/proposals/{party}/decide", call<&Cases::decide_proposal>(),
       view<&decided_proposal_view>(), "orders",
       "Decides whether a party of the order comes onto the watch list.", 200, kChanges},

      {"GET", "/v1/cases", call<&Cases::list_cases>(), view<&cases_view>(), "cases",
       "What persons work on, the most urgent first or the newest."},
      {"POST", "/v1/cases", call<&Cases::state_user>(), view<&changed_case_view<v1::StateUserResponse>>(),
       "cases",
       "States that somebody else than the licensed end user has chips: opens a case, or adds to it.", 201,
       kChanges},
      {"GET", "/v1/cases/{case:name}", call<&Cases::get_case>(), view<&case_view>(), "cases",
       "One case with its chips, reasons and a page of its timeline."},
      {"POST", "/v1/cases/{case:name}/assign", call<&Cases::assign_case>(),
       view<&changed_case_view<v1::AssignCaseResponse>>(), "cases", "Gives a case to somebody, or to nobody.",
       200, kChanges},
      {"POST", "/v1/cases/{case:name}/comments", call<&Cases::comment_case>(),
       view<&changed_case_view<v1::CommentCaseResponse>>(), "cases", "Adds a comment to a case.", 201,
       kChanges},
      {"POST", "/v1/cases/{case:name}/evidence", call<&Cases::add_case_evidence>(),
       view<&changed_case_view<v1::AddCaseEvidenceResponse>>(), "cases",
       "Adds a file's digest or a verdict to a case.", 201, kChanges},
      {"POST", "/v1/cases/{case:name}/dispute", call<&Cases::dispute_case>(), view<&disputed_view>(), "cases",
       "Disputes a case.", 200, kChanges},
      {"POST", "/v1/cases/{case:name}/dispute/decide", call<&Cases::decide_dispute>(),
       view<&changed_case_view<v1::DecideDisputeResponse>>(), "cases", "Decides a dispute.", 200, kChanges},
      {"POST", "/v1/cases/{case:name}/resolve", call<&Cases::resolve_case>(),
       view<&changed_case_view<v1::ResolveCaseResponse>>(), "cases", "Resolves a case.", 200, kChanges},
      {"POST", "/v1/cases/{case:name}/reopen", call<&Cases::reopen_case>(),
       view<&changed_case_view<v1::ReopenCaseResponse>>(), "cases", "Opens a case again.", 200, kChanges},

      {"GET", "/v1/watch", streamed<v1::WatchRequest, v1::WatchEvent>(), view<&watch_view>(), "status",
       "Verdicts, changes of statuses and lines of cases as they are committed, until the client ends it.",
       200, false, "", "", RestForm::kEndless},
      {"GET", "/v1/verdicts", call<&Cases::list_verdicts>(), view<&verdicts_view>(), "verdicts",
       "Verdicts, newest first, in pages."},
      {"GET", "/v1/verdicts/{verdict}", call<&Cases::get_verdict>(), view<&verdict_view>(), "verdicts",
       "One verdict by its id or a unique prefix, or the newest of a chip."},
      {"POST", "/v1/verdicts/{verdict}/replay", call<&Cases::replay_verdict>(), view<&replay_view>(),
       "verdicts", "Judges a stored round again from its bytes alone."},

      {"GET", "/v1/policy", call<&Cases::get_policy>(), view<&policy_view>(), "policies",
       "The policy in force."},
      {"GET", "/v1/policies", call<&Cases::list_policies>(), view<&policies_view>(), "policies",
       "Those that were put in force, newest first."},
      {"POST", "/v1/policies", call<&Cases::activate_policy>(), view<&activated_view>(), "policies",
       "Puts a policy in force for all rounds that begin from then on.", 201, kChanges},
      {"POST", "/v1/policies/replay", call<&Cases::replay_policy>(), view<&policy_replay_view>(), "policies",
       "What another policy would have said of stored rounds, in pages."},

      {"GET", "/v1/audit", call<&Cases::list_audit>(), view<&audit_view>(), "audit",
       "Who looked at what is sealed, when and why, newest first, in pages."},

      {"GET", "/v1/enrolments", call<&Cases::list_enrolments>(), view<&enrolments_view>(), "enrolment",
       "Every token of enrolment and what became of it, newest first; never a token itself."},
      {"POST", "/v1/enrolments", call<&Cases::create_enrolment_token>(), view<&enrolment_token_view>(),
       "enrolment",
       "A token by which a newcomer gets its first certificate, once; told in this answer alone.", 201,
       kChanges},
      {"DELETE", "/v1/enrolments/{number}", call<&Cases::revoke_enrolment>(), view<&revoked_enrolment_view>(),
       "enrolment", "Revokes a token that was not used yet.", 200, kChanges},

      {"GET", "/v1/notices", call<&Cases::list_notices>(), view<&notices_view>(), "notices",
       "The delivery log of what other systems are told, newest first."},
      {"GET", "/v1/notices/export", call<&Cases::export_notices>(), view<&notice_lines_view>(), "notices",
       "Notices as they were written, oldest first, in pages."},
      {"POST", "/v1/notices/deliveries/{delivery}/resend", call<&Cases::resend_notice>(),
       view<&resent_view>(), "notices", "Has a dead letter sent again, or what a mute kept back.", 200,
       kChanges},
      {"GET", "/v1/sinks", call<&Cases::list_sinks>(), view<&sinks_view>(), "notices",
       "Every sink, and what waits for it."},
      {"POST", "/v1/sinks/{sink}/test", call<&Cases::test_sink>(), view<&tested_view>(), "notices",
       "Sends a notice.test to one sink.", 200, kChanges},
      {"POST", "/v1/sinks/{sink}/switch", call<&Cases::switch_sink>(), view<&switched_view>(), "notices",
       "Switches a sink on or off; what waits for it keeps waiting.", 200, kChanges},
      {"GET", "/v1/mutes", call<&Cases::list_mutes>(), view<&mutes_view>(), "notices",
       "What keeps notices back for a time, newest first."},
      {"POST", "/v1/mutes", call<&Cases::add_mute>(), view<&mute_view<v1::AddMuteResponse>>(), "notices",
       "Keeps notices back for a time; states never.", 201, kChanges},
      {"POST", "/v1/mutes/{number}/end", call<&Cases::end_mute>(), view<&mute_view<v1::EndMuteResponse>>(),
       "notices", "Ends a mute.", 200, kChanges},

      {"GET", "/v1/reports/{kind}", streamed<v1::GetReportRequest, v1::ReportPiece>(), nullptr, "reports",
       "A report as a signed document.", 200, false, "", "", RestForm::kFile},
      {"GET", "/v1/report-keys", call<&Cases::get_report_keys>(), view<&report_keys_view>(), "reports",
       "The dated list of keys that reports are signed with."},
  };
}

}  // namespace

std::span<const RestRoute> rest_routes() {
  static const std::vector<RestRoute> kRoutes = make_routes();
  return kRoutes;
}

}  // namespace chiploc
