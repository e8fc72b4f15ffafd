#include "server/service/caller.hpp"

#include "server/registry/fields.hpp"

namespace chiploc {

Answer<Caller> caller_from(const std::string& common_name, const std::string& unit) {
  if (unit == "reader") return Caller{common_name, Role::kReader};
  if (unit == "admin") return Caller{common_name, Role::kAdmin};
  return Fail{ApiFault{ApiFaultCode::kWrongRole,
                       "the role " + shown(unit) +
                           " may not use this service; use a certificate whose OU is reader "
                           "or admin"}};
}

Answer<Done> require_admin(const Caller& caller, const std::string& what) {
  if (caller.role == Role::kAdmin) return Done{};
  return Fail{
      ApiFault{ApiFaultCode::kWrongRole, "the role reader may not " + what + "; use an admin's certificate"}};
}

}  // namespace chiploc
