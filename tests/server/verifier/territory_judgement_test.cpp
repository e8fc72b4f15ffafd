#include "server/verifier/territory_judgement.hpp"

#include <algorithm>

#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::territory_judgement_test {
namespace {

using F = TerritoryFinding;

NamedArea box(double west, double south, double east, double north) {
  const auto corner = [](double lon, double lat) {
    return "[" + std::to_string(lon) + "," + std::to_string(lat) + "]";
  };
  auto parsed = Area::from_geojson(R"({"type":"Polygon","coordinates":[[)" + corner(west, south) + "," +
                                   corner(east, south) + "," + corner(east, north) + "," +
                                   corner(west, north) + "," + corner(west, south) + "]]}");
  REQUIRE(parsed.area.has_value());
  return {"box", std::make_shared<const Area>(std::move(*parsed.area))};
}
Region disk(double lat, double lon, double km) {
  return Region::from_bounds(
      std::vector<AnchorBound>{{place_at(lat, lon), Kilometers{0.0}, Kilometers{km}, 1}}, 0);
}
CountryCode code(const char* text) { return *CountryCode::from_text(text); }
F judged(const Claim& claim, const Region& region) {
  return TerritoryJudge{claim, Borders::world()}.judge(region).finding;
}

TEST_CASE("territory: a licensed area is as good as a country while it holds the whole region",
          "[verifier]") {
  Claim claim;
  claim.licensed_areas = {box(9.5, 47.5, 13.5, 50.5)};
  claim.prohibited = {code("CZ")};
  CHECK(judged(claim, disk(49.0, 11.5, 60.0)) == F::kInside);
  CHECK(judged(claim, disk(50.0, 9.9, 60.0)) == F::kCleared);  // over its western edge, nothing prohibited
  CHECK(judged(claim, disk(49.8, 12.3, 120.0)) == F::kOpen);   // reaches Czechia
  CHECK(judged(claim, disk(53.0, 11.0, 60.0)) == F::kOutside);
  CHECK(judged(claim, disk(49.8, 15.5, 40.0)) == F::kProhibited);
  claim.in_force = false;
  CHECK(judged(claim, disk(49.0, 11.5, 60.0)) == F::kCleared);
}

TEST_CASE("territory: two areas do not hold a region between them, but each can be met", "[verifier]") {
  Claim claim;
  claim.licensed_areas = {box(9.5, 47.5, 11.5, 50.5), box(11.5, 47.5, 13.5, 50.5)};
  CHECK(judged(claim, disk(49.0, 10.5, 50.0)) == F::kInside);
  CHECK(judged(claim, disk(49.0, 11.5, 50.0)) == F::kCleared);
}

TEST_CASE("territory: an area that is licensed by name is not prohibited, while the licence is in force",
          "[verifier]") {
  Claim claim;
  claim.licensed_areas = {box(9.5, 47.5, 11.5, 50.5)};
  claim.prohibited_areas = {box(9.5, 47.5, 11.5, 50.5)};
  claim.prohibited = {code("CZ")};
  CHECK(judged(claim, disk(49.0, 11.5, 50.0)) == F::kCleared);  // over its edge
  const TerritoryJudge judge{claim, Borders::world()};
  REQUIRE(judge.prohibited_territories().size() == 1);
  CHECK(judge.prohibited_territories()[0].name() == "CZ");
  claim.in_force = false;
  CHECK(judged(claim, disk(49.0, 11.5, 50.0)) == F::kOpen);
  CHECK(judged(claim, disk(49.0, 10.5, 30.0)) == F::kProhibited);
  const TerritoryJudge strict{claim, Borders::world()};
  REQUIRE(strict.prohibited_territories().size() == 2);
  const Territory& area = strict.prohibited_territories()[1];
  CHECK(area.name() == "box");
  CHECK(area.meets(disk(49.0, 11.5, 50.0)));
  CHECK(area.clearance(disk(53.0, 10.5, 60.0), Kilometers{500.0})->km() > 200.0);
  CHECK(area.distance_from(place_at(49.0, 10.0)).km() == 0.0);
}

TEST_CASE("territory: of names that overlap the more specific one wins", "[verifier]") {
  Claim claim;
  claim.licensed = {code("DE")};
  claim.prohibited_areas = {box(10.0, 50.5, 11.0, 51.5)};  // Thuringia, roughly
  CHECK(judged(claim, disk(52.5, 10.5, 50.0)) == F::kInside);
  CHECK(judged(claim, disk(51.6, 10.5, 50.0)) == F::kOpen);
  CHECK(judged(claim, disk(51.0, 10.5, 20.0)) == F::kProhibited);
  claim.licensed_areas = {{"campus", box(10.2, 50.8, 10.8, 51.2).area, {}}};
  CHECK(judged(claim, disk(51.0, 10.5, 10.0)) == F::kInside);
  CHECK(judged(claim, disk(51.0, 10.5, 30.0)) == F::kOpen);  // in the prohibited area, perhaps on the campus
  claim.in_force = false;
  CHECK(judged(claim, disk(51.0, 10.5, 10.0)) == F::kProhibited);
  CHECK(judged(claim, disk(51.35, 10.5, 10.0)) == F::kProhibited);
}

TEST_CASE("territory: a prohibited area inside a licensed country keeps it open", "[verifier]") {
  Claim claim;
  claim.licensed = {code("UA")};
  claim.prohibited_areas = {box(32.0, 44.0, 37.0, 46.2)};
  CHECK(judged(claim, disk(49.0, 31.5, 150.0)) == F::kInside);
  CHECK(judged(claim, disk(50.4, 30.5, 200.0)) ==
        F::kCleared);  // over the border of BY, which is not prohibited here
  CHECK(judged(claim, disk(46.6, 33.5, 80.0)) == F::kOpen);
  CHECK(judged(claim, disk(45.1, 34.4, 40.0)) == F::kProhibited);  // the borders draw that land in RU
}

TEST_CASE("territory: a licence outranks the prohibited list where it names the same country", "[verifier]") {
  const Claim claim{"L", {code("CN")}, {code("CN"), code("RU")}, true};
  CHECK(judged(claim, disk(30.6, 114.3, 200.0)) == F::kInside);
  CHECK(judged(claim, disk(22.6, 105.9, 100.0)) == F::kCleared);  // CN and VN
  CHECK(judged(claim, disk(43.1, 131.5, 150.0)) == F::kOpen);     // CN and RU
}

TEST_CASE("territory: a licence that is not in force exempts nothing from the prohibited list",
          "[verifier]") {
  Claim claim{"L", {code("CN")}, {code("CN"), code("RU")}, true};
  const Region inside = disk(30.6, 114.3, 200.0);
  const Region across = disk(22.6, 105.9, 100.0);  // CN and VN
  CHECK(judged(claim, inside) == F::kInside);
  CHECK(judged(claim, across) == F::kCleared);
  claim.in_force = false;
  CHECK(judged(claim, inside) == F::kProhibited);
  CHECK(judged(claim, across) == F::kOpen);
}

TEST_CASE("territory: a licence for a dependent code does not reach the larger country", "[verifier]") {
  const Region sydney = disk(-33.87, 151.21, 150.0);
  const Claim claim{"L-CX", {code("CX")}, {code("CC")}, true};
  CHECK(judged(claim, sydney) == F::kOutside);
  CHECK(judged(claim, disk(-10.49, 105.63, 60.0)) == F::kInside);
  CHECK(judged(claim, disk(-12.17, 96.85, 60.0)) == F::kProhibited);
  const Claim other{"L-AU", {code("AU")}, {code("CC")}, true};
  CHECK(judged(other, sydney) == F::kInside);
  CHECK(judged(other, disk(-12.17, 96.85, 60.0)) == F::kProhibited);  // named in the list: no doubt
}

TEST_CASE("territory: where a list names only the larger country, nothing is proved about its dependents",
          "[verifier]") {
  struct Case {
    const char* whole;
    const char* part;
    double lat;
    double lon;
    double km;
  };
  const Case cases[] = {{"FR", "GF", 3.9, -53.2, 40.0},     {"FR", "GP", 16.2, -61.6, 30.0},
                        {"FR", "MQ", 14.65, -61.0, 25.0},   {"FR", "RE", -21.1, 55.5, 60.0},
                        {"FR", "YT", -12.8, 45.15, 40.0},   {"NO", "SJ", 78.2, 16.0, 80.0},
                        {"NO", "BV", -54.42, 3.38, 60.0},   {"NL", "BQ", 12.2, -68.3, 25.0},
                        {"AU", "CC", -12.17, 96.85, 60.0},  {"AU", "CX", -10.49, 105.63, 60.0},
                        {"NZ", "TK", -8.56, -172.49, 30.0}, {"RS", "XK", 42.55, 20.95, 15.0}};
  for (const Case& one : cases) {
    CAPTURE(one.part);
    const Region region = disk(one.lat, one.lon, one.km);
    // Licensed by the larger one: neither proved inside nor accused.
    CHECK(judged({"L", {code(one.whole)}, {code("RU")}, true}, region) == F::kCleared);
    CHECK(judged({"L", {code(one.whole), code(one.part)}, {code("RU")}, true}, region) == F::kInside);
    CHECK(judged({"L", {code(one.part)}, {code("RU")}, true}, region) == F::kInside);
    CHECK(judged({"L", {code("DE")}, {code("RU")}, true}, region) == F::kOutside);
    // Prohibited by the larger one: neither cleared nor condemned for it.
    CHECK(judged({"L", {code("DE")}, {code(one.whole)}, true}, region) == F::kOutside);
    CHECK(judged({"L", {code("DE")}, {code(one.part)}, true}, region) == F::kProhibited);
    CHECK(judged({"L", {code(one.part)}, {code(one.whole)}, true}, region) == F::kInside);
    CHECK(judged({"L", {code(one.whole)}, {code(one.part)}, true}, region) == F::kProhibited);
    CHECK(judged({"L", {code(one.whole)}, {code(one.whole)}, true}, region) == F::kOpen);
    const TerritoryJudge judge{{"L", {code("DE")}, {code(one.whole)}, true}, Borders::world()};
    CHECK(judge.perhaps_prohibited().contains(code(one.part)));
    // The margin of CLEARED is measured to what is perhaps prohibited, too.
    CHECK(std::any_of(judge.prohibited_territories().begin(), judge.prohibited_territories().end(),
                      [&](const Territory& t) { return t.name() == one.part; }));
  }
  // On both an undoubted and a doubted land: DE is not named, so MQ is all that can be licensed.
  CHECK(judged({"L", {code("FR")}, {}, true}, disk(14.2, -61.0, 60.0)) == F::kCleared);  // LC and MQ
}

TEST_CASE("territory: codes that maps draw apart are themselves and nothing else", "[verifier]") {
  CHECK(judged({"L", {code("CN")}, {}, true}, disk(22.22, 114.20, 3.0)) == F::kOutside);           // HK
  CHECK(judged({"L", {code("US")}, {code("CN")}, true}, disk(18.2, -66.4, 40.0)) == F::kOutside);  // PR
  CHECK(judged({"L", {code("FR")}, {}, true}, disk(-21.3, 165.3, 40.0)) == F::kOutside);           // NC
}

TEST_CASE("territory: a region without drawn land proves nothing about countries", "[verifier]") {
  const Region sea = disk(-40.0, -120.0, 300.0);
  CHECK(judged({"L", {code("DE")}, {code("RU")}, true}, sea) == F::kUndrawn);
  CHECK(judged({"L", {}, {}, true}, sea) == F::kUndrawn);
  // An area that holds all of it needs no map.
  Claim claim;
  claim.licensed_areas = {box(-125.0, -45.0, -115.0, -35.0)};
  CHECK(judged(claim, sea) == F::kInside);
  claim.in_force = false;
  CHECK(judged(claim, sea) == F::kUndrawn);
  Claim prohibited;
  prohibited.prohibited_areas = claim.licensed_areas;
  CHECK(judged(prohibited, sea) == F::kProhibited);
  const std::vector<AnchorBound> apart{{place_at(0, 0), Kilometers{0}, Kilometers{100}, 0},
                                       {place_at(50, 50), Kilometers{0}, Kilometers{100}, 1}};
  CHECK(judged({"L", {code("DE")}, {}, true}, Region::from_bounds(apart, 0)) == F::kContradiction);
}

TEST_CASE("territory: what a licence exempts from the prohibited list, in force and not", "[verifier]") {
  // A region of Thuringia, wholly in DE, wholly in the area "zone", and in the smaller area "campus".
  const Region region = disk(51.0, 10.5, 10.0);
  const NamedArea zone{"zone", box(10.0, 50.5, 11.0, 51.5).area, {}};
  const NamedArea campus{"campus", box(10.2, 50.8, 10.8, 51.2).area, {}};
  const NamedArea elsewhere{"elsewhere", box(2.0, 45.0, 3.0, 46.0).area, {}};
  using Codes = std::vector<CountryCode>;
  using Areas = std::vector<NamedArea>;
  struct Row {
    const char* what;
    Codes licensed;
    Areas licensed_areas;
    Codes prohibited;
    Areas prohibited_areas;
    F in_force;
    F not_in_force;
  };
  const std::vector<Row> rows{
      {"country licensed", {code("DE")}, {}, {}, {}, F::kInside, F::kCleared},
      {"country licensed and prohibited", {code("DE")}, {}, {code("DE")}, {}, F::kInside, F::kProhibited},
      {"country licensed, area prohibited", {code("DE")}, {}, {}, {zone}, F::kProhibited, F::kProhibited},
      {"country licensed, both prohibited",
       {code("DE")},
       {},
       {code("DE")},
       {zone},
       F::kProhibited,
       F::kProhibited},
      {"area licensed", {}, {campus}, {}, {}, F::kInside, F::kCleared},
      {"area licensed, country prohibited", {}, {campus}, {code("DE")}, {}, F::kInside, F::kProhibited},
      {"area licensed, area prohibited", {}, {campus}, {}, {zone}, F::kInside, F::kProhibited},
      {"area licensed and prohibited", {}, {zone}, {}, {zone}, F::kInside, F::kProhibited},
      {"area licensed, both prohibited", {}, {campus}, {code("DE")}, {zone}, F::kInside, F::kProhibited},
      {"both licensed, both prohibited",
       {code("DE")},
       {campus},
       {code("DE")},
       {zone},
       F::kInside,
       F::kProhibited},
      {"elsewhere licensed", {code("FR")}, {elsewhere}, {}, {}, F::kOutside, F::kOutside},
      {"elsewhere licensed, country prohibited",
       {code("FR")},
       {},
       {code("DE")},
       {},
       F::kProhibited,
       F::kProhibited},
      {"elsewhere licensed, area prohibited", {}, {elsewhere}, {}, {zone}, F::kProhibited, F::kProhibited},
      {"elsewhere prohibited", {code("DE")}, {}, {code("FR")}, {elsewhere}, F::kInside, F::kCleared},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Claim claim{"L", row.licensed, row.prohibited, true, row.licensed_areas, row.prohibited_areas};
    CHECK(judged(claim, region) == row.in_force);
    claim.in_force = false;
    CHECK(judged(claim, region) == row.not_in_force);
  }
  // A code that only the larger one's prohibition may reach, once the licence that names it is over.
  Claim dependent{"L-CX", {code("CX")}, {code("AU")}, true};
  CHECK(judged(dependent, disk(-10.49, 105.63, 60.0)) == F::kInside);
  dependent.in_force = false;
  CHECK(judged(dependent, disk(-10.49, 105.63, 60.0)) == F::kOpen);
  // A licensed area that the region may lie in, or beside, on prohibited land.
  const NamedArea corner{"corner", box(10.55, 51.0, 10.8, 51.2).area, {}};
  Claim claim{"L", {}, {code("DE")}, true, {corner}, {zone}};
  CHECK(judged(claim, region) == F::kOpen);
  claim.in_force = false;
  CHECK(judged(claim, region) == F::kProhibited);
}

}  // namespace
}  // namespace chiploc::territory_judgement_test
