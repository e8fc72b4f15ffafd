#include <array>

#include "geo/estimate/place_estimator.hpp"
#include "geo/estimate/posterior.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::place_estimate_test {
namespace {

TEST_CASE("PlaceEstimate: a place where the chip often is, or a central one where little is known", "[geo]") {
  // Three places a thousand kilometres apart on the equator, the middle one the least probable.
  const auto place_of = [](const std::array<double, 3>& masses, const std::array<const char*, 3>& countries) {
    Posterior posterior;
    for (std::size_t i = 0; i < 3; ++i) {
      const LatLon place = *LatLon::from_degrees({.lat = 0.2, .lon = 20.0 + static_cast<double>(i) * 9.0});
      posterior.places.push_back({.at = to_sphere(place),
                                  .place = place,
                                  .country = CountryCode::from_text(countries[i]).value(),
                                  .cell = PlaceGrid::cell_of(place),
                                  .group = 0,
                                  .area_km2 = 100.0,
                                  .people = 0.0});
      posterior.mass.push_back(1.0 / 3.0);
      posterior.believed.push_back(masses[i]);
    }
    const PlaceEstimate estimate = PlaceEstimate::summarise(posterior);
    for (std::size_t i = 0; i < 3; ++i) {
      if (estimate.place == posterior.places[i].place) return i;
    }
    return std::size_t{3};
  };
  const std::array<const char*, 3> one{"CD", "CD", "CD"};
  CHECK(place_of({0.4, 0.25, 0.35}, one) == 1);  // the scale grows with the spread
  CHECK(place_of({0.45, 0.2, 0.35}, one) == 0);  // where distance itself would be the loss, again 1
  CHECK(place_of({0.46, 0.2, 0.34}, one) == 0);
  CHECK(place_of({0.46, 0.2, 0.34}, {"CD", "CG", "CG"}) == 1);  // in the more probable country
  CHECK(place_of({0.49, 0.2, 0.31}, {"CD", "CG", "CG"}) == 0);  // which decides little
}

TEST_CASE("PlaceEstimate: no country is more probable than certain, however the shares were rounded",
          "[geo]") {
  Posterior posterior;
  const LatLon place = *LatLon::from_degrees({.lat = 48.2, .lon = 16.4});
  for (const double mass : {0.7, 0.1, 0.1, 0.1, 4e-16}) {
    posterior.places.push_back({.at = to_sphere(place),
                                .place = place,
                                .country = CountryCode::from_text("AT").value(),
                                .cell = PlaceGrid::cell_of(place),
                                .group = 0,
                                .area_km2 = 100.0,
                                .people = 0.0});
    posterior.mass.push_back(mass);
    posterior.believed.push_back(mass);
  }
  double sum = 0.0;
  for (const double mass : posterior.mass) sum += mass;
  REQUIRE(sum > 1.0);  // else nothing is shown here
  const PlaceEstimate estimate = PlaceEstimate::summarise(posterior);
  REQUIRE(estimate.countries.size() == 1);
  CHECK(estimate.countries[0].second == 1.0);
  CHECK(estimate.probability(CountryCode::from_text("AT").value()) == 1.0);
}

}  // namespace
}  // namespace chiploc::place_estimate_test
