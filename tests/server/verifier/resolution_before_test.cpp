#include "server/verifier/resolution_before.hpp"

#include "geo/path_bound.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/judged.hpp"

namespace chiploc::resolution_before_test {
namespace {

using test::Judged;
using test::RoundMaker;
constexpr WallTime kNow{std::chrono::seconds{1'800'000'000}};

std::vector<CountryCode> codes(std::initializer_list<const char*> texts) {
  std::vector<CountryCode> out;
  for (const char* text : texts) out.push_back(CountryCode::from_text(text).value());
  return out;
}

Claim claim_for(std::initializer_list<const char*> licensed) {
  return {.licence = "L-1",
          .licensed = codes(licensed),
          .prohibited = codes({"CN", "RU", "IR", "KP", "BY"}),
          .in_force = true};
}

RoundMaker europe() {
  RoundMaker maker;
  maker.add_anchor("fra", {.lat = 50.11, .lon = 8.68});
  maker.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
  maker.add_anchor("par", {.lat = 48.86, .lon = 2.35});
  return maker;
}

TEST_CASE("resolution before: no anchor is asked for a round trip that the proof itself rules out") {
  // Proved within 10 km of Donetsk, which lies in the land that keeps RU open. From Dnipro RU is out of reach
  // below some 0.6 ms; the chip cannot be there.
  const TerritoryJudge judge{claim_for({"UA"}), Borders::world()};
  Proof proof;
  proof.margins = {{"RU", Kilometers{0.0}}};
  const auto bound = [](double lat, double lon, double km, std::uint32_t perspective) {
    return AnchorBound{LatLon::from_degrees({.lat = lat, .lon = lon}).value(), Kilometers{0.0},
                       Kilometers{km}, perspective};
  };
  const ProvedBound donetsk{bound(48.00, 37.80, 10.0, 0), "dnk", std::chrono::microseconds{60}};
  const ProvedBound dnipro{bound(48.46, 35.04, 300.0, 1), "dnp", std::chrono::milliseconds{2}};
  const auto told = [&](const std::vector<ProvedBound>& bounds) {
    return resolution_texts_before(proof, std::nullopt, bounds, judge, kLightInVacuum).at(0);
  };
  CHECK(told({donetsk, dnipro}).find("no anchor at hand stands where the chip could answer soon enough") !=
        std::string::npos);
  // Without the first bound the chip may be in Dnipro, for all that is proved.
  CHECK(told({dnipro}).find("dnp below 0.") != std::string::npos);
  CHECK(told({donetsk}).find("none of the anchors is outside it") != std::string::npos);
}

TEST_CASE("resolution before: the anchors that it asks for do resolve it") {
  RoundMaker maker = europe();
  maker.extra = std::chrono::milliseconds{30};
  const Degrees brussels{.lat = 50.85, .lon = 4.35};
  const Judged open = test::judge(maker.make(brussels), maker.coordinator_key->public_key(),
                                  claim_for({"BE"}), {}, kNow, {}, kExplainedBefore);
  REQUIRE(open.state == VerdictState::kUnresolved);
  REQUIRE(open.explanation.resolution_before.has_value());
  CHECK(open.resolutions.empty());
  const ResolutionBefore& resolution = *open.explanation.resolution_before;
  CHECK(resolution.perspectives == 2);  // no land is excluded by even one of those at hand
  CHECK(resolution.rtt_below > std::chrono::milliseconds{1});
  CHECK(open.would_resolve.back().find("2 more independent anchors near ") != std::string::npos);

  // The bounds of the round, and what the new anchors would add at just that round trip.
  std::vector<AnchorBound> bounds;
  for (std::size_t i = 0; i < open.anchors.size(); ++i) {
    const AnchorFinding& anchor = open.anchors[i];
    bounds.push_back({anchor.anchor.place, anchor.anchor.uncertainty, open.bounds[i], anchor.perspective});
  }
  const TerritoryJudge at_stake{claim_for({"BE"}), Borders::world()};
  const auto state_with = [&](unsigned more) {
    auto all = bounds;
    for (unsigned i = 0; i < more; ++i) {
      const auto radius = path_bound(resolution.rtt_below, kLightInVacuum);
      all.push_back({resolution.place, Kilometers{0.0}, radius.value(), 100 + i});
    }
    return state_of(at_stake.judge(Region::from_bounds(all, 1)).finding);
  };
  CHECK(state_with(0) == VerdictState::kUnresolved);
  CHECK(state_with(resolution.perspectives - 1) == VerdictState::kUnresolved);
  CHECK(state_with(resolution.perspectives) != VerdictState::kUnresolved);
}

}  // namespace
}  // namespace chiploc::resolution_before_test
