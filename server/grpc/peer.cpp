#include "server/grpc/peer.hpp"

#include "server/net/tls.hpp"

namespace chiploc {

Answer<Caller> caller_of(const grpc::AuthContext& context) {
  const auto peer = peer_identity(context);
  if (!peer) return Fail{ApiFault{ApiFaultCode::kNoCertificate, peer.error()}};
  return caller_from(peer->common_name, peer->unit);
}

}  // namespace chiploc
