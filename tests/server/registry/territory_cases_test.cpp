// Territories and codes: the inputs that lie beside the tree (../shared/data/cases).

#include "geo/borders/borders.hpp"
#include "server/verifier/territory_judgement.hpp"
#include "tests/server/registry/case_files.hpp"

namespace chiploc::test::territory_cases_test {
namespace {

const ImportFault& only_fault(const ImportPlan& plan) {
  INFO(shown_faults(plan));
  REQUIRE(plan.faults_total == 1);
  CHECK(plan.registry == nullptr);
  return plan.faults.front();
}

TerritoryFinding judged_near(double lat, double lon, const Registry& registry, double km) {
  const LicenceRecord& licence = *registry.licences().begin()->second;
  const Claim claim{licence.id, licence.places.countries, registry.prohibited().countries, true};
  const std::vector<AnchorBound> disk{
      {LatLon::from_degrees({.lat = lat, .lon = lon}).value(), Kilometers{0.0}, Kilometers{km}, 1}};
  return TerritoryJudge{claim, Borders::world()}.judge(Region::from_bounds(disk, 0)).finding;
}

}  // namespace

TEST_CASE("cases: an edge wider than 180 degrees is refused, and a position in between says which way",
          "[registry]") {
  const auto folder = cases("wide-edge");
  if (!folder) return;
  const ImportFile file = file_at(ImportKind::kTerritories, *folder / "territories.json");
  const ImportPlan plan = planned({file});
  const ImportFault& fault = only_fault(plan);
  CHECK_THAT(fault.problem, Catch::Contains("add a position in between to go across longitude 77.25") &&
                                Catch::Contains("cut the territory at the antimeridian in two polygons"));
  // With one in between it is the way that this says.
  ImportFile mended = file;
  for (const auto& [after, between] :
       {std::pair{"[[[-25, -50],", "[77.25, -50],"}, std::pair{"[179.5, 82],", "[77.25, 82],"}}) {
    const auto at = mended.content.find(after);
    REQUIRE(at != std::string::npos);
    mended.content.insert(at + std::string_view{after}.size(), between);
  }
  const ImportPlan taken = planned({mended});
  INFO(shown_faults(taken));
  REQUIRE(taken.ok());
  const auto& area = taken.registry->territories().begin()->second->area;
  CHECK(area->contains(LatLon::from_degrees({.lat = -1.29, .lon = 36.82}).value()));          // Nairobi
  CHECK_FALSE(area->contains(LatLon::from_degrees({.lat = -12.05, .lon = -77.04}).value()));  // Lima
}

TEST_CASE("cases: a plan in metres is refused by the reference system that it names", "[registry]") {
  const auto folder = cases("crs");
  if (!folder) return;
  const ImportPlan plan = planned({file_at(ImportKind::kTerritories, *folder / "territories.json")});
  CHECK_THAT(only_fault(plan).problem, Catch::Contains("EPSG::28992") && Catch::Contains("WGS 84"));
}

TEST_CASE("cases: a licence for CX and a prohibition of CC say nothing of Australia", "[registry]") {
  const auto folder = cases("dependent-codes");
  if (!folder) return;
  const ImportPlan plan = planned({file_at(ImportKind::kLicences, *folder / "licences.csv"),
                                   file_at(ImportKind::kProhibitedTerritories, *folder / "prohibited.csv")});
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  CHECK(judged_near(-33.87, 151.21, *plan.registry, 150.0) == TerritoryFinding::kOutside);
  CHECK(judged_near(-10.49, 105.63, *plan.registry, 30.0) == TerritoryFinding::kInside);
  CHECK(judged_near(-12.17, 96.85, *plan.registry, 30.0) == TerritoryFinding::kProhibited);
}

}  // namespace chiploc::test::territory_cases_test
