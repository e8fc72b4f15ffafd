#include "server/service/access.hpp"

#include <map>
#include <string>
#include <vector>

#include "proto/v1/anchor_service.pb.h"
#include "proto/v1/operator_service.pb.h"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

template <class Request>
const AccessRule* rule_of() {
  return access_rule_of(*Request::descriptor());
}

TEST_CASE("access: a request leads to the rule of its method, another message to none", "[service][roles]") {
  REQUIRE(rule_of<v1::GetChipRequest>() != nullptr);
  CHECK(rule_of<v1::GetChipRequest>()->method == "chiploc.v1.OperatorService.GetChip");
  CHECK(rule_of<v1::ImportRequest>()->method == "chiploc.v1.OperatorService.Import");
  CHECK(rule_of<v1::AnchorMessage>()->method == "chiploc.v1.AnchorService.Attach");
  CHECK(rule_of<v1::Verdict>() == nullptr);
  CHECK(rule_of<v1::GetChipResponse>() == nullptr);
}

TEST_CASE("access: every role's rights are written down here a second time", "[service][roles]") {
  using Methods = std::vector<std::string>;
  // What each may call beyond every reader's calls, and of what it sees all.
  std::map<std::string, Methods> may;
  std::map<std::string, Methods> whole;
  Methods readers, researchers;
  for (const AccessRule& rule : access_table()) {
    const std::string name{rule.method.substr(rule.method.rfind('.') + 1)};
    if (rule.may.has(Role::kReader)) readers.push_back(name);
    for (const RoleName& role : kRoles) {
      if (rule.may.has(role.role) && !rule.may.has(Role::kReader))
        may[std::string{role.unit}].push_back(name);
      if (rule.whole.has(role.role) && role.role != Role::kAuditor && role.role != Role::kAdmin)
        whole[std::string{role.unit}].push_back(name);
      if (role.role == Role::kResearcher) {
        if (rule.may.has(role.role)) researchers.push_back(name);
        CHECK_FALSE(rule.whole.has(role.role));
        continue;
      }
      if (role.person && rule.may.has(Role::kReader)) CHECK(rule.may.has(role.role));
      CHECK(whole_with_reason(rule).has(role.role) ==
            ((role.role == Role::kRegulator || role.role == Role::kAnalyst) && rule.may.has(role.role)));
      if (role.role == Role::kAdmin && rule.may.has(Role::kReader)) CHECK(rule.whole.has(Role::kAuditor));
    }
    if (!rule.may.has(Role::kAnchor)) CHECK(rule.whole.has(Role::kAdmin));
  }
  CHECK(readers == Methods{"GetStatus",         "ListChips",        "GetChip",        "ListLicences",
                           "GetLicence",        "GetTerritory",     "ListAnchors",    "CompleteName",
                           "ListRecords",       "GetOrder",         "ListOrderHolds", "ListCases",
                           "GetCase",           "ListVerdicts",     "GetVerdict",     "ListStatuses",
                           "ListStatusChanges", "GetPolicy",        "GetReport",      "GetReportKeys",
                           "GetSummary",        "CreateSignInCode", "Watch"});
  CHECK(researchers == Methods{"GetStatus", "ListVerdicts", "GetVerdict", "ListStatusChanges", "GetPolicy"});
  CHECK(may["reader"].empty());
  CHECK(may["verifier"] == Methods{"CommentCase", "AddCaseEvidence", "Verify"});
  CHECK(may["registrar"] == Methods{"ListImports", "Export", "Import", "Remove", "OverrideDelivery",
                                    "CommentCase", "AddCaseEvidence", "DisputeCase", "ListRegistryChanges",
                                    "DeclareAbsence", "EndAbsence", "ListNotices", "ListSinks",
                                    "ExportNotices", "ListMutes", "AddMute", "EndMute", "ListPolicies"});
  CHECK(may["auditor"] == Methods{"ListImports",   "Export",       "LiftOrderHold",   "DecideProposal",
                                  "AssignCase",    "CommentCase",  "AddCaseEvidence", "DecideDispute",
                                  "ResolveCase",   "ReopenCase",   "StateUser",       "ListRegistryChanges",
                                  "ReplayVerdict", "ListNotices",  "ListSinks",       "ExportNotices",
                                  "ListMutes",     "ListPolicies", "ListAudit",       "ListEnrolments",
                                  "ReplayPolicy"});
  CHECK(may["regulator"] == Methods{"LiftOrderHold", "DecideProposal", "AssignCase", "CommentCase",
                                    "AddCaseEvidence", "DecideDispute", "ResolveCase", "ReopenCase",
                                    "StateUser"});
  CHECK(may["analyst"] == Methods{"AssignCase", "CommentCase", "AddCaseEvidence", "Verify"});
  CHECK(may["operator"] ==
        Methods{"CommentCase", "AddCaseEvidence", "DisputeCase", "DeclareAbsence", "EndAbsence"});
  CHECK(may["admin"] == Methods{"ListImports",
                                "Export",
                                "Import",
                                "Remove",
                                "RestartCounters",
                                "LiftOrderHold",
                                "OverrideDelivery",
                                "DecideProposal",
                                "AssignCase",
                                "CommentCase",
                                "AddCaseEvidence",
                                "DisputeCase",
                                "DecideDispute",
                                "ResolveCase",
                                "ReopenCase",
                                "StateUser",
                                "ListRegistryChanges",
                                "Verify",
                                "ReplayVerdict",
                                "DeclareAbsence",
                                "EndAbsence",
                                "ListNotices",
                                "ResendNotice",
                                "ListSinks",
                                "TestSink",
                                "SwitchSink",
                                "ExportNotices",
                                "ListMutes",
                                "AddMute",
                                "EndMute",
                                "ActivatePolicy",
                                "ListPolicies",
                                "ListAudit",
                                "CreateEnrolmentToken",
                                "ListEnrolments",
                                "RevokeEnrolment",
                                "ReplayPolicy"});
  CHECK(may["anchor"] == Methods{"Attach"});
  CHECK(may["coordinator"].empty());
  CHECK(whole["reader"].empty());
  CHECK(whole["verifier"].empty());
  for (const char* with_reason : {"regulator", "analyst", "operator"}) CHECK(whole[with_reason].empty());
  CHECK(whole["registrar"] == Methods{"ListImports", "Export", "Import", "Remove", "ListRegistryChanges",
                                      "DeclareAbsence", "EndAbsence", "ListNotices", "ListSinks",
                                      "ExportNotices", "ListMutes", "AddMute", "EndMute", "ListPolicies"});
  CHECK(evidence_rule().may == RoleSet{Role::kAuditor, Role::kAdmin});
}

TEST_CASE("access: the calls that no single holder's certificate may make", "[service][roles]") {
  std::vector<std::string> of_all;
  for (const AccessRule& rule : access_table()) {
    if (!rule.by_entity) of_all.emplace_back(rule.method.substr(rule.method.rfind('.') + 1));
  }
  CHECK(of_all == std::vector<std::string>{"Attach",
                                           "ListImports",
                                           "Import",
                                           "Remove",
                                           "RestartCounters",
                                           "LiftOrderHold",
                                           "OverrideDelivery",
                                           "DecideProposal",
                                           "AssignCase",
                                           "DecideDispute",
                                           "ResolveCase",
                                           "ReopenCase",
                                           "StateUser",
                                           "ListRegistryChanges",
                                           "ListNotices",
                                           "ResendNotice",
                                           "ListSinks",
                                           "TestSink",
                                           "SwitchSink",
                                           "ExportNotices",
                                           "ListMutes",
                                           "AddMute",
                                           "EndMute",
                                           "ActivatePolicy",
                                           "ListPolicies",
                                           "ListAudit",
                                           "CreateEnrolmentToken",
                                           "ListEnrolments",
                                           "RevokeEnrolment"});
}

TEST_CASE("roles: each has one OU, and an OU one role", "[service][roles]") {
  for (const RoleName& known : kRoles) {
    CHECK(role_of_unit(known.unit) == known.role);
    CHECK(unit_of(known.role) == known.unit);
    CHECK_FALSE(known.may.empty());
  }
  for (const char* other : {"", "Admin", "readers", "reader "}) CHECK_FALSE(role_of_unit(other));
  const RoleSet two{Role::kReader, Role::kAdmin};
  CHECK(two.without({Role::kAdmin}) == RoleSet{Role::kReader});
  CHECK(two.without(two).empty());
}

}  // namespace
}  // namespace chiploc::test
