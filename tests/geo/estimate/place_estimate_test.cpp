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

}  // namespace
}  // namespace chiploc::place_estimate_test
