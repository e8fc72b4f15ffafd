#include "tests/server/eval/others_support.hpp"

namespace chiploc::test::others_atlas_test {
namespace {

Read read(const std::string& text) { return read_with(text, read_atlas); }

const std::string kResult =
    R"({"type":"ping","fw":5020,"prb_id":17,"dst_name":"a.example","dst_addr":"192.0.2.1","min":12.5,"avg":13,"max":14,)"
    R"("sent":3,"rcvd":2,"result":[{"rtt":13.5},{"x":"*"},{"rtt":12.5}]})";

TEST_CASE("atlas: results in an array, and one a line", "[eval][others]") {
  CHECK(read(kResult).lines == Lines{"1 17>a.example(192.0.2.1) 12.5"});
  CHECK(read("[" + kResult + ",\n" + kResult + "]").lines.size() == 2);
  const Read lines = read(kResult + "\n" + kResult + "\n");
  CHECK(lines.faults.empty());
  CHECK(lines.lines == Lines{"1 17>a.example(192.0.2.1) 12.5", "2 17>a.example(192.0.2.1) 12.5"});
}

TEST_CASE("atlas: the names of old firmware, no name, no minimum, replies that came twice",
          "[eval][others]") {
  CHECK(read(R"({"prb_id":1,"name":"b","addr":"192.0.2.2","min":3,"fw":1})").lines ==
        Lines{"1 1>b(192.0.2.2) 3"});
  CHECK(read(R"({"prb_id":1,"dst_addr":"192.0.2.2","min":3})").lines == Lines{"1 1>192.0.2.2 3"});
  CHECK(read(R"({"prb_id":1,"dst_name":"b","result":[{"rtt":4},{"rtt":3},{"rtt":1,"dup":1}]})").lines ==
        Lines{"1 1>b 3"});
}

TEST_CASE("atlas: losses", "[eval][others]") {
  for (const char* const lost :
       {R"({"prb_id":1,"dst_name":"b","min":-1,"result":[{"x":"*"},{"error":"unreach"}]})",
        R"({"prb_id":1,"dst_name":"b","min":-1})", R"({"prb_id":1,"min":-1,"result":[{"error":"dns"}]})",
        R"({"prb_id":1,"dst_name":"b","result":[{"x":"*"}]})"}) {
    const Read read = others_atlas_test::read(lost);
    INFO(lost);
    CHECK(read.faults.empty());
    CHECK(read.lines.empty());
    CHECK(read.rows.lost == 1);
  }
}

TEST_CASE("atlas: each fault names its line", "[eval][others]") {
  const auto check = [](const std::string& text, const std::string& begin) {
    check_fault(read(kResult + "\n" + text), "2: " + begin, "");
  };
  check(R"({"type":"traceroute","prb_id":1})", "type: is not ping");
  check(R"({"dst_name":"b","min":1})", "prb_id: is missing");
  check(R"({"prb_id":"1","dst_name":"b","min":1})", "prb_id: is no number");
  check(R"({"prb_id":-1,"dst_name":"b","min":1})", "prb_id: is no number");
  check(R"({"prb_id":1,"dst_name":7,"min":1})", "dst_name: is no text");
  check(R"({"prb_id":1,"min":1})", "dst_name: is missing");
  check(R"({"prb_id":1,"dst_name":"b"})", "min: is missing");
  check(R"({"prb_id":1,"dst_name":"b","min":"1"})", "min: is no number");
  check(R"({"prb_id":1,"dst_name":"b","min":-2})", "min: is no round trip");
  check(R"({"prb_id":1,"dst_name":"b","min":70000})", "min: is no round trip");
  check(R"({"prb_id":1,"dst_name":"b","min":1,"result":"1"})", "result: is no array");
  check(R"({"prb_id":1,"dst_name":"b","min":1,"result":[1]})", "result: holds something");
  check(R"({"prb_id":1,"dst_name":"b","min":1,"result":[{"rtt":"1"}]})", "rtt: is no number");
  check(R"({"prb_id":1,"dst_name":"b","min":1,"result":[{"rtt":2}]})", "min: is not the least");
  check(R"({"prb_id":1,"dst_name":"b","min":-1,"result":[{"rtt":2}]})", "min: says that nothing came back");
  check(R"({"prb_id":1,"dst_name":"b","min":2,"result":[{"x":"*"}]})", "min: has a round trip");
  check(R"({"prb_id":1,,})", "is not JSON");
  check_fault(read("[]"), "1: holds no result", "");
}

}  // namespace
}  // namespace chiploc::test::others_atlas_test
