#include "server/policy/groups.hpp"

#include <algorithm>
#include <string>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

std::string names_of(std::string_view country) {
  std::string out;
  for (const CountryGroup group : groups_of(country)) out += std::string{name_of(group)} + " ";
  return out;
}

TEST_CASE(
    "country groups: each list is sorted, of two capitals each, none twice, with the day of its source") {
  std::string sizes;
  for (std::size_t i = 0; i < kCountryGroups; ++i) {
    const auto group = static_cast<CountryGroup>(i);
    const auto& countries = countries_of(group);
    CHECK(std::is_sorted(countries.begin(), countries.end()));
    CHECK(std::adjacent_find(countries.begin(), countries.end()) == countries.end());
    for (const std::string_view country : countries) {
      CHECK(country.size() == 2);
      CHECK(std::all_of(country.begin(), country.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
    }
    CHECK(as_of(group).substr(0, 5) == "2026-");
    sizes += std::string{name_of(group)} + " " + std::to_string(countries.size()) + ", ";
  }
  CHECK(sizes == "A:1 40, A:5 37, A:6 8, D:1 24, D:4 22, D:5 22, E:1 3, E:2 1, ");
}

TEST_CASE("country groups: of some countries") {
  CHECK(names_of("DE") == "A:1 A:5 ");
  CHECK(names_of("CN") == "D:1 D:4 D:5 ");
  CHECK(names_of("IR") == "D:4 D:5 E:1 ");
  CHECK(names_of("CU") == "D:5 E:2 ");
  CHECK(names_of("AE") == "D:4 ");
  CHECK(names_of("IL") == "A:6 D:4 ");
  CHECK(names_of("MO") == "D:1 D:4 ");
  CHECK(names_of("US") == "A:1 ");
  CHECK(names_of("SG") == "A:6 ");
  CHECK(names_of("MY").empty());
  CHECK(names_of("HK").empty());
  CHECK(names_of("de").empty());
  CHECK(names_of("").empty());
}

TEST_CASE("country groups: nobody is a closest partner and under an embargo, and every E is in D:5") {
  for (const std::string_view country : countries_of(CountryGroup::kA5)) {
    for (const CountryGroup group : {CountryGroup::kA6, CountryGroup::kD1, CountryGroup::kD4,
                                     CountryGroup::kD5, CountryGroup::kE1, CountryGroup::kE2})
      CHECK(!is_in(group, country));
    CHECK(is_in(CountryGroup::kA1, country));
  }
  for (const CountryGroup group : {CountryGroup::kE1, CountryGroup::kE2}) {
    for (const std::string_view country : countries_of(group)) CHECK(is_in(CountryGroup::kD5, country));
  }
}

}  // namespace
}  // namespace chiploc
