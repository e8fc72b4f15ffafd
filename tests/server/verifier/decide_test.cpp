#include "server/verifier/decide.hpp"

#include <cmath>
#include <random>

#include "geo/path_bound.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/judged.hpp"

namespace chiploc::decide_test {
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

Judged judge(RoundMaker& maker, Degrees place, const Claim& claim, const Policy& policy = {}) {
  return test::judge(maker.make(place), maker.coordinator_key->public_key(), claim, policy, kNow);
}

/// Anchors of four operators around the middle of Australia's south-east.
RoundMaker australia() {
  RoundMaker maker;
  maker.add_anchor("syd", {.lat = -33.87, .lon = 151.21});
  maker.add_anchor("mel", {.lat = -37.81, .lon = 144.96});
  maker.add_anchor("adl", {.lat = -34.93, .lon = 138.60});
  maker.add_anchor("cbr", {.lat = -35.28, .lon = 149.13});
  return maker;
}
constexpr Degrees kWagga{.lat = -35.11, .lon = 147.37};

TEST_CASE("verdict: proved inside the licence is VERIFIED, and says under what") {
  RoundMaker maker = australia();
  const Judged v = judge(maker, kWagga, claim_for({"AU"}));
  REQUIRE(v.state == VerdictState::kVerified);
  CHECK(v.reasons.front().code == "inside_licence");
  CHECK(v.proof.countries == codes({"AU"}));
  CHECK(v.proof.fault_budget == 1);
  CHECK(v.proof.fault_budget_max >= 1);
  CHECK(v.proof.margin.km() > 100.0);
  CHECK(v.region->contains(LatLon::from_degrees(kWagga).value()));
  CHECK(v.expires == kNow + Policy{}.lifetime);
}

TEST_CASE("verdict: the same chip under another licence is OUTSIDE") {
  RoundMaker maker = australia();
  const Judged v = judge(maker, kWagga, claim_for({"NZ", "SG"}));
  CHECK(v.state == VerdictState::kOutside);
  CHECK(v.reasons.front().code == "outside_licence");
}

TEST_CASE("verdict: wholly in prohibited territory is PROHIBITED") {
  RoundMaker maker;
  maker.add_anchor("wuh", {.lat = 30.59, .lon = 114.31});
  maker.add_anchor("csx", {.lat = 28.23, .lon = 112.94});
  maker.add_anchor("khn", {.lat = 28.68, .lon = 115.86});
  CHECK(judge(maker, {.lat = 29.36, .lon = 113.13}, claim_for({"SG"})).state == VerdictState::kProhibited);
}

TEST_CASE("verdict: a licence for what is prohibited elsewhere stays the more specific rule") {
  RoundMaker maker;
  maker.add_anchor("wuh", {.lat = 30.59, .lon = 114.31});
  maker.add_anchor("csx", {.lat = 28.23, .lon = 112.94});
  maker.add_anchor("khn", {.lat = 28.68, .lon = 115.86});
  CHECK(judge(maker, {.lat = 29.36, .lon = 113.13}, claim_for({"CN"})).state == VerdictState::kVerified);
}

RoundMaker europe() {
  RoundMaker maker;
  maker.add_anchor("fra", {.lat = 50.11, .lon = 8.68});
  maker.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
  maker.add_anchor("par", {.lat = 48.86, .lon = 2.35});
  return maker;
}

TEST_CASE("verdict: licensed and neighbouring land but nothing prohibited is CLEARED") {
  RoundMaker maker = europe();
  const Judged v = judge(maker, {.lat = 50.85, .lon = 4.35}, claim_for({"BE"}));
  CHECK(v.state == VerdictState::kCleared);
  CHECK(v.reasons.front().code == "outside_prohibited");
}

TEST_CASE("verdict: when prohibited land cannot be excluded it is UNRESOLVED, with what would resolve it") {
  RoundMaker maker = europe();
  maker.extra = std::chrono::milliseconds{30};
  const Judged v = judge(maker, {.lat = 50.85, .lon = 4.35}, claim_for({"BE"}));
  REQUIRE(v.state == VerdictState::kUnresolved);
  CHECK(v.reasons.front().code == "could_be_prohibited");
  CHECK_FALSE(v.would_resolve.empty());
  CHECK(v.proof.margin == Kilometers{0.0});
}

TEST_CASE("verdict: on land that two states hold or claim nothing is proved, and anchors are not asked for") {
  RoundMaker maker;
  maker.add_anchor("doc", {.lat = 48.00, .lon = 37.80});
  maker.add_anchor("vsg", {.lat = 48.57, .lon = 39.31});
  maker.add_anchor("mpw", {.lat = 47.10, .lon = 37.55});
  const Degrees horlivka{.lat = 48.30, .lon = 38.05};
  const Judged v = judge(maker, horlivka, claim_for({"UA"}));
  REQUIRE(v.state == VerdictState::kUnresolved);
  CHECK(v.reasons.front().text.ends_with(
      "(RU cannot be excluded): the land there is held or claimed by more than one."));
  REQUIRE(v.would_resolve.size() == 1);
  CHECK(v.would_resolve.front().starts_with(
      "The chip may be on land that more than one of RU UA hold or claim: "));
  CHECK(judge(maker, horlivka, claim_for({"RU", "UA"})).state == VerdictState::kVerified);
  RoundMaker elsewhere = europe();
  CHECK(judge(elsewhere, {.lat = 50.85, .lon = 4.35}, claim_for({"BE"})).would_resolve.empty());
}

NamedArea drawn(const std::string& name, double west, double south, double east, double north) {
  const auto corner = [](double lon, double lat) {
    return "[" + std::to_string(lon) + "," + std::to_string(lat) + "]";
  };
  auto parsed = Area::from_geojson(R"({"type":"Polygon","coordinates":[[)" + corner(west, south) + "," +
                                   corner(east, south) + "," + corner(east, north) + "," +
                                   corner(west, north) + "," + corner(west, south) + "]]}");
  REQUIRE(parsed.area);
  NamedArea area{name, std::make_shared<const Area>(std::move(*parsed.area)), {}};
  area.geojson_sha256.bytes.fill(7);
  return area;
}

TEST_CASE("verdict: areas have margins, block, and get advice as countries do") {
  RoundMaker maker = australia();
  Claim claim = claim_for({});
  claim.licensed_areas = {drawn("riverina", 140.0, -40.0, 150.0, -33.0),
                          drawn("elsewhere", 0.0, 0.0, 1.0, 1.0)};
  claim.prohibited_areas = {drawn("range", 151.0, -36.0, 153.5, -30.0)};
  const Judged fine = judge(maker, kWagga, claim);
  REQUIRE(fine.state == VerdictState::kVerified);
  CHECK(fine.reasons.front().text.find("(riverina)") != std::string::npos);
  REQUIRE(fine.proof.margins.size() == 1);
  CHECK(fine.proof.margins[0].territory == "range");
  CHECK(fine.proof.margins[0].distance.km() > 50.0);
  const v1::Verdict& record = fine.record;
  CHECK(record.licensed(0) == "riverina");
  CHECK(record.prohibited(record.prohibited_size() - 1) == "range");
  CHECK(record.area_sha256().at("range") == std::string(32, '\7'));
  CHECK(record.area_sha256().size() == 3);

  maker.path_factor = 3.0;
  const Judged open = judge(maker, kWagga, claim);
  REQUIRE(open.state == VerdictState::kUnresolved);
  CHECK(open.reasons.front().code == "could_be_prohibited");
  CHECK(open.reasons.front().text.find("(range cannot be excluded)") != std::string::npos);
  REQUIRE_FALSE(open.would_resolve.empty());
  REQUIRE_FALSE(open.resolutions.empty());
  CHECK(open.resolutions[0].excludes == std::vector<std::string>{"range"});

  claim.licensed_areas = {drawn("perth", 115.0, -33.0, 117.0, -31.0)};
  maker.path_factor = 1.2;
  const Judged outside = judge(maker, kWagga, claim);
  REQUIRE(outside.state == VerdictState::kOutside);
  CHECK(outside.reasons.front().text.find("licensed territory (perth)") != std::string::npos);

  claim.prohibited_areas.push_back(drawn("south-east", 140.0, -40.0, 150.5, -33.0));
  const Judged prohibited = judge(maker, kWagga, claim);
  REQUIRE(prohibited.state == VerdictState::kProhibited);
  CHECK(prohibited.reasons.front().text.find("prohibited territory (south-east)") != std::string::npos);
}

TEST_CASE("verdict: says how far each prohibited territory stays from what was proved") {
  RoundMaker maker = australia();
  const auto far = judge(maker, kWagga, claim_for({"AU"})).proof;
  CHECK(far.margins.empty());  // nothing prohibited within 2,000 km
  RoundMaker helsinki;
  helsinki.add_anchor("hel", {.lat = 60.17, .lon = 24.94});
  helsinki.add_anchor("tmp", {.lat = 61.50, .lon = 23.76});
  helsinki.add_anchor("tku", {.lat = 60.45, .lon = 22.27});
  const Judged v = judge(helsinki, {.lat = 60.8, .lon = 23.6}, claim_for({"FI"}));
  const auto margins = v.proof.margins;
  REQUIRE(margins.size() == 2);
  CHECK(margins[0].territory == "RU");
  CHECK(margins[1].territory == "BY");
  CHECK(margins[0].distance < margins[1].distance);
  for (const TerritoryMargin& margin : margins) {
    const CountryCode code = codes({margin.territory.c_str()})[0];
    const Region grown = v.region->inflated(margin.distance);
    const Region more = v.region->inflated(margin.distance + Kilometers{1.5});
    if (margin.distance > Kilometers{0.0}) CHECK_FALSE(Borders::world().meets(grown, code));
    CHECK(Borders::world().meets(more, code));
  }
}

TEST_CASE("verdict: what is licensed is not prohibited land for that licence") {
  RoundMaker maker;  // on the border of what is licensed and its harmless neighbour
  maker.add_anchor("kun", {.lat = 25.04, .lon = 102.71});
  maker.add_anchor("han", {.lat = 21.03, .lon = 105.85});
  maker.add_anchor("nng", {.lat = 22.82, .lon = 108.32});
  const Judged cleared = judge(maker, {.lat = 22.5, .lon = 105.5}, claim_for({"CN"}));
  CHECK(cleared.state == VerdictState::kCleared);
  CHECK(cleared.reasons.front().text.find("other than what the licence names (CN)") != std::string::npos);
  Claim expired = claim_for({"CN"});
  expired.in_force = false;
  CHECK(judge(maker, {.lat = 22.5, .lon = 105.5}, expired).state == VerdictState::kUnresolved);
  CHECK(judge(maker, {.lat = 22.5, .lon = 105.5}, claim_for({"VN"})).state == VerdictState::kUnresolved);
}

TEST_CASE("verdict: no single perspective condemns or clears") {
  RoundMaker one;
  one.add_anchor("syd", {.lat = -33.87, .lon = 151.21});
  const Judged alone = judge(one, {.lat = -33.9, .lon = 151.2}, claim_for({"AU"}));
  CHECK(alone.state == VerdictState::kUnresolved);
  CHECK(alone.reasons.front().code == "too_few_perspectives");
  CHECK(
      alone.reasons.front().text ==
      "Only 1 independent perspective(s) measured the chip from so near that a place is excluded; with a fault budget "
      "of 1 at least 2 are needed to exclude any place.");
  RoundMaker same;
  same.add_anchor("syd1", {.lat = -33.87, .lon = 151.21}, "one", "n1");
  same.add_anchor("syd2", {.lat = -33.87, .lon = 151.21}, "one", "n2");
  same.add_anchor("syd3", {.lat = -33.87, .lon = 151.21}, "two", "n2");
  CHECK(judge(same, {.lat = -33.9, .lon = 151.2}, claim_for({"AU"})).reasons.front().code ==
        "too_few_perspectives");
  const auto trusting = [&](unsigned explained_by) {
    return test::judge(one.make({.lat = -33.9, .lon = 151.2}), one.coordinator_key->public_key(),
                       claim_for({"AU"}), Policy{.fault_budget = 0}, kNow, {}, explained_by);
  };
  CHECK(trusting(kExplained).state == VerdictState::kVerified);
  CHECK(trusting(kExplained).reasons.front().text.find("(AU), if no perspective is wrong.") !=
        std::string::npos);
  CHECK(trusting(kExplainedFirst).reasons.front().text.find("even if any 0 perspectives") !=
        std::string::npos);
}

TEST_CASE("verdict: one lying anchor cannot turn an honest chip's verdict into a flag") {
  RoundMaker maker = australia();
  maker.add_anchor("liar", {.lat = 1.35, .lon = 103.82});  // claims that the chip is next door in Singapore
  maker.spoil_session = [](std::size_t i, v1::SessionReport& s) {
    if (i != 4) return;
    for (auto& sample : *s.mutable_samples()) sample.set_rtt_ns(100'000);
  };
  const Judged v = judge(maker, kWagga, claim_for({"AU"}));
  CHECK(v.state == VerdictState::kVerified);
  CHECK(v.region->contains(LatLon::from_degrees(kWagga).value()));
}

TEST_CASE("verdict: evidence that allows no place names who could have lied and flags nobody") {
  RoundMaker maker = australia();
  maker.add_anchor("liar1", {.lat = 1.35, .lon = 103.82});
  maker.add_anchor("liar2", {.lat = 51.5, .lon = -0.1});
  maker.spoil_session = [](std::size_t i, v1::SessionReport& s) {
    if (i < 4) return;
    for (auto& sample : *s.mutable_samples()) sample.set_rtt_ns(100'000);
  };
  const Judged v = judge(maker, kWagga, claim_for({"AU"}));
  CHECK(v.state == VerdictState::kUnresolved);
  CHECK(v.reasons.front().code == "evidence_contradicts");
  CHECK(v.reasons.front().text.find("liar1, liar2") != std::string::npos);
}

TEST_CASE("verdict: where leaving out either of several would do, all are named and none is accused") {
  const std::string what =
      "The round trips allow no place at all, even within the fault budget: some anchors are wrong about "
      "place or time; ";
  const std::string look =
      " Compare their places in chiploc anchor list with where they stand; chiploc imports says whether one was "
      "changed lately.";
  RoundMaker maker;
  const auto told = [&maker](unsigned budget, unsigned rules = kExplained) {
    maker.spoil_session = [](std::size_t, v1::SessionReport& s) {
      for (auto& sample : *s.mutable_samples()) sample.set_rtt_ns(100'000);
    };
    const Judged v = test::judge(maker.make(kWagga), maker.coordinator_key->public_key(), claim_for({"AU"}),
                                 {.fault_budget = budget}, kNow, {}, rules);
    CHECK(v.state == VerdictState::kUnresolved);
    CHECK(v.reasons.front().code == "evidence_contradicts");
    return v.reasons.front().text;
  };
  maker.add_anchor("ber1", {.lat = 52.52, .lon = 13.40});
  maker.add_anchor("fra1", {.lat = 50.11, .lon = 8.68});
  CHECK(told(0) == what + "either ber1 or fra1, and nothing says which of the two." + look);
  for (const unsigned rules : {kExplainedBefore, kExplainedFirst})
    CHECK(told(0, rules) == what + "without ber1 the others agree.");
  maker.add_anchor("par", {.lat = 48.86, .lon = 2.35});
  CHECK(told(1) ==
        what +
            "without ber1 and fra1, or without ber1 and par, or without fra1 and par the others agree, "
            "and nothing says which." +
            look);
  maker.add_anchor("syd", {.lat = -33.87, .lon = 151.21});
  CHECK(told(1).find(" (1 more such) the others agree") != std::string::npos);
}

TEST_CASE("verdict: a slower speed is named, and never the default") {
  CHECK(Policy{}.speed == kLightInVacuum);
  RoundMaker maker = europe();
  const Policy fibre{.speed = kLightInFibre, .speed_name = "fibre"};
  const Claim claim = claim_for({"BE"});
  const Judged v = judge(maker, {.lat = 50.85, .lon = 4.35}, claim, fibre);
  const Judged c = judge(maker, {.lat = 50.85, .lon = 4.35}, claim);
  CHECK(v.bounds[0].km() == Approx(c.bounds[0].km() * 2 / 3).margin(0.01));
  const v1::Verdict& record = v.record;
  CHECK(record.speed_name() == "fibre");
  CHECK(record.speed_km_s() == Approx(199'861.639).margin(0.001));
}

TEST_CASE(
    "verdict: under a licence that is not in force nothing is VERIFIED, and nothing is condemned for it") {
  RoundMaker maker = australia();
  Claim claim = claim_for({"AU"});
  claim.in_force = false;
  const Judged v = judge(maker, kWagga, claim);
  CHECK(v.state == VerdictState::kCleared);
  CHECK(v.reasons[1].code == "licence_not_in_force");
}

TEST_CASE("verdict: silent and invalid evidence gives no region and keeps its reasons") {
  RoundMaker maker = australia();
  RoundEvidenceBytes evidence = maker.make(kWagga);
  evidence.statements.clear();
  const auto decide_on = [&](const RoundEvidenceBytes& e) {
    return test::judge(e, maker.coordinator_key->public_key(), claim_for({"AU"}), Policy{}, kNow);
  };
  CHECK(decide_on(evidence).state == VerdictState::kSilent);
  CHECK_FALSE(decide_on(evidence).region);
  evidence.statements.push_back({1, 2, 3});
  CHECK(decide_on(evidence).state == VerdictState::kInvalid);
  CHECK(decide_on(evidence).reasons.front().code == "statement_malformed");
}

TEST_CASE("verdict: hinges are the anchors without which the state would be another") {
  RoundMaker maker;
  maker.add_anchor("syd", {.lat = -33.87, .lon = 151.21});
  maker.add_anchor("cbr", {.lat = -35.28, .lon = 149.13});
  maker.add_anchor("lon", {.lat = 51.5, .lon = -0.1});  // too far away to matter
  const Judged v = judge(maker, {.lat = -34.75, .lon = 149.72}, claim_for({"AU"}));
  REQUIRE(v.state == VerdictState::kVerified);
  CHECK(v.proof.hinges == std::vector<std::string>{"syd", "cbr"});
}

TEST_CASE("verdict: adding delay anywhere never makes it greener for a chip that is elsewhere",
          "[property]") {
  // A relay or a stalling host can only add delay. The chip is in Shanghai, licensed for Japan; whatever
  // delays are added to whichever paths, it must never be VERIFIED nor CLEARED.
  std::mt19937_64 random{20261121};  // NOLINT: repeatable on purpose
  std::uniform_real_distribution<double> delay_ms{0.0, 40.0};
  for (int i = 0; i < 40; ++i) {
    RoundMaker maker;
    maker.add_anchor("tyo", {.lat = 35.68, .lon = 139.69});
    maker.add_anchor("osa", {.lat = 34.69, .lon = 135.50});
    maker.add_anchor("sel", {.lat = 37.57, .lon = 126.98});
    maker.add_anchor("tpe", {.lat = 25.03, .lon = 121.57});
    maker.spoil_session = [&](std::size_t, v1::SessionReport& s) {
      const auto added = static_cast<std::int64_t>(delay_ms(random) * 1e6);
      for (auto& sample : *s.mutable_samples()) sample.set_rtt_ns(sample.rtt_ns() + added);
    };
    const Judged v = judge(maker, {.lat = 31.23, .lon = 121.47}, claim_for({"JP"}));
    INFO("round " << i << ": " << name_of(v.state));
    CHECK(v.state != VerdictState::kVerified);
    CHECK(v.state != VerdictState::kCleared);
  }
}

TEST_CASE("verdict: 5 ms more of round trip are 749 km more of disk at c") {
  RoundMaker near = australia();
  RoundMaker far = australia();
  far.extra = near.extra + std::chrono::milliseconds{5};
  const double grown = judge(far, kWagga, claim_for({"AU"})).bounds[0].km() -
                       judge(near, kWagga, claim_for({"AU"})).bounds[0].km();
  CHECK(grown ==
        Approx(749.481 * 1.0005).margin(0.05));  // 500 ppm for the anchor's oscillator are part of it
}

TEST_CASE("verdict: the record carries both proof and estimate, apart") {
  RoundMaker maker = australia();
  const Claim claim = claim_for({"AU"});
  const DelayModel model = default_delay_model();
  const Judged v = judge(maker, kWagga, claim);
  const v1::Verdict& record = v.record;
  CHECK(record.state() == v1::VERIFIED);
  CHECK(record.anchors_size() == 4);
  CHECK(record.anchors(0).used());
  CHECK(record.anchors(0).bound_km() > 0.0);
  CHECK(record.region_radius_km() > 0.0);
  CHECK(record.region_geojson().find("MultiPolygon") != std::string::npos);
  CHECK(record.estimate().calibration() == model.version);
  CHECK(std::abs(record.estimate().place().lat_deg() - kWagga.lat) < 3.0);
  CHECK(record.borders_version() == Borders::world().version());
}

}  // namespace
}  // namespace chiploc::decide_test
