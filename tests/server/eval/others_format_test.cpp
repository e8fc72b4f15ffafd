#include "tests/server/eval/others_support.hpp"

namespace chiploc::test::others_format_test {
namespace {

std::string formats(const std::string& text) {
  std::string out;
  for (const OthersFormat format : formats_of(text)) out += std::string{name_of(format)} + " ";
  return out;
}

TEST_CASE("formats: each by what only it has", "[eval][others]") {
  CHECK(formats("x,a,b\na,0,1\nb,1,0\n") == "matrix ");
  CHECK(formats("\ta\tb\na\t\t1\nb\t-\t\n") == "matrix ");
  CHECK(formats("from,to,ms\na,b,1\nb,a,2\n") == "table ");
  CHECK(formats("a b 1\nb a 2\n") == "table ");
  CHECK(formats("$ ping b\nPING b (1.2.3.4): 56 data bytes\n") == "ping ");
  CHECK(formats("b : 1.5 - 2\n") == "fping ");
  CHECK(formats("[20:17:12]\nb : xmt/rcv/%loss = 2/0/100%\n") == "fping ");
  CHECK(formats("b : [0], 64 bytes, 0.034 ms (0.034 avg, 0% loss)\n") == "fping ");
  CHECK(formats("[\n{\"fw\":5020,\"prb_id\":17}]") == "atlas ");
  CHECK(formats("{\"prb_id\":17}\n") == "atlas ");
}

TEST_CASE("formats: what may be several, and what is none", "[eval][others]") {
  // No source is a destination: two numbers a row, or a table of a number, a number and a time.
  CHECK(formats("probe,target,rtt\n17,42,3.5\n18,42,4\n") == "matrix table ");
  CHECK(formats("PING b (1.2.3.4): 56 data bytes\nb : 1.5 - 2\n") == "ping fping ");
  // A cell that is no number makes no table of a matrix, nor a matrix of a table.
  CHECK(formats("x,a,b,c\na,0,1,2\nb,1,0,fast\nc,2,2,0\n") == "matrix table ");
  CHECK(formats("a b 1 x\nb a 2 y\n") == "table ");
  CHECK(formats("").empty());
  CHECK(formats("\n \n").empty());
  CHECK(formats("hello\nworld\n").empty());
  CHECK(formats("{\"id\":17}").empty());
  CHECK(formats("a,b,\"c\nd").empty());
}

}  // namespace
}  // namespace chiploc::test::others_format_test
