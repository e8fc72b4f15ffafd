#include "server/eval/json_objects.hpp"

#include <array>

#include "tests/support/catch.hpp"

namespace chiploc::test::json_objects_test {
namespace {

constexpr std::array<std::string_view, 2> kKeys{"results", "objects"};

/// "1{..}3{..}" and the fault behind it.
std::string read(const std::string& text) {
  std::string out;
  FaultLog faults{"f", 5};
  read_json_objects(text, kKeys, faults, [&](const JsonObject& object) {
    out += std::to_string(object.line) + std::string{object.text};
    return object.text != "{\"stop\":1}";
  });
  for (const RowFault& fault : faults.take()) out += "!" + std::to_string(fault.line) + ": " + fault.problem;
  return out;
}

TEST_CASE("json objects: an array, one a line, one behind the other, one alone", "[eval][others]") {
  CHECK(read("[{\"a\":1},\n {\"b\":[{}]}]\n") == "1{\"a\":1}2{\"b\":[{}]}");
  CHECK(read("{\"a\":1}\n{\"b\":2}\n\n{\"c\":3}") == "1{\"a\":1}2{\"b\":2}4{\"c\":3}");
  CHECK(read("{\"a\":1}{\"b\":2}") == "1{\"a\":1}1{\"b\":2}");
  CHECK(read("\xEF\xBB\xBF{\"a\":\"}{\\\"\"}") == "1{\"a\":\"}{\\\"\"}");
  CHECK(read(" [ ] ").empty());
  CHECK(read("[{\"stop\":1},{\"b\":2}]") == "1{\"stop\":1}");
}

TEST_CASE("json objects: the list in an answer of an API", "[eval][others]") {
  CHECK(read("{\"count\":2,\n\"next\":null,\"results\":\n[{\"a\":1},\n{\"b\":2}],\"more\":[{}]}") ==
        "3{\"a\":1}4{\"b\":2}");
  CHECK(read("{\"meta\":{\"objects\":[{\"no\":1}]},\"objects\" : [{\"a\":1}]}") == "1{\"a\":1}");
  CHECK(read("{\"a\":\"results\",\"b\":[{}]}") == "1{\"a\":\"results\",\"b\":[{}]}");
}

TEST_CASE("json objects: what is wrong, and where", "[eval][others]") {
  const auto check = [](const std::string& text, const std::string& part) {
    CHECK_THAT(read(text), Catch::Contains(part));
  };
  check("", "!1: is empty");
  check("hello", "!1: is neither an array nor an object");
  check("[{\"a\":1}\n{\"b\":2}]", "!2: a comma is missing");
  check("[{\"a\":1},", "!1: the array is not closed");
  check("[1]", "!1: the array holds something that is no object");
  check("{\"a\":1}\n7", "!2: is no object");
  check("{\"a\":1}\n{\"b\":", "!2: an object begins here and is not closed");
  check("{\"a\":]}", "!1: a bracket is closed that was not opened");
  check("[{}] x", "!1: something stands behind the array");
  check(std::string(70, '[').insert(0, "{\"a\":"), "!1: more than 64 brackets");
  check("[{\"a\":\"" + std::string((std::size_t{16} << 20) + 9, 'x') + "\"}]", "has more than 16 MB");
  check(std::string{"\xFE\xFF\0{", 4}, "UTF-16");
}

}  // namespace
}  // namespace chiploc::test::json_objects_test
