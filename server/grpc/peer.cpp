#include "server/grpc/peer.hpp"

#include <grpcpp/server_context.h>

#include "server/net/tls.hpp"

namespace chiploc {

Answer<Caller> caller_of(const grpc::AuthContext& context, const google::protobuf::Descriptor& request,
                         const std::optional<std::string>& reason) {
  const auto peer = peer_identity(context);
  if (!peer) return Fail{ApiFault{ApiFaultCode::kNoCertificate, peer.error()}};
  return admit(access_rule_of(request),
               {peer->common_name, peer->unit, peer->organizations, peer->certificate, {}, peer->whole},
               reason);
}

std::optional<std::string> reason_of(const grpc::ServerContextBase& context) {
  const auto [from, to] = context.client_metadata().equal_range({kReasonField.data(), kReasonField.size()});
  if (from == to) return std::nullopt;
  if (std::next(from) != to) return "";
  return std::string{from->second.data(), from->second.size()};
}

}  // namespace chiploc
