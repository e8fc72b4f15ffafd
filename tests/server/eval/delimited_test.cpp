#include "server/eval/delimited.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::test::delimited_test {
namespace {

struct Told {
  std::string cells;  // "1[a|b]2[c]"
  std::string fault;
};

Told read(const std::string& text, char delimiter, const DelimitedLimits& limits = {}) {
  Told told;
  FaultLog faults{"f", 5};
  read_delimited(text, delimiter, limits, faults, [&](const DelimitedLine& line) {
    told.cells += std::to_string(line.line) + "[";
    for (std::size_t i = 0; i < line.cells.size(); ++i) told.cells += (i == 0 ? "" : "|") + line.cells[i];
    told.cells += "]";
    return line.cells.front() != "stop";
  });
  for (const RowFault& fault : faults.take()) told.fault += std::to_string(fault.line) + ": " + fault.problem;
  return told;
}

TEST_CASE("delimited: cells, empty ones and blanks around them", "[eval][others]") {
  CHECK(read("a, b ,\n\n,c,\td\n", ',').cells == "1[a|b|]3[|c|d]");
  CHECK(read("a\t b\t\t\n", '\t').cells == "1[a|b||]");
  CHECK(read("a;b\r\nc;d\re;f", ';').cells == "1[a|b]2[c|d]3[e|f]");
  CHECK(read("  a  b\tc \n   \nd\n", ' ').cells == "1[a|b|c]3[d]");
  CHECK(read("\xEF\xBB\xBF"
             "a,b",
             ',')
            .cells == "1[a|b]");
  CHECK(read("a\nstop\nb\n", ',').cells == "1[a]2[stop]");
}

TEST_CASE("delimited: quotes", "[eval][others]") {
  CHECK(read("\"a,b\" ,\"say \"\"x\"\"\"\nc,d", ',').cells == "1[a,b|say \"x\"]2[c|d]");
  CHECK(read("\"two\nlines\",b\nc,d", ',').cells == "1[two\nlines|b]3[c|d]");
  CHECK(read("a,b\nc,\"d\ne,f\n", ',').fault == "2: a quote is opened and not closed");
  CHECK_THAT(read("a\"b,c", ',').fault, Catch::StartsWith("1: a quote in the middle"));
  CHECK_THAT(read("\"a\"b,c", ',').fault, Catch::StartsWith("1: something stands behind a closing quote"));
}

TEST_CASE("delimited: limits and other encodings", "[eval][others]") {
  CHECK_THAT(read("a,b,c", ',', {2, 10}).fault, Catch::StartsWith("1: more than 2 cells"));
  CHECK_THAT(read("a,12345678901", ',', {2, 10}).fault, Catch::StartsWith("1: a cell has 11 bytes"));
  CHECK_THAT(read("x\na,\"12345\n678901\"", ',', {2, 10}).fault,
             Catch::StartsWith("2: a quoted cell begins here"));
  CHECK_THAT(read(std::string{"\xFF\xFE"
                              "a\0b\0",
                              6},
                  ',')
                 .fault,
             Catch::Contains("UTF-16"));
}

TEST_CASE("delimited: what parts the cells", "[eval][others]") {
  CHECK(delimiter_of("a,b;c,d\n;;;;") == ',');
  CHECK(delimiter_of("a;b,c;d") == ';');
  CHECK(delimiter_of("a,b\tc") == '\t');
  CHECK(delimiter_of("\"a,b,c\" d;e") == ';');
  CHECK(delimiter_of("\n\ta\tb\n") == '\t');
  CHECK(delimiter_of("a b c\n1,2") == ' ');
  CHECK(delimiter_of("") == ' ');
  CHECK(delimiter_name('\t') == "tabs");
}

}  // namespace
}  // namespace chiploc::test::delimited_test
