#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "proto/base/result.hpp"
#include "server/coordinator/config.hpp"
#include "server/net/revocations.hpp"
#include "server/net/tls.hpp"
#include "server/service/operator_use_cases.hpp"

namespace chiploc {

class EnrolDesk;
class ServedLog;
class LogKeeper;
class SignInCodes;

/// What chiplocd serves over HTTP: the API under /v1, who signs in under /auth, the evidence log under /log, the page
/// everywhere else.
///
/// Threads   the server's two, and libcurl's where people sign in with tokens. The members are main's.
/// Stopping  before the use cases go.
class HttpEdge {
 public:
  /// Fails with a sentence: the address, the page's folder, a file of [oidc]. What is handed in outlives this. `codes` is what
  /// the use cases give for signing in at the page; null: nobody signs in so. `enrol` takes newcomers. `log` is
  /// asked how it does, and its files are served.
  [[nodiscard]] static Result<std::unique_ptr<HttpEdge>, std::string> start(
      const HttpConfig& config, const TlsMaterial& tls, const Revocations* revocations,
      OperatorUseCases& cases, SignInCodes* codes, EnrolDesk& enrol, const LogKeeper& log,
      const ServedLog& served_log);
  ~HttpEdge();
  HttpEdge(const HttpEdge&) = delete;
  HttpEdge& operator=(const HttpEdge&) = delete;

  [[nodiscard]] int port() const;
  /// Another list of revoked certificates is in force.
  void certificates_changed();
  void stop(std::chrono::milliseconds grace);

 private:
  struct Inside;
  explicit HttpEdge(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace chiploc
