#pragma once
#include "server/service/caller.hpp"

namespace google::protobuf {
class Descriptor;
}
namespace grpc {
class AuthContext;
class ServerContextBase;
}  // namespace grpc

namespace chiploc {

/// Who calls, by the certificate that TLS has verified, if the call that takes `request` is one that they may
/// make (access.hpp). Else kNoCertificate, or what admit() says. `reason` as reason_of() has it.
[[nodiscard]] Answer<Caller> caller_of(const grpc::AuthContext& context,
                                       const google::protobuf::Descriptor& request,
                                       const std::optional<std::string>& reason = {});
/// Why a person wants to see what is sealed: the call's metadata of that name (kReasonField), once; several are "",
/// which admit() refuses. nullopt: none.
[[nodiscard]] std::optional<std::string> reason_of(const grpc::ServerContextBase& context);

}  // namespace chiploc
