#pragma once
#include "server/service/caller.hpp"

namespace google::protobuf {
class Descriptor;
}
namespace grpc {
class AuthContext;
}

namespace chiploc {

/// Who calls, by the certificate that TLS has verified, if the call that takes `request` is one that they may
/// make (access.hpp). Else kNoCertificate, or what admit() says.
[[nodiscard]] Answer<Caller> caller_of(const grpc::AuthContext& context,
                                       const google::protobuf::Descriptor& request);

}  // namespace chiploc
