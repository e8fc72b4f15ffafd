#include <algorithm>
#include <set>

#include "geo/borders/border_table.hpp"
#include "geo/borders/borders.hpp"
#include "geo/geodesic.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::borders_meets_test {
namespace {

CountryCode code(std::string_view text) { return CountryCode::from_text(text).value(); }

AnchorBound bound(LatLon place, double km, std::uint32_t perspective) {
  return {place, Kilometers{0.0}, Kilometers{km}, perspective};
}

CountrySet met_by(LatLon place, double km) {
  return Borders::world().countries_met(Region::from_bounds(std::vector{bound(place, km, 1)}, 0));
}

TEST_CASE("countries_met: a region inside a country meets it alone", "[geo]") {
  const CountrySet set = met_by(place_at(47.0, 103.0), 50.0);
  REQUIRE(set.size() == 1);
  CHECK(set.contains(code("MN")));
  CHECK(set.meets_land());
}

TEST_CASE("countries_met: an enclave and what is around it are told apart", "[geo]") {
  // All of Lesotho's middle is inside South Africa's outer ring, but not in South Africa.
  const CountrySet inside = met_by(place_at(-29.5, 28.3), 20.0);
  REQUIRE(inside.size() == 1);
  CHECK(inside.contains(code("LS")));
  const CountrySet around = met_by(place_at(-29.5, 28.3), 300.0);
  CHECK(around.size() == 2);
  CHECK(around.contains(code("ZA")));
}

TEST_CASE("countries_met: a country inside the region is met, however small", "[geo]") {
  const CountrySet set = met_by(place_at(42.9, 12.5), 140.0);
  for (const char* text : {"IT", "SM", "VA"}) CHECK(set.contains(code(text)));
  CHECK(met_by(place_at(-0.53, 166.93), 300.0).contains(code("NR")));
}

TEST_CASE("countries_met: the open sea and an empty region meet no land", "[geo]") {
  const CountrySet sea = met_by(place_at(-48.9, -123.4), 500.0);  // near Point Nemo
  CHECK(sea.size() == 0);
  CHECK_FALSE(sea.meets_land());
  const std::vector<AnchorBound> apart{bound(place_at(50, 8), 10, 1), bound(place_at(40, 8), 10, 2)};
  const CountrySet none = Borders::world().countries_met(Region::from_bounds(apart, 0));
  CHECK_FALSE(none.meets_land());
  CHECK_FALSE(Borders::world().meets(Region::from_bounds(apart, 0), code("DE")));
}

TEST_CASE("countries_met: everything meets every country", "[geo]") {
  const Region everything = Region::from_bounds({}, 0);
  CHECK(Borders::world().countries_met(everything).size() == Borders::world().countries().size());
  CHECK(Borders::world().meets(everything, code("GF")));
  CHECK_FALSE(Borders::world().meets(everything, code("ZZ")));
}

TEST_CASE("countries_met: poles and the antimeridian", "[geo]") {
  const CountrySet south = met_by(place_at(-90, 0), 100.0);
  REQUIRE(south.size() == 1);
  CHECK(south.contains(code("AQ")));
  CHECK(met_by(place_at(90, 0), 300.0).size() == 0);
  CHECK(met_by(place_at(66.5, -179.5), 30.0).contains(code("RU")));
  const CountrySet fiji = met_by(place_at(-16.8, 180.0), 60.0);
  REQUIRE(fiji.size() == 1);
  CHECK(fiji.contains(code("FJ")));
}

TEST_CASE("countries_met: what lies within the ambiguity band of a border is met", "[geo]") {
  // The 49th parallel, 5 km and half a kilometre north of it.
  CHECK_FALSE(met_by(place_at(49.05, -100.0), 0.1).contains(code("US")));
  CHECK(met_by(place_at(49.005, -100.0), 0.1).contains(code("US")));
  CHECK(met_by(place_at(49.005, -100.0), 0.1).contains(code("CA")));
}

TEST_CASE("countries_met: land that belongs to nobody is not forgotten", "[geo]") {
  CHECK(met_by(place_at(15.8, -79.85), 60.0).meets_land());   // Serranilla Bank
  CHECK(met_by(place_at(15.15, 117.75), 60.0).meets_land());  // Scarborough Reef
}

TEST_CASE("countries_met: an annulus about a country does not meet it", "[geo]") {
  // Two of three disks: places in exactly one of the outer ones do not count, those in the middle of all do.
  const std::vector<AnchorBound> bounds{bound(place_at(46.8, 8.2), 20, 1),
                                        bound(place_at(-20.0, 25.0), 20, 2)};
  const CountrySet either = Borders::world().countries_met(Region::from_bounds(bounds, 1));
  CHECK(either.size() == 2);
  CHECK(either.contains(code("CH")));
  CHECK(either.contains(code("BW")));
}

/// Never misses: every country with a vertex in the region, and every country at any of many points of it, is
/// named. And names little else: a country named has land within the band, or a kilometre more, of the
/// region.
TEST_CASE("countries_met: agrees with dense sampling and never misses", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{80}));
  CAPTURE(seed);
  static const auto table = BorderTable::decode(embedded_border_bytes());
  REQUIRE(table.has_value());
  const Borders& borders = Borders::world();
  std::mt19937_64 random{seed};
  // Around a vertex of a border, where decisions are hard, or anywhere.
  const auto v = std::uniform_int_distribution<std::size_t>{0, table->points.size() - 1}(random);
  const LatLon chip = seed % 4 == 0 ? random_place(random) : from_sphere(table->points[v]);
  const double scale = std::pow(10.0, std::uniform_real_distribution<double>{0.5, 3.4}(random));
  std::vector<AnchorBound> bounds;
  const auto count = std::uniform_int_distribution<std::uint32_t>{1, 9}(random);
  for (std::uint32_t i = 0; i < count; ++i) {
    const LatLon anchor = random_place_within(random, chip, Kilometers{scale * 2.0});
    const double stretch = std::uniform_real_distribution<double>{0.7, 1.3}(random);
    bounds.push_back(bound(anchor, geodesic_distance(anchor, chip).km() * stretch + scale * 0.05, i - i % 2));
  }
  const Region region = Region::from_bounds(bounds, static_cast<unsigned>(seed % 3));
  const CountrySet met = borders.countries_met(region);
  const Region wider = region.inflated(kBorderAmbiguity + Kilometers{1.0});

  std::set<std::string> certain;
  std::set<std::string> possible;
  for (const auto& line : table->lines) {
    const std::string& text = table->rows[line.country].code;
    for (std::uint32_t i = line.begin; i < line.end; ++i) {
      if (region.cap_set().contains(table->points[i])) certain.insert(text);
      if (wider.cap_set().contains(table->points[i])) possible.insert(text);
      // Edges reach into the region between vertices: their points count as well.
      for (double t = 0.1; t < 1.0 && i + 1 < line.end; t += 0.3) {
        const Vec3 between = normalized(table->points[i] * (1.0 - t) + table->points[i + 1] * t);
        if (region.cap_set().contains(between)) certain.insert(text);
        if (wider.cap_set().contains(between)) possible.insert(text);
      }
    }
  }
  if (const auto extent = wider.extent()) {
    for (int i = 0; i < 20'000; ++i) {
      const LatLon place = random_place_within(random, extent->centre, extent->radius);
      const auto country = borders.country_at(place);
      if (!country) continue;
      if (region.contains(place)) certain.insert(country->text());
      if (wider.contains(place)) possible.insert(country->text());
    }
  }
  for (const std::string& text : certain) {
    CAPTURE(text);
    CHECK(met.contains(code(text)));
    CHECK(borders.meets(region, code(text)));
  }
  for (const CountryCode named : met) {
    CAPTURE(named.text());
    CHECK(possible.contains(named.text()));
  }
  for (const Country& country : borders.countries()) {
    if (met.contains(country.code) != borders.meets(region, country.code)) {
      CAPTURE(country.code.text());
      CHECK(false);
    }
  }
}

}  // namespace
}  // namespace chiploc::borders_meets_test
