#include "server/oidc/login.hpp"

#include <nlohmann/json.hpp>

#include "proto/crypto/digest.hpp"
#include "server/oidc/base64url.hpp"
#include "server/oidc/browser_request.hpp"
#include "server/oidc/login_ticket.hpp"
#include "server/tables/strict_json.hpp"

namespace chiploc {
namespace {

/// What a person sees who was sent here by the issuer.
HttpReply text_reply(int status, std::string_view text) {
  return {status,
          {{"content-type", "text/plain; charset=utf-8"}, {"cache-control", "no-store"}},
          std::string{text} + "\n"};
}
HttpReply see_other(const std::string& location) {
  return {303, {{"location", location}, {"cache-control", "no-store"}, {"referrer-policy", "no-referrer"}}};
}
std::string no_login_cookie() { return set_cookie(kLoginCookie, "", "Lax", 0); }

bool is_code(std::string_view code) {
  constexpr std::size_t kCodeMax = 2'048;
  return !code.empty() && code.size() <= kCodeMax &&
         code.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=") ==
             std::string_view::npos;
}

/// RFC 4648, section 4, of the client's credentials (RFC 6749, 2.3.1).
std::string basic_credentials(std::string_view id, std::string_view secret) {
  std::string both = percent_encoded(id) + ":" + percent_encoded(secret);
  std::string text = base64url_text(bytes_of(both));
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  text.append((4 - text.size() % 4) % 4, '=');
  wipe({reinterpret_cast<std::uint8_t*>(both.data()), both.size()});
  return "Basic " + text;
}

constexpr std::string_view kBeginAgain =
    "This login does not fit: it is too old, or was begun in another window. Begin again.";
constexpr std::string_view kIssuerAway = "The issuer does not answer at the moment. Try again later.";
constexpr std::string_view kNotSignedIn = "The issuer did not sign you in.";

}  // namespace

struct Login::State : std::enable_shared_from_this<Login::State> {
  State(LoginOptions how, Issuer& of, HttpFetch& by, PageSessions& theirs, OidcHands with, OidcLog lines,
        OidcCounters& counts)
      : options{std::move(how)},
        issuer{of},
        fetch{by},
        sessions{theirs},
        hands{std::move(with)},
        log{std::move(lines)},
        counters{counts},
        tickets{hands.dice, options.login_most} {}

  const LoginOptions options;
  Issuer& issuer;
  HttpFetch& fetch;
  PageSessions& sessions;
  const OidcHands hands;
  const OidcLog log;
  OidcCounters& counters;
  const LoginTickets tickets;

  /// One login on its way back from the issuer. Answers for itself if it is dropped.
  struct Pending {
    std::shared_ptr<State> state;
    std::shared_ptr<HttpExchange> exchange;
    LoginTicket ticket;
    std::string code, old_session;
    void answer(HttpReply reply) {
      if (const auto to = std::exchange(exchange, nullptr))
        to->reply(with_cookie(std::move(reply), no_login_cookie()));
    }
    void refuse(int status, std::string_view said, const std::string& why) {
      ++state->counters.logins_refused;
      state->log(status == 503, "oidc.login_refused reason=" + why);
      answer(text_reply(status, said));
    }
    ~Pending() {
      wipe({reinterpret_cast<std::uint8_t*>(code.data()), code.size()});
      answer(text_reply(503, kIssuerAway));
    }
  };

  void login(const std::shared_ptr<HttpExchange>& exchange) {
    const std::string path = query_of(exchange->request(), "return").value_or("/");
    issuer.ask(std::nullopt, [self = shared_from_this(), exchange,
                              path](const std::shared_ptr<const IssuerFacts>& facts) {
      if (!facts || facts->document.authorization_endpoint.empty()) {
        ++self->counters.logins_refused;
        self->log(true, "oidc.login_refused reason=no-issuer");
        return exchange->reply(text_reply(503, kIssuerAway));
      }
      ++self->counters.logins_begun;
      const LoginTicket ticket = self->tickets.begin(self->hands.dice, path, self->hands.wall());
      exchange->reply(with_cookie(
          see_other(self->address_of(facts->document, ticket)),
          set_cookie(kLoginCookie, ticket.cookie, "Lax",
                     std::chrono::duration_cast<std::chrono::seconds>(self->options.login_most).count())));
    });
  }
  [[nodiscard]] std::string redirect_uri() const { return sessions.origin() + "/auth/callback"; }
  [[nodiscard]] std::string address_of(const IssuerDocument& document, const LoginTicket& ticket) const {
    std::string scope;
    for (const std::string& one : options.scopes) scope += (scope.empty() ? "" : " ") + one;
    std::string out = document.authorization_endpoint;
    out += out.find('?') == std::string::npos ? '?' : '&';
    out += "response_type=code&client_id=" + percent_encoded(options.client_id) +
           "&redirect_uri=" + percent_encoded(redirect_uri()) + "&scope=" + percent_encoded(scope) +
           "&state=" + ticket.state + "&nonce=" + ticket.nonce + "&code_challenge=" + ticket.challenge +
           "&code_challenge_method=S256";
    return out;
  }

  void callback(std::shared_ptr<HttpExchange> exchange) {
    const HttpRequest& request = exchange->request();
    const auto cookie = cookie_of(request, kLoginCookie);
    const auto state = query_of(request, "state");
    const auto ticket = cookie && state ? tickets.find(*cookie, *state, hands.wall()) : std::nullopt;
    const auto pending = std::make_shared<Pending>();
    pending->state = shared_from_this();
    pending->old_session = cookie_of(request, kSessionCookie).value_or("");
    const auto code = query_of(request, "code"), iss = query_of(request, "iss");
    const bool refused = query_of(request, "error").has_value();
    pending->exchange = std::move(exchange);  // `request` is gone when this has been answered
    if (!ticket) return pending->refuse(400, kBeginAgain, "state");
    if (refused) return pending->refuse(403, kNotSignedIn, "issuer");
    if (!code || !is_code(*code)) return pending->refuse(400, kBeginAgain, "code");
    pending->ticket = *ticket;
    pending->code = *code;
    issuer.ask(std::nullopt, [pending, iss](const std::shared_ptr<const IssuerFacts>& facts) {
      if (!facts || facts->document.token_endpoint.empty())
        return pending->refuse(503, kIssuerAway, "no-issuer");
      // Another issuer's answer, mixed in (RFC 9207).
      if (iss ? *iss != facts->document.issuer : facts->document.names_itself)
        return pending->refuse(400, kBeginAgain, "mixed-issuer");
      pending->state->exchange_code(pending, facts->document.token_endpoint);
    });
  }

  void exchange_code(const std::shared_ptr<Pending>& pending, const std::string& endpoint) {
    FetchRequest request{.url = endpoint, .content_type = kFormType};
    request.body = "grant_type=authorization_code&code=" + percent_encoded(pending->code) +
                   "&redirect_uri=" + percent_encoded(redirect_uri()) +
                   "&code_verifier=" + pending->ticket.verifier;
    if (options.client_secret.text().empty()) {
      request.body += "&client_id=" + percent_encoded(options.client_id);
    } else {
      request.fields.emplace_back("Authorization",
                                  basic_credentials(options.client_id, options.client_secret.text()));
    }
    const bool sent = fetch.fetch(std::move(request), [pending](FetchOutcome outcome) {
      if (!outcome) return pending->refuse(503, kIssuerAway, "token-endpoint: " + outcome.error());
      if (outcome->status != 200)
        return pending->refuse(outcome->status >= 500 ? 503 : 403, kNotSignedIn,
                               "token-endpoint: status " + std::to_string(outcome->status));
      constexpr std::size_t kAnswerMax = 131'072;
      const auto answer = strict_json_object(outcome->body, kAnswerMax);
      wipe({reinterpret_cast<std::uint8_t*>(outcome->body.data()), outcome->body.size()});
      const std::string* const token = answer ? text_member(*answer, "id_token") : nullptr;
      if (token == nullptr) return pending->refuse(403, kNotSignedIn, "no-id-token");
      pending->state->check_token(pending, *token);
    });
    if (!sent) pending->refuse(503, kIssuerAway, "busy");
  }

  void check_token(const std::shared_ptr<Pending>& pending, const std::string& token) {
    const auto jws = parse_jws(token);
    const auto judge = [pending, token](const std::shared_ptr<const IssuerFacts>& facts) {
      State& self = *pending->state;
      const auto person = facts ? judge_token(token, TokenUse::kLogin, facts->keys, self.options.rules,
                                              self.hands.wall(), pending->ticket.nonce)
                                : Result<TokenPerson, TokenFault>{Fail{TokenFault::kNoKeys}};
      if (!person) {
        const ApiFault fault = api_fault_of(person.error());
        const int status = fault.code == ApiFaultCode::kUnavailable ? 503 : 403;
        const bool role = fault.code == ApiFaultCode::kWrongRole;
        return pending->refuse(status,
                               role            ? std::string_view{fault.text}
                               : status == 503 ? kIssuerAway
                                               : kNotSignedIn,
                               std::string{name_of(person.error())} + ": the ID token " +
                                   std::string{sentence_of(person.error())});
      }
      self.open_session(*pending, person->identity);
    };
    if (!jws) return judge(std::make_shared<const IssuerFacts>());  // it has the words; no key would do
    issuer.ask(jws->kid, judge);
  }

  void open_session(Pending& pending, const Identity& identity) {
    const auto id = sessions.open(identity, pending.old_session);
    if (!id) return pending.refuse(503, "Too many people are signed in. Try again later.", "full");
    ++counters.logins_good;
    log(false, "oidc.login role=" + identity.unit);
    pending.answer(
        with_cookie(see_other(pending.ticket.return_path), set_cookie(kSessionCookie, *id, "Strict", {})));
  }

  void logout(const std::shared_ptr<HttpExchange>& exchange) {
    if (const auto closed = sessions.close(exchange->request()); !closed)
      return exchange->reply(auth_reply(closed.error()));
    // The session is over whatever the issuer says; no token in the address (id_token_hint): it would be in its logs.
    issuer.ask(std::nullopt, [self = shared_from_this(),
                              exchange](const std::shared_ptr<const IssuerFacts>& facts) {
      nlohmann::json end_session = nullptr;
      if (facts && !facts->document.end_session_endpoint.empty()) {
        const std::string& at = facts->document.end_session_endpoint;
        end_session = at + (at.find('?') == std::string::npos ? "?" : "&") +
                      "client_id=" + percent_encoded(self->options.client_id) +
                      "&post_logout_redirect_uri=" + percent_encoded(self->sessions.origin() + "/");
      }
      exchange->reply(with_cookie(auth_reply(200, nlohmann::json{{"end_session", end_session}}.dump() + "\n"),
                                  set_cookie(kSessionCookie, "", "Strict", 0)));
    });
  }
};

Login::Login(LoginOptions options, Issuer& issuer, HttpFetch& fetch, PageSessions& sessions, OidcHands hands,
             OidcLog log, OidcCounters& counters)
    : state_{std::make_shared<State>(std::move(options), issuer, fetch, sessions, std::move(hands),
                                     std::move(log), counters)} {}
Login::~Login() = default;

void Login::handle(std::shared_ptr<HttpExchange> exchange) {
  const HttpRequest& request = exchange->request();
  const bool logout = request.path == "/auth/logout" && request.method == "POST";
  if (logout) return state_->logout(exchange);
  if (request.path != "/auth/login" && request.path != "/auth/callback")
    return exchange->reply(state_->sessions.answer(request));
  if (request.method != "GET") {
    HttpReply reply = auth_reply(405, "{\"error\": \"use GET\"}\n");
    reply.fields.emplace_back("allow", "GET");
    return exchange->reply(std::move(reply));
  }
  if (request.path == "/auth/login") return state_->login(exchange);
  state_->callback(std::move(exchange));
}

}  // namespace chiploc
