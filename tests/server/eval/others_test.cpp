#include "server/eval/others.hpp"

#include "tests/server/eval/others_support.hpp"

namespace chiploc::test::others_test {
namespace {

TEST_CASE("others: formats are read by the names they are told by", "[eval][others]") {
  for (const char* const name : {"matrix", "table", "ping", "fping", "atlas"})
    CHECK(name_of(format_named(name).value()) == name);
  CHECK(!format_named("Matrix"));
  CHECK(!format_named(""));
}

TEST_CASE("others: lines end as three systems end them", "[eval][others]") {
  LineReader lines{
      "\xEF\xBB\xBF"
      "a\nb\r\n\rc"};
  std::vector<std::string> seen;
  for (std::string_view line; lines.next(line);)
    seen.push_back(std::to_string(lines.number()) + std::string{line});
  CHECK(seen == Lines{"1a", "2b", "3", "4c"});
  std::string_view none;
  CHECK(!LineReader{""}.next(none));
}

TEST_CASE("others: numbers come back as they were", "[eval][others]") {
  for (const double value : {0.1, 12.345, 1e-3, 59999.999, 1.0 / 3.0})
    CHECK(std::stod(exact_number(value)) == value);
  CHECK(exact_number(12.5) == "12.5");
}

TEST_CASE("others: what may be taken", "[eval][others]") {
  RttLimits limits;
  limits.rows = 2;
  const Read read = read_with(
      "",
      [](const OthersFile&, RowTaker& to) {
        to.add(1, "a", "b", "", 1.0);
        to.add(2, "a", "a", "", 1.0);
        to.add(3, "a", "b\x01", "", 1.0);
        to.add(4, "a", "c", "", 1.0);
        CHECK(!to.full());
        to.add(5, "a", "d", "", 1.0);
        to.add(6, "a", "e", "", 1.0);
        CHECK(to.full());
        CHECK(to.found() == 3);
        CHECK(to.round_trip(7, "x", "60000") == 60000.0);
        CHECK(to.round_trip(7, "x", "0") == 0.0);
        for (const char* const bad : {"-1", "60001", "nan", "inf", "1,5", "1ms", "0x1", ""})
          CHECK(!to.round_trip(8, "x", bad));
      },
      limits);
  CHECK(read.lines == Lines{"1 a>b 1", "4 a>c 1"});
  CHECK(read.rows.self == 1);
  REQUIRE(read.faults.size() == 10);
  CHECK_THAT(read.faults[0], Catch::StartsWith("3: target: "));
  CHECK_THAT(read.faults[1], Catch::StartsWith("5: more than 2 rows"));
  CHECK_THAT(read.faults[2], Catch::Contains("write milliseconds, or - if nothing came back"));
}

}  // namespace
}  // namespace chiploc::test::others_test
