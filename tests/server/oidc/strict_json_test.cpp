#include "server/oidc/strict_json.hpp"

#include "tests/support/catch.hpp"

namespace strict_json_test {
using namespace chiploc;

std::string nested(int depth) {
  std::string text = "1";
  for (int i = 0; i < depth; ++i) text = i % 2 == 0 ? "[" + text + "]" : "{\"a\":" + text + "}";
  return "{\"x\":" + text + "}";
}

TEST_CASE("strict JSON: an object, and nothing else", "[oidc]") {
  CHECK(strict_json_object(R"({"a": 1, "b": {"a": 2}, "c": [{"a": 1}, {"a": 2}]})", 100));
  CHECK(strict_json_object("{}", 2));
  CHECK(strict_json_object(nested(7), 1'000));
  for (const std::string bad :
       {R"({"a":1,"a":2})", R"({"a":1,"\u0061":2})", R"({"x":{"a":1,"a":1}})",
        R"({"x":[{"a":1,"b":2,"a":3}]})", R"([])", R"("text")", "1", "null", "", "{", "{} {}", "{}x",
        R"({"a":1e999})", R"({"a":NaN})", "{'a':1}", "{\"a\":1,}", "{\"a\":\"\xff\"}", "/**/{}"}) {
    INFO(bad);
    CHECK(!strict_json_object(bad, 1'000));
  }
  CHECK(!strict_json_object(nested(8), 1'000));
  CHECK(!strict_json_object(nested(100), 10'000));
  CHECK(!strict_json_object("{}", 1));
}

TEST_CASE("strict JSON: a member counts if it is a text", "[oidc]") {
  const auto object = strict_json_object(R"({"a":"x","b":1})", 100);
  REQUIRE(object);
  REQUIRE(text_member(*object, "a") != nullptr);
  CHECK(*text_member(*object, "a") == "x");
  CHECK(text_member(*object, "b") == nullptr);
  CHECK(text_member(*object, "c") == nullptr);
}

}  // namespace strict_json_test
