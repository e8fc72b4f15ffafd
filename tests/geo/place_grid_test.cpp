#include "geo/place_grid.hpp"

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

}  // namespace
}  // namespace chiploc
