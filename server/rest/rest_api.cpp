#include "server/rest/rest_api.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "server/rest/field_mask.hpp"
#include "server/rest/json_reply.hpp"
#include "server/rest/openapi.hpp"
#include "server/rest/rest_request.hpp"
#include "server/rest/rest_streams.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/redaction.hpp"

namespace chiploc {
namespace {

using Json = nlohmann::ordered_json;

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
  if (route.route->form == RestForm::kEvents) return "text/event-stream";
  if (route.route->form == RestForm::kJson) return "application/json";
  std::string type = report_media_type(static_cast<const v1::GetReportRequest&>(request));
  type.resize(std::min(type.find(';'), type.size()));
  return type.empty() ? "application/json" : type;  // it will be refused for its form
}

/// Answers have tags, but no use case takes one, and a comparison beforehand would be none when the change is made.
bool asks_for_version(const HttpRequest& request) {
  return std::any_of(request.fields.begin(), request.fields.end(), [](const auto& field) {
    return field.first == "if-match" || field.first == "if-unmodified-since";
  });
}

}  // namespace

struct RestApi::State {
  explicit State(RestParts made) : parts{std::move(made)}, routes{read_routes(rest_routes())} {
    const Json whole = openapi_document(
        routes, [this](const ReadRoute& route) -> const AnswerShape& { return shape(route); },
        parts.software_version);
    document = std::make_shared<const std::string>(whole.dump());
    document_tag = entity_tag(*document);
  }
  RestParts parts;
  std::vector<ReadRoute> routes;

  std::map<const ReadRoute*, AnswerShape> shapes{};  // complete before the first request
  std::shared_ptr<const std::string> document{};     // of /openapi.json
  std::string document_tag{};

  const AnswerShape& shape(const ReadRoute& route) {
    const auto at = shapes.find(&route);
    return at != shapes.end() ? at->second : shapes.emplace(&route, shape_of(route)).first->second;
  }
  /// The API's description; anybody may read it: it says how to ask, and nothing that was answered.
  [[nodiscard]] HttpReply describe(const HttpRequest& request) {
    if (request.method != "GET") {
      Problem problem = problem_of(RestFault::kMethodNotAllowed, "this path has GET alone");
      problem.fields.emplace_back("allow", "GET");
      return refuse(problem);
    }
    HttpReply reply{200, {{"content-type", "application/json"}, {"etag", document_tag}}, {}, document};
    if (!is_known(request, document_tag)) return reply;
    reply.status = 304;
    reply.shared = nullptr;
    return reply;
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
  /// A call whose answer is no JSON document.
  void carry(const std::shared_ptr<State>& self, const Call& call) {
    const StreamParts stream{parts.cases, parts.now,
                             [self](const ApiFault& fault) { return self->refuse(fault); },
                             parts.options.report_max};
    const google::protobuf::Message& request = *call.request.message;
    if (call.route->route->form == RestForm::kEvents) {
      stream_round(stream, call.exchange, static_cast<const v1::VerifyRequest&>(request), call.caller,
                   call.route->route->view);
    } else {
      send_report(stream, call.exchange, static_cast<const v1::GetReportRequest&>(request), call.caller);
    }
  }
  [[nodiscard]] HttpReply refuse(const Problem& problem) {
    if (problem.status == 400 || problem.status == 413) ++parts.cases.counters().refused_request;
    return reply_of(problem);
  }
};

RestApi::RestApi(RestParts parts) : state_{std::make_shared<State>(std::move(parts))} {}
RestApi::~RestApi() = default;

void RestApi::handle(const std::shared_ptr<HttpExchange>& exchange) {
  State& state = *state_;
  const HttpRequest& http = exchange->request();
  if (http.path == "/openapi.json") return exchange->reply(state.describe(http));
  const auto found = find_route(state.routes, http);
  if (const auto* problem = std::get_if<Problem>(&found)) return exchange->reply(state.refuse(*problem));
  const ReadRoute& route = *std::get<const ReadRoute*>(found);
  const auto identity = state.parts.authenticate(http);
  if (!identity) return exchange->reply(state.refuse(identity.error()));
  auto caller = admit(access_rule_of(*route.method->input_type()), *identity);
  if (!caller) return exchange->reply(state.refuse(caller.error()));
  if (route.route->changes && asks_for_version(http)) {
    return exchange->reply(state.refuse(problem_of(
        RestFault::kBadRequest,
        "if-match: nothing here has a version that a change could ask for; leave it out", "if-match")));
  }
  auto read = read_request(route, http, state.body_max(route));
  if (const auto* problem = std::get_if<Problem>(&read)) return exchange->reply(state.refuse(*problem));
  const std::string type = media_type_of(route, *std::get<RestRequest>(read).message);
  if (!accepts(http, type)) {
    return exchange->reply(
        state.refuse(problem_of(RestFault::kNotAcceptable, "the answer would be " + type + "; accept that")));
  }
  auto call = std::make_shared<Call>(
      Call{exchange, &route, std::move(*caller), std::move(std::get<RestRequest>(read)), {}});
  if (call->request.fields) {
    auto mask = read_field_mask(*call->request.fields, state.shape(route));
    if (!mask) {
      return exchange->reply(state.refuse(
          problem_of(RestFault::kBadRequest, "fields: " + mask.error().text, mask.error().field)));
    }
    call->mask = std::move(*mask);
  }
  if (route.route->form != RestForm::kJson) return state.carry(state_, *call);
  route.route->call.ask(
      state.parts.cases, *call->request.message, call->caller,
      [call, kept = state_](Answer<std::unique_ptr<google::protobuf::Message>> answer) {
        if (!answer) return call->exchange->reply(kept->refuse(answer.error()));
        redact(call->caller, **answer);
        Json shown = call->route->route->view(**answer, {*call->request.message, kept->parts.now()});
        keep_wanted(call->mask, shown);
        call->exchange->reply(json_reply(call->exchange->request(), call->route->route->status, shown));
      });
}

}  // namespace chiploc
