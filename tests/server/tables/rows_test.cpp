#include "server/tables/rows.hpp"

#include <array>

#include "server/tables/shown.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::rows_test {

TEST_CASE("Row: a cell is found by its column's name, wherever it stands in the file", "[tables]") {
  static constexpr std::array<std::string_view, 3> kColumns{"id", "holder", "valid_to"};
  for (const std::string_view content :
       {"id,holder,valid_to\n1,Ada,2030\n", "valid_to,id,holder\n2030,1,Ada\n"}) {
    RowBudget budget{10, 10, 100};
    FaultLog log{"f.csv", 10};
    std::vector<Row> rows;
    read_csv(content, kColumns, budget, log, [&](Row row) { rows.push_back(std::move(row)); });
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["id"].text == "1");
    CHECK(rows[0]["holder"].text == "Ada");
    CHECK(rows[0]["valid_to"].text == "2030");
    CHECK(rows[0]["valid_to"].line == 2);
  }
}

TEST_CASE("FaultLog: counts all, keeps the first, gives them by line", "[tables]") {
  FaultLog log{"f.csv", 2};
  log.add(7, "a", "late");
  log.add(3, "b", "early");
  log.add(1, "c", "one too many");
  CHECK(log.total() == 3);
  CHECK(log.take() == std::vector<RowFault>{{"f.csv", 3, "b", "early"}, {"f.csv", 7, "a", "late"}});
}

TEST_CASE("FaultLog: another's are as if they had been added here", "[tables]") {
  FaultLog all{"a.csv", 3};
  all.add(5, "x", "first");
  FaultLog other{"a.csv", 3};
  other.add(9, "y", "second");
  other.add(2, "z", "third");
  other.add(1, "z", "fourth");
  all.add_all(other);
  CHECK(all.total() == 4);
  CHECK(other.total() == 0);
  all.add_all(other);
  CHECK(all.total() == 4);
  all.add(3, "x", "fifth");
  CHECK(all.total() == 5);
  using Faults = std::vector<RowFault>;
  CHECK(all.take() ==
        Faults{{"a.csv", 2, "z", "third"}, {"a.csv", 5, "x", "first"}, {"a.csv", 9, "y", "second"}});
}

TEST_CASE("shown: cut at forty bytes, between characters, without control characters", "[tables]") {
  CHECK(shown("SN-7") == "\"SN-7\"");
  CHECK(shown(std::string{"a\x1b\n"} + "b") == "\"a??b\"");
  CHECK(shown("\xff") == "\"?\"");
  CHECK(shown(std::string(100, 'x')) == "\"" + std::string(39, 'x') + "...\"");
  CHECK(shown(std::string(38, 'x') + "\u00e4 and more") == "\"" + std::string(38, 'x') + "...\"");
}

TEST_CASE("utf8_length: well-formed sequences alone have one", "[tables]") {
  CHECK(utf8_length("a") == 1);
  CHECK(utf8_length("\u00e4") == 2);
  CHECK(utf8_length("\u20ac") == 3);
  CHECK(utf8_length("\U0001F600") == 4);
  CHECK(utf8_length("\xc0\x80") == 0);          // overlong
  CHECK(utf8_length("\xe0\x80\x80") == 0);      // overlong
  CHECK(utf8_length("\xed\xa0\x80") == 0);      // a surrogate
  CHECK(utf8_length("\xf4\x90\x80\x80") == 0);  // beyond U+10FFFF
  CHECK(utf8_length("\xe2\x82") == 0);          // cut
  CHECK(utf8_length("\x80") == 0);
}

}  // namespace chiploc::rows_test
