#include "server/rounds/claim.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

constexpr const char* kBox =
    R"({"type":"Polygon","coordinates":[[[8.5,50.0],[8.9,50.0],[8.9,50.2],[8.5,50.0]]]})";

CountryCode code(const char* text) { return *CountryCode::from_text(text); }
LicenceRecord licence(NamedPlaces places) {
  return {"L-1", "H", std::move(places), std::chrono::year{2026} / 1 / 1, std::chrono::year{2026} / 12 / 31};
}

}  // namespace

TEST_CASE("claim: groups become countries, areas stay areas, and one area alone is a site", "[coordinator]") {
  Registry registry;
  registry.put(area_territory("campus", kBox).value());
  registry.put(TerritoryRecord{"union", {code("BE"), code("DE")}, {}});
  registry.set_prohibited({{code("KP")}, {"union"}});
  const WallTime in_2026{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}.time_since_epoch()};

  const Claim mixed =
      claim_of(registry, licence({{code("DE"), code("FR")}, {"campus", "lost", "union"}}), in_2026);
  CHECK(mixed.licence == "L-1");
  CHECK(mixed.in_force);
  CHECK(mixed.licensed == std::vector{code("BE"), code("DE"), code("FR")});
  REQUIRE(mixed.licensed_areas.size() == 1);
  CHECK(mixed.licensed_areas[0].name == "campus");
  CHECK(mixed.licensed_areas[0].geojson_sha256 == registry.territory("campus")->geojson_sha256);
  CHECK(mixed.prohibited == std::vector{code("BE"), code("DE"), code("KP")});
  CHECK(mixed.prohibited_areas.empty());
  CHECK(site_of(mixed).empty());

  CHECK(site_of(claim_of(registry, licence({{}, {"campus"}}), in_2026)) == "campus");
  CHECK(site_of(claim_of(registry, licence({{code("DE")}, {"campus"}}), in_2026)).empty());
  CHECK_FALSE(claim_of(registry, licence({{code("DE")}, {}}), WallTime{}).in_force);
}

}  // namespace chiploc
