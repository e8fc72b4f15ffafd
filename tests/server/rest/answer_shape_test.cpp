#include "server/rest/answer_shape.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>

#include "proto/v1/operator_service.pb.h"
#include "server/rest/answer_samples.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace answer_shape_test {

using Json = nlohmann::ordered_json;

Json schema(std::initializer_list<const char*> values) {
  AnswerShape shape;
  for (const char* value : values) shape.add(Json::parse(value));
  return schema_of(shape);
}

const ReadRoute& route(std::string_view operation) {
  static const std::vector<ReadRoute> kRoutes = read_routes(rest_routes());
  for (const ReadRoute& one : kRoutes) {
    if (one.operation() == operation) return one;
  }
  FAIL(operation);
  return kRoutes.front();
}

TEST_CASE("answer samples: empty, full, without each field, with each value", "[rest]") {
  int samples = 0, empty = 0, whole = 0, without_text = 0, without_verdict = 0;
  std::set<int> states;
  each_sample(v1::GetVerdictResponse::default_instance(), [&](const google::protobuf::Message& message) {
    const auto& answer = static_cast<const v1::GetVerdictResponse&>(message);
    ++samples;
    if (message.ByteSizeLong() == 0) ++empty;
    if (!answer.has_verdict()) ++without_verdict;
    if (answer.has_verdict() && answer.verdict().reasons_size() == 1) {
      states.insert(answer.verdict().state());
      const auto& reason = answer.verdict().reasons(0);
      if (reason.text().empty() && !reason.code().empty()) ++without_text;
      if (answer.verdict().has_silence() && answer.verdict().holders_size() == 1) ++whole;
    }
  });
  CHECK(empty == 1);
  CHECK(without_verdict == 2);  // the empty one, and the one without it
  CHECK(without_text == 1);
  CHECK(whole > 100);
  CHECK(samples > 150);
  CHECK(states.count(v1::INVALID) == 1);
  CHECK(states.count(9'999) == 1);
  int events = 0;
  each_sample(v1::VerifyEvent::default_instance(), [&](const google::protobuf::Message& message) {
    if (static_cast<const v1::VerifyEvent&>(message).has_started()) ++events;
  });
  CHECK(events > 1);  // the last member of a oneof is not the only one
}

TEST_CASE("answer shape: types, null, and what is always there", "[rest]") {
  CHECK(schema({"1", "null"}).dump() == R"({"type":["integer","null"]})");
  CHECK(schema({"1", "1.5"}).dump() == R"({"type":"number"})");
  CHECK(schema({"null"}).dump() == "{}");
  CHECK(
      schema({R"({"a":1,"b":true})", R"({"a":null})"}).dump() ==
      R"({"type":"object","properties":{"a":{"type":["integer","null"]},"b":{"type":"boolean"}},"required":["a"]})");
  CHECK(schema({"[]", "[1]", "[null]"}).dump() == R"({"type":"array","items":{"type":["integer","null"]}})");
}

TEST_CASE("answer shape: keys that are data, times, hexadecimal and words are told apart", "[rest]") {
  CHECK(schema({R"({"anytext":7})", "{}"}).dump() ==
        R"({"type":"object","additionalProperties":{"type":"integer"}})");
  CHECK(schema({R"({"anytext":null})"}).dump() == R"({"type":"object","additionalProperties":{}})");
  CHECK(schema({R"("2026-11-21T19:54:41.123Z")"}).dump() == R"({"type":"string","format":"date-time"})");
  CHECK(schema({R"("5a")", R"("")"}).at("pattern").get<std::string>() == "^([0-9a-f]{2})*$");
  CHECK(schema({R"("anytext")", R"("")"}).dump() == R"({"type":"string"})");
  CHECK(schema({R"("open")", R"("hold")"}).dump() == R"({"type":"string","enum":["hold","open"]})");
  CHECK(schema({R"("open")", R"("hold")", "null"}).at("enum").size() == 3);
  CHECK_FALSE(schema({R"("open")", R"("about anytext")"}).contains("enum"));
}

TEST_CASE("answer shape: of a chip it is what the view gives", "[rest]") {
  const Json chip = schema_of(shape_of(route("GetChip")));
  const Json& properties = chip.at("properties");
  CHECK(properties.at("last_verdict").at("type").dump() == R"(["object","null"])");
  CHECK(properties.at("last_verdict").at("properties").at("state").at("enum").size() == 8);  // and UNKNOWN
  CHECK(properties.at("status").at("properties").at("since").at("format").get<std::string>() == "date-time");
  CHECK(properties.at("eccn").at("type").dump() == R"(["string","null"])");
  const Json required = chip.at("required");
  CHECK(std::find(required.begin(), required.end(), Json("serial")) != required.end());
  CHECK(std::find(required.begin(), required.end(), Json("certificate_pem")) == required.end());
  const Json status = schema_of(shape_of(route("GetStatus")));
  CHECK(status.at("properties").at("counters").dump() ==
        R"({"type":"object","additionalProperties":{"type":"integer"}})");
  CHECK(status.at("properties").at("chips_by_state").at("properties").contains("SILENT"));
  const Json chips = schema_of(shape_of(route("ListChips")));
  CHECK(chips.at("properties").at("total").at("type").dump() == R"(["integer","null"])");
  const Json models = schema_of(shape_of(route("ListRecords_models")));
  CHECK(models.at("properties").contains("models"));
  CHECK_FALSE(models.at("properties").contains("orders"));
  const Json rows = schema_of(shape_of(route("Export")));
  CHECK(rows.at("properties").at("rows").at("items").at("type").get<std::string>() == "object");
}

}  // namespace answer_shape_test
}  // namespace chiploc
