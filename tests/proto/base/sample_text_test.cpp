#include "proto/base/sample_text.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

constexpr const char* kSample = R"(# top
[agent]
listen = ["0.0.0.0:7400", "[::]:7400"]   # one or two
name = "a # b"                           # text
[other]
name = "not this"
[[coordinator]]                          # one table each
name = "example"
number = 30000                           # ms
# [[rendezvous]]

[knock]
last = 1
)";

TEST_CASE("SampleText: a value is replaced in its own table, and the comment stays", "[base]") {
  SampleText sample{kSample};
  sample.set("agent", "listen", "[\"192.0.2.1:1\"]");
  sample.set("agent", "name", "\"new\"");
  sample.set("coordinator", "name", "\"co\"");
  sample.set("coordinator", "number", "7");
  sample.set("knock", "last", "2");
  sample.insert_before("[knock]", "[[rendezvous]]\naddress = 1\n\n");
  CHECK(sample.text() == R"(# top
[agent]
listen = ["192.0.2.1:1"]   # one or two
name = "new"                           # text
[other]
name = "not this"
[[coordinator]]                          # one table each
name = "co"
number = 7                           # ms
# [[rendezvous]]

[[rendezvous]]
address = 1

[knock]
last = 2
)");
}

TEST_CASE("toml_quoted and csv_quoted: whatever is in the text stays text", "[base]") {
  CHECK(toml_quoted("plain") == "\"plain\"");
  CHECK(toml_quoted("a \"b\" \\ c\n\x7f") == "\"a \\\"b\\\" \\\\ c\\u000A\\u007F\"");
  CHECK(csv_quoted("a, \"b\"\nc") == "\"a, \"\"b\"\"\nc\"");
}

TEST_CASE("csv_quoted_name: what a spreadsheet would take for a number or date is marked", "[base]") {
  for (const char* text : {"12E3", "000123", "1650222014738", "12-Mar", "2026-03-12", "1.10"})
    CHECK(csv_quoted_name(text) == "\"'" + std::string{text} + "\"");
  for (const char* text : {"SN-0001", "00112233445566778899aabbccddeeff", "L-2026-1", "fra1"})
    CHECK(csv_quoted_name(text) == "\"" + std::string{text} + "\"");
}

}  // namespace
}  // namespace chiploc
