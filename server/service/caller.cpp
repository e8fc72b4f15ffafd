#include "server/service/caller.hpp"

#include "server/registry/fields.hpp"

namespace chiploc {
namespace {

Fail<ApiFault> wrong_role(std::string text) {
  return Fail{ApiFault{ApiFaultCode::kWrongRole, std::move(text)}};
}

Answer<Caller> admit_person(const std::string& common_name, const std::string& unit) {
  if (unit == "reader") return Caller{common_name, Role::kReader};
  if (unit == "admin") return Caller{common_name, Role::kAdmin};
  return wrong_role("the role " + shown(unit) +
                    " may not use this service; use a certificate whose OU is reader or admin");
}

}  // namespace

Answer<Caller> admit(const AccessRule* rule, const std::string& common_name, const std::string& unit) {
  if (rule == nullptr) return wrong_role("nobody may make this call: it has no access rule");
  if (rule->who == Access::kAnchors) {
    if (unit == "anchor") return Caller{common_name, Role::kAnchor};
    return wrong_role("the client certificate of '" + common_name + "' has the role '" + unit +
                      "'; only 'anchor' may " + std::string{rule->what});
  }
  auto caller = admit_person(common_name, unit);
  if (!caller || rule->who != Access::kAdmins) return caller;
  const auto allowed = require_admin(*caller, rule->what);
  if (!allowed) return Fail{allowed.error()};
  return caller;
}

Answer<Done> require_admin(const Caller& caller, std::string_view what) {
  if (caller.role == Role::kAdmin) return Done{};
  return wrong_role("the role reader may not " + std::string{what} + "; use an admin's certificate");
}

}  // namespace chiploc
