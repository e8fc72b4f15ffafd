#include "server/verifier/resolution.hpp"

#include <cmath>

#include "geo/geodesic.hpp"
#include "geo/path_bound.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/judged.hpp"

namespace chiploc::resolution_test {
namespace {

using test::Judged;
using test::RoundMaker;
using Kind = Resolution::Kind;
constexpr WallTime kNow{std::chrono::seconds{1'800'000'000}};
constexpr Degrees kBrussels{.lat = 50.85, .lon = 4.35};

std::vector<CountryCode> codes(std::initializer_list<const char*> texts) {
  std::vector<CountryCode> out;
  for (const char* text : texts) out.push_back(CountryCode::from_text(text).value());
  return out;
}

Claim claim_for(std::initializer_list<const char*> licensed) {
  return {.licence = "L-1", .licensed = codes(licensed), .prohibited = codes({"RU", "BY", "KP"})};
}

KnownAnchor known(const std::string& name, Degrees place, const std::string& operator_name = "") {
  KnownAnchor out{random_id<AnchorId>(), name, LatLon::from_degrees(place).value()};
  out.operator_name = operator_name.empty() ? "op-" + name : operator_name;
  out.network = "net-" + name;
  return out;
}

/// Anchors all around Europe, none of them near: such paths leave parts of Russia open, whoever is wrong.
RoundMaker far_anchors() {
  RoundMaker maker;
  maker.path_factor = 2.6;
  maker.add_anchor("lis", {.lat = 38.72, .lon = -9.14});
  maker.add_anchor("rom", {.lat = 41.90, .lon = 12.50});
  maker.add_anchor("osl", {.lat = 59.91, .lon = 10.75});
  maker.add_anchor("dub", {.lat = 53.35, .lon = -6.26});
  return maker;
}
const Degrees kAmsterdam{.lat = 52.37, .lon = 4.90};
const Degrees kParis{.lat = 48.86, .lon = 2.35};
const Degrees kAthens{.lat = 37.98, .lon = 23.73};

Judged judge(RoundMaker& maker, Degrees place, const Claim& claim, const std::vector<KnownAnchor>& others) {
  return test::judge(maker.make(place), maker.coordinator_key->public_key(), claim, {}, kNow, others);
}

const Resolution* first_of(const Judged& v, Kind kind) {
  for (const Resolution& one : v.resolutions) {
    if (one.kind == kind) return &one;
  }
  return nullptr;
}

/// The state once these anchors have measured that, too, each a perspective of its own.
VerdictState state_with(const Judged& v, const Claim& claim, const Resolution& asked,
                        const std::function<Nanoseconds(const Resolution::By&)>& rtt) {
  std::vector<AnchorBound> bounds;
  for (const ProvedBound& bound : v.decision.proved) bounds.push_back(bound.bound);
  std::uint32_t perspective = 100;
  for (unsigned i = 0; i < asked.anchors; ++i) {
    const Resolution::By& by = asked.by[std::min<std::size_t>(i, asked.by.size() - 1)];
    bounds.push_back({by.place, Kilometers{0.0}, path_bound(rtt(by), kLightInVacuum).value(), perspective++});
  }
  return state_of(TerritoryJudge{claim, Borders::world()}.judge(Region::from_bounds(bounds, 1)).finding);
}

double fibre_ms(LatLon a, Degrees b) {
  return 2e3 * geodesic_distance(a, LatLon::from_degrees(b).value()).km() / kLightInFibre.km_s();
}

TEST_CASE("resolution: anchors that exist are named, the near ones, and with them it is resolved") {
  RoundMaker maker = far_anchors();
  const Claim claim = claim_for({"BE"});
  const Judged v =
      judge(maker, kBrussels, claim, {known("ath", kAthens), known("ams", kAmsterdam), known("par", kParis)});
  REQUIRE(v.state == VerdictState::kUnresolved);
  REQUIRE_FALSE(v.resolutions.empty());
  const Resolution& asked = v.resolutions.front();
  REQUIRE(asked.kind == Kind::kExistingAnchor);
  CHECK(asked.settles);
  CHECK(asked.anchors == 2);
  REQUIRE(asked.by.size() >= 2);
  CHECK(std::set<std::string>{asked.by[0].anchor, asked.by[1].anchor} == std::set<std::string>{"ams", "par"});
  CHECK(asked.excludes.front() == "BY");
  // At the limit itself, and with what such a path takes here.
  CHECK(state_with(v, claim, asked, [](const auto& by) { return *by.below; }) != VerdictState::kUnresolved);
  CHECK(state_with(v, claim, asked, [&](const auto& by) {
          test::MadeAnchor at;
          at.place = {by.place.lat_deg(), by.place.lon_deg()};
          return maker.rtt_to(at, kBrussels);
        }) != VerdictState::kUnresolved);
  // Well beyond it is not, or it would be no limit.
  CHECK(state_with(v, claim, asked, [](const auto& by) { return *by.below * 13 / 10; }) ==
        VerdictState::kUnresolved);
  CHECK(v.would_resolve.front().starts_with("Measure also with "));
  CHECK(v.would_resolve.front().find("ams near 52.4 N 4.9 E (NL; below ") != std::string::npos);
  CHECK(v.would_resolve.front().find("no place is left in BY, RU. Usual means: for a chip in BE, where the "
                                     "licence has it.") != std::string::npos);
}

TEST_CASE(
    "resolution: whoever shares an operator with an anchor that measured is no perspective of its own") {
  RoundMaker maker = far_anchors();
  const Judged v =
      judge(maker, kBrussels, claim_for({"BE"}),
            {known("ams", kAmsterdam, "op-lis"), known("par", kParis), known("ant", kAmsterdam, "op-par")});
  const Resolution* const asked = first_of(v, Kind::kExistingAnchor);
  REQUIRE(asked);
  CHECK(asked->by.size() == 1);
  CHECK(asked->anchors == 2);
  CHECK_FALSE(asked->settles);
  CHECK(v.would_resolve.front().find(
            "the region gets smaller; it takes 2 independent ones to leave no place in ") !=
        std::string::npos);
}

TEST_CASE(
    "resolution: without anchors that exist new ones are asked for near cities, not in prohibited land") {
  RoundMaker maker = far_anchors();
  const Claim claim = claim_for({"BE"});
  const Judged v = judge(maker, kBrussels, claim, {});
  REQUIRE(v.state == VerdictState::kUnresolved);
  const Resolution* const asked = first_of(v, Kind::kNewAnchor);
  REQUIRE(asked);
  CHECK(asked->anchors == 2);
  REQUIRE(asked->by.size() == 1);
  const Resolution::By& by = asked->by.front();
  CHECK(by.anchor.empty());
  REQUIRE(by.country);
  CHECK(Borders::world().country_at(by.place));
  REQUIRE(by.below);
  CHECK(static_cast<double>(by.below->count()) / 1e6 > fibre_ms(by.place, kBrussels));
  CHECK(state_with(v, claim, *asked, [](const auto& one) { return *one.below; }) !=
        VerdictState::kUnresolved);
  // As the API has it.
  REQUIRE(v.record.resolutions_size() == static_cast<int>(v.resolutions.size()));
  CHECK(v.record.resolution().kind() == name_of(v.resolutions.front().kind));
  CHECK(v.record.resolution().rtt_below_ns() == v.resolutions.front().by.front().below->count());
}

TEST_CASE("resolution: behind a relay no anchor is asked for what the relay rules out, but a better path") {
  RoundMaker maker = far_anchors();
  maker.add_anchor("ams", kAmsterdam);
  maker.add_anchor("par", kParis);
  maker.path_factor = 1.5;
  maker.extra = std::chrono::milliseconds{45};
  const Judged v = judge(maker, kBrussels, claim_for({"BE"}),
                         {known("fra", test::kFrankfurt), known("lon", {51.5, -0.1})});
  REQUIRE(v.state == VerdictState::kUnresolved);
  REQUIRE_FALSE(v.resolutions.empty());
  const Resolution& asked = v.resolutions.front();
  CHECK(asked.kind == Kind::kBetterPath);
  REQUIRE(asked.by.size() == 2);
  for (const Resolution::By& by : asked.by) {
    REQUIRE(by.has);
    REQUIRE(by.below);
    CHECK(*by.below < *by.has);
    CHECK(by.usual < *by.below);
  }
  CHECK(v.would_resolve.front().starts_with("A better path to "));
  for (const Resolution& one : v.resolutions) {
    if (one.kind == Kind::kBetterPath) continue;
    CHECK_FALSE(one.settles);
    for (const Resolution::By& by : one.by) CHECK(by.usual > std::chrono::milliseconds{30});
  }
}

TEST_CASE(
    "resolution: for a chip that delays see elsewhere, anchors that exclude the licensed land as well") {
  RoundMaker maker = far_anchors();
  const Claim claim = claim_for({"PT"});
  const Degrees minsk{.lat = 53.9, .lon = 27.57};
  const Judged v =
      judge(maker, minsk, claim,
            {known("waw", {.lat = 52.23, .lon = 21.01}), known("vno", {.lat = 54.69, .lon = 25.28}),
             known("mad", {.lat = 40.42, .lon = -3.70})});
  if (v.state == VerdictState::kOutside) FAIL("the anchors prove too much for this test");
  REQUIRE(v.state == VerdictState::kUnresolved);
  const auto elsewhere = std::find_if(v.resolutions.begin(), v.resolutions.end(), [](const Resolution& one) {
    return one.kind == Kind::kExistingAnchor && !one.if_licensed;
  });
  REQUIRE(elsewhere != v.resolutions.end());
  CHECK(elsewhere->excludes == std::vector<std::string>{"PT"});
  CHECK(state_with(v, claim, *elsewhere, [](const auto& by) { return by.usual; }) == VerdictState::kOutside);
  CHECK(text_of(*elsewhere).find("where delays suggest that it is") != std::string::npos);
}

TEST_CASE("resolution: no limit is below what light in fibre takes, and there are five lines at most") {
  RoundMaker maker = far_anchors();
  for (const double factor : {1.6, 2.0, 2.6}) {
    for (const Degrees place :
         {kBrussels, Degrees{.lat = 60.17, .lon = 24.94}, Degrees{.lat = 44.43, .lon = 26.1}}) {
      for (const char* licensed : {"BE", "FI", "RO", "EE", "PT"}) {
        maker.path_factor = factor;
        const Judged v = judge(maker, place, claim_for({licensed}),
                               {known("ath", kAthens), known("ams", kAmsterdam), known("hel", {60.2, 24.9}),
                                known("sof", {42.7, 23.3})});
        CAPTURE(factor, place.lat, licensed, v.would_resolve);
        CHECK(v.would_resolve.size() <= 5);
        for (const Resolution& one : v.resolutions) {
          CHECK(one.by.size() <= one.anchors + 1);
          for (const Resolution::By& by : one.by) {
            CHECK(by.usual.count() > 0);
            if (!by.below) continue;
            CHECK(by.below->count() > 0);
            // A chip in the country may be so near; in the licensed case that country is the licensed one.
            if (one.if_licensed) {
              const auto code = CountryCode::from_text(licensed).value();
              const double km = Borders::world().distance_to_country(by.place, code).km();
              CHECK(static_cast<double>(by.below->count()) / 1e6 >= 0.99 * 2e3 * km / kLightInFibre.km_s());
            }
          }
        }
      }
    }
  }
}

TEST_CASE("resolution: too few perspectives ask for anchors, and nothing else is said of places") {
  RoundMaker maker;
  maker.add_anchor("ams", kAmsterdam);
  const Judged v = judge(maker, kBrussels, claim_for({"BE"}), {known("par", kParis), known("ath", kAthens)});
  REQUIRE(v.state == VerdictState::kUnresolved);
  REQUIRE(v.reasons.front().code == "too_few_perspectives");
  const Resolution* const asked = first_of(v, Kind::kExistingAnchor);
  REQUIRE(asked);
  CHECK(asked->anchors == 1);  // ams excludes it already: one more is a second
  CHECK(asked->by.front().anchor == "par");
  CHECK(state_with(v, claim_for({"BE"}), *asked, [](const auto& by) { return *by.below; }) !=
        VerdictState::kUnresolved);
}

TEST_CASE("resolution: too few perspectives ask for more where nothing is prohibited, too") {
  RoundMaker maker;
  maker.add_anchor("ams", kAmsterdam);
  Claim claim = claim_for({"BE"});
  claim.prohibited.clear();
  const Judged v = judge(maker, kBrussels, claim, {});
  REQUIRE(v.reasons.front().code == "too_few_perspectives");
  REQUIRE(v.would_resolve.size() == 1);
  CHECK(v.would_resolve.front().starts_with("1 more anchor of other operators and networks: before 2 "));
}

TEST_CASE("resolution: what takes a word stands before what takes an anchor") {
  RoundMaker maker = far_anchors();
  Claim claim = claim_for({"BE", "NO"});  // SJ may be meant by NO, or not
  claim.prohibited.push_back(CountryCode::from_text("DK").value());
  maker.path_factor = 3.2;
  const Judged v = judge(maker, kBrussels, claim, {known("ams", kAmsterdam)});
  REQUIRE(v.state == VerdictState::kUnresolved);
  REQUIRE(v.would_resolve.size() >= 2);
  CHECK(v.would_resolve.front().starts_with("Name "));
}

}  // namespace
}  // namespace chiploc::resolution_test
