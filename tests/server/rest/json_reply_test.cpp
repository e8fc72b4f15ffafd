#include "server/rest/json_reply.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace json_reply_test {

using Json = nlohmann::ordered_json;

std::string field(const HttpReply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.fields) {
    if (key == name) return value;
  }
  return {};
}

TEST_CASE("json reply: a tag is of the bytes as sent, and spares sending them again", "[rest]") {
  HttpRequest request;
  request.method = "GET";
  const HttpReply first = json_reply(request, 200, Json{{"b", 1}, {"a", 2}});
  CHECK(first.body == R"({"b":1,"a":2})");
  const std::string tag = field(first, "etag");
  CHECK(tag == entity_tag(first.body));
  CHECK(tag.size() == 34);
  CHECK(entity_tag("{}") != tag);
  CHECK(field(first, "cache-control") == "private, no-cache");
  for (const std::string& known : {tag, "\"x\", " + tag, "W/" + tag, std::string{"*"}}) {
    request.fields = {{"if-none-match", known}};
    const HttpReply again = json_reply(request, 200, Json{{"b", 1}, {"a", 2}});
    INFO(known);
    CHECK(again.status == 304);
    CHECK(again.body.empty());
    CHECK(field(again, "etag") == tag);
  }
  for (const std::string& other : {std::string{"\"x\""}, tag.substr(0, 20), std::string{}}) {
    request.fields = {{"if-none-match", other}};
    CHECK(json_reply(request, 200, Json{{"b", 1}, {"a", 2}}).status == 200);
  }
}

TEST_CASE("json reply: what changed something has no tag and is kept by no cache", "[rest]") {
  HttpRequest request;
  request.method = "POST";
  request.fields = {{"if-none-match", "*"}};
  const HttpReply reply = json_reply(request, 201, Json{{"text", "\xff"}});
  CHECK(reply.status == 201);
  CHECK(field(reply, "etag").empty());
  CHECK(field(reply, "cache-control") == "no-store");
  CHECK(reply.body == "{\"text\":\"\xEF\xBF\xBD\"}");
}

}  // namespace json_reply_test
}  // namespace chiploc
