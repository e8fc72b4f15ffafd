#include "server/cost/ways.hpp"

#include "tests/server/cost/cost_told.hpp"

namespace chiploc {
namespace {

using test::central;
using test::facts_in;
using test::policy_of;
using test::way_by;

CostCase near_site(double km) {
  CostCase wanted;
  wanted.distance_km = km;
  return wanted;
}

TEST_CASE("ways: a relay's region grows by what its way takes, in the proof's speed", "[cost]") {
  // In vacuum: 1.5 km for each km of straight fibre, 15 km for each 100 us of a round trip.
  CHECK(region_growth_km(100, 1.0, false, 0, 299'792.458) == Approx(150.0));
  CHECK(region_growth_km(100, 1.0, true, 0, 299'792.458) == Approx(100.0));
  CHECK(region_growth_km(0, 2.0, false, 100, 299'792.458) == Approx(14.9896).epsilon(1e-4));
  // A proof at the speed of fibre grows by a third less.
  CHECK(region_growth_km(100, 1.0, false, 0, 299'792.458 * 2 / 3) == Approx(100.0));
}

const std::string kCleared = "[scheduler]\ncadence_s = 86400\n[status]\ncleared_is_enough = true\n";
CostCase third_country(double km) {
  CostCase wanted = near_site(km);
  wanted.third_country = true;
  return wanted;
}

TEST_CASE("ways: no relay gets a chip proved where it may not be", "[cost]") {
  // A region has the chip's true place in it, however near that is and however wide the margin.
  for (const WayId id : {WayId::kRelayPublic, WayId::kRelayLeased, WayId::kRelayStraight}) {
    for (CostCase wanted : {near_site(0), near_site(1), near_site(1000), third_country(1)}) {
      wanted.margin_km = 20'000;
      const Way way = way_by(id, wanted);
      CHECK_FALSE(way.possible());
      CHECK(way.why_not == "VERIFIED is proved of where the chip is, not of where its relay stands");
    }
  }
  const Way prohibited = way_by(WayId::kRelayPublic, near_site(1), facts_in(kCleared));
  CHECK_FALSE(prohibited.possible());
  CHECK(prohibited.why_not == "CLEARED is proved of where the chip is, not of where its relay stands");
}

TEST_CASE("ways: a proof at the speed of fibre is outrun by a straight line, up to its margin", "[cost]") {
  const PolicyFacts fibre = facts_in("speed = \"fibre\"\n[scheduler]\ncadence_s = 86400\n");
  // 0.7 km for each km: 150 km of margin as assumed.
  CHECK(way_by(WayId::kRelayStraight, near_site(214), fibre).possible());
  CHECK_FALSE(way_by(WayId::kRelayStraight, near_site(215), fibre).possible());
  CHECK_FALSE(way_by(WayId::kRelayPublic, near_site(10), fibre).possible());
  // With half as much again of detours it is as slow as fibre is taken to be: the chip's place is in the region.
  CostValues values = central();
  values.all[static_cast<std::size_t>(CostKey::kRouteStraight)] = 1.5;
  CHECK_FALSE(way_round(WayId::kRelayStraight, near_site(10), fibre, values).possible());
}

TEST_CASE("ways: where CLEARED is enough, a relay hides a third country as far as prohibited land",
          "[cost]") {
  const PolicyFacts cleared = facts_in(kCleared);
  // 400 km of margin as assumed: 1.5 * 2.0 * 128 km and 15 km for the relay are just inside.
  CHECK(way_by(WayId::kRelayPublic, third_country(128), cleared).possible());
  const Way beyond = way_by(WayId::kRelayPublic, third_country(128.5), cleared);
  CHECK_FALSE(beyond.possible());
  CHECK(beyond.why_not == "the region grows by 400 km, and its margin is 400 km");
  // A leased line is straighter, and microwaves are faster.
  CHECK(way_by(WayId::kRelayLeased, third_country(205), cleared).possible());
  CHECK_FALSE(way_by(WayId::kRelayLeased, third_country(206), cleared).possible());
  CHECK(way_by(WayId::kRelayStraight, third_country(380), cleared).possible());
  CHECK_FALSE(way_by(WayId::kRelayStraight, third_country(381), cleared).possible());
  // Who names the margin of his verdicts is believed. As far as it is, the region touches prohibited land.
  CostCase wanted = third_country(1000);
  wanted.margin_km = 3100;
  CHECK(way_by(WayId::kRelayPublic, wanted, cleared).possible());
  wanted = third_country(100);
  wanted.margin_km = region_growth_km(100, 1.05, true, 0, cleared.speed_km_s);
  CHECK_FALSE(way_by(WayId::kRelayStraight, wanted, cleared).possible());
}

TEST_CASE("ways: prices are sums that a person can follow", "[cost]") {
  CostCase wanted = near_site(40);
  wanted.chips = 100;
  wanted.months = 10;
  // Half a month of an engineer, and ten months of a machine.
  CHECK(way_by(WayId::kRelayPublic, wanted).price.total(wanted) == Approx(7'500 + 10 * 20));
  // The same people, two cards, room for a kilowatt, both ends of a line and 40 km of it.
  CHECK(way_by(WayId::kRelayLeased, wanted).price.total(wanted) ==
        Approx(7'500 + 10'000 + 10 * (184 + 1'000 + 1.4 * 40)));
  CHECK(way_by(WayId::kRelayStraight, wanted).price.total(wanted) ==
        Approx(7'500 + 10'000 + 400'000 + 10 * 184));
  // A laboratory and two years of an engineer; of nine keys that come out one chip is spoiled, and bought again.
  CHECK(way_by(WayId::kKey, wanted).price.total(wanted) ==
        Approx(500'000 + 24 * 15'000 + 3'000 + 10 * 184 + 100 * (2'000 + 32'000.0 / 9)));
  wanted.key_in_memory = true;
  CHECK(way_by(WayId::kKey, wanted).price.total(wanted) ==
        Approx(1'000 + 3 * 15'000 + 3'000 + 10 * 184 + 100 * (2'000 + 32'000.0 / 9)));
  // Two perspectives, since one may lie.
  CHECK(way_by(WayId::kAnchors, wanted).price.total(wanted) == Approx(2 * (250'000 + 10 * 10'000)));
  CHECK(way_by(WayId::kAnchors, wanted, facts_in("faults_to_clear = 3\n")).price.total(wanted) ==
        Approx(4 * (250'000 + 10 * 10'000)));
}

TEST_CASE("ways: the penalty is twice what was traded, or a sum that the law names, whichever is more",
          "[cost]") {
  CostCase wanted;
  for (const auto& [chips, penalty] :
       {std::pair{1.0, 374'474.0}, std::pair{6.0, 374'474.0}, std::pair{7.0, 2.0 * 7 * 30'000}}) {
    wanted.chips = chips;
    const Way way = way_by(WayId::kElsewhere, wanted);
    CHECK(way.then == ChipState::kDrifted);
    CHECK(way.price.loss == Approx(50'000 + 0.5 * chips * 30'000 + 0.1 * penalty));
  }
}

TEST_CASE("ways: who is seen loses what is to be expected of it", "[cost]") {
  CostCase wanted;
  wanted.chips = 100;
  // Silent chips put their order on hold: another firm, and the premium for as many chips again.
  const Way dark = way_by(WayId::kDark, wanted);
  CHECK(dark.unseen == test::in_hours(72));
  CHECK(dark.then == ChipState::kSilent);
  CHECK(dark.price.total(wanted) == Approx(50'000 + 0.5 * 100 * 30'000));
  CHECK(way_by(WayId::kDummy, wanted).price.total(wanted) == Approx(100 * 300 + 50'000 + 0.5 * 100 * 30'000));
  // Unproven ones do not by default, so somebody has to act on them.
  const Way stall = way_by(WayId::kStall, wanted);
  CHECK(stall.then == ChipState::kUnproven);
  CHECK(stall.price.total(wanted) == Approx(7'500 + 0.3 * (50'000 + 1'500'000)));
  const std::string counts = "[scheduler]\ncadence_s = 86400\n[orders]\nunproven_counts = true\n";
  CHECK(way_by(WayId::kStall, wanted, facts_in(counts)).price.total(wanted) == Approx(7'500 + 1'550'000));
  // Who is unproven first and silent later puts the order on hold as well.
  const Way late = way_by(WayId::kDark, wanted,
                          facts_in("[scheduler]\ncadence_s = 86400\n[status]\nsilent_after_hours = 200\n"));
  CHECK(late.then == ChipState::kUnproven);
  CHECK(late.price.loss == Approx(1'550'000));
  // Two chips are fewer than put an order on hold.
  CostCase few = wanted;
  few.chips = 2;
  CHECK(way_by(WayId::kDark, few).price.loss == Approx(0.3 * (50'000 + 30'000)));
  // Proved to be elsewhere: a penalty besides, a tenth of twice the value.
  const Way elsewhere = way_by(WayId::kElsewhere, wanted);
  CHECK(elsewhere.then == ChipState::kDrifted);
  CHECK(elsewhere.price.total(wanted) == Approx(1'550'000 + 0.1 * 2 * 3'000'000));
  // Absences for as long as they last; within four months nobody sees a thing.
  CHECK(way_by(WayId::kAbsence, wanted).unseen == test::in_hours(120 * 24 + 48));
  CostCase brief = wanted;
  brief.months = 4;
  CHECK(way_by(WayId::kAbsence, brief, facts_in("[scheduler]\ncadence_s = 86400\n", brief)).stays_unseen());
}

TEST_CASE("ways: a shuttle pays for its trips, and for chips that are on the road", "[cost]") {
  CostCase wanted = near_site(1200);
  wanted.chips = 10;
  const PolicyFacts facts = facts_in(
      "[scheduler]\ncadence_s = 86400\n[status]\nabsences_a_year_hours = 0.001\nabsence_most_hours = 0.001\n");
  const Way way = way_by(WayId::kShuttle, wanted, facts);
  REQUIRE(way.possible());
  CHECK(way.stays_unseen());
  // 96 h away of 98, of which a trip takes 12 + 4 h each way: 64 h in use.
  CHECK(way.in_use == Approx(64.0 / 98.0).epsilon(1e-4));
  const double chips = 98.0 / 64.0, trips_a_month = 2 * 730.5 / 98.0;
  CHECK(way.price.per_chip == Approx((chips - 1) * 30'000).epsilon(1e-3));
  CHECK(way.price.per_chip_month == Approx(chips * trips_a_month * (16 * 5 + 100)).epsilon(1e-3));
  // Absences stop the clocks: less of the time on the road.
  CHECK(way_by(WayId::kShuttle, wanted).in_use > way.in_use);
  // Where there and back takes longer than the clock, it cannot be done.
  const Way late = way_by(WayId::kShuttle, near_site(11'000), facts);
  CHECK_FALSE(late.possible());
  CHECK(late.why_not.find("somebody is called after 96 h") != std::string::npos);
}

TEST_CASE("ways: where nothing is proved of anybody, who stalls is as everybody else", "[cost]") {
  CostCase wanted;
  wanted.anchors = 2;
  const PolicyFacts strict = facts_in("faults_to_clear = 2\n[scheduler]\ncadence_s = 86400\n", wanted);
  CHECK(way_by(WayId::kStall, wanted, strict).stays_unseen());
  CHECK(way_by(WayId::kElsewhere, wanted, strict).stays_unseen());
  CHECK_FALSE(way_by(WayId::kDark, wanted, strict).stays_unseen());
  for (const WayId id : {WayId::kRelayPublic, WayId::kKey, WayId::kShuttle})
    CHECK_FALSE(way_by(id, wanted, strict).possible());
  CHECK(way_by(WayId::kAnchors, wanted, strict).why_not == "it takes 3 perspectives, and there are 2");
  // With one more it is otherwise; but to accuse somebody takes as many as may lie, and one.
  wanted.anchors = 3;
  CHECK_FALSE(way_by(WayId::kStall, wanted, strict).stays_unseen());
  const PolicyFacts mild = facts_in("faults_to_accuse = 3\n[scheduler]\ncadence_s = 86400\n", wanted);
  CHECK(way_by(WayId::kElsewhere, wanted, mild).then == ChipState::kUnproven);
  wanted.anchors = 4;
  CHECK(way_by(WayId::kElsewhere, wanted, mild).then == ChipState::kDrifted);
}

TEST_CASE("ways: each has a name, a phrase and what shows of it", "[cost]") {
  std::set<std::string> names;
  for (const WayId id : kAllWays) {
    names.emplace(name_of(id));
    CHECK_FALSE(what_it_is(id).empty());
    CHECK_FALSE(what_shows(id).empty());
    CHECK(way_by(id).id == id);
  }
  CHECK(names.size() == kWays);
}

}  // namespace
}  // namespace chiploc
