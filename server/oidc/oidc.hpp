#pragma once
#include <memory>

#include "server/fetch/curl_fetch.hpp"
#include "server/oidc/bearer.hpp"
#include "server/oidc/login.hpp"
#include "server/oidc/oidc_config.hpp"

namespace chiploc {

/// All of [oidc], put together: whoever serves HTTP holds one. Thread-safe; has one thread, libcurl's. The servers that call
/// it stop first.
class Oidc {
 public:
  /// Reads the client's secret and the authorities. Fails with a sentence that names file and line. Asks nobody yet: the
  /// issuer may be down when we start.
  [[nodiscard]] static Result<std::unique_ptr<Oidc>, std::string> open(const OidcConfig& config,
                                                                       PageSessions& sessions,
                                                                       OidcCounters& counters,
                                                                       OidcHands hands, OidcLog log);
  ~Oidc();
  Oidc(const Oidc&) = delete;
  Oidc& operator=(const Oidc&) = delete;

  /// Who sends a request that has no client certificate: a bearer token if there is an Authorization field, else a
  /// session's cookie. Fails as BearerGate and Login do; kNoCertificate where there is neither.
  [[nodiscard]] Answer<Identity> identity(const HttpRequest& request);
  /// /auth/..; null: the configuration has no [oidc.login].
  [[nodiscard]] Login* login() { return login_.get(); }

  [[nodiscard]] IssuerCounts issuer_counts() const { return issuer_->counts(); }

 private:
  Oidc(PageSessions& sessions, OidcCounters& counters) : sessions_{sessions}, counters_{counters} {}
  PageSessions& sessions_;
  OidcCounters& counters_;
  std::unique_ptr<Issuer> issuer_;
  std::unique_ptr<BearerGate> bearer_;
  std::unique_ptr<Login> login_;
  std::unique_ptr<CurlFetch> fetch_;  // goes first: what comes back goes to all of these
};

}  // namespace chiploc
