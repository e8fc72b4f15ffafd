#include "server/picture/land.hpp"

#include "geo/borders/border_rings.hpp"
#include "geo/borders/borders.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::land_test {
namespace {

bool filled(const std::vector<DrawnLine>& rings, DrawnPoint p) {
  bool in = false;
  for (const DrawnLine& ring : rings) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const DrawnPoint a = ring[i], b = ring[(i + 1) % ring.size()];
      if ((a.y <= p.y) != (b.y <= p.y)) in ^= p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x);
    }
  }
  return in;
}

TEST_CASE("land: every country is painted where it is, whatever the view", "[picture]") {
  const Borders& borders = Borders::world();
  const auto table = BorderTable::decode(embedded_border_bytes()).value();
  const auto surveyed = [&](CountryCode code, LatLon place) {
    for (std::uint32_t row = 0; row < table.rows.size(); ++row) {
      if (table.rows[row].code == code.text())
        return border_rings_hold(table, row, BorderMap::kSurveyed, to_sphere(place));
    }
    return false;
  };
  std::mt19937_64 random{5};
  struct View {
    LatLon centre;
    double reach;
  };
  // The globe from a place, from both poles and from the middle of the largest country's antipode; and nearer.
  for (const View& view : {View{place_at(50.0, 10.0), 3.1}, View{place_at(90.0, 0.0), 3.1},
                           View{place_at(-90.0, 0.0), 3.1}, View{place_at(-65.0, -85.0), 3.1},
                           View{place_at(66.0, 180.0), 0.4}, View{place_at(61.0, 100.0), 0.01}}) {
    const AzimuthalProjection projection{view.centre, view.reach};
    const PlaneToPixels pixels{{0.0, 0.0}, 500.0 / AzimuthalProjection::radius_km(view.reach)};
    const auto countries = drawn_countries(projection, pixels, 0.05);
    int on_land = 0;
    for (int i = 0; i < 300; ++i) {
      const LatLon place =
          random_place_within(random, view.centre, Kilometers{0.97 * std::min(view.reach, 3.0) * 6350.0});
      const auto truly = borders.country_at(place);
      // As painted: pixels are not for metres.
      const Kilometers near{view.reach > 1.0 ? 60.0 : view.reach > 0.1 ? 15.0 : 1.0};
      bool doubtful = !borders.claimants_at(place).empty();
      const CountrySet met = borders.countries_met(
          Region::from_bounds(std::vector<AnchorBound>{{place, Kilometers{0.0}, near, 0}}, 0));
      if (truly) doubtful = doubtful || met.size() != 1;
      if (!truly) doubtful = doubtful || met.size() != 0;
      if (doubtful) continue;
      const DrawnPoint p = pixels(projection.project(to_sphere(place)));
      std::string painted;
      for (const DrawnCountry& country : countries) {
        if (filled(country.surveyed, p) || filled(country.generalised, p)) painted += country.code;
      }
      CAPTURE(place.lat_deg(), place.lon_deg(), view.centre.lat_deg(), view.reach);
      // From afar only the surveyed map is drawn, where countries have one: rivers are wider there.
      if (truly && painted.empty() && pixels.pixels_per_km < 0.25 && !surveyed(*truly, place)) continue;
      CHECK(painted == (truly ? truly->text() : ""));
      on_land += truly ? 1 : 0;
    }
    CHECK(on_land > 20);
  }
}

TEST_CASE("land: what is thinned keeps its ends apart and loses what cannot be seen", "[picture]") {
  const PlaneToPixels pixels{{10.0, 10.0}, 2.0};
  const DrawnLine line = thinned({{0.0, 0.0}, {0.1, 0.0}, {5.0, 0.0}, {5.0, 5.0}}, pixels, 1.0);
  REQUIRE(line.size() == 3);
  CHECK(line[1].x == 20.0);
  CHECK(line[2].y == 0.0);  // north is up
  CHECK(thinned({{0.0, 0.0}, {0.1, 0.0}, {0.1, 0.1}}, pixels, 1.0).empty());
  CHECK(thinned({}, pixels, 1.0).empty());
}

TEST_CASE("land: a name stands inside its country, or nowhere", "[picture]") {
  const DrawnLine box{{0.0, 0.0}, {100.0, 0.0}, {100.0, 60.0}, {0.0, 60.0}};
  const DrawnLine hole{{40.0, 0.0}, {60.0, 0.0}, {60.0, 60.0}, {40.0, 60.0}};
  const Frame frame{-50.0, -50.0, 300.0, 300.0};
  const auto middle = place_for_words({box}, frame, 50.0, 10.0);
  REQUIRE(middle);
  CHECK(middle->x == 50.0);
  CHECK(middle->y == Approx(30.0).margin(3.0));
  CHECK_FALSE(place_for_words({box}, frame, 101.0, 10.0));
  CHECK_FALSE(place_for_words({box}, frame, 50.0, 40.0));
  const auto beside = place_for_words({box, hole}, frame, 30.0, 10.0);
  REQUIRE(beside);
  CHECK((beside->x == 20.0 || beside->x == 80.0));
  CHECK_FALSE(place_for_words({box}, {90.0, 0.0, 200.0, 60.0}, 30.0, 10.0));  // ten pixels of it are seen
}

TEST_CASE("land: the box around a country's land, also across the antimeridian", "[picture]") {
  const auto germany = land_box("DE");
  REQUIRE(germany);
  CHECK(germany->south == Approx(47.27).margin(0.05));
  CHECK(germany->north == Approx(55.06).margin(0.05));
  CHECK(germany->west == Approx(5.87).margin(0.05));
  CHECK(germany->east == Approx(15.04).margin(0.05));
  const auto fiji = land_box("FJ");
  REQUIRE(fiji);
  CHECK(fiji->west == Approx(174.59).margin(0.05));  // the reef Ceva-i-Ra
  CHECK(fiji->east < -178.0);
  const auto russia = land_box("RU");
  REQUIRE(russia);
  CHECK(russia->west == Approx(19.6).margin(0.5));
  CHECK(russia->east == Approx(-169.0).margin(0.5));
  const auto america = land_box("US"), mainland = main_land_box("US");
  REQUIRE(america);
  REQUIRE(mainland);
  CHECK(america->south < 20.0);
  CHECK(mainland->south > 24.0);
  CHECK(mainland->west > -126.0);
  CHECK_FALSE(main_land_box("ZZ"));
  CHECK_FALSE(land_box("ZZ"));
  CHECK_FALSE(land_box(""));
}

TEST_CASE("land: whose map it is", "[picture]") {
  CHECK_THAT(land_notice(), Catch::Contains("OpenStreetMap contributors") && Catch::Contains("ODbL") &&
                                Catch::Contains("Natural Earth"));
}

}  // namespace
}  // namespace chiploc::land_test
