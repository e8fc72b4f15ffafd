#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proto/crypto/secret_text.hpp"
#include "server/http/http_message.hpp"
#include "server/oidc/issuer.hpp"
#include "server/oidc/oidc_counters.hpp"
#include "server/oidc/session_table.hpp"
#include "server/oidc/token.hpp"

namespace chiploc {

struct LoginOptions {
  std::string client_id;
  SecretText client_secret{};  ///< empty: a public client, by PKCE alone
  std::string public_url;  ///< "https://HOST[:PORT]": the page's origin; the issuer knows URL/auth/callback
  std::vector<std::string> scopes{"openid", "profile"};
  TokenRules rules;  ///< of ID tokens: the audience is client_id
  SessionRules sessions{};
  Nanoseconds login_most = std::chrono::minutes{10};  ///< from /auth/login to /auth/callback
};

/// What time it is, and what nobody can foresee.
struct OidcHands {
  std::function<WallTime()> wall;
  std::function<SteadyTime()> steady;
  Dice dice;
};

inline constexpr std::string_view kSessionCookie = "__Host-chiploc";
inline constexpr std::string_view kLoginCookie = "__Host-chiploc-login";

/// People who sign in at a page of ours, as its back end: tokens stay here, the browser gets a cookie that means nothing
/// elsewhere.
///
///     GET  /auth/login?return=PATH   303 to the issuer: authorization code, PKCE S256, state, nonce
///     GET  /auth/callback            303 to PATH with the session's cookie, once the issuer has given an ID token
///     GET  /auth/me                  who is signed in, and the CSRF token; 401: nobody
///     POST /auth/logout              ends the session; {"end_session": URL or null}: where to leave the issuer too
///
/// Thread-safe; has no thread of its own, and holds none up: an answer that needs the issuer is given when it is there. The
/// fetcher goes away first, so that nothing comes back to what is gone; all else that is handed in outlives this.
class Login {
 public:
  Login(LoginOptions options, Issuer& issuer, HttpFetch& fetch, OidcHands hands, OidcLog log,
        OidcCounters& counters);
  ~Login();
  Login(const Login&) = delete;
  Login& operator=(const Login&) = delete;

  /// Whether the path is one of these ("/auth/..").
  [[nodiscard]] static bool is_for(const HttpRequest& request);
  void handle(std::shared_ptr<HttpExchange> exchange);

  /// Who calls with a session's cookie. Fails with kNoCertificate (401: nobody is signed in), kWrongRole (403: not from our
  /// page, or on anything but GET and HEAD without the session's X-CSRF-Token).
  [[nodiscard]] Answer<Identity> identity(const HttpRequest& request);
  [[nodiscard]] std::size_t sessions() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace chiploc
