#pragma once
#include <optional>
#include <string>

#include "proto/base/result.hpp"
#include "server/net/tls.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace chiploc {

/// Makes a context what connections of the server are made from: TLS 1.3 alone with its three suites, no renegotiation (1.3
/// has none), no tickets and no cache (each connection shows its certificate anew), no early data, ALPN http/1.1 (a client
/// that names protocols and not this one is refused). Where certificates are asked for, our authority's alone are good,
/// and none is good as well.
///
/// Fails     With a sentence, if certificate, key or authority are of no use.
[[nodiscard]] Result<Done, std::string> prepare_tls(ssl_ctx_st& context, const TlsMaterial& material,
                                                    bool ask_certificate);

/// DER of the certificate that the other end has shown and TLS has verified; nullopt: none.
[[nodiscard]] std::optional<std::string> peer_certificate_der(const ssl_st& connection);

}  // namespace chiploc
