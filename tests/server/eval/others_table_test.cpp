#include "tests/server/eval/others_support.hpp"

namespace chiploc::test::others_table_test {
namespace {

Read read(const std::string& text, const OthersColumns& columns) {
  return read_with(text, [&](const OthersFile& file, RowTaker& to) { read_table(file, columns, to); });
}

TEST_CASE("table: columns by name, wherever they stand", "[eval][others]") {
  const Read read = others_table_test::read("when,rtt,to,from\nx,1.5,b,a\nx,-,c,a\nx,9,a,a\nx,2,c,b\n",
                                            {"from", "to", "rtt"});
  CHECK(read.faults.empty());
  CHECK(read.lines == Lines{"2 a>b 1.5", "5 b>c 2"});
  CHECK(read.rows.lost == 1);
  CHECK(read.rows.self == 1);
}

TEST_CASE("table: columns by number, with a header and without one", "[eval][others]") {
  CHECK(read("a b 1\nb a 2\n", {"1", "2", "3"}).lines == Lines{"1 a>b 1", "2 b>a 2"});
  CHECK(read("from to ms\na b 1\n", {"1", "2", "3"}).lines == Lines{"2 a>b 1"});
  CHECK(read("a,b,NA\nb,a,2\n", {"1", "2", "3"}).rows.lost == 1);
  CHECK(read("3;a;b\n", {"2", "3", "1"}).lines == Lines{"1 a>b 3"});
  CHECK(read("3;a;1\n", {"2", "3", "1"}).lines == Lines{"1 a>1 3"});  // digits are a number, never a name
  // A damaged first row is no header.
  check_fault(read("a,b,12ms\nb,a,2\n", {"1", "2", "3"}), "1: 3: \"12ms\" is not a number", "");
}

TEST_CASE("table: each fault names its line", "[eval][others]") {
  const OthersColumns named{"src", "dst", "ms"};
  check_fault(read("src,dst,rtt\na,b,1\n", named),
              "1: --columns asks for column \"ms\", and it is none of \"src\", ", "");
  check_fault(read("src,dst,ms,ms\na,b,1,1\n", named), "1: --columns asks for column \"ms\"",
              "more than once");
  check_fault(read("a,b,1\n", {"1", "2", "4"}), "1: --columns asks for column \"4\", and the line has 3", "");
  check_fault(read("src,dst,ms\na,b\n", named), "2: has 2 cells, and line 1 has 3 (parted by commas)", "");
  check_fault(read("src,dst,ms\na,,1\n", named), "2: dst: ", "");
  check_fault(read("src,dst,ms\na,b,-3\n", named), "2: ms: \"-3\" is not a number from 0", "");
  check_fault(read("src,dst,ms\n", named), "1: holds no row", "");
  check_fault(read("", named), "1: holds no row", "");
}

}  // namespace
}  // namespace chiploc::test::others_table_test
