#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/http/http_message.hpp"
#include "server/oidc/oidc_counters.hpp"
#include "server/oidc/session_table.hpp"
#include "server/service/fault.hpp"

namespace chiploc {

class SignInCodes;

/// What time it is, and what nobody can foresee.
struct OidcHands {
  std::function<WallTime()> wall;
  std::function<SteadyTime()> steady;
  Dice dice;
};

inline constexpr std::string_view kSessionCookie = "__Host-chiploc";

struct PageSessionOptions {
  std::string origin;  ///< "https://HOST[:PORT]": the page's own
  SessionRules rules{};
  bool issuer = false;           ///< people sign in at an OpenID provider too
  SignInCodes* codes = nullptr;  ///< null: nobody signs in by a code
  /// Why a certificate no longer counts; nullopt: it does. Asked at every call of a session that began with one.
  std::function<std::optional<std::string>(const Certificate&, WallTime)> ended{};
};

/// People who are signed in at our page, however they came to be: the browser has a cookie that means nothing elsewhere.
///
///     GET  /auth/me      who is signed in, and the CSRF token; 401: nobody, and the ways to sign in ("code", "issuer")
///     POST /auth/code    {"code": "XXXX-XXXX-XXXX"} of `chiploc page`: 200 with the session's cookie; 403: it is none
///     POST /auth/logout  ends the session; {"end_session": null}
///
/// Thread-safe; holds no thread up. What is handed in outlives this.
class PageSessions {
 public:
  PageSessions(PageSessionOptions options, OidcHands hands, OidcCounters& counters);
  ~PageSessions();
  PageSessions(const PageSessions&) = delete;
  PageSessions& operator=(const PageSessions&) = delete;

  /// Whether the path is below /auth.
  [[nodiscard]] static bool is_for(const HttpRequest& request);
  /// The three above; 404 for anything else there.
  [[nodiscard]] HttpReply answer(const HttpRequest& request);

  /// Who calls with a session's cookie. Fails with kNoCertificate (401: nobody is signed in), kWrongRole (403: not from our
  /// page, or on anything but GET and HEAD without the session's X-CSRF-Token).
  [[nodiscard]] Answer<Identity> identity(const HttpRequest& request);
  /// A session for somebody, in place of the one that the browser has (`old`, may be empty): its cookie. nullopt: no room.
  [[nodiscard]] std::optional<std::string> open(Identity identity, std::string_view old);
  /// Ends the session of a call that identity() lets in. Fails as it does.
  [[nodiscard]] Answer<Done> close(const HttpRequest& request);
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] const std::string& origin() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What /auth answers with.
[[nodiscard]] HttpReply auth_reply(int status, const std::string& json);
/// 401 or 403 with {"error": ...}.
[[nodiscard]] HttpReply auth_reply(const ApiFault& fault);
[[nodiscard]] HttpReply with_cookie(HttpReply reply, const std::string& cookie);

}  // namespace chiploc
