#include "server/rest/rest_request.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "proto/base/joined.hpp"
#include "server/rest/request_fields.hpp"
#include "server/rest/text_parts.hpp"
#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

using google::protobuf::FieldDescriptor;

Problem bad(const FieldFault& fault) {
  return problem_of(RestFault::kBadRequest,
                    fault.field.empty() ? fault.text : fault.field + ": " + fault.text, fault.field);
}

bool fits(const ReadRoute& route, const HttpRequest& request) {
  if (route.segments.size() != request.segments.size()) return false;
  for (std::size_t i = 0; i < route.segments.size(); ++i) {
    const std::string &wanted = route.segments[i].literal, &got = request.segments[i];
    if (wanted.empty() ? got.empty() : wanted != got) return false;
  }
  return true;
}

/// "application/json; charset=utf-8" is read, another charset is not.
bool is_json_type(std::string_view content_type) {
  if (lower(trimmed(take_part(content_type, ';'))) != "application/json") return false;
  while (!content_type.empty()) {
    const std::string parameter = lower(trimmed(take_part(content_type, ';')));
    if (parameter.starts_with("charset=") && parameter != "charset=utf-8" && parameter != "charset=\"utf-8\"")
      return false;
  }
  return true;
}

/// nullopt: it is in the message.
std::optional<Problem> read_query(const ReadRoute& route, const HttpRequest& request, RestRequest& out) {
  std::set<std::string_view> seen;
  for (const auto& parameter : request.query) {
    const std::string &name = parameter.first, &value = parameter.second;
    const bool again = !seen.insert(name).second;
    if (name == "fields" && route.route->form == RestForm::kJson) {
      if (again) return bad({name, "came twice; put its paths into one, with commas"});
      out.fields = value;
      continue;
    }
    const auto field = std::find_if(route.fields.begin(), route.fields.end(),
                                    [&](const FieldDescriptor* one) { return wire_name(*one) == name; });
    if (route.has_body() || field == route.fields.end()) {
      std::vector<std::string> names;
      if (route.route->form == RestForm::kJson) names.emplace_back("fields");
      if (!route.has_body()) {
        for (const FieldDescriptor* one : route.fields) names.push_back(wire_name(*one));
      }
      return bad({shown(name), "there is no such parameter here; there are: " + joined(names, ", ")});
    }
    if (again && !(*field)->is_repeated()) return bad({name, "came twice; it has one value"});
    if (const auto read = read_text(*out.message, **field, value); !read) return bad(read.error());
  }
  return std::nullopt;
}

std::optional<Problem> read_body(const ReadRoute& route, const HttpRequest& request, std::size_t body_max,
                                 RestRequest& out) {
  if (request.body.empty()) return std::nullopt;
  if (!route.has_body())
    return problem_of(RestFault::kBadRequest,
                      "a " + request.method + " has no body here; use parameters of the query");
  if (request.body.size() > body_max)
    return problem_of(RestFault::kTooLarge, "the body has " + std::to_string(request.body.size()) +
                                                " bytes; at most " + std::to_string(body_max) +
                                                " are read here");
  const auto type = request.field("content-type");
  if (!type || !is_json_type(*type)) {
    Problem problem = problem_of(RestFault::kMediaType, "send the body as content-type: application/json");
    problem.fields.emplace_back("accept-post", "application/json");
    return problem;
  }
  nlohmann::json body;
  if (const auto read = read_strict_json(request.body, body); !read) return bad(read.error());
  if (!body.is_object()) return bad({"", "the body has to be a JSON object"});
  if (const auto read = read_object(*out.message, body, "", route.fields); !read) return bad(read.error());
  return std::nullopt;
}

}  // namespace

std::variant<const ReadRoute*, Problem> find_route(const std::vector<ReadRoute>& routes,
                                                   const HttpRequest& request) {
  std::set<std::string_view> verbs;
  for (const ReadRoute& route : routes) {
    if (!fits(route, request)) continue;
    if (route.route->verb == request.method) return &route;
    verbs.insert(route.route->verb);
  }
  if (verbs.empty())
    return problem_of(RestFault::kNoRoute,
                      "there is nothing under " + shown(request.path) + "; /openapi.json lists every path");
  const std::string allowed = joined(verbs, ", ");
  Problem problem = problem_of(RestFault::kMethodNotAllowed, "this path has " + allowed + " alone");
  problem.fields.emplace_back("allow", allowed);
  return problem;
}

std::variant<RestRequest, Problem> read_request(const ReadRoute& route, const HttpRequest& request,
                                                std::size_t body_max) {
  RestRequest out;
  out.message.reset(route.route->call.request->New());
  for (std::size_t i = 0; i < route.segments.size(); ++i) {
    const RouteSegment& segment = route.segments[i];
    if (segment.field == nullptr) continue;
    if (const auto read = read_text(*out.message, *segment.field, request.segments[i]); !read)
      return bad({segment.name, read.error().text});
  }
  if (route.fixed != nullptr) {
    if (const auto read = read_text(*out.message, *route.fixed, route.fixed_word); !read)
      return bad(read.error());
  }
  if (auto problem = read_query(route, request, out)) return *std::move(problem);
  if (auto problem = read_body(route, request, body_max, out)) return *std::move(problem);
  return out;
}

bool accepts(const HttpRequest& request, std::string_view media_type) {
  bool any = false;
  for (const auto& [name, value] : request.fields) {
    if (name != "accept") continue;
    any = true;
    std::string_view rest = value;
    while (!rest.empty()) {
      std::string_view range = take_part(rest, ',');
      const std::string type = lower(trimmed(take_part(range, ';')));
      bool refused = false;
      while (!range.empty()) {
        const std::string parameter = lower(trimmed(take_part(range, ';')));
        refused = refused ||
                  (parameter.starts_with("q=0") && parameter.find_first_not_of("0.", 2) == std::string::npos);
      }
      const std::string group = std::string{media_type.substr(0, media_type.find('/'))} + "/*";
      if (!refused && (type == "*/*" || type == group || type == media_type)) return true;
    }
  }
  return !any;
}

}  // namespace chiploc
