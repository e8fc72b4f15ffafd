#include "server/plan/place_lists.hpp"

#include <algorithm>
#include <set>

#include "tests/server/plan/small_problems.hpp"

namespace chiploc::test::place_lists_test {
namespace {

TEST_CASE("place lists: cities by country, the most populous first, none where it is prohibited", "[plan]") {
  const auto cities = city_places(CityTable::world(), 3'000'000, codes({"RU", "CN"}));
  REQUIRE(cities.size() > 20);
  std::set<std::string> names;
  for (const PlanPlace& city : cities) {
    CHECK(names.insert(city.name).second);
    CHECK(city.people >= 3'000'000);
    CHECK_FALSE(city.name.starts_with("RU-"));
    CHECK_FALSE(city.name.starts_with("CN-"));
  }
  const auto berlin =
      std::find_if(cities.begin(), cities.end(), [](const auto& c) { return c.name == "DE-1"; });
  REQUIRE(berlin != cities.end());
  CHECK(berlin->place.lat_deg() == Approx(52.52).margin(0.1));
  CHECK(std::is_sorted(cities.begin(), cities.end(), [](const PlanPlace& a, const PlanPlace& b) {
    return a.name.substr(0, 2) == b.name.substr(0, 2) ? a.people > b.people : a.name < b.name;
  }));
}

TEST_CASE("place lists: a grid has land alone, once, as far apart as asked for", "[plan]") {
  const auto grid = grid_places(Borders::world(), 10.0, codes({"RU"}));
  REQUIRE(grid.size() > 80);
  std::set<std::string> names;
  for (const PlanPlace& point : grid) {
    INFO(point.name);
    CHECK(names.insert(point.name).second);
    const auto country = Borders::world().country_at(point.place);
    REQUIRE(country);
    CHECK_FALSE(*country == code("RU"));
    for (const PlanPlace& other : grid) {
      if (other.name != point.name) CHECK(geodesic_distance(point.place, other.place) > Kilometers{850.0});
    }
  }
  CHECK(grid_places(Borders::world(), 5.0, {}).size() > 3 * grid.size());
}

TEST_CASE("place lists: the people near a place", "[plan]") {
  CHECK(people_near(CityTable::world(), place_at(52.4, 13.1)) > 3'000'000);  // Potsdam: Berlin
  CHECK(people_near(CityTable::world(), place_at(-50.0, -120.0)) == 0);      // the Pacific
}

}  // namespace
}  // namespace chiploc::test::place_lists_test
