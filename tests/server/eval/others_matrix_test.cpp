#include "tests/server/eval/others_support.hpp"

namespace chiploc::test::others_matrix_test {
namespace {

Read read(const std::string& text, const RttLimits& limits = {}) {
  return read_with(text, read_matrix, limits);
}

TEST_CASE("matrix: sources down, destinations across", "[eval][others]") {
  const Read read = others_matrix_test::read("from/to,a,b,c\na,0,1.5,-\nb,2,,NA\nc,3,4,\n");
  CHECK(read.faults.empty());
  CHECK(read.lines == Lines{"2 a>b 1.5", "3 b>a 2", "4 c>a 3", "4 c>b 4"});
  CHECK(read.rows.self == 3);
  CHECK(read.rows.lost == 2);
}

TEST_CASE("matrix: tabs, an empty corner, sources that are no destinations", "[eval][others]") {
  const Read read = others_matrix_test::read("\tNew York\tb\r\nx\t1\t2\r\nb\t3\tself\r\n");
  CHECK(read.faults.empty());
  CHECK(read.lines == Lines{"2 x>New York 1", "2 x>b 2", "3 b>New York 3"});
}

TEST_CASE("matrix: each fault names its line", "[eval][others]") {
  check_fault(read(""), "1: holds no matrix", "");
  check_fault(read("x,a,b\n"), "1: has destinations and no line", "");
  check_fault(read("a\nb\n"), "1: names no destination", "commas or tabs");
  check_fault(read("x,a,,b\na,1,2,3\n"), "1: destination 2: ", "");
  check_fault(read("x,a,b,a\na,1,2,3\n"), "1: destination 3: \"a\" is destination 1 too", "keep one");
  check_fault(read("x,a,b\na,0,1\nb,1\n"), "3: has 2 cells, and the first line 3", "commas");
  check_fault(read("x,a,b\na,0,1\na,0,1\n"), "3: source: \"a\" has line 2 too", "keep one");
  check_fault(read("x,a,b\na,0,fast\n"), "2: \"b\": \"fast\" is not a number", "write milliseconds");
  check_fault(read("x,a,b\n,1,2\n"), "2: source: ", "");
  RttLimits small;
  small.nodes = 2;
  check_fault(read("x,a,b,c\n", small), "1: names more than 2 destinations", "");
  small.nodes = 10;
  small.rows = 3;
  check_fault(read("x,a,b,c\na,0,1,1\nb,1,0,1\n", small), "3: more than 3 rows", "");
}

}  // namespace
}  // namespace chiploc::test::others_matrix_test
