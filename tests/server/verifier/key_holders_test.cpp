#include "server/verifier/key_holders.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/clone_maker.hpp"
#include "tests/support/judged.hpp"

namespace chiploc::key_holders_test {
namespace {

using test::Judged;
using test::RoundMaker;
constexpr Degrees kMunich{.lat = 48.14, .lon = 11.58};
constexpr Degrees kLondon{.lat = 51.51, .lon = -0.13};

RoundMaker tight() {
  RoundMaker maker = test::four_anchors();
  maker.add_anchor("lon", kLondon);
  maker.add_anchor("muc", kMunich);
  return maker;
}

Judged judge(const RoundMaker& maker, const RoundEvidenceBytes& evidence, unsigned rules = kExplained) {
  Claim claim{.licence = "L-1", .licensed = {CountryCode::from_text("DE").value()}, .prohibited = {}};
  return test::judge(evidence, maker.coordinator_key->public_key(), claim, {},
                     WallTime{std::chrono::seconds{1'700'000'020}}, {}, rules);
}

TEST_CASE("key holders: each of two has its round trips, its disks and a region with its place alone") {
  RoundMaker maker = tight();
  const RoundEvidenceBytes evidence = test::make_cloned(maker, kMunich, kLondon);
  const Judged v = judge(maker, evidence);
  REQUIRE(v.state == VerdictState::kInvalid);
  CHECK(v.reasons.front().code == "cloned_key");
  const auto& holders = v.decision.sealed.holders;
  REQUIRE(holders.size() == 2);
  const Degrees places[] = {kMunich, kLondon};
  for (std::size_t i = 0; i < 2; ++i) {
    const KeyHolder& holder = holders[i];
    CAPTURE(i);
    CHECK(holder.round == maker.round);
    CHECK(holder.statement_sha256 == sha256(evidence.statements[i]));
    REQUIRE(holder.anchors.size() == maker.anchors.size());
    REQUIRE(holder.bounds.size() == holder.anchors.size());
    for (std::size_t a = 0; a < holder.anchors.size(); ++a)
      CHECK(holder.anchors[a].rtt_min == maker.rtt_to(maker.anchors[a], places[i]));
    REQUIRE(holder.region);
    REQUIRE(holder.place);
    CHECK(holder.region->contains(LatLon::from_degrees(places[i]).value()));
    CHECK_FALSE(holder.region->contains(LatLon::from_degrees(places[1 - i]).value()));
    CHECK_FALSE(holder.countries.empty());
  }
  CHECK(holders[0].boot_count == 1);
  CHECK(holders[1].boot_count == 9);
  CHECK(holders[1].round_counter == 5);
  // Nothing of it is the chip's: it has no place.
  CHECK_FALSE(v.region);
  CHECK_FALSE(v.decision.sighting);

  REQUIRE(v.record.holders_size() == 2);
  CHECK(v.record.holders(1).anchors(4).anchor() == "lon");
  CHECK(v.record.holders(1).anchors(4).rtt_min_ns() == maker.rtt_to(maker.anchors[4], kLondon).count());
  CHECK(v.record.holders(1).region_geojson().find("coordinates") != std::string::npos);
  CHECK(v.record.holders(0).region_radius_km() < 500.0);
}

TEST_CASE("key holders: one whose reports are missing signed all the same, and has no place") {
  RoundMaker maker = tight();
  RoundEvidenceBytes evidence = test::make_cloned(maker, kMunich, kLondon);
  evidence.reports.clear();
  const Judged v = judge(maker, evidence);
  REQUIRE(v.state == VerdictState::kInvalid);
  REQUIRE(v.record.holders_size() == 2);
  CHECK(v.record.holders(0).anchors_size() == 0);
  CHECK_FALSE(v.record.holders(0).has_region_centre());
}

TEST_CASE("key holders: none where one answered, and none by the rules of before") {
  RoundMaker maker = tight();
  CHECK(judge(maker, maker.make(kMunich)).record.holders().empty());
  const RoundEvidenceBytes cloned = test::make_cloned(maker, kMunich, kLondon);
  const Judged before = judge(maker, cloned, kExplainedBefore);
  CHECK(before.state == VerdictState::kInvalid);
  CHECK(before.record.holders().empty());
  // The same holder twice is one.
  RoundEvidenceBytes twice = cloned;
  twice.statements.push_back(twice.statements[0]);
  CHECK(judge(maker, twice).record.holders_size() == 2);
}

}  // namespace
}  // namespace chiploc::key_holders_test
