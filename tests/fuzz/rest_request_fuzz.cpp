// A request of the REST edge as the HTTP server hands it over: the first line is the method and the path, the following ones
// are parameters (name=value), after an empty line the body comes. Through route, fields and JSON into the message; `fields`
// through a shape. What is refused has a sentence and a status of 4xx; what passes can be written and read again.
#include <google/protobuf/message.h>

#include "proto/v1/operator_service.pb.h"
#include "server/rest/field_mask.hpp"
#include "server/rest/rest_request.hpp"
#include "tests/fuzz/fuzz_support.hpp"

#include <nlohmann/json.hpp>

namespace {

using namespace chiploc;
using fuzz::demand;

template <class Request>
RestRoute route(std::string_view verb, std::string_view path, std::string_view fixed = {}) {
  RestRoute out{};
  out.verb = verb;
  out.path = path;
  out.call.request = &Request::default_instance();
  out.fixed = fixed;
  return out;
}

struct World {
  // Requests of each form of field, in paths, queries and bodies.
  std::vector<RestRoute> table{route<v1::ListChipsRequest>("GET", "/v1/chips"),
                               route<v1::GetChipRequest>("GET", "/v1/chips/{chip}"),
                               route<v1::ListRecordsRequest>("GET", "/v1/sites/{site:name}", "kind=sites"),
                               route<v1::ImportRequest>("POST", "/v1/imports"),
                               route<v1::DeclareAbsenceRequest>("POST", "/v1/absences"),
                               route<v1::AddCaseEvidenceRequest>("POST", "/v1/cases/{case:name}/evidence"),
                               route<v1::AddMuteRequest>("POST", "/v1/mutes"),
                               route<v1::EndMuteRequest>("POST", "/v1/mutes/{number}/end"),
                               route<v1::ReplayPolicyRequest>("POST", "/v1/policies/replay")};
  std::vector<ReadRoute> routes = read_routes(table);
  AnswerShape shape;
  World() {
    shape.add(nlohmann::ordered_json::parse(
        R"({"chips":[{"id":"5a","status":{"state":"a"},"last":null}],"counters":{"anytext":7},"any":{"anytext":null}})"));
  }
};

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return line;
}

HttpRequest request_of(std::string_view text) {
  HttpRequest out;
  std::string_view first = take_line(text);
  const std::size_t space = first.find(' ');
  out.method = first.substr(0, space);
  out.path = space == std::string_view::npos ? std::string{} : std::string{first.substr(space + 1)};
  std::string_view path = out.path;
  if (!path.empty()) path.remove_prefix(1);
  while (true) {
    const std::size_t end = path.find('/');
    out.segments.emplace_back(path.substr(0, end));
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
  }
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    const std::size_t equals = line.find('=');
    out.query.emplace_back(line.substr(0, equals),
                           equals == std::string_view::npos ? "" : line.substr(equals + 1));
  }
  out.body = text;
  if (!out.body.empty()) out.fields = {{"content-type", "application/json"}};
  return out;
}

void check(const Problem& problem) {
  demand(problem.status >= 400 && problem.status < 500 && !problem.detail.empty());
  demand(nlohmann::json::accept(problem_json(problem)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  const HttpRequest http = request_of(fuzz::text_of(data, size));
  const auto found = find_route(world.routes, http);
  if (const auto* problem = std::get_if<Problem>(&found)) {
    check(*problem);
    return 0;
  }
  constexpr std::size_t kBodyMax = std::size_t{1} << 16;
  const auto read = read_request(*std::get<const ReadRoute*>(found), http, kBodyMax);
  if (const auto* problem = std::get_if<Problem>(&read)) {
    check(*problem);
    return 0;
  }
  const RestRequest& request = std::get<RestRequest>(read);
  std::string bytes;
  demand(request.message->SerializeToString(&bytes));  // so every text in it is UTF-8
  if (!request.fields) return 0;
  const auto mask = read_field_mask(*request.fields, world.shape);
  if (!mask) {
    demand(!mask.error().text.empty());
    return 0;
  }
  auto answer = nlohmann::ordered_json::parse(
      R"({"chips":[{"id":"aa","status":null},{"id":"bb","status":{"state":"x"}}],"counters":{"a":1},"any":[[1]]})");
  keep_wanted(*mask, answer);
  demand(answer.is_object());
  return 0;
}
