#include "server/eval/claims.hpp"

#include <algorithm>

#include "tests/server/eval/small_set.hpp"

namespace chiploc::test::claims_test {
namespace {

TEST_CASE("claims: one is true, twenty name the nearest other countries in order", "[eval]") {
  const RttSet set = small_set();
  const Borders& borders = Borders::world();
  const TargetClaims claims = claims_about(set.nodes[number_of(set, "c")], borders);
  CHECK(claims.own == code("CH"));
  REQUIRE(claims.others.size() == 20);
  // From Bern: France at 50 km or so, then Italy, Germany, Liechtenstein, Austria.
  CHECK(claims.others[0].country == code("FR"));
  CHECK(claims.border_km() > 30.0);
  CHECK(claims.border_km() < 70.0);
  CHECK(
      std::is_sorted(claims.others.begin(), claims.others.end(),
                     [](const FalseClaim& a, const FalseClaim& b) { return a.distance_km < b.distance_km; }));
  // No country that was left out is nearer than the last one named.
  for (const Country& country : borders.countries()) {
    const bool named = country.code == claims.own ||
                       std::any_of(claims.others.begin(), claims.others.end(),
                                   [&](const FalseClaim& c) { return c.country == country.code; });
    if (named) continue;
    INFO(country.code.text());
    CHECK(borders.distance_to_country(set.nodes[3].place, country.code).km() >=
          claims.others.back().distance_km);
  }
}

TEST_CASE("claims: the label is the truth, also where the map draws another country", "[eval]") {
  const RttSet set = parse(
      {"id,name,lat,lon,country_iso2\na,Paris,48.86,2.35,DE\nb,B,48,2,FR\n", "src,dst,min_ms\n", {}, {}, {}});
  const TargetClaims claims = claims_about(set.nodes[0], Borders::world());
  CHECK(claims.own == code("DE"));
  CHECK(claims.others.front().country == code("FR"));
  CHECK(claims.border_km() == 0.0);
}

TEST_CASE("claims: a place at sea is judged by the nearest land", "[eval]") {
  const Borders& borders = Borders::world();
  const auto at = [](double lat, double lon) {
    return LatLon::from_degrees({.lat = lat, .lon = lon}).value();
  };
  CHECK(country_judged(at(48.86, 2.35), borders) == code("FR"));
  CHECK(country_judged(at(54.6, 7.0), borders) == code("DE"));    // German Bight
  CHECK(country_judged(at(42.0, -60.0), borders) == code("CA"));  // Sable Island
  // In the middle of an ocean as well, whatever it is, none is nearer.
  const LatLon nemo = at(-48.9, -123.4);
  const double least = borders.distance_to_country(nemo, country_judged(nemo, borders)).km();
  for (const Country& country : borders.countries()) {
    CHECK(borders.distance_to_country(nemo, country.code).km() >= least);
  }
}

}  // namespace
}  // namespace chiploc::test::claims_test
