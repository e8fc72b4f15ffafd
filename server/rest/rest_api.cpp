#include "server/rest/rest_api.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "proto/base/bytes.hpp"
#include "proto/crypto/digest.hpp"
#include "server/rest/answer_hook.hpp"
#include "server/rest/field_mask.hpp"
#include "server/rest/json_reply.hpp"
#include "server/rest/openapi.hpp"
#include "server/rest/rate_limits.hpp"
#include "server/rest/rest_metrics.hpp"
#include "server/rest/rest_request.hpp"
#include "server/rest/rest_streams.hpp"
#include "server/rest/rest_watch.hpp"
#include "server/service/audit.hpp"
#include "server/service/json_view.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/redaction.hpp"

namespace chiploc {
namespace {

/// One call on its way: what is needed when its answer comes.
struct Call {
  std::shared_ptr<HttpExchange> exchange;
  const ReadRoute* route;
  Caller caller;
  RestRequest request;
  FieldMask mask;
};

/// Of the answer that a route will give.
std::string media_type_of(const ReadRoute& route, const google::protobuf::Message& request) {
  if (route.route->form == RestForm::kEvents || route.route->form == RestForm::kEndless)
    return "text/event-stream";
  if (route.route->form == RestForm::kJson) return "application/json";
  std::string type = report_media_type(static_cast<const v1::GetReportRequest&>(request));
  type.resize(std::min(type.find(';'), type.size()));
  return type.empty() ? "application/json" : type;  // it will be refused for its form
}

/// In the order of the table. Found once for the program, in a second or two: views do not change while it runs.
const std::vector<AnswerShape>& shapes_of_all() {
  static const std::vector<AnswerShape> kShapes = [] {
    std::vector<AnswerShape> out;
    for (const ReadRoute& route : read_routes(rest_routes())) out.push_back(shape_of(route));
    return out;
  }();
  return kShapes;
}

/// Answers have tags, but no use case takes one, and a comparison beforehand would be none when the change is made.
bool asks_for_version(const HttpRequest& request) {
  return std::any_of(request.fields.begin(), request.fields.end(), [](const auto& field) {
    return field.first == "if-match" || field.first == "if-unmodified-since";
  });
}

/// Whose limits and keys these are: the certificate's, or the name's that came without one.
std::string key_of(const Identity& identity) {
  return identity.certificate ? identity.certificate->hex() : identity.unit + "\n" + identity.common_name;
}

/// Why somebody wants to see what is sealed; given twice it is "", which admit() refuses.
std::optional<std::string> reason_of(const HttpRequest& request) {
  const auto given = std::count_if(request.fields.begin(), request.fields.end(),
                                   [](const auto& field) { return field.first == kReasonField; });
  if (given == 0) return std::nullopt;
  return std::string{request.field(kReasonField).value_or("")};
}

/// Of all that was asked; parts have their length before them, so that none can be taken for another.
Digest digest_of(const HttpRequest& request) {
  Sha256 digest;
  const auto add = [&](std::string_view part) {
    digest.update(bytes_of(std::to_string(part.size()) + ":"));
    digest.update(bytes_of(part));
  };
  add(request.method);
  for (const std::string& segment : request.segments) add(segment);
  add("?");
  for (const auto& [name, value] : request.query) {
    add(name);
    add(value);
  }
  add(request.body);
  add(reason_of(request).value_or(""));  // it decides what the answer shows
  return digest.finish();
}

/// Kept are answers and what a use case refused for good; what may go well when it is tried again is not.
bool is_lasting(const HttpReply& reply) { return reply.status < 500 && reply.status != 429; }

HttpReply only_get() {
  Problem problem = problem_of(RestFault::kMethodNotAllowed, "this path has GET alone");
  problem.fields.emplace_back("allow", "GET");
  return reply_of(problem);
}

}  // namespace

struct RestApi::State {
  explicit State(RestParts made)
      : parts{std::move(made)},
        routes{read_routes(rest_routes())},
        metrics{routes},
        kept{parts.options.idempotency},
        addresses{parts.options.rates.by_address, parts.options.rates.told_apart},
        callers{parts.options.rates.by_caller, parts.options.rates.told_apart} {
    // Here, and not when it is first asked for: no request is to wait for it.
    const Json whole = openapi_document(
        routes, [this](const ReadRoute& route) -> const AnswerShape& { return shape(route); },
        parts.software_version);
    document = std::make_shared<const std::string>(whole.dump());
    document_tag = entity_tag(*document);
  }

  RestParts parts;
  std::vector<ReadRoute> routes;
  RestMetrics metrics;
  IdempotencyTable kept;
  RateLimits addresses, callers;
  std::shared_ptr<const std::string> document{};  // of /openapi.json
  std::string document_tag{};

  [[nodiscard]] const AnswerShape& shape(const ReadRoute& route) const {
    return shapes_of_all().at(static_cast<std::size_t>(&route - routes.data()));
  }
  [[nodiscard]] std::size_t body_max(const ReadRoute& route) const {
    return route.method->name() == "Import" ? parts.options.import_body_max : parts.options.body_max;
  }

  /// The fault, counted, as this edge has it.
  [[nodiscard]] HttpReply refuse(const ApiFault& fault) {
    parts.cases.counters().count(fault);
    Problem problem = problem_of(fault);
    if (fault.code == ApiFaultCode::kNoCertificate)
      problem.fields.emplace_back("www-authenticate", parts.options.challenge);
    return reply_of(problem);
  }
  [[nodiscard]] HttpReply refuse(const Problem& problem) {
    if (problem.status == 400 || problem.status == 413) ++parts.cases.counters().refused_request;
    return reply_of(problem);
  }
  [[nodiscard]] HttpReply refuse_rate(const RateLimits& limits, const RateLimits::Taken& taken,
                                      RestMetrics::LimitedBy by) {
    metrics.limited(by);
    const bool address = by == RestMetrics::LimitedBy::kAddress;
    Problem problem =
        problem_of(RestFault::kRateLimited, std::string{address ? "this address" : "this caller"} +
                                                " sends more requests than are answered; wait " +
                                                std::to_string(taken.retry_after_seconds) + " s");
    problem.fields.emplace_back("retry-after", std::to_string(taken.retry_after_seconds));
    if (address) limits.describe(taken, "address", problem.fields);  // the caller's stand in every answer
    return reply_of(problem);
  }

  void answer_path(const std::shared_ptr<State>& self, const std::shared_ptr<HttpExchange>& exchange);
  void answer_route(const std::shared_ptr<State>& self, std::shared_ptr<HttpExchange> exchange,
                    const ReadRoute& route);
  void ask(const std::shared_ptr<State>& self, const std::shared_ptr<Call>& call);
  void carry(const std::shared_ptr<State>& self, const Call& call);
  [[nodiscard]] static StillAdmitted still_admitted(const std::shared_ptr<State>& self, const Call& call);
  [[nodiscard]] std::optional<std::shared_ptr<HttpExchange>> once(
      const std::shared_ptr<State>& self, const std::shared_ptr<HttpExchange>& exchange,
      const ReadRoute& route, const std::string& caller);
  [[nodiscard]] HttpReply describe(const HttpRequest& request) const;
  [[nodiscard]] HttpReply readiness() const;
  [[nodiscard]] HttpReply measure(const HttpRequest& request);
  /// Has every later answer of this exchange say how far this caller's limit is used up.
  [[nodiscard]] std::shared_ptr<HttpExchange> with_limits(const std::shared_ptr<State>& self,
                                                          const std::shared_ptr<HttpExchange>& exchange,
                                                          const RateLimits::Taken& taken) {
    return std::make_shared<AnswerHook>(
        exchange, [self, taken](HttpReply& reply) { self->callers.describe(taken, "caller", reply.fields); });
  }
};

/// The API's description; anybody may read it: it says how to ask, and nothing that was answered.
HttpReply RestApi::State::describe(const HttpRequest& request) const {
  HttpReply reply{200, {{"content-type", "application/json"}, {"etag", document_tag}}, {}, document};
  if (!is_known(request, document_tag)) return reply;
  reply.status = 304;
  reply.shared = nullptr;
  return reply;
}

/// What is not ready is named; why is in the log of whoever runs it.
HttpReply RestApi::State::readiness() const {
  Json checks = Json::object();
  bool all = true;
  for (const Readiness& part : parts.ready ? parts.ready() : std::vector<Readiness>{}) {
    checks[part.what] = part.ready;
    all = all && part.ready;
  }
  const Json body{{"ready", all}, {"checks", std::move(checks)}};
  return {all ? 200 : 503,
          {{"content-type", "application/json"}, {"cache-control", "no-store"}},
          body.dump(),
          {}};
}

/// As GetStatus, and for whoever sees everybody's rows: how many chips there are is not one holder's to know.
HttpReply RestApi::State::measure(const HttpRequest& request) {
  const auto identity = parts.authenticate(request);
  if (!identity) return refuse(identity.error());
  auto caller = admit(access_rule_of(*v1::GetStatusRequest::descriptor()), *identity);
  if (!caller) return refuse(caller.error());
  v1::GetStatusRequest asked;
  if (const auto names = parts.cases.read_pseudonyms(*caller, asked); !names) return refuse(names.error());
  if (caller->holder) {
    return refuse(ApiFault{ApiFaultCode::kWrongRole,
                           "metrics are about everybody's chips; use a certificate without a holder"});
  }
  auto status = parts.cases.get_status(asked, *caller);
  if (!status) return refuse(status.error());
  redact(*caller, *status);
  return {200,
          {{"content-type", "text/plain; version=0.0.4; charset=utf-8"}, {"cache-control", "no-store"}},
          metrics.text(*status, parts.counted_beside ? parts.counted_beside()
                                                     : std::map<std::string, std::uint64_t>{}),
          {}};
}

/// For what goes on for days: a token ends, a session of the page too, and only asking again tells. Certificates that came with
/// the call have the server's gate.
StillAdmitted RestApi::State::still_admitted(const std::shared_ptr<State>& self, const Call& call) {
  if (call.caller.whole_certificate) return {};
  return [self, exchange = call.exchange, rule = access_rule_of(*call.route->method->input_type()),
          was = call.caller]() -> std::optional<ApiFault> {
    const auto identity = self->parts.authenticate(exchange->request());
    if (!identity) return identity.error();
    const auto is = admit(rule, *identity, reason_of(exchange->request()));
    if (!is) return is.error();
    if (is->name != was.name || is->holder != was.holder || is->sees_all != was.sees_all)
      return ApiFault{ApiFaultCode::kNoCertificate, "you are somebody else now; watch anew"};
    return std::nullopt;
  };
}

/// A call whose answer is no JSON document.
void RestApi::State::carry(const std::shared_ptr<State>& self, const Call& call) {
  const StreamParts stream{parts.cases, parts.now,
                           [self](const ApiFault& fault) { return self->refuse(fault); },
                           parts.options.report_max};
  const google::protobuf::Message& request = *call.request.message;
  if (call.route->route->form == RestForm::kEndless) {
    stream_watch(parts.cases, stream.refuse, call.exchange, static_cast<const v1::WatchRequest&>(request),
                 call.caller, still_admitted(self, call));
  } else if (call.route->route->form == RestForm::kEvents) {
    stream_round(stream, call.exchange, static_cast<const v1::VerifyRequest&>(request), call.caller,
                 call.route->route->view);
  } else {
    send_report(stream, call.exchange, static_cast<const v1::GetReportRequest&>(request), call.caller);
  }
}

void RestApi::State::ask(const std::shared_ptr<State>& self, const std::shared_ptr<Call>& call) {
  call->route->route->call.ask(
      parts.cases, *call->request.message, call->caller,
      [call, self](Answer<std::unique_ptr<google::protobuf::Message>> answer) {
        if (!answer) return call->exchange->reply(self->refuse(told_to(call->caller, answer.error())));
        auto look = self->parts.cases.look_at(call->caller, subject_of(*call->request.message), **answer);
        redact(call->caller, **answer);
        Json shown = call->route->route->view(**answer, {*call->request.message, self->parts.now()});
        keep_wanted(call->mask, shown);
        // Made before it is noted: the store's thread, on which that is known, only lets it go.
        const auto reply = std::make_shared<HttpReply>(
            json_reply(call->exchange->request(), call->route->route->status, shown));
        self->parts.cases.note_look(std::move(look), [call, self, reply](const Answer<Done>& noted) {
          call->exchange->reply(noted ? std::move(*reply) : self->refuse(noted.error()));
        });
      });
}

/// With an Idempotency-Key an exchange whose answer is kept; nullopt: it has been answered.
std::optional<std::shared_ptr<HttpExchange>> RestApi::State::once(
    const std::shared_ptr<State>& self, const std::shared_ptr<HttpExchange>& exchange, const ReadRoute& route,
    const std::string& caller) {
  const HttpRequest& http = exchange->request();
  const auto given = std::count_if(http.fields.begin(), http.fields.end(),
                                   [](const auto& field) { return field.first == "idempotency-key"; });
  if (given == 0) return exchange;
  const auto no = [&](RestFault fault, std::string why) {
    exchange->reply(refuse(problem_of(fault, "idempotency-key: " + std::move(why), "idempotency-key")));
    return std::nullopt;
  };
  const auto key = http.field("idempotency-key");
  if (!key || !is_idempotency_key(*key))
    return no(RestFault::kBadRequest, "one of 1 to 128 visible ASCII characters");
  if (!route.route->changes || route.route->form != RestForm::kJson)
    return no(RestFault::kBadRequest, "this route takes none; leave it out");
  auto begun = kept.begin(caller, std::string{*key}, digest_of(http), parts.steady());
  if (auto* reply = std::get_if<HttpReply>(&begun)) {
    reply->fields.emplace_back("idempotency-replayed", "true");
    exchange->reply(std::move(*reply));
    return std::nullopt;
  }
  if (const auto* refusal = std::get_if<IdempotencyTable::Refusal>(&begun)) {
    switch (*refusal) {
      case IdempotencyTable::Refusal::kRunning:
        return no(RestFault::kInProgress,
                  "the first request with this key still runs; ask again in a moment");
      case IdempotencyTable::Refusal::kOtherRequest:
        return no(RestFault::kKeyReused, "this key came with another request before; use a new one");
      case IdempotencyTable::Refusal::kFull:
        return no(RestFault::kRateLimited, "as many changes are being made as may; wait for their answers");
    }
  }
  struct Kept {
    std::shared_ptr<State> self;  // outlives what is running in its table
    IdempotencyTable::Running running;
  };
  const auto first =
      std::make_shared<Kept>(Kept{self, std::move(std::get<IdempotencyTable::Running>(begun))});
  return std::make_shared<AnswerHook>(exchange, [first](HttpReply& reply) {
    is_lasting(reply) ? first->running.finish(reply, first->self->parts.steady()) : first->running.drop();
  });
}

void RestApi::State::answer_route(const std::shared_ptr<State>& self, std::shared_ptr<HttpExchange> exchange,
                                  const ReadRoute& route) {
  const HttpRequest& http = exchange->request();
  const auto identity = parts.authenticate(http);
  if (!identity) return exchange->reply(refuse(identity.error()));
  const std::string key = key_of(*identity);
  const RateLimits::Taken taken = callers.take(key, parts.steady());
  exchange = with_limits(self, exchange, taken);
  if (!taken.allowed) return exchange->reply(refuse_rate(callers, taken, RestMetrics::LimitedBy::kCaller));
  auto caller = admit(access_rule_of(*route.method->input_type()), *identity, reason_of(http));
  if (!caller) return exchange->reply(refuse(caller.error()));
  if (route.route->changes && asks_for_version(http)) {
    return exchange->reply(refuse(problem_of(
        RestFault::kBadRequest,
        "if-match: nothing here has a version that a change could ask for; leave it out", "if-match")));
  }
  auto read = read_request(route, http, body_max(route));
  if (const auto* problem = std::get_if<Problem>(&read)) return exchange->reply(refuse(*problem));
  if (const auto names = parts.cases.read_pseudonyms(*caller, *std::get<RestRequest>(read).message); !names)
    return exchange->reply(refuse(names.error()));
  const std::string type = media_type_of(route, *std::get<RestRequest>(read).message);
  if (!accepts(http, type)) {
    return exchange->reply(
        refuse(problem_of(RestFault::kNotAcceptable, "the answer would be " + type + "; accept that")));
  }
  auto call = std::make_shared<Call>(
      Call{exchange, &route, std::move(*caller), std::move(std::get<RestRequest>(read)), {}});
  if (call->request.fields) {
    auto mask = read_field_mask(*call->request.fields, shape(route));
    if (!mask) {
      return exchange->reply(
          refuse(problem_of(RestFault::kBadRequest, "fields: " + mask.error().text, mask.error().field)));
    }
    call->mask = std::move(*mask);
  }
  const auto whole = once(self, exchange, route, key);
  if (!whole) return;
  call->exchange = *whole;
  route.route->form == RestForm::kJson ? ask(self, call) : carry(self, *call);
}

void RestApi::State::answer_path(const std::shared_ptr<State>& self,
                                 const std::shared_ptr<HttpExchange>& exchange) {
  const HttpRequest& http = exchange->request();
  const SteadyTime from = parts.steady();
  const auto counted = [&](const std::string& operation) {
    return std::make_shared<AnswerHook>(exchange, [self, operation, from](HttpReply& reply) {
      self->metrics.answered(operation, reply.status, self->parts.steady() - from);
    });
  };
  // Whoever watches over this must not be kept out by those who ask too much.
  if (http.path == "/livez" || http.path == "/readyz") {
    if (http.method != "GET") return exchange->reply(only_get());
    return exchange->reply(http.path == "/readyz"
                               ? readiness()
                               : HttpReply{200, {{"content-type", "text/plain"}}, "alive\n", {}});
  }
  const RateLimits::Taken taken = addresses.take(address_key(http.remote), from);
  if (!taken.allowed)
    return counted("")->reply(refuse_rate(addresses, taken, RestMetrics::LimitedBy::kAddress));
  if (http.path == "/openapi.json" || http.path == "/metrics") {
    if (http.method != "GET") return exchange->reply(only_get());
    return exchange->reply(http.path == "/metrics" ? measure(http) : describe(http));
  }
  const auto found = find_route(routes, http);
  if (const auto* problem = std::get_if<Problem>(&found)) return counted("")->reply(refuse(*problem));
  const ReadRoute& route = *std::get<const ReadRoute*>(found);
  answer_route(self, counted(route.operation()), route);
}

RestApi::RestApi(RestParts parts) : state_{std::make_shared<State>(std::move(parts))} {}
RestApi::~RestApi() = default;

void RestApi::handle(const std::shared_ptr<HttpExchange>& exchange) { state_->answer_path(state_, exchange); }

}  // namespace chiploc
