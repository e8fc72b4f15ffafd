#include "server/cost/assumptions.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

const std::string kRent = R"([rent_hour]
value = 3.0
low = 2.0
high = 4.0
unit = "USD an hour"
about = "by the list of today"
source = "A list"
year = 2026
url = "https://list.example/"
range = "source"
)";

AssumptionsRead changed(const std::string& text) {
  return parse_assumptions(text, "mine.toml", &built_in_assumptions());
}

/// The file with one line replaced has this fault, and no other.
void check_fault(const std::string& from, const std::string& to, const std::string& fault) {
  std::string text = kRent;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  const auto faults = changed(text).faults;
  CAPTURE(text, faults, fault);
  REQUIRE(faults.size() == 1);
  CHECK(faults.front().find(fault) != std::string::npos);
}

TEST_CASE("assumptions: each of the program's own has a unit, a range and a source", "[cost]") {
  const CostAssumptions& built_in = built_in_assumptions();
  std::size_t ours = 0;
  for (std::size_t i = 0; i < kCostKeys; ++i) {
    const auto key = static_cast<CostKey>(i);
    const Assumption& one = built_in[key];
    CAPTURE(std::string{name_of(key)});
    CHECK(one.low <= one.value);
    CHECK(one.value <= one.high);
    CHECK_FALSE(one.about.empty());
    CHECK_FALSE(unit_of(key).empty());
    if (one.ours()) {
      ++ours;
      CHECK(one.range_ours);
      CHECK(one.url.empty());
      CHECK(one.year == 0);
    } else {
      // Whoever doubts it can look it up: somewhere public, or in this repository.
      CHECK((one.url.starts_with("https://") || one.url.starts_with("http://") ||
             one.source.starts_with("chiploc: ")));
    }
  }
  CHECK(ours < kCostKeys);
  CHECK(ours > 0);
}

TEST_CASE("assumptions: what the program holds is the file beside its code, and writing it loses nothing",
          "[cost]") {
  const auto file =
      parse_assumptions(read_file(source_dir() / "server/cost/assumptions.toml"), "assumptions.toml");
  REQUIRE(file.faults.empty());
  const auto text = assumptions_text(file.assumptions);
  CHECK(text == assumptions_text(built_in_assumptions()));
  const auto again = parse_assumptions(text, "again.toml");
  CHECK(again.faults.empty());
  CHECK(assumptions_text(again.assumptions) == text);
  // A quote, a backslash and a control character come back as they were.
  CostAssumptions odd = built_in_assumptions();
  odd[CostKey::kRentHour].about = "a \"quoted\" \\ path\n";
  const auto odd_again = parse_assumptions(assumptions_text(odd), "odd.toml");
  REQUIRE(odd_again.faults.empty());
  CHECK(odd_again.assumptions[CostKey::kRentHour].about == odd[CostKey::kRentHour].about);
}

TEST_CASE("assumptions: a file changes what it names, whole, and nothing else", "[cost]") {
  const auto read = changed(kRent);
  REQUIRE(read.faults.empty());
  CHECK(read.assumptions[CostKey::kRentHour].value == 3.0);
  CHECK(read.assumptions[CostKey::kRentHour].source == "A list");
  CHECK_FALSE(read.assumptions[CostKey::kRentHour].range_ours);
  for (std::size_t i = 0; i < kCostKeys; ++i) {
    const auto key = static_cast<CostKey>(i);
    if (key != CostKey::kRentHour) CHECK(read.assumptions[key].value == built_in_assumptions()[key].value);
  }
  // Without what holds before, every one has to be there: 37 tables without their six keys each.
  CHECK(parse_assumptions(kRent, "mine.toml").faults.size() == 6 * (kCostKeys - 1));
}

TEST_CASE("assumptions: faults say where, what and what to do", "[cost]") {
  check_fault("value = 3.0", "value = 5.0", "mine.toml:2: rent_hour.value: is not between low and high");
  check_fault("value = 3.0", "value = 1.5", "mine.toml:2: rent_hour.value: is not between low and high");
  check_fault("value = 3.0", "value = \"3\"", "mine.toml:2: rent_hour.value: is a TOML");
  check_fault("high = 4.0", "high = 1e13", "out of range");
  check_fault("high = 4.0\n", "", "rent_hour.high: missing");
  check_fault("USD an hour", "EUR an hour", "write \"USD an hour\"");
  check_fault("range = \"source\"\n", "", "rent_hour.range: missing: a source needs it");
  check_fault("range = \"source\"", "range = \"mine\"", "rent_hour.range");
  check_fault("source = \"A list\"\n", "", "rent_hour.source: missing");
  check_fault("[rent_hour]", "[rent_hours]", "rent_hours");
  check_fault("year = 2026", "yaer = 2026", "rent_hour.yaer");
  // What is only judgement may not look like a source.
  auto faults =
      changed(
          "[rent_hour]\nvalue = 3\nlow = 2\nhigh = 4\nunit = \"USD an hour\"\nabout = \"a\"\nsource = "
          "\"assumption, ours\"\nyear = 2026\nurl = \"https://a.example/\"\nrange = \"source\"\n")
          .faults;
  CHECK(faults.size() == 3);
  for (const std::string& fault : faults) CHECK(fault.find("and this is none") != std::string::npos);
  // A share is one.
  faults = changed(
               "[key_spoils]\nvalue = 1.5\nlow = 0\nhigh = 2\nunit = \"share\"\nabout = \"a\"\nsource = "
               "\"assumption, ours\"\n")
               .faults;
  CHECK(faults.size() >= 1);
  CHECK(changed("no toml at all = = =").faults.size() == 1);
}

}  // namespace
}  // namespace chiploc
