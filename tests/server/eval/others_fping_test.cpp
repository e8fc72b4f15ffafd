// Lines as fping 5.1 printed them.
#include "tests/server/eval/others_support.hpp"

namespace chiploc::test::others_fping_test {
namespace {

Read read(const std::string& text) { return read_with(text, read_fping); }

TEST_CASE("fping: lists of -C, the least of each", "[eval][others]") {
  const Read read =
      others_fping_test::read("127.0.0.1 : 0.046 0.051 0.050\nlocalhost : - 41.6\n10.9.0.5  : - -\n");
  CHECK(read.faults.empty());
  CHECK(read.lines == Lines{"1 here>127.0.0.1 0.046", "2 here>localhost 41.6"});
  CHECK(read.rows.lost == 1);
  CHECK(!read.rows.cut_by_fping);
}

TEST_CASE("fping: counts of -c and -Q", "[eval][others]") {
  const Read read = others_fping_test::read(
      "[20:17:12]\n"
      "127.0.0.1 : xmt/rcv/%loss = 10/10/0%, min/avg/max = 0.047/0.059/0.081\n"
      "10.9.0.5 : xmt/rcv/%loss = 2/0/100%\n"
      "b : xmt/rcv/%return = 2/3/150%, min/avg/max = 1.5/2/3\n"
      "c : xmt/rcv/%loss = 2/2/0%, outage(ms) = 0, min/avg/max = 1.6/2/3\n");
  CHECK(read.faults.empty());
  CHECK(read.lines == Lines{"2 here>127.0.0.1 0.047", "4 here>b 1.5", "5 here>c 1.6"});
  CHECK(read.rows.lost == 1);
}

TEST_CASE("fping: replies one by one, -s, -A -n, -D and ICMP's words are passed over", "[eval][others]") {
  const Read read = others_fping_test::read(
      "[1796156230.98142] localhost (127.0.0.1) : [0], 64 bytes, 0.040 ms (0.040 avg, 0% loss)\n"
      "b : [1], timed out (NaN avg, 100% loss)\n"
      "b : duplicate for [0], 64 bytes, 0.05 ms\n"
      "ICMP Host Unreachable from 10.0.0.1 for ICMP Echo sent to 10.0.0.9\n"
      "\nlocalhost (127.0.0.1) : 0.040 0.048\n"
      "\n       1 targets\n 0.082 ms (min round trip time)\n        0.000 sec (elapsed real time)\n");
  CHECK(read.faults.empty());
  CHECK(read.lines == Lines{"6 here>localhost(127.0.0.1) 0.04"});
}

TEST_CASE("fping: whole milliseconds from 100 on are three digits of more", "[eval][others]") {
  const Read list = read("a : 41.6\nb : 152 151\n");
  REQUIRE(list.rows.cut_by_fping);
  CHECK(list.rows.cut_by_fping->line == 2);
  CHECK(list.rows.cut_by_fping->ms == 151.0);
  CHECK(read("b : xmt/rcv/%loss = 2/2/0%, min/avg/max = 151/168/185\n").rows.cut_by_fping);
  CHECK(!read("b : 99.6 151\n").rows.cut_by_fping);
}

TEST_CASE("fping: each fault names its line", "[eval][others]") {
  check_fault(read("127.0.0.1 is alive (0.043 ms)\n"), "1: holds no summary of fping", "-C N or -c N");
  check_fault(read("a : 1.5 fast\n"), "1: \"a\": \"fast\" is not a number", "");
  check_fault(read("a : 1\nb : xmt/rcv/%loss = 3/x/0%\n"), "2: \"b\": is no summary of fping", "");
  check_fault(read("b : xmt/rcv/%loss = 3/3/0%\n"), "1: \"b\": says that something came back", "cut");
  check_fault(read("b : xmt/rcv/%loss = 3/0/100%, min/avg/max = 1/2/3\n"),
              "1: \"b\": says that nothing came back", "");
  check_fault(read("b : xmt/rcv/%loss = 3/3/0%, min/avg/max = 1/2\n"), "1: \"b\": has no three numbers", "");
  check_fault(read("b : xmt/rcv/%loss = 3/3/0%, min/avg/max = 3/2/4\n"), "1: \"b\": its least is more", "");
}

}  // namespace
}  // namespace chiploc::test::others_fping_test
