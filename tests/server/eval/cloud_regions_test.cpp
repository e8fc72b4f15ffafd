#include "server/eval/cloud_regions.hpp"

#include <set>

#include "geo/borders/borders.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::cloud_regions_test {
namespace {

std::string named(const std::string& name, const std::string& provider = "") {
  std::string out;
  for (const CloudRegion* region : regions_named(name, provider))
    out += std::string{region->provider} + ":" + std::string{region->name} + " ";
  return out;
}

TEST_CASE("cloud regions: each lies in the country that it names, and is named once", "[eval][others]") {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  const auto providers = cloud_providers();
  for (const CloudRegion& region : cloud_regions()) {
    INFO(region.provider << " " << region.name);
    CHECK(seen.emplace(region.provider, region.name).second);
    CHECK(std::count(providers.begin(), providers.end(), region.provider) == 1);
    CHECK(!region.area.empty());
    CHECK((region.uncertainty_km >= 30.0 && region.uncertainty_km <= 1'000.0));
    const auto place = LatLon::from_degrees({.lat = region.lat, .lon = region.lon});
    const auto country = CountryCode::from_text(region.country);
    REQUIRE((place && country));
    REQUIRE(Borders::world().knows(*country));
    // A city's centre, or a state's middle; the middle of a few islands is at sea.
    CHECK(Borders::world().distance_to_country(*place, *country).km() <= 10.0 + region.uncertainty_km / 8.0);
  }
  CHECK(seen.size() > 190);
}

TEST_CASE("cloud regions: names as people write them", "[eval][others]") {
  CHECK(named("us-central1") == "gcp:us-central1 ");
  CHECK(named("eastus") == "azure:eastus ");
  CHECK(named("East US 2") == "azure:eastus2 ");
  CHECK(named("us-east-1") == "aws:us-east-1 alibaba:us-east-1 ");
  CHECK(named("us-east-1", "aws") == "aws:us-east-1 ");
  for (const char* const name :
       {"aws:us-east-1", "aws/us-east-1", "aws-us-east-1", "AWS us-east-1", "amazon:us-east-1"})
    CHECK(named(name) == "aws:us-east-1 ");
  CHECK(named("google_us-central1") == "gcp:us-central1 ");
  CHECK(named("aws:us-east-1", "gcp").empty());
  CHECK(named("aws:us-central1").empty());
  CHECK(named("aws").empty());
  CHECK(named("awsus-east-1").empty());
  CHECK(named("").empty());
  CHECK(named("nowhere").empty());
}

TEST_CASE("cloud regions: a zone is its region", "[eval][others]") {
  CHECK(named("us-east-2a") == "aws:us-east-2 ");
  CHECK(named("us-central1-f") == "gcp:us-central1 ");
  CHECK(named("cn-hangzhou-b") == "alibaba:cn-hangzhou ");
  CHECK(named("us-central1f").empty());
  CHECK(named("us-east-2-a").empty());
  CHECK(named("eastusa").empty());
}

TEST_CASE("cloud regions: one place, or two", "[eval][others]") {
  const auto two = [](const std::string& name) {
    const auto found = regions_named(name, "");
    REQUIRE(found.size() == 2);
    return same_place(*found[0], *found[1]);
  };
  CHECK(two("eu-central-1"));  // Frankfurt, twice
  CHECK(!two("eu-west-1"));    // Ireland, and London
  CHECK(!two("us-east-1"));    // N. Virginia, and all of Virginia
}

}  // namespace
}  // namespace chiploc::test::cloud_regions_test
