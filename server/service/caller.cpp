#include "server/service/caller.hpp"

#include "server/net/tls.hpp"
#include "server/registry/fields.hpp"

namespace chiploc {

Result<Caller, ApiFault> caller_from(const std::string& common_name, const std::string& unit) {
  if (unit == "reader") return Caller{common_name, Role::kReader};
  if (unit == "admin") return Caller{common_name, Role::kAdmin};
  return Fail{ApiFault{ApiFaultCode::kWrongRole,
                       "the role " + shown(unit) +
                           " may not use this service; use a certificate whose OU is reader "
                           "or admin"}};
}

Result<Caller, ApiFault> caller_of(const grpc::AuthContext& context) {
  const auto peer = peer_identity(context);
  if (!peer) return Fail{ApiFault{ApiFaultCode::kNoCertificate, peer.error()}};
  return caller_from(peer->common_name, peer->unit);
}

Result<Done, ApiFault> require_admin(const Caller& caller, const std::string& what) {
  if (caller.role == Role::kAdmin) return Done{};
  return Fail{
      ApiFault{ApiFaultCode::kWrongRole, "the role reader may not " + what + "; use an admin's certificate"}};
}

}  // namespace chiploc
