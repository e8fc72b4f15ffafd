#pragma once
#include "server/service/caller.hpp"

namespace grpc {
class AuthContext;
}

namespace chiploc {

/// Who calls, by the certificate that TLS has verified. kNoCertificate, or what caller_from() says.
[[nodiscard]] Answer<Caller> caller_of(const grpc::AuthContext& context);

}  // namespace chiploc
