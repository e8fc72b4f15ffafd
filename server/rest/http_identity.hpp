#pragma once
#include <functional>

#include "server/http/http_message.hpp"
#include "server/service/caller.hpp"

namespace chiploc {

/// Who sent a request, or kNoCertificate with a sentence. Thread-safe, and quick: it is asked on the server's threads.
using Authenticate = std::function<Answer<Identity>(const HttpRequest&)>;

/// By the client certificate that TLS has verified: exactly one CN and one OU, as at the gRPC edge.
[[nodiscard]] Answer<Identity> identity_of_certificate(const HttpRequest& request);

}  // namespace chiploc
