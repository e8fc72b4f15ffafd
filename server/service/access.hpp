#pragma once
#include <span>
#include <string_view>

#include "proto/base/role.hpp"

namespace google::protobuf {
class Descriptor;
}

namespace chiploc {

struct AccessRule {
  std::string_view method;  ///< "chiploc.v1.OperatorService.GetStatus"; or a field of its request
  RoleSet may;              ///< who may make the call
  RoleSet whole;            ///< of these, who gets the answer as it is; the others what is open in it
  /// It answers whoever has an entity (Caller::holder) with that entity's rows alone. False: it is about more
  /// than one entity's, and they are refused.
  bool by_entity;
  std::string_view what;  ///< completes "the role reader may not ..."; empty where every person may
};

/// Who may call what: one rule for each method of every service, here and nowhere else. Each edge asks before
/// it calls a use case; what is open in an answer is said by the messages (proto/v1/access.proto). The build
/// fails while a method has no rule or a rule no method (contract.hpp).
[[nodiscard]] std::span<const AccessRule> access_table();
/// The same for a field that asks for more than its call does: evidence beside a verdict.
[[nodiscard]] const AccessRule& evidence_rule();
/// Who of those that may make the call gets its answer as it is once they say why (Caller::reason): a regulator, an
/// analyst. What they saw stands in the audit log before they see it.
[[nodiscard]] RoleSet whole_with_reason(const AccessRule& rule);

/// The rule of the method that takes this request; no two take the same. Null: no method does, or it has
/// none, and nobody may make the call.
[[nodiscard]] const AccessRule* access_rule_of(const google::protobuf::Descriptor& request);

}  // namespace chiploc
