#include "server/grpc/peer.hpp"

#include "server/net/tls.hpp"

namespace chiploc {

Answer<Caller> caller_of(const grpc::AuthContext& context, const google::protobuf::Descriptor& request) {
  const auto peer = peer_identity(context);
  if (!peer) return Fail{ApiFault{ApiFaultCode::kNoCertificate, peer.error()}};
  return admit(access_rule_of(request),
               {peer->common_name, peer->unit, peer->organizations, peer->certificate, {}, peer->whole});
}

}  // namespace chiploc
