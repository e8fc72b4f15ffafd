#include "server/tables/spreadsheet.hpp"

#include <random>

#include "server/registry/fields.hpp"
#include "server/tables/csv_cell.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::spreadsheet_test {

TEST_CASE("spreadsheet: what it makes of numbers, dates and formulas is seen", "[tables]") {
  for (const auto* damaged : {"1.65022E+12",
                              "1,65022E+12",
                              "1.65E+12",
                              "2E+12",
                              "1e+05",
                              "1.65022E12",
                              "1.65022e12",
                              "-1.5E+10",
                              "1E-05",
                              "12E3",
                              "1E5",
                              "1650222014738.0",
                              "1650222014738,00",
                              "1650222014738.",
                              "12,",
                              "(12)",
                              "1,650,222,014,738",
                              "1 650 222 014 738",
                              "1\xE2\x80\xAF"
                              "650\xE2\x80\xAF"
                              "222",
                              "1,650.5",
                              "f\xC3\xA9vr.-26",
                              "12-d\xC3\xA9"
                              "c",
                              "M\xC3\xA4rz-26",
                              "12. M\xC3\xA4rz 2026",
                              "12-avr",
                              "mars-26",
                              "7.0",
                              "12-Mar",
                              "Mar-12",
                              "12-MAR",
                              "1-Sep",
                              "Sep-01",
                              "12. Mrz",
                              "12-Mar-26",
                              "12-Mar-2026",
                              "Mar 2026",
                              "3/12/2026",
                              "12/3/26",
                              "12.03.2026",
                              "12.3.26",
                              "2026-03-12",
                              "2026/3/12",
                              "2026-03-12 00:00:00",
                              "2026-03-12T00:00:00",
                              "2026-03-12T00:00:00.000Z",
                              "12/31/2026 12:00 AM",
                              "1:30",
                              "12:30:00",
                              "#NAME?",
                              "#REF!",
                              "#DIV/0!",
                              "########",
                              "123456789012345000",
                              "12345678901234500000"}) {
    INFO(damaged);
    const auto damage = spreadsheet_damage(damaged);
    REQUIRE(damage);
    CHECK_THAT(*damage,
               Catch::Contains(damaged) && Catch::Contains("as text") && Catch::Contains("apostrophe"));
    CHECK_FALSE(parse_typed_name(damaged));
  }
}

TEST_CASE("spreadsheet: serial numbers as makers give them are no damage", "[tables]") {
  for (const auto* good : {"1650222014738",
                           "1323018123456",
                           "0123456789",
                           "000000000000000000",
                           "123456789012345600",
                           "1234567890123450",
                           "SN-0001",
                           "B1",
                           "1E",
                           "E12",
                           "1E5F",
                           "12E3A",
                           "0x1E5",
                           "A12E3",
                           "1.5",
                           "1.2.3",
                           "10.20.3.4",
                           "v1.0",
                           "MAR-A1",
                           "MARS-12",
                           "AVR-12",
                           "SET-12",
                           "MAR1",
                           "2-3",
                           "44256",
                           "12-A",
                           "2026-03",
                           "2026-13-45",
                           "45-45-45",
                           "32-Mar",
                           "PO-2026-03-12",
                           "12:345",
                           "25:30:00",
                           "L-2026-1",
                           "chip-12-Mar",
                           "1-1"}) {
    INFO(good);
    CHECK_FALSE(spreadsheet_damage(good));
    CHECK(parse_typed_name(good).value() == good);
  }
}

TEST_CASE("spreadsheet: what it makes of a registered name is seen beside it", "[tables]") {
  struct Pair {
    const char* before;
    const char* now;
    const char* why;
  };
  for (const Pair& pair : {Pair{"000123", "123", "leading zeros"},
                           {"000", "0", "leading zeros"},
                           {"1650222014738123", "1650222014738120", "last digits lost"},
                           {"1650222014738123", "1650222014738000", "last digits lost"},
                           {"1650222014738126", "1650222014738130", "last digits lost"},
                           {"0001650222014738123", "1650222014738120", "last digits lost"},
                           {"9999999999999996", "10000000000000000", "last digits lost"},
                           {"12345678901234567", "12345678901234568", "last digits lost"},
                           {"123456789012345678", "123456789012345680", "last digits lost"},
                           {"1650222014738", "1650220000000", "last digits lost"},
                           {"12E3", "12000", "taken for a number"},
                           {"12E-1", "1.2", "taken for a number"},
                           {"1.10", "1.1", "taken for a number"},
                           {"MAR1", "44256", "taken for a date"},
                           {"SEPT2", "44441", "taken for a date"},
                           {"2-3", "44595", "taken for a date"},
                           {"1/2", "44563", "taken for a date"},
                           {"12-Dec", "46003", "taken for a date"},
                           {"2026-03", "46082", "taken for a date"},
                           {"12:30", "0.520833333", "taken for a time"},
                           {"true", "TRUE", "taken for a truth"}}) {
    INFO(pair.before << " -> " << pair.now);
    const auto loss = spreadsheet_loss(pair.before, pair.now);
    REQUIRE(loss);
    CHECK_THAT(*loss, Catch::Contains(pair.why) && Catch::Contains(pair.before) &&
                          Catch::Contains(pair.now) && Catch::Contains("as text") &&
                          Catch::Contains("apostrophe"));
  }
  for (const auto& [before, now] : {std::pair{"123", "000123"},
                                    {"1650222014738120", "1650222014738123"},
                                    {"1650222014738123", "1650222014738124"},
                                    {"1650222014738", "1650222014739"},
                                    {"1234", "1000"},
                                    {"SN-1", "44256"},
                                    {"MAR1", "12345"},
                                    {"MAR1", "MAR2"},
                                    {"44256", "44257"},
                                    {"1.1", "1.10"},
                                    {"1.2.3", "1.2"},
                                    {"12E3", "12E4"},
                                    {"12E3", "12001"},
                                    {"same", "same"}}) {
    INFO(before << " -> " << now);
    CHECK_FALSE(spreadsheet_loss(before, now));
  }
}

TEST_CASE("spreadsheet: an apostrophe says that a name is meant as it stands, and is no part of it",
          "[tables]") {
  CHECK(parse_typed_name("'12E3").value() == "12E3");
  CHECK(parse_typed_name("'2026-03-12").value() == "2026-03-12");
  CHECK(parse_typed_name("'SN-1").value() == "SN-1");
  CHECK_FALSE(parse_typed_name("'"));
  CHECK_FALSE(parse_typed_name("''12E3"));
  CHECK_FALSE(parse_typed_name("'=1+1"));
  CHECK(parse_device_id("'00112233445566778899001122334455"));
  CHECK_THAT(parse_device_id("1.12233E+29").error(), Catch::Contains("spreadsheet"));
  CHECK_THAT(parse_device_id("1122334455667788990011223344").error(), Catch::Contains("leading zeros"));
  CHECK(parse_device_id("00000000000000000000000000000e10"));  // hexadecimal, whatever else it looks like
}

TEST_CASE("CSV cells: what a spreadsheet would run is made text, and comes back", "[tables]") {
  for (const auto* formula :
       {"=1+1", "+49 30", "-x", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''=1", "=HYPERLINK(\"http://x\")", "-1+1",
        "- 5", "-inf", "-nan", "-nan(abc)", "-INFINITY", "-1e999"}) {
    INFO(formula);
    const std::string cell = harmless_cell(formula);
    CHECK(cell.front() == '\'');
    CHECK(plain_cell(cell) == formula);
  }
  for (const auto* plain :
       {"", "Example GmbH", "-33.9", "-1e-9", "0", "'s-Hertogenbosch Data", "'", "''", "a=b"}) {
    INFO(plain);
    CHECK(harmless_cell(plain) == plain);
    CHECK(plain_cell(plain) == plain);
  }
}

TEST_CASE("CSV cells: every text comes back", "[tables][property]") {
  std::mt19937 random{20261130};
  const std::string_view alphabet = "'=+-@\t\r\n1a. ";
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    for (auto i = random() % 7; i > 0; --i) text += alphabet[random() % alphabet.size()];
    INFO("round " << round << " of seed 20261130: " << text);
    REQUIRE(plain_cell(harmless_cell(text)) == text);
  }
}

}  // namespace chiploc::spreadsheet_test
