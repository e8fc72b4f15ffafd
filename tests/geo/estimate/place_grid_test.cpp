#include "geo/estimate/place_grid.hpp"

#include <algorithm>
#include <set>

#include "geo/estimate/place_prior.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::place_grid_test {
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

TEST_CASE("PlacePrior: a probability, larger in cities", "[geo]") {
  const auto grid = PlaceGrid::of(Borders::world());
  const std::vector<LatLon> anchors{place_at(50.11, 8.68), place_at(52.37, 4.9), place_at(48.86, 2.35),
                                    place_at(51.51, -0.13), place_at(52.52, 13.4)};
  for (const PlacePrior& prior : {PlacePrior::learn(*grid, Borders::world(), anchors),
                                  PlacePrior::learn(*grid, Borders::world(), {}), PlacePrior::even(*grid)}) {
    double sum = 0.0;
    for (const double weight : prior.weight) {
      CHECK(weight >= 0.0);
      sum += weight;
    }
    CHECK(sum == Approx(1.0).margin(1e-9));
  }
  const PlacePrior prior = PlacePrior::learn(*grid, Borders::world(), anchors);
  const auto weight = [&](LatLon place) {
    const auto [begin, end] = grid->in_cell(PlaceGrid::cell_of(place));
    double sum = 0.0;
    for (std::size_t i = begin; i < end; ++i) sum += prior.weight[i];
    return sum;
  };
  CHECK(weight(place_at(48.14, 11.58)) > 10.0 * weight(place_at(62.0, 27.0)));  // Munich, a Finnish forest
  CHECK(weight(place_at(48.14, 11.58)) > weight(place_at(48.31, 14.29)));       // Linz
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

TEST_CASE("PlaceGrid: addresses go to the code they were allocated to, and some to one that has none",
          "[geo]") {
  const CountryCode fr = CountryCode::from_text("FR").value();
  const CountryCode xk = CountryCode::from_text("XK").value();
  const CountryCode mt = CountryCode::from_text("MT").value();
  const CountryCode re = CountryCode::from_text("RE").value();
  std::uint64_t france = 0;
  std::uint64_t reunion = 0;
  for (const CountryAddresses& country : CityTable::world().countries) {
    if (country.country == fr) france = country.addresses;
    if (country.country == re) reunion = country.addresses;
  }
  const auto grid = PlaceGrid::of(Borders::world());
  const auto& addresses = grid->addresses();
  CHECK(reunion > 0);
  CHECK(addresses.at(fr) == static_cast<double>(france));
  CHECK(addresses.at(re) == static_cast<double>(reunion));
  CHECK(addresses.at(xk) > 0.1 * addresses.at(mt));
  CHECK(addresses.at(xk) < 10.0 * addresses.at(mt));
  CHECK_FALSE(addresses.contains(CountryCode::from_text("XC").value()));  // Scarborough Reef
}

TEST_CASE("PlacePrior: countries without an anchor have what anchors that are alone in theirs tell",
          "[geo]") {
  const auto grid = PlaceGrid::of(Borders::world());
  const auto learn = [&](const std::vector<LatLon>& anchors) {
    return PlacePrior::learn(*grid, Borders::world(), anchors);
  };
  std::vector<std::pair<double, std::string>> by_addresses;
  for (const auto& [code, number] : grid->addresses()) by_addresses.emplace_back(-number, code.text());
  std::sort(by_addresses.begin(), by_addresses.end());
  std::vector<LatLon> anchors;
  std::vector<LatLon> spread;
  std::set<std::string> held;
  double once = 0.0;
  for (std::size_t i = 0; i < 120; ++i) {
    const char* code = by_addresses[i].second.c_str();
    held.insert(code);
    const auto cities = cities_of({code}, i < 60 ? 3 : 1);
    if (cities.size() == 1) once += 1.0;
    anchors.insert(anchors.end(), cities.begin(), cities.end());
    spread.push_back(cities.front());
  }
  const double expected = once / static_cast<double>(anchors.size());
  CHECK(expected > 0.2);
  CHECK(expected < 0.35);
  const PlacePrior prior = learn(anchors);
  CHECK(prior.elsewhere == Approx(expected).margin(0.01));
  double without = 0.0;
  for (std::size_t i = 0; i < prior.weight.size(); ++i) {
    if (!held.contains(grid->candidates()[i].country.text())) without += prior.weight[i];
  }
  CHECK(without == Approx(expected).margin(0.01));
  // Spread on purpose: half at most, or what the prior says where that is more.
  CHECK(learn(spread).elsewhere == Approx(0.5));
  CHECK(learn({spread.end() - 20, spread.end()}).elsewhere > 0.8);
  // Countries without anchors never have less than the prior says: a chip may have been moved there.
  CHECK(learn(cities_of({"US", "DE"}, 20)).elsewhere > 0.3);
}

TEST_CASE("PlacePrior: learns whether machines stand in every country or where networks are", "[geo]") {
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
      PlacePrior::learn(*grid, Borders::world(),
                        cities_of({"EE", "LV", "LT", "SI", "LU", "MT", "CY", "IS", "UY", "PA",
                                   "CR", "QA", "SG", "NZ", "IE", "AL", "GE", "AM", "MN", "JM"},
                                  1));
  const PlacePrior by_networks = PlacePrior::learn(*grid, Borders::world(), cities_of({"CN", "US"}, 12));
  CHECK(one_each.country_exponent == 0.25);
  CHECK(by_networks.country_exponent == 1.0);
  CHECK(one_each.city_exponent == 1.5);
  CHECK(PlacePrior::learn(*grid, Borders::world(), cities_of({"DE"}, 60)).city_exponent < 1.5);
  CHECK(of_country(one_each, "EE") > 5.0 * of_country(by_networks, "EE"));
  CHECK(of_country(one_each, "US") < 0.3 * of_country(by_networks, "US"));
  // Unlearnt: Germany has more machines than Luxembourg, but not as many times more as it has addresses; and
  // with twice the people of Iraq it has far more than twice the machines.
  const PlacePrior unlearnt = PlacePrior::learn(*grid, Borders::world(), {});
  const auto addresses = [&](const char* text) {
    return grid->addresses().at(CountryCode::from_text(text).value());
  };
  const double ratio = of_country(unlearnt, "DE") / of_country(unlearnt, "LU");
  CHECK(ratio > 3.0);
  CHECK(ratio < 0.5 * addresses("DE") / addresses("LU"));
  CHECK(of_country(unlearnt, "DE") > 5.0 * of_country(unlearnt, "IQ"));
}

}  // namespace
}  // namespace chiploc::place_grid_test
