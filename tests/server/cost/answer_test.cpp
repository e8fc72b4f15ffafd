#include "server/cost/answer.hpp"

#include <algorithm>

#include "tests/server/cost/cost_told.hpp"
#include "tests/server/notices/properties.hpp"

namespace chiploc {
namespace {

using test::facts_in;
using test::policy_of;

CostAnswer answer_to(const PolicyFile& file, const CostCase& wanted) {
  return cost_answer(wanted, facts_in(file, wanted), built_in_assumptions());
}

double price_at(const CostAnswer& answer, const std::optional<std::size_t>& at) {
  constexpr double kNoWay = 1e300;
  return at ? answer.ways[*at].way.price.total(answer.wanted) : kNoWay;
}

CostCase any_case() {
  CostCase out;
  out.chips = *rc::gen::inRange(1, 20'000);
  out.months = *rc::gen::inRange(1, 36);
  out.distance_km = *rc::gen::inRange(0, 9'000);
  out.anchors = *rc::gen::inRange(5U, 20U);  // more than may lie in any of the policies below
  out.key_in_memory = *rc::gen::arbitrary<bool>();
  out.third_country = *rc::gen::arbitrary<bool>();
  return out;
}

/// A policy whose rounds come more often than its clocks run out, so that honest chips stay compliant.
PolicyFile any_policy() {
  PolicyFile out = policy_of();
  const int cadence_h = *rc::gen::inRange(1, 48);
  out.rules.scheduler.cadence[0] = std::chrono::hours{cadence_h};
  out.policy.lifetime = std::chrono::hours{*rc::gen::inRange(1, 72)};
  StatusRules& status = out.rules.status.rules;
  status.silent_after = std::chrono::hours{*rc::gen::inRange(1, 200)};
  status.unproven_after = std::chrono::hours{cadence_h + *rc::gen::inRange(1, 200)};
  status.overdue_after = std::chrono::hours{cadence_h + *rc::gen::inRange(1, 100)};
  status.lost_proof_after = std::chrono::hours{*rc::gen::inRange(1, 72)};
  status.confirmations = *rc::gen::inRange(1U, 4U);
  status.confirm_within = std::chrono::hours{*rc::gen::inRange(24, 400)};
  status.absence_most = std::chrono::hours{*rc::gen::inRange(1, 2'000)};
  status.absences_a_year = std::chrono::hours{*rc::gen::inRange(1, 4'000)};
  out.rules.status.cleared_is_enough = *rc::gen::arbitrary<bool>();
  out.policy.fault_budget = *rc::gen::inRange(0U, 3U);
  out.rules.orders.hold_least = *rc::gen::inRange<unsigned>(1, 100);
  out.rules.orders.unproven_counts = *rc::gen::arbitrary<bool>();
  // Were unproven chips to count and silent ones not, to be silent sooner would be a way out: that is warned of.
  out.rules.orders.silent_counts = out.rules.orders.unproven_counts || *rc::gen::arbitrary<bool>();
  return out;
}

/// One rule of it is stricter.
PolicyFile stricter(PolicyFile file, int which) {
  const auto less = [](Nanoseconds& time) {
    time = std::max(Nanoseconds{time / 2}, Nanoseconds{std::chrono::minutes{15}});
  };
  StatusRules& status = file.rules.status.rules;
  switch (which) {
    case 0:
      less(file.rules.scheduler.cadence[0]);
      break;
    case 1:
      less(status.silent_after);
      break;
    case 2:  // still longer than a cadence: a clock that honest chips run out of tells nothing
      status.unproven_after =
          std::max(Nanoseconds{status.unproven_after / 2},
                   Nanoseconds{file.rules.scheduler.cadence[0] + std::chrono::minutes{30}});
      break;
    case 3:
      less(status.lost_proof_after);
      break;
    case 4:
      status.confirmations = std::max(1U, status.confirmations - 1);
      break;
    case 5:
      less(status.absence_most);
      break;
    case 6:
      less(status.absences_a_year);
      break;
    case 7:
      file.rules.status.cleared_is_enough = false;
      break;
    case 8:
      ++file.policy.more_to_clear;
      break;
    case 9:
      file.rules.orders.hold_least = 1;
      break;
    case 10:
      file.rules.orders.silent_counts = true;
      break;
    case 11:
      file.rules.orders.unproven_counts = true;
      break;
    default:
      less(file.policy.lifetime);
      break;
  }
  return file;
}

TEST_CASE("cost: a stricter policy never makes the cheapest way cheaper", "[cost][property]") {
  // Per rule, or a rule that breaks it would drown among those that hold.
  for (int which = 0; which < 13; ++which) {
    CAPTURE(which);
    test::holds("a stricter policy costs no less", [which] {
      const CostCase wanted = any_case();
      const PolicyFile file = any_policy();
      const CostAnswer before = answer_to(file, wanted), after = answer_to(stricter(file, which), wanted);
      RC_ASSERT(price_at(after, after.unseen) >= price_at(before, before.unseen) * (1 - 1e-9));
      RC_ASSERT(price_at(after, after.any) >= price_at(before, before.any) * (1 - 1e-9));
    });
  }
}

TEST_CASE("cost: more chips, more months and more distance never cost less; a wider margin never more",
          "[cost][property]") {
  test::holds("more costs no less", [] {
    const PolicyFile file = any_policy();
    const CostCase wanted = any_case();
    CostCase more = wanted;
    const int which = *rc::gen::inRange(0, 3);
    // Unseen only: of losses it is the share that counts, and an order that is too small is never on hold.
    if (which == 0) more.chips *= 2;
    if (which == 1) more.months *= 2;
    if (which == 2) more.distance_km += 500;
    const CostAnswer before = answer_to(file, wanted), after = answer_to(file, more);
    RC_ASSERT(price_at(after, after.unseen) >= price_at(before, before.unseen) * (1 - 1e-9));
    CostCase margin = wanted;
    margin.margin_km = *rc::gen::inRange(0, 3'000);
    const CostAnswer narrow = answer_to(file, margin);
    *margin.margin_km += 300;
    const CostAnswer wide = answer_to(file, margin);
    RC_ASSERT(price_at(wide, wide.unseen) <= price_at(narrow, narrow.unseen) * (1 + 1e-9));
  });
}

TEST_CASE("cost: a cheaper value never makes any way dearer, so low and high hold the price between them",
          "[cost][property]") {
  test::holds("cheaper values cost no more", [] {
    const PolicyFile file = any_policy();
    const CostCase wanted = any_case();
    const PolicyFacts facts = facts_in(file, wanted);
    const CostAssumptions& assumptions = built_in_assumptions();
    CostValues values;
    for (std::size_t i = 0; i < kCostKeys; ++i) {
      const Assumption& one = assumptions.all[i];
      values.all[i] = one.low + (one.high - one.low) * *rc::gen::inRange(0, 101) / 100.0;
    }
    const auto key = static_cast<CostKey>(*rc::gen::inRange<int>(0, kCostKeys));
    CostValues cheaper = values;
    cheaper[key] = cheaper_when_high(key) ? assumptions[key].high : assumptions[key].low;
    for (const WayId id : kAllWays) {
      const Way dear = way_round(id, wanted, facts, values), cheap = way_round(id, wanted, facts, cheaper);
      if (!dear.possible()) continue;
      RC_ASSERT(cheap.possible());
      RC_ASSERT(cheap.price.total(wanted) <= dear.price.total(wanted) * (1 + 1e-9));
    }
    for (const PricedWay& priced : cost_answer(wanted, facts, assumptions).ways) {
      if (!priced.way.possible()) continue;
      RC_ASSERT(priced.low.has_value());
      RC_ASSERT(*priced.low <= priced.way.price.total(wanted) * (1 + 1e-9));
      if (priced.high) RC_ASSERT(*priced.high >= priced.way.price.total(wanted) * (1 - 1e-9));
    }
  });
}

TEST_CASE("cost: the ways stand by price, those that cannot be gone last", "[cost]") {
  const CostAnswer answer = answer_to(policy_of(), CostCase{});
  CHECK(answer.ways.size() == kWays);
  bool possible = true;
  double last = 0;
  for (const PricedWay& priced : answer.ways) {
    CHECK((possible || !priced.way.possible()));
    possible = priced.way.possible();
    if (!possible) continue;
    CHECK(priced.way.price.total(answer.wanted) >= last);
    last = priced.way.price.total(answer.wanted);
  }
  REQUIRE(answer.unseen);
  CHECK(answer.ways[*answer.unseen].way.stays_unseen());
  REQUIRE(answer.any);
  CHECK(*answer.any <= *answer.unseen);
  CHECK(answer.rent == Approx(1'000 * 12 * 730.5 * 2.5));
  CHECK(answer.market == Approx(1'000 * 30'000 * 0.5));
}

TEST_CASE("cost: what moves the answer is what changes it, the most first", "[cost]") {
  const CostAnswer answer = answer_to(policy_of(), CostCase{});
  REQUIRE_FALSE(answer.swings.empty());
  const auto span = [](const Swing& swing) {
    return swing.low && swing.high ? std::abs(swing.high->total - swing.low->total) : 1e300;
  };
  for (std::size_t i = 1; i < answer.swings.size(); ++i)
    CHECK(span(answer.swings[i - 1]) >= span(answer.swings[i]));
  // What an accelerator rents for is for comparison, and moves nothing.
  for (const Swing& swing : answer.swings) CHECK(swing.key != CostKey::kRentHour);
  // Each is what the answer would be with that value alone.
  const Swing& first = answer.swings.front();
  CostAssumptions changed = built_in_assumptions();
  changed[first.key].value = changed[first.key].high;
  const CostAnswer again = cost_answer(answer.wanted, answer.facts, changed);
  REQUIRE(first.high.has_value() == again.unseen.has_value());
  if (first.high) {
    CHECK(first.high->total == Approx(price_at(again, again.unseen)));
    CHECK(first.high->way == again.ways[*again.unseen].way.id);
  }
}

TEST_CASE("cost: a way that is out of the question is none", "[cost]") {
  CostCase wanted;
  const CostAnswer all = answer_to(policy_of(), wanted);
  REQUIRE(all.unseen);
  CHECK(all.ways[*all.unseen].way.id == WayId::kAnchors);
  wanted.without = {WayId::kAnchors};
  const CostAnswer fewer = answer_to(policy_of(), wanted);
  REQUIRE(fewer.unseen);
  CHECK(fewer.ways[*fewer.unseen].way.id == WayId::kKey);
  wanted.without = {WayId::kAnchors, WayId::kKey, WayId::kShuttle};
  const CostAnswer none = answer_to(policy_of(), wanted);
  CHECK_FALSE(none.unseen);
  REQUIRE(none.any);
  CHECK(none.ways[*none.any].way.id == WayId::kStall);
  CHECK(none.goal == CostGoal::kAny);
  REQUIRE_FALSE(none.swings.empty());
  // A margin that is wide enough makes a relay the cheapest of all: then nothing is lost.
  wanted.margin_km = 4'000;
  wanted.third_country = true;
  CHECK_FALSE(answer_to(policy_of(), wanted).unseen.has_value());
  const CostAnswer relayed =
      answer_to(policy_of("[scheduler]\ncadence_s = 86400\n[status]\ncleared_is_enough = true\n"), wanted);
  REQUIRE(relayed.unseen);
  CHECK(relayed.ways[*relayed.unseen].way.id == WayId::kRelayPublic);
}

TEST_CASE("cost: where nothing is proved of anybody, no money has to be spent", "[cost]") {
  CostCase wanted;
  wanted.anchors = 1;
  const CostAnswer answer = answer_to(policy_of(), wanted);
  REQUIRE(answer.unseen);
  CHECK(answer.ways[*answer.unseen].way.id == WayId::kElsewhere);
  CHECK(price_at(answer, answer.unseen) == 0.0);
}

}  // namespace
}  // namespace chiploc
