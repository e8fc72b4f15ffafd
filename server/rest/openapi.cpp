#include "server/rest/openapi.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "proto/base/joined.hpp"
#include "proto/v1/operator_service.pb.h"
#include "server/rest/request_fields.hpp"
#include "server/rest/text_parts.hpp"
#include "server/service/access.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

Json reference(const std::string& to) { return {{"$ref", "#/components/" + to}}; }

/// An object with these fields and no others: of a body, or of a message within it.
template <class Fields>
Json schema_of_fields(const Fields& fields) {
  Json properties = Json::object();
  for (const FieldDescriptor* field : fields) properties[wire_name(*field)] = schema_of_field(*field);
  return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

Json schema_of_one(const FieldDescriptor& field) {
  constexpr std::uint64_t kMost32 = 4'294'967'295;
  switch (form_of(field)) {
    case FieldForm::kText:
      return {{"type", "string"}};
    case FieldForm::kNumber: {
      Json out{{"type", "integer"}, {"minimum", 0}};
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32) out["maximum"] = kMost32;
      return out;
    }
    case FieldForm::kTruth:
      return {{"type", "boolean"}};
    case FieldForm::kTime:
      return {{"type", "string"},
              {"pattern", R"(^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?Z)?$)"},
              {"examples", {"2026-12-02", "2026-12-02T08:00:00Z"}}};
    case FieldForm::kHex:
      return {{"type", "string"}, {"pattern", "^([0-9a-fA-F]{2})*$"}};
    case FieldForm::kWord:
      return {{"type", "string"}, {"enum", words_of(*field.enum_type())}};
    case FieldForm::kObject: {
      std::vector<const FieldDescriptor*> fields;
      for (int i = 0; i < field.message_type()->field_count(); ++i)
        fields.push_back(field.message_type()->field(i));
      return schema_of_fields(fields);
    }
    case FieldForm::kNone:
      break;
  }
  return Json::object();
}

/// A value that fits, as a document shows one.
Json example_of(const Json& schema) {
  const std::string type = schema.value("type", "");
  if (schema.contains("enum")) return schema["enum"][0];
  if (schema.contains("examples")) return schema["examples"].back();
  if (schema.contains("pattern")) return "00ff";
  if (type == "integer") return 1;
  if (type == "boolean") return true;
  if (type == "array") return Json::array({example_of(schema["items"])});
  if (type != "object") return "text";
  Json out = Json::object();
  for (const auto& item : schema["properties"].items()) out[item.key()] = example_of(item.value());
  return out;
}

Json parameters_of(const ReadRoute& route) {
  Json out = Json::array();
  for (const RouteSegment& segment : route.segments) {
    if (segment.field == nullptr) continue;
    out.push_back({{"name", segment.name},
                   {"in", "path"},
                   {"required", true},
                   {"schema", schema_of_field(*segment.field)}});
  }
  if (!route.has_body()) {
    for (const FieldDescriptor* field : route.fields)
      out.push_back({{"name", wire_name(*field)}, {"in", "query"}, {"schema", schema_of_field(*field)}});
  }
  if (route.route->form == RestForm::kJson) out.push_back(reference("parameters/fields"));
  if (route.route->verb == "GET" && route.route->form == RestForm::kJson)
    out.push_back(reference("parameters/if-none-match"));
  if (route.route->changes && route.route->form == RestForm::kJson)
    out.push_back(reference("parameters/idempotency-key"));
  if (route.route->form == RestForm::kEndless) out.push_back(reference("parameters/last-event-id"));
  out.push_back(reference("parameters/chiploc-reason"));
  return out;
}

Json content_of(const ReadRoute& route, const std::string& schema) {
  switch (route.route->form) {
    case RestForm::kJson:
      return {{"application/json", {{"schema", reference("schemas/" + schema)}}}};
    case RestForm::kEndless:
    case RestForm::kEvents:  // OpenAPI 3.1 has no word for the data of events
      return {{"text/event-stream",
               {{"schema", {{"type", "string"}}}, {"x-event-data", reference("schemas/" + schema)}}}};
    case RestForm::kFile:
      break;
  }
  Json out = Json::object();
  for (const char* type : {"application/json", "application/geo+json"})
    out[type] = {{"schema", {{"type", "object"}}}};
  for (const char* type : {"text/csv", "application/pdf"}) out[type] = Json::object();
  return out;
}

/// "reader, verifier, ..": who may call it, by the table that decides.
Json roles_of(const ReadRoute& route) {
  Json out = Json::array();
  const AccessRule* rule = access_rule_of(*route.method->input_type());
  for (const RoleName& known : kRoles) {
    if (rule != nullptr && rule->may.has(known.role)) out.push_back(known.unit);
  }
  return out;
}

/// Who sees sealed fields of the answer with a reason.
Json roles_with_reason(const ReadRoute& route) {
  Json out = Json::array();
  const AccessRule* rule = access_rule_of(*route.method->input_type());
  for (const RoleName& known : kRoles) {
    if (rule != nullptr && whole_with_reason(*rule).has(known.role)) out.push_back(known.unit);
  }
  return out;
}

Json operation_of(const ReadRoute& route) {
  const std::string schema = route.operation();
  const AccessRule* rule = access_rule_of(*route.method->input_type());
  Json out{{"operationId", schema},
           {"tags", {route.route->tag}},
           {"summary", route.route->says},
           {"x-roles", roles_of(route)},
           {"x-roles-with-reason", roles_with_reason(route)},
           {"x-by-holder", rule != nullptr && rule->by_entity},
           {"parameters", parameters_of(route)}};
  if (route.route->form == RestForm::kEndless) out["x-endless"] = true;  // its answer ends with the client
  if (route.has_body() && !route.fields.empty()) {
    const Json body = schema_of_fields(route.fields);
    out["requestBody"] = {
        {"content", {{"application/json", {{"schema", body}, {"example", example_of(body)}}}}}};
  }
  Json answer{{"description", route.route->says}, {"content", content_of(route, schema)}};
  if (route.route->verb == "GET" && route.route->form == RestForm::kJson)
    answer["headers"] = {{"ETag", {{"schema", {{"type", "string"}}}}}};
  if (route.route->form == RestForm::kFile) {
    answer["headers"] = {{"Content-Disposition", {{"schema", {{"type", "string"}}}}},
                         {"Chiploc-Signature", {{"schema", {{"type", "string"}}}}}};
  }
  out["responses"] = {{std::to_string(route.route->status), std::move(answer)}};
  if (route.route->verb == "GET" && route.route->form == RestForm::kJson)
    out["responses"]["304"] = {{"description", "It is still what If-None-Match names."}};
  out["responses"]["default"] = reference("responses/Problem");
  return out;
}

Json components() {
  const Json text{{"type", "string"}};
  const Json problem{{"type", "object"},
                     {"properties",
                      {{"type", text},
                       {"title", text},
                       {"status", {{"type", "integer"}}},
                       {"detail", text},
                       {"code", text},
                       {"field", text}}},
                     {"required", {"type", "title", "status", "detail", "code"}}};
  return {
      {"securitySchemes",
       {{"certificate", {{"type", "mutualTLS"}}}, {"token", {{"type", "http"}, {"scheme", "bearer"}}}}},
      {"parameters",
       {{"fields",
         {{"name", "fields"},
          {"in", "query"},
          {"description", "Dotted paths with commas; the rest of the answer is left away."},
          {"schema", text}}},
        {"if-none-match", {{"name", "If-None-Match"}, {"in", "header"}, {"schema", text}}},
        {"last-event-id",
         {{"name", "Last-Event-ID"},
          {"in", "header"},
          {"description", "The id of the last event that was seen; it goes before the parameter after."},
          {"schema", text}}},
        {"chiploc-reason",
         {{"name", "Chiploc-Reason"},
          {"in", "header"},
          {"description",
           "Why this caller wants to see what is sealed. It goes into the audit log, with what was asked for, and "
           "opens sealed fields to x-roles-with-reason."},
          {"schema", {{"type", "string"}, {"minLength", 1}, {"maxLength", kReasonMax}}}}},
        {"idempotency-key",
         {{"name", "Idempotency-Key"},
          {"in", "header"},
          {"description", "The same request with it is made once; its answer is given again."},
          {"schema", {{"type", "string"}, {"pattern", "^[!-~]{1,128}$"}}}}}}},
      {"responses",
       {{"Problem",
         {{"description", "What was wrong, and what to do (RFC 9457)."},
          {"content", {{"application/problem+json", {{"schema", reference("schemas/Problem")}}}}}}}}},
      {"schemas", {{"Problem", problem}}}};
}

/// "/v1/cases/{case}" for "/v1/cases/{case:name}".
std::string path_of(const ReadRoute& route) {
  std::string out;
  for (const RouteSegment& segment : route.segments)
    out += "/" + (segment.literal.empty() ? "{" + segment.name + "}" : segment.literal);
  return out;
}

}  // namespace

Json schema_of_field(const FieldDescriptor& field) {
  Json one = schema_of_one(field);
  if (!field.is_repeated()) return one;
  return {{"type", "array"}, {"items", std::move(one)}};
}

Json openapi_document(const std::vector<ReadRoute>& routes,
                      const std::function<const AnswerShape&(const ReadRoute&)>& shape,
                      const std::string& software_version) {
  Json out{{"openapi", "3.1.0"},
           {"info",
            {{"title", "chiploc"},
             {"version", software_version},
             {"description",
              "Where AI chips are, proved. Names, units and problems: server/rest/README.md; what keys mean: "
              "server/cli/README.md."}}},
           {"security", {{{"certificate", Json::array()}}, {{"token", Json::array()}}}}};
  Json tags = Json::array(), paths = Json::object(), parts = components();
  for (const ReadRoute& route : routes) {
    const Json tag{{"name", route.route->tag}};
    if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
    paths[path_of(route)][lower(route.route->verb)] = operation_of(route);
    if (route.route->view != nullptr) parts["schemas"][route.operation()] = schema_of(shape(route));
  }
  out["tags"] = std::move(tags);
  out["paths"] = std::move(paths);
  out["components"] = std::move(parts);
  return out;
}

}  // namespace chiploc
