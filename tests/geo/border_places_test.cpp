// Real places near borders, on made land and on islands: none may be taken for a neighbour's.

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "geo/borders.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"

namespace chiploc {
namespace {

struct BorderPlace {
  std::string name;
  LatLon place;
  CountryCode country;
};

/// name,lat,lon,code,source: places and codes from GeoNames by its number (CC BY 4.0), or from the article of
/// that name in Wikipedia; a few names are without their accents. Codes are those of ISO 3166-1 as these
/// sources give them, also where another state holds or claims the place.
std::vector<BorderPlace> read_places() {
  std::ifstream file{source_dir() / "tests/geo/border_places.csv"};
  std::string line;
  std::getline(file, line);
  std::vector<BorderPlace> places;
  while (std::getline(file, line)) {
    std::istringstream cells{line};
    std::string name, lat, lon, code;
    std::getline(cells, name, ',');
    std::getline(cells, lat, ',');
    std::getline(cells, lon, ',');
    std::getline(cells, code, ',');
    places.push_back({name, place_at(std::stod(lat), std::stod(lon)), CountryCode::from_text(code).value()});
  }
  return places;
}

CountrySet met_within(LatLon place, double km) {
  const std::vector<AnchorBound> disk{{place, Kilometers{0.0}, Kilometers{km}, 1}};
  return Borders::world().countries_met(Region::from_bounds(disk, 0));
}

TEST_CASE("Borders: no real place near a border, on made land or an islet is a neighbour's alone", "[geo]") {
  const Borders& borders = Borders::world();
  const auto places = read_places();
  REQUIRE(places.size() >= 200);
  std::set<CountryCode> countries;
  std::size_t guessed = 0;
  for (const BorderPlace& one : places) {
    CAPTURE(one.name, one.country.text());
    countries.insert(one.country);
    // The least that a proof ever asks about, and a region as rounds give it.
    for (const double km : {0.1, 1.0, 150.0}) CHECK(met_within(one.place, km).contains(one.country));
    CHECK(borders.distance_to_country(one.place, one.country) <= kBorderAmbiguity);
    // The best guess may be another only where the answer for proofs names both.
    const auto guess = borders.country_at(one.place);
    guessed += guess == one.country ? 1U : 0U;
    if (guess && guess != one.country) CHECK(met_within(one.place, 0.1).size() >= 2);
  }
  CHECK(countries.size() > 150);
  // Those that are not: quays and islets off the thinned outline, and towns whose maps disagree.
  CHECK(guessed * 100 >= places.size() * 88);
}

TEST_CASE("Borders: places by a border are in doubt, and places far from one are not", "[geo]") {
  struct Pair {
    const char* what;
    double lat;
    double lon;
    std::set<std::string> met;
  };
  const Pair pairs[] = {
      {"Büsingen, an exclave", 47.6964, 8.6876, {"CH", "DE"}},
      {"Campione, an exclave", 45.9682, 8.9718, {"CH", "IT"}},
      {"the bridge of Narva", 59.3755, 28.2070, {"EE", "RU"}},
      {"the Lok Ma Chau Loop", 22.516, 114.082, {"CN", "HK"}},
      {"the University of Macau on Hengqin", 22.129, 113.546, {"CN", "MO"}},
      {"the Diomedes' strait, two kilometres of it", 65.765, -169.003, {"RU", "US"}},
      {"the middle of Lesotho", -29.5, 28.3, {"LS"}},
      {"the middle of Singapore", 1.36, 103.80, {"SG"}},
      {"Palm Jumeirah", 25.112, 55.139, {"AE"}},
      {"Kansai airport", 34.434, 135.233, {"JP"}},
      {"Sevastopol, which the maps give to one or both", 44.60, 33.525, {"RU", "UA"}},
  };
  for (const Pair& pair : pairs) {
    CAPTURE(pair.what);
    std::set<std::string> met;
    for (const CountryCode code : met_within(place_at(pair.lat, pair.lon), 0.5)) met.insert(code.text());
    CHECK(met == pair.met);
  }
}

}  // namespace
}  // namespace chiploc
