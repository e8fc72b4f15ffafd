#pragma once
#include <functional>

#include "server/http/http_message.hpp"
#include "server/oidc/issuer.hpp"
#include "server/oidc/oidc_counters.hpp"
#include "server/oidc/token.hpp"

namespace chiploc {

/// Calls with `Authorization: Bearer TOKEN`. Thread-safe. Holds a caller's thread up for a fetch of keys no longer than
/// IssuerOptions::wait_most, once in KeyCacheRules::unknown_gap for tokens of strangers.
class BearerGate {
 public:
  /// All that is handed in outlives it.
  BearerGate(TokenRules rules, Issuer& issuer, std::function<WallTime()> clock, OidcLog log,
             OidcCounters& counters);

  /// Whether the request has an Authorization field at all: then nothing else says who is calling.
  [[nodiscard]] static bool is_bearer(const HttpRequest& request);
  /// Fails with kNoCertificate (401; the edge adds `WWW-Authenticate: Bearer`), kWrongRole (403), kUnavailable (503). A token
  /// anywhere else (query, form, cookie) is not looked for.
  [[nodiscard]] Answer<Identity> identity(const HttpRequest& request);

 private:
  const TokenRules rules_;
  Issuer& issuer_;
  const std::function<WallTime()> clock_;
  const OidcLog log_;
  OidcCounters& counters_;
};

}  // namespace chiploc
