#include <random>

#include "server/tables/rows.hpp"
#include "server/tables/shown.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::csv_rows_test {
namespace {

constexpr std::array<std::string_view, 2> kColumns{"a", "b"};

struct Read {
  std::vector<Row> rows;
  std::vector<RowFault> faults;
  std::uint32_t total = 0;
};
Read read(std::string_view content, std::size_t rows_max = 100, std::size_t field_bytes = 1000) {
  Read out;
  RowBudget budget{rows_max, rows_max, field_bytes};
  FaultLog log{"f.csv", 100};
  read_csv(content, kColumns, budget, log, [&](Row row) { out.rows.push_back(std::move(row)); });
  out.total = log.total();
  out.faults = log.take();
  return out;
}
void check_fault(const Read& got, std::uint32_t line, const std::string& field, const std::string& part) {
  REQUIRE(got.faults.size() == 1);
  CHECK(got.faults[0].line == line);
  CHECK(got.faults[0].field == field);
  CHECK_THAT(got.faults[0].problem, Catch::Contains(part));
}

}  // namespace

TEST_CASE("CSV: plain rows come with their lines, in the kind's order of columns", "[tables]") {
  const auto got = read("b,a\n1,2\n\n  \n3,4");
  REQUIRE(got.faults.empty());
  REQUIRE(got.rows.size() == 2);
  CHECK(got.rows[0].line == 2);
  CHECK(got.rows[0].cells[0].text == "2");
  CHECK(got.rows[0].cells[1].text == "1");
  CHECK(got.rows[1].line == 5);
}

TEST_CASE("CSV: a byte order mark, CRLF and lone CR change neither cells nor lines", "[tables]") {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    for (const std::string bom : {"", "\xEF\xBB\xBF"}) {
      const auto got = read(bom + "a,b" + end + "1,2" + end + end + "3,4" + end);
      REQUIRE(got.faults.empty());
      REQUIRE(got.rows.size() == 2);
      CHECK(got.rows[1].line == 4);
      CHECK(got.rows[1].cells[1].text == "4");
    }
  }
}

TEST_CASE("CSV: quoted cells hold commas, quotes and lines, and later lines stay right", "[tables]") {
  const auto got = read("a,b\n\"x,\"\"y\"\"\nsecond\",\"third\r\nfourth\"\nlast,row\n");
  REQUIRE(got.faults.empty());
  REQUIRE(got.rows.size() == 2);
  CHECK(got.rows[0].line == 2);
  CHECK(got.rows[0].cells[0].text == "x,\"y\"\nsecond");
  CHECK(got.rows[0].cells[1].line == 3);
  CHECK(got.rows[0].cells[1].text == "third\r\nfourth");
  CHECK(got.rows[1].line == 5);
}

TEST_CASE("CSV: columns of other names are passed over where that is allowed", "[tables]") {
  std::vector<Row> rows;
  RowBudget budget{100, 100, 1000};
  FaultLog log{"f.csv", 100};
  const RowSink sink = [&](Row row) { rows.push_back(std::move(row)); };
  read_csv("x,b,y,a,x\n1,2,3,4,5\n6,7\n", kColumns, budget, log, sink, OtherColumns::kIgnore);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cells[0].text == "4");
  CHECK(rows[0].cells[1].text == "2");
  CHECK(log.total() == 1);  // the second row is as broken as ever
}

TEST_CASE("CSV: every fault names its line and field", "[tables]") {
  SECTION("empty file") { check_fault(read(""), 1, "", "empty"); }
  SECTION("blank lines only") { check_fault(read("\n \n"), 1, "", "empty"); }
  SECTION("unknown column") {
    check_fault(read("a,b,c\n1,2,3\n"), 1, "", "\"c\" is not known; the columns are a, b");
  }
  SECTION("missing column") { check_fault(read("\na\n1\n"), 2, "b", "missing"); }
  SECTION("column twice") { check_fault(read("a,b,a\n1,2,3\n"), 1, "a", "twice"); }
  SECTION("too few fields") { check_fault(read("a,b\n1,2\n3\n"), 3, "", "has 1 fields"); }
  SECTION("too many fields") { check_fault(read("a,b\n1,2,3\n"), 2, "", "has 3 fields"); }
  SECTION("stray quote") { check_fault(read("a,b\n1,2\n3,x\"y\n"), 3, "b", "wrong place"); }
  SECTION("text after a quoted field") { check_fault(read("a,b\n\"1\"x,2\n"), 2, "a", "wrong place"); }
  SECTION("quotes that never close") { check_fault(read("a,b\n1,2\n3,\"x\n\n\n"), 3, "b", "never ends"); }
  SECTION("field too long") {
    check_fault(read("a,b\n1,2\n3,12345\n", 100, 4), 3, "b", "has 5 bytes; at most 4");
  }
  SECTION("semicolons") { check_fault(read("a;b\n1;2\n"), 1, "", "separated by ;, a comma is asked for"); }
  SECTION("quoted semicolons") {
    check_fault(read("\xEF\xBB\xBF\"a\";\"b\"\r\n1;2\r\n"), 1, "", "separated by ;");
  }
  SECTION("semicolons, and how to save it") {
    check_fault(read("a;b\n1;2\n"), 1, "", "save it as \"CSV UTF-8 (comma delimited)\" in Excel");
  }
  SECTION("tabs") { check_fault(read("\nb\ta\n1\t2\n"), 2, "", "separated by tabs"); }
  SECTION("a mark of the spreadsheet's") { check_fault(read("sep=;\na;b\n1;2\n"), 1, "", "separated by ;"); }
  SECTION("semicolons within a column") {
    const auto got = read("a,b;c\n1,2\n");
    REQUIRE(got.faults.size() == 2);
    CHECK_THAT(got.faults[0].problem, Catch::Contains("\"b;c\" is not known"));
  }
  SECTION("a decimal comma") { check_fault(read("a,b\n1,2,5\n"), 2, "", "Decimals stand behind a point"); }
  SECTION("too many rows") { check_fault(read("a,b\n1,2\n3,4\n5,6\n7,8\n", 2), 4, "", "more than 2 rows"); }
}

TEST_CASE("CSV: a row with a fault does not hide the rows behind it", "[tables]") {
  const auto got = read("a,b\n1\n2,3\n4\n");
  CHECK(got.rows.size() == 1);
  CHECK(got.total == 2);
}

TEST_CASE("CSV: what is written is read back", "[tables][property]") {
  std::mt19937 random{20261121};
  const std::string_view alphabet = "ab,\"\n\r \tZ";
  for (int round = 0; round < 300; ++round) {
    std::string file = "a,b\n";
    std::vector<std::array<std::string, 2>> wanted;
    for (int row = 0; row < 5; ++row) {
      std::array<std::string, 2> cells;
      for (std::string& cell : cells) {
        for (auto i = random() % 6; i > 0; --i) cell += alphabet[random() % alphabet.size()];
        file += "\"";
        for (const char c : cell) file += c == '"' ? std::string{"\"\""} : std::string{c};
        file += &cell == &cells[0] ? "\"," : "\"\n";
      }
      wanted.push_back(cells);
    }
    const auto got = read(file);
    INFO("round " << round << " of seed 20261121:\n" << file);
    REQUIRE(got.faults.empty());
    REQUIRE(got.rows.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      CHECK(got.rows[i].cells[0].text == wanted[i][0]);
      CHECK(got.rows[i].cells[1].text == wanted[i][1]);
    }
  }
}

namespace {

/// ASCII in two or four bytes a character.
std::string wide(const std::string& text, std::size_t width, bool big_end_first,
                 const std::string& mark = "") {
  std::string out = mark;
  for (const char c : text) {
    std::string character(width, '\0');
    character[big_end_first ? width - 1 : 0] = c;
    out += character;
  }
  return out;
}

}  // namespace

TEST_CASE("csv: a file in UTF-16 or UTF-32 is told by its encoding, with how to save it", "[tables]") {
  const std::string text = "a,b\n1,2\n";
  for (const std::string& utf16 : {wide(text, 2, false, "\xFF\xFE"), wide(text, 2, true, "\xFE\xFF"),
                                   wide(text, 2, false), wide(text, 2, true)}) {
    check_fault(
        read(utf16), 1, "",
        "the file is in UTF-16, UTF-8 is asked for: save it as \"CSV UTF-8 (comma delimited)\" in Excel, with the "
        "character set \"Unicode (UTF-8)\" in LibreOffice, or run iconv -f UTF-16 -t UTF-8 OLD >NEW");
  }
  for (const std::string& utf32 : {wide(text, 4, false, std::string{"\xFF\xFE\0\0", 4}),
                                   wide(text, 4, true, std::string{"\0\0\xFE\xFF", 4})}) {
    check_fault(read(utf32), 1, "", "the file is in UTF-32, UTF-8 is asked for");
  }
  CHECK(other_encoding("").empty());
  CHECK(other_encoding("a").empty());
  CHECK(other_encoding("\xEF\xBB\xBF"
                       "a,b\n")
            .empty());
  CHECK(other_encoding(std::string{"a,b\n1,x\0y\n", 10}).empty());  // one zero byte: that field's own fault
}

TEST_CASE("CSV: columns at the end of the list may be missing, where that is said", "[tables]") {
  constexpr std::array<std::string_view, 3> kThree{"a", "b", "c"};
  const auto with = [&](std::string_view content, std::size_t optional) {
    Read out;
    RowBudget budget{100, 100, 1000};
    FaultLog log{"f.csv", 100};
    read_csv(
        content, kThree, budget, log, [&](Row row) { out.rows.push_back(std::move(row)); },
        OtherColumns::kRefuse, optional);
    out.faults = log.take();
    return out;
  };
  const auto missing = with("b,a\n1,2\n", 1);
  REQUIRE(missing.faults.empty());
  REQUIRE(missing.rows.size() == 1);
  CHECK(missing.rows[0]["c"].line == 0);
  CHECK(missing.rows[0]["c"].text.empty());
  CHECK(missing.rows[0]["b"].text == "1");
  const auto empty = with("c,b,a\n,1,2\n", 1);
  REQUIRE(empty.rows.size() == 1);
  CHECK(empty.rows[0]["c"].line == 2);
  CHECK(with("a\n1\n", 2).rows.size() == 1);
  CHECK(with("b,c\n1,2\n", 2).faults.size() == 1);  // the first is required
  CHECK(with("a,b\n1,2\n", 0).faults.size() == 1);
  CHECK(with("a,b,d\n1,2,3\n", 1).faults.size() == 1);  // not one that is unknown
}

}  // namespace chiploc::csv_rows_test
