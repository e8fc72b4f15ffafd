#include "server/cli/holders_text.hpp"

#include <sstream>

#include "server/cli/verdict_map.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/service/json_view.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

void put(v1::KeyHolder& holder, const char* anchor, double lat, double lon, std::int64_t rtt_ns, double km) {
  auto& seen = *holder.add_anchors();
  seen.set_anchor(anchor);
  seen.mutable_place()->set_lat_deg(lat);
  seen.mutable_place()->set_lon_deg(lon);
  seen.set_rtt_min_ns(rtt_ns);
  seen.set_bound_km(km);
  seen.set_samples(12);
}

/// One at Berlin, one at Sydney; both answered the round.
v1::Verdict cloned() {
  v1::Verdict verdict;
  verdict.set_state(v1::INVALID);
  verdict.set_round_id(std::string(16, 'r'));
  for (int i = 0; i < 2; ++i) {
    v1::KeyHolder& holder = *verdict.add_holders();
    holder.set_round_id(verdict.round_id());
    holder.set_statement_sha256(std::string(32, 's'));
    holder.set_boot_count(static_cast<std::uint64_t>(3 + i));
    holder.set_round_counter(static_cast<std::uint64_t>(7 + i));
    holder.mutable_region_centre()->set_lat_deg(i == 0 ? 52.5 : -33.9);
    holder.mutable_region_centre()->set_lon_deg(i == 0 ? 13.4 : 151.2);
    holder.set_region_radius_km(120.25);
    holder.set_region_geojson(
        R"({"type":"MultiPolygon","coordinates":[[[[7,49],[9,49],[9,51],[7,51],[7,49]]]]})");
    holder.add_countries(i == 0 ? "DE" : "AU");
  }
  put(*verdict.mutable_holders(0), "ber1", 52.5, 13.4, 1'234'567, 185.1);
  put(*verdict.mutable_holders(1), "ber1", 52.5, 13.4, 290'000'000, 43'490.0);
  put(*verdict.mutable_holders(1), "syd1", -33.9, 151.2, 900'000, 135.0);
  return verdict;
}

std::string text_of(const v1::Verdict& verdict) {
  std::ostringstream out;
  write_holders(out, verdict, false);
  return out.str();
}

TEST_CASE("holders text: each with what it signed, where it was and its round trips", "[cli]") {
  CHECK(text_of(cloned()) ==
        "\nTwo holders of the key\n"
        "  holder 1  within 120.2 km of 52.500 N 13.400 E, in DE\n"
        "    answered this round; its statement has boot count 3, round counter 7\n"
        "    ANCHOR  RTT MIN MS  BOUND KM  SAMPLES\n"
        "    ber1         1.235     185.1       12\n"
        "  holder 2  within 120.2 km of 33.900 S 151.200 E, in AU\n"
        "    answered this round; its statement has boot count 4, round counter 8\n"
        "    ANCHOR  RTT MIN MS  BOUND KM  SAMPLES\n"
        "    ber1       290.000  43,490.0       12\n"
        "    syd1         0.900     135.0       12\n");
  CHECK(text_of({}).empty());
  std::ostringstream whole;
  write_verdict(whole, cloned(), false);
  CHECK(whole.str().find("\nTwo holders of the key\n") != std::string::npos);
}

TEST_CASE("holders text: of another round, and of nobody knows where", "[cli]") {
  v1::Verdict verdict = cloned();
  v1::KeyHolder& before = *verdict.mutable_holders(1);
  before.clear_anchors();
  before.set_round_id(std::string(16, '\x01'));
  before.set_from_unix_ns(1'700'000'000'000'000'000);
  before.set_to_unix_ns(1'700'000'009'000'000'000);
  CHECK(text_of(verdict).find("    answered round 01010101010101010101010101010101, 2023-11-14 22:13:20Z to "
                              "2023-11-14 22:13:29Z; its round trips stand in the verdict of then\n") !=
        std::string::npos);
  verdict.mutable_holders(0)->clear_region_centre();
  CHECK(text_of(verdict).find("holder 1  its round trips exclude no place, or contradict each other\n") !=
        std::string::npos);
  verdict.mutable_holders(0)->clear_anchors();
  CHECK(text_of(verdict).find("holder 1  no round trip counts for it: nothing is known of its place\n") !=
        std::string::npos);
}

TEST_CASE("holders on the map: a region, disks and a point for each", "[cli]") {
  const auto told = [](const v1::Verdict& verdict) {
    std::string out;
    const Json map = verdict_map(verdict);
    for (const auto& feature : map.at("features")) {
      const Json& properties = feature.at("properties");
      out += properties.at("role").get<std::string>() + ' ' + properties.at("holder").dump() + ", ";
      CHECK(feature.at("geometry").at("coordinates").is_array());
      CHECK(properties.at("state") == "INVALID");
    }
    return out;
  };
  v1::Verdict verdict = cloned();
  // A disk beyond half the Earth's girth excludes nothing, and is not drawn.
  CHECK(told(verdict) == "disk 1, region 1, holder 1, disk 2, region 2, holder 2, ");
  const Json holder = verdict_map(verdict).at("features").at(5);
  CHECK(holder.at("geometry").at("type") == "Point");
  CHECK(holder.at("geometry").at("coordinates").at(0) == 151.2);
  CHECK(holder.at("properties").at("boot_count") == 4);
  CHECK(holder.at("properties").at("round_id") == hex_of(verdict.round_id()));
  // Of another round there is a disk that holds the region.
  verdict.mutable_holders(1)->clear_region_geojson();
  verdict.mutable_holders(1)->clear_anchors();
  const Json region = verdict_map(verdict).at("features").at(3);
  CHECK(region.at("properties").at("role") == "region");
  double south = 90.0;
  for (const auto& point : region.at("geometry").at("coordinates").at(0).at(0))
    south = std::min(south, point.at(1).get<double>());
  CHECK(south == Approx(-33.9 - 120.25 / 110.9).margin(0.1));
}

TEST_CASE("holders on the map: where the verdict has a region itself, it is not drawn twice", "[cli]") {
  v1::Verdict verdict = cloned();
  verdict.set_region_geojson(verdict.holders(0).region_geojson());
  verdict.mutable_holders(1)->clear_region_geojson();
  int regions = 0;
  const Json map = verdict_map(verdict);
  for (const auto& feature : map.at("features"))
    regions += feature.at("properties").at("role") == "region" ? 1 : 0;
  CHECK(regions == 2);
}

TEST_CASE("holders in json: all that the text has", "[cli]") {
  const Json holders = json_of(cloned()).at("holders");
  REQUIRE(holders.size() == 2);
  CHECK(holders[1].at("boot_count") == 4);
  CHECK(holders[1].at("region").at("centre").at("lat_deg") == -33.9);
  CHECK(holders[1].at("anchors").at(1).at("anchor") == "syd1");
  CHECK(holders[1].at("countries").at(0) == "AU");
  CHECK(holders[0].at("statement_sha256").get<std::string>().size() == 64);
  CHECK(json_of(v1::Verdict{}).at("holders").empty());
}

}  // namespace
}  // namespace chiploc
