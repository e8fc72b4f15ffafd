#pragma once
#include <optional>
#include <string>

#include "proto/base/endpoint.hpp"

namespace chiploc {

/// Whether TCP could be served at this address now: binds a socket there and lets go of it. For a sentence
/// before anything else is made; gRPC, which binds later, only says that it could not.
///
/// Returns   nullopt when it could; else what listen_problem() says.
[[nodiscard]] std::optional<std::string> tcp_listen_fault(const Endpoint& endpoint);

/// Whether the address is one of this machine's (or all of them), whoever serves at its port: binds another
/// port there and lets go of it.
///
/// Returns   the same.
[[nodiscard]] std::optional<std::string> local_address_fault(const Endpoint& endpoint);

}  // namespace chiploc
