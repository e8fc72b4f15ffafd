#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "server/service/access.hpp"
#include "server/service/fault.hpp"

namespace chiploc {

/// What a caller may do. A reader sees registry and verdicts without places; an admin sees and does
/// everything; an anchor attaches, and is no person.
enum class Role : std::uint8_t { kReader, kAdmin, kAnchor };

/// Who is calling, by the client certificate: CN is the name that goes into the records, OU the role.
struct Caller {
  std::string name;
  Role role = Role::kReader;
};

/// Lets a certificate's holder make a call or not: by the call's rule, and the OU ("anchor", "reader" or
/// "admin", exactly). kWrongRole with a sentence that names the role; also where there is no rule.
[[nodiscard]] Answer<Caller> admit(const AccessRule* rule, const std::string& common_name,
                                   const std::string& unit);
/// For a field that asks for more than its call does. kWrongRole unless the caller is an admin; `what`
/// completes "the role reader may not ...".
[[nodiscard]] Answer<Done> require_admin(const Caller& caller, std::string_view what);

}  // namespace chiploc
