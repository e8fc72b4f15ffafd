#include "server/rounds/scheduler.hpp"

#include <map>
#include <set>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

std::vector<ChipId> chips(std::size_t n) {
  std::vector<ChipId> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    out[i].bytes[0] = static_cast<std::uint8_t>(i);
    out[i].bytes[1] = static_cast<std::uint8_t>(i >> 8U);
  }
  return out;
}

constexpr WallTime kStart{3600s * 500'000};

std::map<ChipId, WallTime> times(Scheduler& scheduler, WallTime until) {
  std::map<ChipId, WallTime> out;
  while (true) {
    const auto next = scheduler.next();
    if (!next || *next >= until) return out;
    const auto chip = scheduler.take_due(*next);
    REQUIRE(chip);
    out[*chip] = *next;
  }
}

TEST_CASE("scheduler: each chip once per period, spread over all of it") {
  Scheduler scheduler{1h, ByteArray<32>{1}};
  CHECK(scheduler.needs_plan(kStart));
  scheduler.plan(chips(1000), kStart);
  CHECK_FALSE(scheduler.needs_plan(kStart + 59min));
  const auto planned = times(scheduler, kStart + 1h);
  CHECK(planned.size() == 1000);
  std::size_t first_half = 0;
  for (const auto& [chip, when] : planned) {
    CHECK(when >= kStart);
    CHECK(when < kStart + 1h);
    first_half += when < kStart + 30min ? 1U : 0U;
  }
  CHECK(first_half > 420);  // 5 standard deviations around 500
  CHECK(first_half < 580);
  CHECK(scheduler.next() == kStart + 1h);
  CHECK(scheduler.needs_plan(kStart + 1h));
}

TEST_CASE("scheduler: nobody foresees a time from the last period's, nor without the secret") {
  Scheduler one{1h, ByteArray<32>{1}};
  Scheduler other{1h, ByteArray<32>{2}};
  one.plan(chips(100), kStart);
  other.plan(chips(100), kStart);
  const auto first = times(one, kStart + 1h);
  const auto with_other_secret = times(other, kStart + 1h);
  one.plan(chips(100), kStart + 1h);
  const auto second = times(one, kStart + 2h);
  for (const auto& [chip, when] : first) {
    CHECK(second.at(chip) - when != 1h);
    CHECK(with_other_secret.at(chip) != when);
  }
}

TEST_CASE("scheduler: a start in the middle of a period leaves out what lies behind") {
  Scheduler scheduler{1h, ByteArray<32>{1}};
  scheduler.plan(chips(1000), kStart + 30min);
  CHECK(scheduler.left() > 420);
  CHECK(scheduler.left() < 580);
  CHECK_FALSE(scheduler.take_due(kStart + 30min - 1ns));
}

TEST_CASE("scheduler: a cadence of zero never measures") {
  Scheduler scheduler{0s, ByteArray<32>{1}};
  CHECK_FALSE(scheduler.needs_plan(kStart));
  scheduler.plan(chips(3), kStart);
  CHECK_FALSE(scheduler.next());
  CHECK_FALSE(scheduler.take_due(kStart));
}

}  // namespace
}  // namespace chiploc
