#include "geo/place_grid.hpp"

#include <algorithm>
#include <set>

#include "geo/place_prior.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("PlaceGrid: every candidate lies in its cell, and in its country or off its coast", "[geo]") {
  const Borders& borders = Borders::world();
  const auto grid = PlaceGrid::of(borders);
  CHECK(grid->candidates().size() > 50'000);
  double land = 0.0;
  for (const PlaceCandidate& candidate : grid->candidates()) {
    CHECK(PlaceGrid::cell_of(candidate.place) == candidate.cell);
    const auto country = borders.country_at(candidate.place);
    CHECK((!country || *country == candidate.country ||
           borders.distance_to_country(candidate.place, candidate.country) <= kBorderAmbiguity));
    CHECK(candidate.group < grid->groups());
    land += candidate.area_km2;
  }
  CHECK(land == Approx(1.345e8).epsilon(0.01));  // all land but Antarctica
}

TEST_CASE("PlaceGrid: small states and islands are not missed", "[geo]") {
  const Borders& borders = Borders::world();
  const auto grid = PlaceGrid::of(borders);
  std::set<CountryCode> seen;
  for (const PlaceCandidate& candidate : grid->candidates()) seen.insert(candidate.country);
  for (const char* code :
       {"VA", "SM", "MC", "LI", "AD", "SG", "HK", "MO", "BH", "MT", "MV", "TV", "NR", "BM", "GI"}) {
    INFO(code);
    CHECK(seen.contains(CountryCode::from_text(code).value()));
  }
}

TEST_CASE("PlaceGrid: cells cover poles and the antimeridian without gaps", "[geo]") {
  std::mt19937_64 random{5};
  for (int i = 0; i < 2000; ++i) {
    const LatLon place = random_place(random);
    const auto near = LatLon::from_degrees({.lat = place.lat_deg(), .lon = place.lon_deg() * 0.999999});
    CHECK(PlaceGrid::cell_of(place) < 400U * 800U);
    CHECK(PlaceGrid::cell_of(*near) <= PlaceGrid::cell_of(place) + 800);
  }
  CHECK(PlaceGrid::cell_of(place_at(90.0, 12.0)) == PlaceGrid::cell_of(place_at(90.0, 12.0)));
  CHECK(PlaceGrid::cell_of(place_at(10.0, 180.0)) == PlaceGrid::cell_of(place_at(10.0, -179.9999)));
}

TEST_CASE("PlacePrior: a probability, larger in cities and near anchors", "[geo]") {
  const auto grid = PlaceGrid::of(Borders::world());
  const std::vector<LatLon> anchors{place_at(50.11, 8.68), place_at(52.37, 4.9), place_at(48.86, 2.35),
                                    place_at(51.51, -0.13), place_at(52.52, 13.4)};
  for (const PlacePrior& prior :
       {PlacePrior::learn(*grid, anchors), PlacePrior::learn(*grid, {}), PlacePrior::even(*grid)}) {
    double sum = 0.0;
    for (const double weight : prior.weight) {
      CHECK(weight >= 0.0);
      sum += weight;
    }
    CHECK(sum == Approx(1.0).margin(1e-9));
  }
  const PlacePrior prior = PlacePrior::learn(*grid, anchors);
  const auto weight = [&](LatLon place) {
    const auto [begin, end] = grid->in_cell(PlaceGrid::cell_of(place));
    double sum = 0.0;
    for (std::size_t i = begin; i < end; ++i) sum += prior.weight[i];
    return sum;
  };
  CHECK(prior.near_anchors > 0.0);
  CHECK(weight(place_at(48.14, 11.58)) > 10.0 * weight(place_at(62.0, 27.0)));  // Munich, a Finnish forest
  CHECK(weight(place_at(48.14, 11.58)) > weight(place_at(6.25, -75.56)));  // Medellin is larger, and far away
}

/// The largest cities of the countries named, `each` of each.
std::vector<LatLon> cities_of(const std::vector<const char*>& countries, std::size_t each) {
  std::vector<LatLon> places;
  for (const char* text : countries) {
    const auto code = CountryCode::from_text(text).value();
    std::vector<City> cities;
    for (const City& city : CityTable::world().cities) {
      if (city.country == code) cities.push_back(city);
    }
    std::sort(cities.begin(), cities.end(), [](const City& a, const City& b) { return a.people > b.people; });
    for (std::size_t i = 0; i < std::min(each, cities.size()); ++i) places.push_back(cities[i].place);
  }
  return places;
}

TEST_CASE("PlacePrior: learns whether machines stand in every country or where people are", "[geo]") {
  const auto grid = PlaceGrid::of(Borders::world());
  const auto of_country = [&](const PlacePrior& prior, const char* text) {
    const auto code = CountryCode::from_text(text).value();
    double sum = 0.0;
    for (std::size_t i = 0; i < prior.weight.size(); ++i) {
      if (grid->candidates()[i].country == code) sum += prior.weight[i];
    }
    return sum;
  };
  const PlacePrior one_each =
      PlacePrior::learn(*grid, cities_of({"EE", "LV", "LT", "SI", "LU", "MT", "CY", "IS", "UY", "PA",
                                          "CR", "QA", "SG", "NZ", "IE", "AL", "GE", "AM", "MN", "JM"},
                                         1));
  const PlacePrior by_people = PlacePrior::learn(*grid, cities_of({"CN", "IN"}, 12));
  CHECK(one_each.country_exponent == 0.5);
  CHECK(by_people.country_exponent == 1.0);
  CHECK(one_each.city_exponent == 1.5);
  CHECK(PlacePrior::learn(*grid, cities_of({"DE"}, 60)).city_exponent < 1.5);
  CHECK(of_country(one_each, "EE") > 5.0 * of_country(by_people, "EE"));
  CHECK(of_country(one_each, "IN") < 0.3 * of_country(by_people, "IN"));
  // Unlearnt: Germany has more machines than Luxembourg, but not as many times more as it has people.
  const PlacePrior unlearnt = PlacePrior::learn(*grid, {});
  double people[2] = {0.0, 0.0};
  for (const PlaceCandidate& candidate : grid->candidates()) {
    if (candidate.country.text() == "DE") people[0] += candidate.people;
    if (candidate.country.text() == "LU") people[1] += candidate.people;
  }
  const double ratio = of_country(unlearnt, "DE") / of_country(unlearnt, "LU");
  CHECK(ratio > 10.0);
  CHECK(ratio < 0.5 * people[0] / people[1]);
}

}  // namespace
}  // namespace chiploc
