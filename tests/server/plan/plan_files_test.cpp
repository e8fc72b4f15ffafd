#include "server/plan/plan_files.hpp"

#include "tests/server/plan/small_problems.hpp"

namespace chiploc::test::plan_files_test {
namespace {

PlanAreas one_area() {
  auto parsed =
      Area::from_geojson(R"({"type":"Polygon","coordinates":[[[13,52],[14,52],[14,53],[13,53],[13,52]]]})");
  REQUIRE(parsed.area);
  return {{"campus", {"campus", std::make_shared<const Area>(std::move(*parsed.area)), {}}}};
}

Result<std::vector<PlanSite>, PlanFaults> sites_of(const std::string& text) {
  Claim prohibited;
  prohibited.prohibited = codes({"RU"});
  return parse_plan_sites(text, "s.csv", Borders::world(), one_area(), prohibited);
}

std::string first_fault(const std::string& text) {
  const auto read = sites_of(text);
  return read ? std::string{} : read.error().front();
}

std::string first_place_fault(const std::string& text) {
  const auto read = parse_plan_places(text, "a.csv");
  return read ? std::string{} : read.error().front();
}

TEST_CASE("plan files: sites with countries and areas, other columns ignored", "[plan]") {
  const auto sites =
      sites_of("holder,licensed,name,lat,lon\nX,DE FR,Berlin hall,52.52,13.4\nY,campus;PL,Two,52.2,21.0\n");
  REQUIRE(sites);
  REQUIRE(sites->size() == 2);
  CHECK((*sites)[0].name == "Berlin hall");
  CHECK((*sites)[0].claim.licensed == codes({"DE", "FR"}));
  CHECK((*sites)[0].claim.prohibited == codes({"RU"}));
  CHECK((*sites)[0].claim.in_force);
  REQUIRE((*sites)[1].claim.licensed_areas.size() == 1);
  CHECK((*sites)[1].claim.licensed_areas[0].name == "campus");
  CHECK((*sites)[1].place.lon_deg() == 21.0);
}

TEST_CASE("plan files: what is wrong with a site, with file, line and field", "[plan]") {
  const std::string head = "name,lat,lon,licensed\n";
  CHECK_THAT(first_fault(head + "A,91,0,DE\n"), Catch::StartsWith("s.csv:2: lat: "));
  CHECK_THAT(first_fault(head + "A,1,nan,DE\n"), Catch::StartsWith("s.csv:2: lon: "));
  CHECK_THAT(first_fault(head + ",1,1,DE\n"), Catch::StartsWith("s.csv:2: name: "));
  CHECK_THAT(first_fault(head + "A,1,1,\n"), Catch::StartsWith("s.csv:2: licensed: "));
  CHECK_THAT(first_fault(head + "A,1,1,ZZ\n"), Catch::StartsWith("s.csv:2: licensed: "));
  CHECK(first_fault(head + "A,1,1,DE\nB,1,1,depot\n") ==
        "s.csv:3: licensed: \"depot\" is no territory; give its drawing with --territory depot=FILE, or name "
        "countries");
  CHECK_THAT(first_fault(head + "A,1,1,DE\nA,2,2,DE\n"),
             Catch::StartsWith("s.csv:3: name: \"A\" stands twice"));
  CHECK_THAT(first_fault("name,lat,lon\nA,1,1\n"), Catch::Contains("licensed"));
  CHECK_THAT(first_fault(head), Catch::Contains("names no site"));
  std::string many = head;
  for (int i = 0; i < 30; ++i) many += "A" + std::to_string(i) + ",x,1,DE\n";
  const auto read = sites_of(many);
  REQUIRE_FALSE(read);
  CHECK(read.error().size() == 21);
  CHECK_THAT(read.error().back(), Catch::EndsWith("and 10 more faults in this file"));
  std::string too_many = head;
  for (std::size_t i = 0; i <= kPlanSitesMost; ++i) too_many += "A" + std::to_string(i) + ",1,1,DE\n";
  CHECK_THAT(first_fault(too_many), Catch::Contains("more than 5000 rows"));
}

TEST_CASE("plan files: places with what they may have besides, and the registry's anchors", "[plan]") {
  const auto plain = parse_plan_places("name,lat,lon\nA,1,2\n", "a.csv");
  REQUIRE(plain);
  CHECK((*plain)[0].cost == 1.0);
  CHECK((*plain)[0].operator_name.empty());
  const auto full = parse_plan_places(
      "name,public_key,lat,lon,uncertainty_km,operator,network,address,rendezvous,cost,people\n"
      "fra1,d75a,50.12,8.68,0.5,Example Net,AS64496,192.0.2.1:7411,yes,,750000\n"
      "par1,d75b,48.86,2.35,,,,,no,2.5,\n",
      "a.csv");
  REQUIRE(full);
  CHECK((*full)[0].uncertainty == Kilometers{0.5});
  CHECK((*full)[0].operator_name == "Example Net");
  CHECK((*full)[0].network == "AS64496");
  CHECK((*full)[0].cost == 1.0);
  CHECK((*full)[0].people == 750'000);
  CHECK((*full)[1].cost == 2.5);
}

TEST_CASE("plan files: what is wrong with a place, with file, line and field", "[plan]") {
  const std::string head = "name,lat,lon,cost,uncertainty_km,people\n";
  CHECK_THAT(first_place_fault(head + "A,1,1,0,,\n"), Catch::StartsWith("a.csv:2: cost: must be above 0"));
  CHECK_THAT(first_place_fault(head + "A,1,1,-1,,\n"), Catch::StartsWith("a.csv:2: cost: "));
  CHECK_THAT(first_place_fault(head + "A,1,1,dear,,\n"), Catch::StartsWith("a.csv:2: cost: "));
  CHECK_THAT(first_place_fault(head + "A,1,1,1,2000,\n"), Catch::StartsWith("a.csv:2: uncertainty_km: "));
  CHECK_THAT(first_place_fault(head + "A,1,1,1,1,-5\n"), Catch::StartsWith("a.csv:2: people: "));
  CHECK_THAT(first_place_fault(head + "A,1,181,1,1,1\n"), Catch::StartsWith("a.csv:2: lon: "));
  CHECK_THAT(first_place_fault(head + "A,1,1,1,1,1\n\nA,1,1,1,1,1\n"), Catch::StartsWith("a.csv:4: name: "));
  CHECK_THAT(first_place_fault(head), Catch::Contains("names no place"));
  CHECK_THAT(first_place_fault("name;lat;lon\nA;1;1\n"), Catch::StartsWith("a.csv:1: "));
  CHECK(same_names({{"A", place_at(1, 1)}}, {{"B", place_at(1, 1)}, {"A", place_at(2, 2)}}).size() == 1);
  CHECK(same_names({{"A", place_at(1, 1)}}, {{"B", place_at(1, 1)}}).empty());
}

}  // namespace
}  // namespace chiploc::test::plan_files_test
