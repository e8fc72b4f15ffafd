#include "server/oidc/page_sessions.hpp"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "proto/crypto/digest.hpp"
#include "server/oidc/browser_request.hpp"
#include "server/service/sign_in_codes.hpp"
#include "server/tables/strict_json.hpp"

namespace chiploc {
namespace {

using Json = nlohmann::json;

std::string dumped(const Json& body) {
  return body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

HttpReply wrong_method(std::string_view method) {
  HttpReply reply = auth_reply(405, dumped({{"error", "use " + std::string{method}}}));
  reply.fields.emplace_back("allow", method);
  return reply;
}

}  // namespace

HttpReply auth_reply(int status, const std::string& json) {
  return {status, {{"content-type", "application/json"}, {"cache-control", "no-store"}}, json};
}
HttpReply auth_reply(const ApiFault& fault) {
  return auth_reply(fault.code == ApiFaultCode::kNoCertificate ? 401 : 403, dumped({{"error", fault.text}}));
}
HttpReply with_cookie(HttpReply reply, const std::string& cookie) {
  reply.fields.emplace_back("set-cookie", cookie);
  return reply;
}

struct PageSessions::State {
  const PageSessionOptions options;
  const OidcHands hands;
  OidcCounters& counters;
  mutable std::mutex mutex{};
  SessionTable sessions{options.rules, hands.dice};  ///< behind it

  struct Seen {
    Session session;
    SteadyTime ends;
  };

  [[nodiscard]] std::string how_to_sign_in() const {
    if (options.issuer) return "begin at /auth/login";
    return options.codes != nullptr
               ? "on a machine with your certificate 'chiploc page' gives a code; programs send the certificate itself"
               : "send a client certificate of this coordinator's authority";
  }

  Answer<Seen> session_of(const HttpRequest& request) {
    const auto refuse = [&](ApiFaultCode code, std::string text) {
      ++counters.sessions_refused;
      return Fail{ApiFault{code, std::move(text)}};
    };
    const auto id = cookie_of(request, kSessionCookie);
    if (!id) return Fail{ApiFault{ApiFaultCode::kNoCertificate, "nobody is signed in; " + how_to_sign_in()}};
    if (!is_of_our_page(request, options.origin))
      return refuse(ApiFaultCode::kWrongRole, "a session's cookie counts for calls of our own page alone");
    Seen seen;
    {
      const std::scoped_lock lock{mutex};
      const Session* const found = sessions.find(*id, hands.steady());
      if (found == nullptr)
        return refuse(ApiFaultCode::kNoCertificate, "the session is over; " + how_to_sign_in());
      seen = {*found, sessions.ends(*found)};
    }
    if (seen.session.began_with && options.ended) {
      if (const auto why = options.ended(*seen.session.began_with, hands.wall())) {
        const std::scoped_lock lock{mutex};
        sessions.close(*id);
        return refuse(ApiFaultCode::kNoCertificate, "the session is over: " + *why);
      }
    }
    const auto csrf = request.field("x-csrf-token");
    if (!only_asks(request) && !(csrf && constant_time_equal(bytes_of(*csrf), bytes_of(seen.session.csrf))))
      return refuse(ApiFaultCode::kWrongRole,
                    "the X-CSRF-Token is missing or not this session's; /auth/me has it");
    ++counters.sessions_good;
    return seen;
  }

  HttpReply me(const HttpRequest& request) {
    const auto seen = session_of(request);
    if (!seen) {
      if (seen.error().code != ApiFaultCode::kNoCertificate) return auth_reply(seen.error());
      Json ways = Json::array();
      if (options.codes != nullptr) ways.push_back("code");
      if (options.issuer) ways.push_back("issuer");
      return auth_reply(401, dumped({{"error", seen.error().text}, {"ways", std::move(ways)}}));
    }
    const Identity& identity = seen->session.identity;
    Json entity = nullptr;
    for (const std::string& organization : identity.organizations) {
      if (organization.starts_with(kHolderEntity)) entity = organization.substr(kHolderEntity.size());
    }
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(seen->ends - hands.steady()).count();
    return auth_reply(200, dumped({{"name", identity.common_name},
                                   {"role", identity.unit},
                                   {"entity", std::move(entity)},
                                   {"csrf_token", seen->session.csrf},
                                   {"ends_in_s", left}}));
  }

  /// A code is as good as a cookie: only our own page may send one, so that nobody is signed in as somebody else unawares.
  HttpReply by_code(const HttpRequest& request, PageSessions& self) {
    const auto refuse = [&](int status, const char* text) {
      ++counters.codes_refused;
      return auth_reply(status, dumped({{"error", text}}));
    };
    if (options.codes == nullptr) return refuse(404, "nobody signs in by a code here");
    if (!is_of_our_page(request, options.origin))
      return refuse(403, "a code is taken from our own page alone; open the page and enter it there");
    constexpr std::size_t kBodyMax = 1'024;
    const auto body = strict_json_object(request.body, kBodyMax);
    const std::string* const code = body ? text_member(*body, "code") : nullptr;
    if (code == nullptr) return refuse(400, "send {\"code\": \"XXXX-XXXX-XXXX\"}");
    auto signed_in = options.codes->redeem(*code, hands.wall());
    if (!signed_in)
      return refuse(403, "this code is not known, was used, or is too old; 'chiploc page' gives another one");
    auto certificate = signed_in->whole_certificate;
    if (certificate && options.ended) {
      if (options.ended(*certificate, hands.wall()))
        return refuse(403, "the certificate that the code was given for no longer counts");
    }
    const auto id = self.open(*std::move(signed_in), cookie_of(request, kSessionCookie).value_or(""));
    if (!id) return refuse(503, "too many people are signed in; try again later");
    ++counters.codes_good;
    return with_cookie(auth_reply(200, dumped({{"signed_in", true}})),
                       set_cookie(kSessionCookie, *id, "Strict", {}));
  }
};

PageSessions::PageSessions(PageSessionOptions options, OidcHands hands, OidcCounters& counters)
    : state_{new State{std::move(options), std::move(hands), counters}} {}
PageSessions::~PageSessions() = default;

bool PageSessions::is_for(const HttpRequest& request) {
  return request.path == "/auth" || request.path.starts_with("/auth/");
}

HttpReply PageSessions::answer(const HttpRequest& request) {
  const bool gets = request.path == "/auth/me";
  if (!gets && request.path != "/auth/code" && request.path != "/auth/logout") {
    return auth_reply(
        404, dumped({{"error", state_->options.issuer ? "there are /auth/login, callback, code, me and logout"
                                                      : "there are /auth/code, me and logout"}}));
  }
  const std::string_view method = gets ? "GET" : "POST";
  if (request.method != method) return wrong_method(method);
  if (gets) return state_->me(request);
  if (request.path == "/auth/code") return state_->by_code(request, *this);
  const auto closed = close(request);
  if (!closed) return auth_reply(closed.error());
  return with_cookie(auth_reply(200, dumped({{"end_session", nullptr}})),
                     set_cookie(kSessionCookie, "", "Strict", 0));
}

Answer<Identity> PageSessions::identity(const HttpRequest& request) {
  auto seen = state_->session_of(request);
  if (!seen) return Fail{seen.error()};
  return std::move(seen->session.identity);
}

std::optional<std::string> PageSessions::open(Identity identity, std::string_view old) {
  const std::scoped_lock lock{state_->mutex};
  state_->sessions.close(old);
  auto id = state_->sessions.open(std::move(identity), state_->hands.steady());
  if (!id) ++state_->counters.sessions_full;
  return id;
}

Answer<Done> PageSessions::close(const HttpRequest& request) {
  const auto seen = state_->session_of(request);
  if (!seen) return Fail{seen.error()};
  const std::scoped_lock lock{state_->mutex};
  state_->sessions.close(cookie_of(request, kSessionCookie).value_or(""));
  return Done{};
}

std::size_t PageSessions::size() const {
  const std::scoped_lock lock{state_->mutex};
  return state_->sessions.size();
}

const std::string& PageSessions::origin() const { return state_->options.origin; }

}  // namespace chiploc
