#include "server/service/access.hpp"

#include <google/protobuf/descriptor.h>

namespace chiploc {
namespace {

constexpr RoleSet kPersons{Role::kReader, Role::kVerifier,  Role::kRegistrar, Role::kAuditor,
                           Role::kAdmin,  Role::kRegulator, Role::kAnalyst,   Role::kOperator};
// Who sees chips under pseudonyms alone: what is open to these has a (research) option in its answer.
constexpr RoleSet kPersonsAndResearchers{Role::kReader,  Role::kVerifier, Role::kRegistrar,
                                         Role::kAuditor, Role::kAdmin,    Role::kRegulator,
                                         Role::kAnalyst, Role::kOperator, Role::kResearcher};
constexpr RoleSet kSeesAll{Role::kAuditor, Role::kAdmin};
constexpr RoleSet kStartsRounds{Role::kVerifier, Role::kAdmin, Role::kAnalyst};
constexpr RoleSet kKeepsRegistry{Role::kRegistrar, Role::kAdmin};
constexpr RoleSet kSeesRegistry{Role::kRegistrar, Role::kAuditor, Role::kAdmin};
constexpr RoleSet kAdmins{Role::kAdmin};
// Whoever decides has to see what it rests on.
constexpr RoleSet kDecides{Role::kAuditor, Role::kAdmin, Role::kRegulator};
constexpr RoleSet kAssigns{Role::kAuditor, Role::kAdmin, Role::kRegulator, Role::kAnalyst};
constexpr RoleSet kWorksOnCases{Role::kVerifier,  Role::kRegistrar, Role::kAuditor, Role::kAdmin,
                                Role::kRegulator, Role::kAnalyst,   Role::kOperator};
// A holder says of its own chips what is so: an operator has no other.
constexpr RoleSet kSpeaksForHolder{Role::kRegistrar, Role::kAdmin, Role::kOperator};
// Who gets an answer as it is when they say why.
constexpr RoleSet kWithReason{Role::kRegulator, Role::kAnalyst};
constexpr RoleSet kAnchors{Role::kAnchor};
constexpr bool kByEntity = true;
constexpr bool kOfAllEntities = false;

// method, who may, who of them sees all of the answer, whether it answers by entity, what the others may not
constexpr AccessRule kTable[] = {
    {"chiploc.v1.AnchorService.Attach", kAnchors, kAnchors, kOfAllEntities, "attach"},
    {"chiploc.v1.OperatorService.GetStatus", kPersonsAndResearchers, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.ListChips", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.GetChip", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.ListLicences", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.GetLicence", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.GetTerritory", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.ListAnchors", kPersons, kSeesAll, kByEntity, ""},  // they are nobody's alone
    {"chiploc.v1.OperatorService.CompleteName", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.ListImports", kSeesRegistry, kSeesRegistry, kOfAllEntities,
     "see who imported"},
    {"chiploc.v1.OperatorService.Export", kSeesRegistry, kSeesRegistry, kByEntity, "export"},
    {"chiploc.v1.OperatorService.Import", kKeepsRegistry, kKeepsRegistry, kOfAllEntities, "import"},
    {"chiploc.v1.OperatorService.Remove", kKeepsRegistry, kKeepsRegistry, kOfAllEntities, "remove"},
    {"chiploc.v1.OperatorService.RestartCounters", kAdmins, kAdmins, kOfAllEntities,
     "restart a chip's counters"},
    {"chiploc.v1.OperatorService.ListRecords", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.GetOrder", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.ListOrderHolds", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.LiftOrderHold", kDecides, kSeesAll, kOfAllEntities,
     "lift the hold of an order"},
    {"chiploc.v1.OperatorService.OverrideDelivery", kKeepsRegistry, kAdmins, kOfAllEntities,
     "let a delivery in on hold"},
    {"chiploc.v1.OperatorService.DecideProposal", kDecides, kSeesAll, kOfAllEntities,
     "decide who comes onto the watch list"},
    // Cases. A holder disputes those of its own chips, and adds to them; what they are is decided by nobody's holder.
    {"chiploc.v1.OperatorService.ListCases", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.GetCase", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.AssignCase", kAssigns, kSeesAll, kOfAllEntities, "assign a case"},
    {"chiploc.v1.OperatorService.CommentCase", kWorksOnCases, kSeesAll, kByEntity, "comment on a case"},
    {"chiploc.v1.OperatorService.AddCaseEvidence", kWorksOnCases, kSeesAll, kByEntity,
     "add evidence to a case"},
    {"chiploc.v1.OperatorService.DisputeCase", kSpeaksForHolder, kAdmins, kByEntity, "dispute a case"},
    {"chiploc.v1.OperatorService.DecideDispute", kDecides, kSeesAll, kOfAllEntities, "decide a dispute"},
    {"chiploc.v1.OperatorService.ResolveCase", kDecides, kSeesAll, kOfAllEntities, "resolve a case"},
    {"chiploc.v1.OperatorService.ReopenCase", kDecides, kSeesAll, kOfAllEntities, "open a case again"},
    {"chiploc.v1.OperatorService.StateUser", kDecides, kSeesAll, kOfAllEntities, "state who uses a chip"},
    {"chiploc.v1.OperatorService.ListRegistryChanges", kSeesRegistry, kSeesRegistry, kOfAllEntities,
     "see what changed in the registry"},
    {"chiploc.v1.OperatorService.Verify", kStartsRounds, kAdmins, kByEntity, "start a round"},
    {"chiploc.v1.OperatorService.ListVerdicts", kPersonsAndResearchers, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.GetVerdict", kPersonsAndResearchers, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.ReplayVerdict", kSeesAll, kSeesAll, kByEntity, "have a round judged again"},
    // Status of chips. That one cannot answer is a matter of record, as what is licensed is; a holder says it of its own.
    {"chiploc.v1.OperatorService.ListStatuses", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.ListStatusChanges", kPersonsAndResearchers, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.DeclareAbsence", kSpeaksForHolder, kKeepsRegistry, kByEntity,
     "declare a chip absent"},
    {"chiploc.v1.OperatorService.EndAbsence", kSpeaksForHolder, kKeepsRegistry, kByEntity,
     "end a chip's absence"},
    // Notices are of chips, orders and cases of everybody. Who is told is an admin's; what is kept back for a time is of
    // whoever keeps the registry too: it hides no state.
    {"chiploc.v1.OperatorService.ListNotices", kSeesRegistry, kSeesRegistry, kOfAllEntities,
     "see what other systems were told"},
    {"chiploc.v1.OperatorService.ResendNotice", kAdmins, kAdmins, kOfAllEntities, "have a notice sent again"},
    {"chiploc.v1.OperatorService.ListSinks", kSeesRegistry, kSeesRegistry, kOfAllEntities,
     "see which systems are told"},
    {"chiploc.v1.OperatorService.TestSink", kAdmins, kAdmins, kOfAllEntities, "have a sink tested"},
    {"chiploc.v1.OperatorService.SwitchSink", kAdmins, kAdmins, kOfAllEntities, "switch a sink"},
    {"chiploc.v1.OperatorService.ExportNotices", kSeesRegistry, kSeesRegistry, kOfAllEntities,
     "export notices"},
    {"chiploc.v1.OperatorService.ListMutes", kSeesRegistry, kSeesRegistry, kOfAllEntities,
     "see what keeps notices back"},
    {"chiploc.v1.OperatorService.AddMute", kKeepsRegistry, kKeepsRegistry, kOfAllEntities, "mute notices"},
    {"chiploc.v1.OperatorService.EndMute", kKeepsRegistry, kKeepsRegistry, kOfAllEntities, "end a mute"},
    {"chiploc.v1.OperatorService.GetPolicy", kPersonsAndResearchers, kSeesAll, kByEntity,
     ""},  // it is nobody's alone
    {"chiploc.v1.OperatorService.ActivatePolicy", kAdmins, kAdmins, kOfAllEntities, "put a policy in force"},
    {"chiploc.v1.OperatorService.ListPolicies", kSeesRegistry, kSeesRegistry, kOfAllEntities,
     "see who put policies in force"},
    {"chiploc.v1.OperatorService.ListAudit", kSeesAll, kSeesAll, kOfAllEntities,
     "see who looked at what is sealed"},
    // A report has nothing that is sealed, and is of the caller's rows. Its keys, and anchors and notices in a summary,
    // are nobody's alone.
    {"chiploc.v1.OperatorService.GetReport", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.GetReportKeys", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.GetSummary", kPersons, kSeesAll, kByEntity, ""},
    // It gives nobody a right that their certificate has not.
    {"chiploc.v1.OperatorService.CreateSignInCode", kPersons, kSeesAll, kByEntity, ""},
    {"chiploc.v1.OperatorService.Watch", kPersons, kSeesAll, kByEntity, ""},
    // Whoever makes one decides who gets a certificate.
    {"chiploc.v1.OperatorService.CreateEnrolmentToken", kAdmins, kAdmins, kOfAllEntities, "enrol anybody"},
    {"chiploc.v1.OperatorService.ListEnrolments", kSeesAll, kSeesAll, kOfAllEntities, "see who was enrolled"},
    {"chiploc.v1.OperatorService.RevokeEnrolment", kAdmins, kAdmins, kOfAllEntities, "revoke an enrolment"},
    {"chiploc.v1.OperatorService.ReplayPolicy", kSeesAll, kSeesAll, kByEntity,
     "have rounds judged by another policy"},
};
constexpr AccessRule kEvidence{"chiploc.v1.GetVerdictRequest.with_evidence", kSeesAll, kSeesAll, kByEntity,
                               "see the evidence of a round"};

}  // namespace

std::span<const AccessRule> access_table() { return kTable; }
const AccessRule& evidence_rule() { return kEvidence; }
RoleSet whole_with_reason(const AccessRule& rule) {
  return kWithReason.without(kWithReason.without(rule.may));
}

const AccessRule* access_rule_of(const google::protobuf::Descriptor& request) {
  const google::protobuf::FileDescriptor& file = *request.file();
  for (int i = 0; i < file.service_count(); ++i) {
    const google::protobuf::ServiceDescriptor& service = *file.service(i);
    for (int k = 0; k < service.method_count(); ++k) {
      if (service.method(k)->input_type() != &request) continue;
      for (const AccessRule& rule : kTable) {
        if (rule.method == service.method(k)->full_name()) return &rule;
      }
    }
  }
  return nullptr;
}

}  // namespace chiploc
