#include "server/oidc/oidc.hpp"

#include <fstream>
#include <sstream>

#include "proto/crypto/certificate.hpp"
#include "proto/crypto/key_store.hpp"

namespace chiploc {
namespace {

/// Empty: the authorities of this file can be used.
std::string problem_with_authorities(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream content;
  content << in.rdbuf();
  if (!in)
    return file.string() + ": cannot be read; correct the path, or copy the authority's certificate there";
  const auto read = Certificate::chain_from_pem(content.str());
  return read ? "" : file.string() + ": " + read.error().text;
}

}  // namespace

Result<std::unique_ptr<Oidc>, std::string> Oidc::open(const OidcConfig& config, PageSessions& sessions,
                                                      OidcCounters& counters, OidcHands hands, OidcLog log) {
  if (!config.ca.empty()) {
    const std::string problem = problem_with_authorities(config.ca);
    if (!problem.empty()) return Fail{config.ca_at + ": " + problem};
  }
  std::unique_ptr<Oidc> out{new Oidc{sessions, counters}};
  out->fetch_ = std::make_unique<CurlFetch>(config.ca, config.issuer.plain_loopback, FetchLimits{});
  out->issuer_ = std::make_unique<Issuer>(config.issuer, *out->fetch_, hands.steady, log);
  out->bearer_ = std::make_unique<BearerGate>(config.tokens, *out->issuer_, hands.wall, log, out->counters_);
  if (!config.login) return out;
  LoginOptions login;
  login.client_id = config.login->client_id;
  login.scopes = config.login->scopes;
  login.rules = config.tokens;
  login.rules.audience = login.client_id;
  login.rules.parties = {login.client_id};
  if (!config.login->client_secret.empty()) {
    auto secret = read_secret_line(config.login->client_secret);
    if (!secret) return Fail{config.login->secret_at + ": " + secret.error().text};
    login.client_secret = *std::move(secret);
  }
  out->login_ = std::make_unique<Login>(std::move(login), *out->issuer_, *out->fetch_, sessions,
                                        std::move(hands), std::move(log), out->counters_);
  return out;
}

Oidc::~Oidc() = default;

Answer<Identity> Oidc::identity(const HttpRequest& request) {
  if (BearerGate::is_bearer(request)) return bearer_->identity(request);
  return sessions_.identity(request);
}

}  // namespace chiploc
