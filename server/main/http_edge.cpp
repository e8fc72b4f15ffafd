#include "server/main/http_edge.hpp"

#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

#include "proto/base/safe_text.hpp"
#include "proto/crypto/digest.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/enrol/enrol_desk.hpp"
#include "server/http/http_server.hpp"
#include "server/http/static_files.hpp"
#include "server/logbook/log_keeper.hpp"
#include "server/logbook/served_log.hpp"
#include "server/oidc/browser_request.hpp"
#include "server/oidc/oidc.hpp"
#include "server/oidc/page_sessions.hpp"
#include "server/rest/problem.hpp"
#include "server/rest/rest_api.hpp"

namespace chiploc {
namespace {

/// The page asks its own server alone, runs its own scripts alone, and is shown in nobody's frame.
constexpr const char* kPagePolicy =
    "default-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";

/// A browser shows its certificate whichever site begins a call: what changes something has to begin at our page. Programs
/// send no Sec-Fetch-Site.
bool begins_elsewhere(const HttpRequest& request) {
  if (only_asks(request)) return false;
  for (const auto& [name, value] : request.fields) {
    if (name == "sec-fetch-site" && value != "same-origin") return true;
  }
  return false;
}

/// "Who am I" of a browser that has a certificate and no session: nobody is told, and what it may do shows when it calls.
bool shows_certificate_alone(const HttpRequest& request) {
  return request.path == "/auth/me" && request.certificate && !cookie_of(request, kSessionCookie);
}

bool is_below(const HttpRequest& request, std::string_view first) {
  return !request.segments.empty() && request.segments.front() == first;
}

}  // namespace

struct HttpEdge::Inside {
  std::optional<StaticFiles> page;
  OidcCounters people;
  std::optional<PageSessions> sessions;
  std::unique_ptr<Oidc> oidc;
  std::optional<RestApi> api;
  EnrolDesk& enrol;
  const LogKeeper& log;
  const ServedLog& served_log;
  Inside(EnrolDesk& takes, const LogKeeper& keeper, const ServedLog& files)
      : enrol{takes}, log{keeper}, served_log{files} {}
  std::optional<HttpServer> server;  // goes first: it calls all of these

  /// How people came in, or did not. Without an issuer its counters stay 0.
  [[nodiscard]] std::map<std::string, std::uint64_t> counted() const {
    const IssuerCounts issuer = oidc ? oidc->issuer_counts() : IssuerCounts{};
    const LogKeeper::State logged = log.state();
    return {{"log_entries", logged.size},
            {"log_batches", logged.batches},
            {"log_batches_failed", logged.failures},
            {"log_cosignatures", logged.cosignatures},
            {"oidc_tokens_good", people.tokens_good},
            {"oidc_tokens_refused", people.tokens_refused},
            {"oidc_logins_begun", people.logins_begun},
            {"oidc_logins_good", people.logins_good},
            {"oidc_logins_refused", people.logins_refused},
            {"oidc_issuer_fetches", issuer.fetched},
            {"oidc_issuer_fetches_failed", issuer.failed},
            {"oidc_issuer_timeouts", issuer.timed_out},
            {"oidc_issuer_not_queued", issuer.not_queued},
            {"page_codes_good", people.codes_good},
            {"page_codes_refused", people.codes_refused},
            {"page_sessions_good", people.sessions_good},
            {"page_sessions_refused", people.sessions_refused},
            {"page_sessions_full", people.sessions_full}};
  }

  Answer<Identity> identity(const HttpRequest& request) {
    // A token says who it is for, and goes before a certificate that the browser shows by itself.
    if (oidc && BearerGate::is_bearer(request)) return oidc->identity(request);
    // Somebody whom the page has signed in: the page says who that is, whatever certificate the browser has besides.
    if (!request.certificate || cookie_of(request, kSessionCookie)) return sessions->identity(request);
    if (begins_elsewhere(request))
      return Fail{
          ApiFault{ApiFaultCode::kWrongRole,
                   "another site began this call with your certificate; open this coordinator's page"}};
    return identity_of_certificate(request);
  }

  void handle(const std::shared_ptr<HttpExchange>& exchange) {
    const HttpRequest& request = exchange->request();
    Login* const login = oidc ? oidc->login() : nullptr;
    if ((page || login != nullptr) && PageSessions::is_for(request) && !shows_certificate_alone(request)) {
      if (login != nullptr) return login->handle(exchange);
      return exchange->reply(sessions->answer(request));
    }
    if (served_log.is_for(request)) return exchange->reply(served_log.answer(request));
    if (EnrolDesk::is_for(request)) {
      if (!begins_elsewhere(request)) return enrol.handle(exchange);
      return exchange->reply(reply_of(problem_of(ApiFault{
          ApiFaultCode::kWrongRole, "another site began this call; certificates are for programs"})));
    }
    if (page && !is_below(request, "v1")) {
      if (auto file = page->answer(request)) {
        file->fields.emplace_back("content-security-policy", kPagePolicy);
        return exchange->reply(*std::move(file));
      }
    }
    api->handle(exchange);
  }
};

Result<std::unique_ptr<HttpEdge>, std::string> HttpEdge::start(
    const HttpConfig& config, const TlsMaterial& tls, const Revocations* revocations, OperatorUseCases& cases,
    SignInCodes* codes, EnrolDesk& enrol, const LogKeeper& log, const ServedLog& served_log) {
  auto inside = std::make_unique<Inside>(enrol, log, served_log);
  const OidcHands hands{.wall = wall_now, .steady = steady_now, .dice = random_bytes_or_abort};
  PageSessionOptions people{.origin = config.public_url, .codes = codes};
  if (config.oidc && config.oidc->login) {
    people.rules = config.oidc->login->sessions;
    people.issuer = true;
  }
  people.ended = [revocations](const Certificate& certificate, WallTime now) -> std::optional<std::string> {
    if (now >= certificate.not_after()) return "the certificate that it began with has expired";
    if (revocations == nullptr) return std::nullopt;
    const auto entry = revocations->revoked(certificate);
    if (!entry) return std::nullopt;
    return revoked_text(certificate, *entry);
  };
  inside->sessions.emplace(std::move(people), hands, inside->people);

  if (!config.page.empty()) {
    auto page = StaticFiles::load(config.page);
    if (!page) return Fail{config.page_at + ": " + page.error()};
    inside->page = std::move(page).value();
  }
  if (config.oidc) {
    auto oidc = Oidc::open(*config.oidc, *inside->sessions, inside->people, hands,
                           [](bool warn, const std::string& line) {
                             spdlog::log(warn ? spdlog::level::warn : spdlog::level::info,
                                         "oidc.said text=\"{}\"", log_text(line));
                           });
    if (!oidc) return Fail{oidc.error()};
    inside->oidc = std::move(oidc).value();
  }
  Inside& parts = *inside;
  RestParts rest{.cases = cases, .now = wall_now, .steady = steady_now};
  rest.authenticate = [&parts](const HttpRequest& request) { return parts.identity(request); };
  rest.software_version = CHIPLOC_VERSION;
  rest.options.rates = config.rates;
  rest.ready = [&cases, &log] {
    const auto wellness = cases.wellness();
    return std::vector<Readiness>{
        {"database", wellness.database}, {"store", wellness.store}, {"log", log.state().problem.empty()}};
  };
  rest.counted_beside = [&parts] { return parts.counted(); };
  if (config.oidc) rest.options.challenge = "Bearer realm=\"chiploc\"";
  const std::size_t body_max = rest.options.body_max, import_body_max = rest.options.import_body_max;
  inside->api.emplace(std::move(rest));

  HttpServerOptions options{.address = config.address, .tls = tls, .limits = config.limits};
  options.body_bound = [body_max, import_body_max](const HttpRequest& request) {
    if (EnrolDesk::is_for(request)) return kEnrolBodyMax;
    return request.method == "POST" && request.path == "/v1/imports" ? import_body_max : body_max;
  };
  if (revocations != nullptr) {
    options.gate = [revocations,
                    &counters = cases.counters()](const std::string& der) -> std::optional<std::string> {
      const auto certificate = Certificate::from_der(bytes_of(der));
      if (!certificate) return "the client certificate cannot be read; have it issued again";
      const auto entry = revocations->revoked(*certificate);
      if (!entry) return std::nullopt;
      ++counters.refused_revoked;
      return revoked_text(*certificate, *entry);
    };
  }
  auto server =
      HttpServer::start(std::move(options),
                        [&parts](const std::shared_ptr<HttpExchange>& exchange) { parts.handle(exchange); });
  if (!server) return Fail{"http.address: " + server.error()};
  inside->server = std::move(server).value();
  return std::unique_ptr<HttpEdge>{new HttpEdge{std::move(inside)}};
}

HttpEdge::HttpEdge(std::unique_ptr<Inside> inside) : inside_{std::move(inside)} {}
HttpEdge::~HttpEdge() = default;

int HttpEdge::port() const { return inside_->server->port(); }
void HttpEdge::certificates_changed() { inside_->server->certificates_changed(); }
void HttpEdge::stop(std::chrono::milliseconds grace) { inside_->server->stop(grace); }

}  // namespace chiploc
