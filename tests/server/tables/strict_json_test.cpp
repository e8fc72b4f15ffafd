#include "server/tables/strict_json.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace strict_json_test {

using nlohmann::json;

FieldFault fault_of(std::string_view text) {
  json out = "untouched";
  const auto read = read_strict_json(text, out);
  CHECK(out.dump() == R"("untouched")");
  return read ? FieldFault{"", "none"} : read.error();
}

TEST_CASE("strict json: what is JSON is read whole", "[tables]") {
  const std::string text = R"({"a":[1,-2,{"b":null,"c":[true,1.5]}],"d":"x","e":{},"f":[[],[0]]})";
  json out;
  REQUIRE(read_strict_json(text, out));
  CHECK(out == json::parse(text));
  REQUIRE(read_strict_json(" 7 ", out));
  CHECK(out.dump() == "7");
}

TEST_CASE("strict json: a key twice is refused with its place", "[tables]") {
  CHECK(fault_of(R"({"a":1,"a":2})").field == "/a");
  CHECK(fault_of(R"({"x":[{"k":1},{"y/z":1,"y/z":1}]})").field == "/x/1/y~1z");
  CHECK(fault_of(R"({"a":1,"a":2})").text.find("twice") != std::string::npos);
  json out;
  CHECK(read_strict_json(R"({"a":{"b":1},"b":1})", out));  // the same name elsewhere is no repetition
}

TEST_CASE("strict json: depth has a limit, exactly", "[tables]") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  json out;
  CHECK(read_strict_json(nested(kJsonDepthMax), out));
  CHECK(fault_of(nested(kJsonDepthMax + 1)).field == "/0/0/0/0/0/0/0");
  CHECK(fault_of(std::string(1'000'000, '[')).text.find("8 levels") != std::string::npos);
}

TEST_CASE("strict json: what is none names the byte", "[tables]") {
  for (const char* text :
       {"", "{", "{\"a\":}", "[1,]", "nul", "{\"a\":1} x", "\"\xff\"", "'a'", "{a:1}", "01"}) {
    INFO(text);
    CHECK(fault_of(text).text.find("no JSON") != std::string::npos);
  }
  CHECK(fault_of(R"({"a":[1,x]})").field == "/a");
  CHECK(fault_of(R"([1, 2, x])").text == "the body is no JSON: look at its byte 8");
}

// ---------------------------------------- one object
std::string object_nested(int depth) {
  std::string text = "1";
  for (int i = 0; i < depth; ++i) text = i % 2 == 0 ? "[" + text + "]" : "{\"a\":" + text + "}";
  return "{\"x\":" + text + "}";
}

TEST_CASE("strict json: an object, and nothing else", "[tables]") {
  CHECK(strict_json_object(R"({"a": 1, "b": {"a": 2}, "c": [{"a": 1}, {"a": 2}]})", 100));
  CHECK(strict_json_object("{}", 2));
  CHECK(strict_json_object(object_nested(7), 1'000));
  for (const std::string bad :
       {R"({"a":1,"a":2})", R"({"a":1,"\u0061":2})", R"({"x":{"a":1,"a":1}})",
        R"({"x":[{"a":1,"b":2,"a":3}]})", R"([])", R"("text")", "1", "null", "", "{", "{} {}", "{}x",
        R"({"a":1e999})", R"({"a":NaN})", "{'a':1}", "{\"a\":1,}", "{\"a\":\"\xff\"}", "/**/{}"}) {
    INFO(bad);
    CHECK(!strict_json_object(bad, 1'000));
  }
  CHECK(!strict_json_object(object_nested(8), 1'000));
  CHECK(!strict_json_object(object_nested(100), 10'000));
  CHECK(!strict_json_object("{}", 1));
}

TEST_CASE("strict json: a member counts if it is a text", "[tables]") {
  const auto object = strict_json_object(R"({"a":"x","b":1})", 100);
  REQUIRE(object);
  REQUIRE(text_member(*object, "a") != nullptr);
  CHECK(*text_member(*object, "a") == "x");
  CHECK(text_member(*object, "b") == nullptr);
  CHECK(text_member(*object, "c") == nullptr);
}

}  // namespace strict_json_test
}  // namespace chiploc
