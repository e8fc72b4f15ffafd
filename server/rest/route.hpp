#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/time.hpp"
#include "server/service/caller.hpp"

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
class Message;
class MethodDescriptor;
class ServiceDescriptor;
}  // namespace google::protobuf

namespace chiploc {

class OperatorUseCases;

/// Answer or fault, once, on whichever thread the use case gives it.
using HeardAnswer = std::function<void(Answer<std::unique_ptr<google::protobuf::Message>>)>;

/// A use case without its types.
struct RestCall {
  const google::protobuf::Message* request;  ///< default instances
  const google::protobuf::Message* answer;
  /// `request` is of that type. Null: it streams (Verify, GetReport), and the edge carries it itself.
  void (*ask)(OperatorUseCases& cases, const google::protobuf::Message& request, const Caller& caller,
              HeardAnswer heard);
};

/// What a view may know beside the answer.
struct ViewParts {
  const google::protobuf::Message& request;
  WallTime now;
};
/// The answer as JSON; it is of the call's type, and redacted.
using RestView = nlohmann::ordered_json (*)(const google::protobuf::Message& answer, const ViewParts& parts);

enum class RestForm : std::uint8_t {
  kJson,
  kEvents,   ///< server-sent events, a view of each
  kEndless,  ///< the same until the client ends it
  kFile,     ///< a document
};

/// A line of the one table: an HTTP method and a path for a method of OperatorService.
struct RestRoute {
  std::string_view verb;  ///< "GET", "POST", "DELETE"
  /// "/v1/chips/{chip}": a segment in braces fills the request's field of that name; "{case:name}": the field `name`,
  /// which documents call case.
  std::string_view path;
  RestCall call;
  RestView view;
  std::string_view tag;      ///< what it is about: chips, cases, ..
  std::string_view says;     ///< one sentence for the API's description
  int status = 200;          ///< of an answer
  bool changes = false;      ///< something is another afterwards: it may have an Idempotency-Key
  std::string_view fixed{};  ///< "kind=models": a field that the path decides
  std::string_view
      takes{};  ///< the fields that query or body may have, as they are written; empty: all that are left
  RestForm form = RestForm::kJson;
};

/// Every route; of two that fit one path the first counts.
[[nodiscard]] std::span<const RestRoute> rest_routes();

/// A segment of a path.
struct RouteSegment {
  std::string literal;  ///< empty: a parameter
  std::string name{};   ///< of the parameter, as documents call it
  const google::protobuf::FieldDescriptor* field = nullptr;
};
/// A route that has been taken apart.
struct ReadRoute {
  const RestRoute* route;
  std::vector<RouteSegment> segments;
  /// What query or body may have, in the order of the message.
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  const google::protobuf::FieldDescriptor* fixed = nullptr;  ///< null: none
  std::string_view fixed_word{};
  const google::protobuf::MethodDescriptor* method = nullptr;
  [[nodiscard]] bool has_body() const { return route->verb == "POST"; }
  /// "ListChips"; with "_models" where a path decides a field, so that it is the route's alone.
  [[nodiscard]] std::string operation() const;
};

/// The table, taken apart; what is wrong with it is in route_faults().
[[nodiscard]] std::vector<ReadRoute> read_routes(std::span<const RestRoute> routes);

/// What is wrong with the table, a sentence each; empty: nothing.
///
///   - a method of the service without a route; a route whose request is of no method;
///   - a path that does not begin with /v1/ and a noun, or names no field; a field named twice;
///   - two routes of one verb and path; one that an earlier one hides;
///   - a field that a parameter cannot carry in a GET or DELETE; two fields of one name; one called `fields`;
///   - a GET that changes something, or a DELETE that does not; a view that is missing.
[[nodiscard]] std::vector<std::string> route_faults(const google::protobuf::ServiceDescriptor& service,
                                                    std::span<const RestRoute> routes);

}  // namespace chiploc
