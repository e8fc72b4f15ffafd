#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace google::protobuf {
class Descriptor;
}

namespace chiploc {

/// Whose certificates may make a call.
enum class Access : std::uint8_t {
  kAnchors,
  kReaders,  ///< and admins
  kAdmins,
};

struct AccessRule {
  std::string_view method;  ///< "chiploc.v1.OperatorService.GetStatus"
  Access who;
  std::string_view what;  ///< completes "the role reader may not ..."; empty where readers may
};

/// Who may call what: one rule for each method of every service, here and nowhere else. Each edge asks before
/// it calls a use case; what a call shows to whom is said by the messages (proto/v1/access.proto). The build
/// fails while a method has no rule or a rule no method (contract.hpp).
[[nodiscard]] std::span<const AccessRule> access_table();

/// The rule of the method that takes this request; no two take the same. Null: no method does, or it has
/// none, and nobody may make the call.
[[nodiscard]] const AccessRule* access_rule_of(const google::protobuf::Descriptor& request);

}  // namespace chiploc
