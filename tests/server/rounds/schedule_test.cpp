#include "server/rounds/schedule.hpp"

#include <map>
#include <random>
#include <set>

#include "tests/support/catch.hpp"

namespace chiploc::schedule_test {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kStart{24h * 20'000};

ChipId chip(std::size_t number) {
  ChipId out;
  out.bytes[0] = static_cast<std::uint8_t>(number);
  out.bytes[1] = static_cast<std::uint8_t>(number >> 8U);
  return out;
}
std::vector<ChipId> chips(std::size_t from, std::size_t to) {
  std::vector<ChipId> out;
  for (std::size_t i = from; i < to; ++i) out.push_back(chip(i));
  return out;
}
Schedule schedule_of(Nanoseconds standard, Nanoseconds raised, Nanoseconds high) {
  ScheduleRules rules;
  rules.cadence = {standard, raised, high};
  return Schedule{rules, {ByteArray<32>{1}, ByteArray<32>{2}, ByteArray<32>{3}}};
}
std::uint64_t all(const Schedule::Missed& missed) { return missed[0] + missed[1] + missed[2]; }

}  // namespace

TEST_CASE("schedule: a chip of a higher tier has its own rounds beside everybody's", "[schedule]") {
  Schedule schedule = schedule_of(24h, 6h, 1h);
  CHECK(schedule.needs_plan(RiskTier::kStandard, kStart));
  CHECK(schedule.needs_plan(RiskTier::kHigh, kStart));
  std::map<ChipId, std::array<unsigned, kRiskTiers>> rounds;
  for (WallTime now = kStart; now < kStart + 24h;) {
    if (schedule.needs_plan(RiskTier::kStandard, now)) schedule.plan(RiskTier::kStandard, chips(0, 30), now);
    if (schedule.needs_plan(RiskTier::kRaised, now)) schedule.plan(RiskTier::kRaised, chips(10, 20), now);
    if (schedule.needs_plan(RiskTier::kHigh, now)) schedule.plan(RiskTier::kHigh, chips(20, 30), now);
    while (const auto due = schedule.take_due(now)) {
      ++rounds[due->chip][static_cast<std::size_t>(due->tier)];
      CHECK(now < due->until);
    }
    const auto next = schedule.next();
    REQUIRE(next);
    REQUIRE(*next > now);
    now = *next;
  }
  using Counts = std::array<unsigned, kRiskTiers>;
  for (std::size_t i = 0; i < 30; ++i)
    CHECK(rounds[chip(i)] == (i < 10 ? Counts{1, 0, 0} : i < 20 ? Counts{1, 4, 0} : Counts{1, 0, 24}));
  CHECK(all(schedule.take_missed()) == 0);
}

TEST_CASE("schedule: other rules lay out anew what they change, and measure no chip twice for it",
          "[schedule]") {
  Schedule schedule = schedule_of(24h, 6h, 0h);
  schedule.plan(RiskTier::kStandard, chips(0, 30), kStart);
  schedule.plan(RiskTier::kRaised, chips(0, 30), kStart);
  std::map<ChipId, unsigned> raised, standard;
  const auto run = [&](WallTime from, WallTime to) {
    for (WallTime now = from; now < to;) {
      while (const auto due = schedule.take_due(now))
        ++(due->tier == RiskTier::kRaised ? raised : standard)[due->chip];
      const auto next = schedule.next();
      if (!next || *next >= to) break;
      now = *next;
    }
  };
  run(kStart, kStart + 3h);
  // Another list of countries: the raised tier is laid out again, at the times that it had.
  ScheduleRules rules = schedule.rules();
  rules.tiers.transshipment.push_back(CountryCode::from_text("AE").value());
  schedule.adopt(rules);
  CHECK_FALSE(schedule.needs_plan(RiskTier::kStandard, kStart + 3h));
  REQUIRE(schedule.needs_plan(RiskTier::kRaised, kStart + 3h));
  schedule.plan(RiskTier::kRaised, chips(0, 30), kStart + 3h);
  run(kStart + 3h, kStart + 6h);
  CHECK(raised.size() == 30);
  for (const auto& [id, rounds] : raised) CHECK(rounds == 1);
  CHECK(all(schedule.take_missed()) == 0);
  // Without the cadences nothing is due any more, nor what was put off.
  schedule.put_off({chip(1), RiskTier::kRaised, kStart + 12h, 0}, kStart + 6h, 0);
  schedule.adopt({});
  CHECK_FALSE(schedule.next());
  CHECK(all(schedule.take_missed()) == 0);
  // And with another one it begins at once.
  rules.cadence = {1h, 0h, 0h};
  schedule.adopt(rules);
  CHECK(schedule.needs_plan(RiskTier::kStandard, kStart + 6h));
  CHECK(schedule.rules() == rules);
}

TEST_CASE("schedule: without any cadence nothing is ever due", "[schedule]") {
  Schedule schedule = schedule_of(0s, 0s, 0s);
  CHECK_FALSE(schedule.needs_plan(RiskTier::kStandard, kStart));
  CHECK_FALSE(schedule.next());
  CHECK_FALSE(schedule.take_due(kStart));
}

TEST_CASE("schedule: a round that could not begin is tried again within the wait, at a time of the dice",
          "[schedule]") {
  Schedule schedule = schedule_of(24h, 0s, 0s);
  const Schedule::Due due{chip(1), RiskTier::kStandard, kStart + 24h, 0};
  std::mt19937_64 dice{7};  // NOLINT(cert-msc32-c,cert-msc51-cpp): a test repeats itself
  std::set<WallTime> times;
  for (int i = 0; i < 200; ++i) {
    schedule.put_off(due, kStart, dice());
    const auto when = schedule.next();
    REQUIRE(when);
    CHECK(*when >= kStart + 30s);
    CHECK(*when < kStart + 60s);
    times.insert(*when);
    CHECK_FALSE(schedule.take_due(*when - 1ns));
    const auto again = schedule.take_due(*when);
    REQUIRE(again);
    CHECK(again->chip == chip(1));
    CHECK(again->until == due.until);
  }
  CHECK(times.size() > 190);
  CHECK(all(schedule.take_missed()) == 0);
}

TEST_CASE("schedule: what could not begin before its period ended is missed, once", "[schedule]") {
  Schedule schedule = schedule_of(24h, 6h, 0s);
  const Schedule::Due due{chip(1), RiskTier::kRaised, kStart + 6h, 0};
  schedule.put_off(due, kStart + 6h - 20s, 0);
  CHECK(schedule.take_missed() == Schedule::Missed{0, 1, 0});
  CHECK(schedule.take_missed() == Schedule::Missed{});
  schedule.put_off(due, kStart + 6h - 31s, 0);  // half of the wait ends a second before the period
  CHECK(all(schedule.take_missed()) == 0);
  SECTION("and is tried in time") { CHECK(schedule.take_due(kStart + 6h - 1s)); }
  SECTION("or too late, where the clock was set on") {
    const auto next = schedule.take_due(kStart + 7h);
    CHECK_FALSE(next);
    CHECK(schedule.take_missed() == Schedule::Missed{0, 1, 0});
  }
}

TEST_CASE("schedule: a wider round that finds no time is not missed, for its chip was measured",
          "[schedule]") {
  Schedule schedule = schedule_of(24h, 0s, 0s);
  const Schedule::Due wider{chip(1), RiskTier::kStandard, kStart + 24h, 16};
  schedule.put_off(wider, kStart + 24h - 1s, 0);
  CHECK(all(schedule.take_missed()) == 0);
  schedule.put_off(wider, kStart, 0);
  const auto due = schedule.take_due(kStart + 30s);
  REQUIRE(due);
  CHECK(due->anchors == 16);
}

TEST_CASE("schedule: what a period had planned and nobody asked for is missed too", "[schedule]") {
  Schedule schedule = schedule_of(1h, 0s, 0s);
  schedule.plan(RiskTier::kStandard, chips(0, 10), kStart);
  CHECK(all(schedule.take_missed()) == 0);
  schedule.plan(RiskTier::kStandard, chips(0, 10), kStart + 1h);  // this process slept for an hour
  CHECK(schedule.take_missed() == Schedule::Missed{10, 0, 0});
}

TEST_CASE("schedule: of several that are due, what was put off goes first, and then the highest tier",
          "[schedule]") {
  Schedule schedule = schedule_of(24h, 24h, 24h);
  schedule.plan(RiskTier::kStandard, chips(0, 3), kStart);
  schedule.plan(RiskTier::kRaised, chips(1, 3), kStart);
  schedule.plan(RiskTier::kHigh, chips(2, 3), kStart);
  schedule.put_off({chip(9), RiskTier::kStandard, kStart + 24h, 0}, kStart, 0);
  std::vector<RiskTier> order;
  while (const auto due = schedule.take_due(kStart + 24h - 1ns)) {
    if (order.empty()) CHECK(due->chip == chip(9));
    order.push_back(due->tier);
  }
  using enum RiskTier;
  CHECK(order == std::vector{kStandard, kHigh, kRaised, kRaised, kStandard, kStandard, kStandard});
}

}  // namespace chiploc::schedule_test
