#include "server/rest/openapi.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>
#include <set>

#include "proto/v1/operator_service.pb.h"
#include "server/rest/request_fields.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace openapi_test {

using nlohmann::json;

const json& document() {
  static const json kDocument = [] {
    static const std::vector<ReadRoute> kRoutes = read_routes(rest_routes());
    static std::map<const ReadRoute*, AnswerShape> shapes;
    return json::parse(openapi_document(
                           kRoutes,
                           [](const ReadRoute& route) -> const AnswerShape& {
                             return shapes.try_emplace(&route, shape_of(route)).first->second;
                           },
                           "0.1.0")
                           .dump());
  }();
  return kDocument;
}

/// Every "$ref" in the document.
void collect_references(const json& value, std::set<std::string>& out) {
  if (value.is_object() && value.contains("$ref")) out.insert(value.at("$ref").get<std::string>());
  if (!value.is_structured()) return;
  for (const json& part : value) collect_references(part, out);
}

const json* parameter(const json& operation, const std::string& name) {
  for (const json& one : operation.at("parameters")) {
    if (one.value("name", "") == name) return &one;
  }
  return nullptr;
}

TEST_CASE("openapi: every route is an operation with a name of its own, and every reference leads somewhere",
          "[rest]") {
  CHECK(document().at("openapi").get<std::string>() == "3.1.0");
  std::set<std::string> operations;
  for (const auto& path : document().at("paths").items()) {
    CHECK(path.key().find(':') == std::string::npos);
    for (const auto& verb : path.value().items()) {
      const json& operation = verb.value();
      INFO(verb.key() << " " << path.key());
      CHECK(operations.insert(operation.at("operationId").get<std::string>()).second);
      CHECK(operation.at("responses").contains("default"));
      CHECK(operation.at("responses").size() >= 2);
      CHECK_FALSE(operation.at("x-roles").empty());
      // Each {name} of the path is a parameter, and no other is one of the path.
      std::size_t braces = 0, in_path = 0;
      for (const char c : path.key()) braces += c == '{' ? 1U : 0U;
      for (const json& one : operation.at("parameters")) {
        if (one.value("in", "") != "path") continue;
        ++in_path;
        CHECK(path.key().find("{" + one.at("name").get<std::string>() + "}") != std::string::npos);
      }
      CHECK(in_path == braces);
    }
  }
  CHECK(operations.size() == rest_routes().size());
  std::set<std::string> references;
  collect_references(document(), references);
  CHECK(references.size() > 50);
  for (const std::string& reference : references) {
    INFO(reference);
    CHECK(document().contains(json::json_pointer{reference.substr(1)}));
  }
}

TEST_CASE("openapi: parameters and bodies are what requests take", "[rest]") {
  const json& chips = document().at("paths").at("/v1/chips").at("get");
  REQUIRE(parameter(chips, "since") != nullptr);
  CHECK(parameter(chips, "since_unix_ns") == nullptr);
  const json& states = parameter(chips, "states")->at("schema");
  CHECK(states.at("type").get<std::string>() == "array");
  CHECK(states.at("items").at("enum").size() == 7);
  CHECK(parameter(chips, "page_size")->at("schema").at("maximum").get<std::uint64_t>() == 4'294'967'295U);
  CHECK(chips.at("x-roles").size() == 8);
  CHECK(chips.at("x-roles-with-reason") == json{"regulator", "analyst"});
  CHECK(parameter(document().at("paths").at("/v1/models").at("get"), "kind") == nullptr);
  const json& import = document()
                           .at("paths")
                           .at("/v1/imports")
                           .at("post")
                           .at("requestBody")
                           .at("content")
                           .at("application/json");
  const json& file = import.at("schema").at("properties").at("files").at("items");
  CHECK(file.at("additionalProperties").get<bool>() == false);
  CHECK(file.at("properties").at("kind").at("enum").size() == 13);
  CHECK(import.at("example").at("files").at(0).at("kind").get<std::string>() == "makers");
  const json& comment = document().at("paths").at("/v1/cases/{case}/comments").at("post");
  CHECK_FALSE(comment.at("requestBody")
                  .at("content")
                  .at("application/json")
                  .at("schema")
                  .at("properties")
                  .contains("name"));
  CHECK(comment.at("responses").contains("201"));
  const auto has_key = [](const json& operation) {
    return operation.at("parameters").dump().find("parameters/idempotency-key") != std::string::npos;
  };
  CHECK(has_key(comment));
  CHECK_FALSE(has_key(chips));
  CHECK_FALSE(has_key(document().at("paths").at("/v1/chips/{chip}/verify").at("post")));
  CHECK(document().at("paths").at("/v1/sinks/{sink}/test").at("post").contains("requestBody") == false);
}

TEST_CASE("openapi: examples of bodies are bodies that are read", "[rest]") {
  static const std::vector<ReadRoute> kRoutes = read_routes(rest_routes());
  int bodies = 0;
  for (const ReadRoute& route : kRoutes) {
    for (const auto& path : document().at("paths").items()) {
      for (const auto& verb : path.value().items()) {
        if (verb.value().at("operationId").get<std::string>() != route.operation() ||
            !verb.value().contains("requestBody"))
          continue;
        const json& example =
            verb.value().at("requestBody").at("content").at("application/json").at("example");
        const std::unique_ptr<google::protobuf::Message> message{route.route->call.request->New()};
        const auto read = read_object(*message, example, "", route.fields);
        INFO(route.operation() << ": " << (read ? "" : read.error().field + " " + read.error().text));
        CHECK(read);
        ++bodies;
      }
    }
  }
  CHECK(bodies > 15);
}

}  // namespace openapi_test
}  // namespace chiploc
