#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proto/crypto/secret_text.hpp"
#include "server/http/http_message.hpp"
#include "server/oidc/issuer.hpp"
#include "server/oidc/oidc_counters.hpp"
#include "server/oidc/page_sessions.hpp"
#include "server/oidc/token.hpp"

namespace chiploc {

struct LoginOptions {
  std::string client_id;
  SecretText client_secret{};  ///< empty: a public client, by PKCE alone
  std::vector<std::string> scopes{"openid", "profile"};
  TokenRules rules;                                   ///< of ID tokens: the audience is client_id
  Nanoseconds login_most = std::chrono::minutes{10};  ///< from /auth/login to /auth/callback
};

inline constexpr std::string_view kLoginCookie = "__Host-chiploc-login";

/// People who sign in at a page of ours, as its back end: tokens stay here, the browser gets a cookie that means nothing
/// elsewhere.
///
///     GET  /auth/login?return=PATH   303 to the issuer: authorization code, PKCE S256, state, nonce
///     GET  /auth/callback            303 to PATH with the session's cookie, once the issuer has given an ID token
///     POST /auth/logout              ends the session; {"end_session": URL or null}: where to leave the issuer too
///
/// The rest of /auth is the sessions' (page_sessions.hpp). The issuer knows ORIGIN/auth/callback. Thread-safe; has no thread of its own, and holds none up: an answer that needs the issuer is given when it is there. The
/// fetcher goes away first, so that nothing comes back to what is gone; all else that is handed in outlives this.
class Login {
 public:
  Login(LoginOptions options, Issuer& issuer, HttpFetch& fetch, PageSessions& sessions, OidcHands hands,
        OidcLog log, OidcCounters& counters);
  ~Login();
  Login(const Login&) = delete;
  Login& operator=(const Login&) = delete;

  void handle(std::shared_ptr<HttpExchange> exchange);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace chiploc
