#include "server/rest/strict_json.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace strict_json_test {

using nlohmann::json;

FieldFault fault_of(std::string_view text) {
  json out = "untouched";
  const auto read = read_json(text, out);
  CHECK(out.dump() == R"("untouched")");
  return read ? FieldFault{"", "none"} : read.error();
}

TEST_CASE("strict json: what is JSON is read whole", "[rest]") {
  const std::string text = R"({"a":[1,-2,{"b":null,"c":[true,1.5]}],"d":"x","e":{},"f":[[],[0]]})";
  json out;
  REQUIRE(read_json(text, out));
  CHECK(out == json::parse(text));
  REQUIRE(read_json(" 7 ", out));
  CHECK(out.dump() == "7");
}

TEST_CASE("strict json: a key twice is refused with its place", "[rest]") {
  CHECK(fault_of(R"({"a":1,"a":2})").field == "/a");
  CHECK(fault_of(R"({"x":[{"k":1},{"y/z":1,"y/z":1}]})").field == "/x/1/y~1z");
  CHECK(fault_of(R"({"a":1,"a":2})").text.find("twice") != std::string::npos);
  json out;
  CHECK(read_json(R"({"a":{"b":1},"b":1})", out));  // the same name elsewhere is no repetition
}

TEST_CASE("strict json: depth has a limit, exactly", "[rest]") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  json out;
  CHECK(read_json(nested(kJsonDepthMax), out));
  CHECK(fault_of(nested(kJsonDepthMax + 1)).field == "/0/0/0/0/0/0/0");
  CHECK(fault_of(std::string(1'000'000, '[')).text.find("8 levels") != std::string::npos);
}

TEST_CASE("strict json: what is none names the byte", "[rest]") {
  for (const char* text :
       {"", "{", "{\"a\":}", "[1,]", "nul", "{\"a\":1} x", "\"\xff\"", "'a'", "{a:1}", "01"}) {
    INFO(text);
    CHECK(fault_of(text).text.find("no JSON") != std::string::npos);
  }
  CHECK(fault_of(R"({"a":[1,x]})").field == "/a");
  CHECK(fault_of(R"([1, 2, x])").text == "the body is no JSON: look at its byte 8");
}

}  // namespace strict_json_test
}  // namespace chiploc
