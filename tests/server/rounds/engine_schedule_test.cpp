// Rounds that nobody asked for, through the engine: simulated time, no thread.
#include <set>

#include "tests/support/engine_bench.hpp"

namespace chiploc::engine_schedule_test {
namespace {

using namespace std::chrono_literals;
using test::EngineBench;

/// Rounds for which an anchor was asked: those of the scheduler are told to nobody.
std::size_t rounds_of(const EngineBench& bench) {
  std::set<std::string> rounds;
  for (const auto& [link, message] : bench.messages) {
    if (message.has_prepare()) rounds.insert(message.prepare().round_id());
  }
  return rounds.size();
}

/// How many anchors each round asks, from now on.
struct Seats {
  std::vector<std::size_t> of_rounds;

  explicit Seats(EngineBench& bench) {
    bench.on_send = [this](std::size_t, const v1::CoordinatorMessage& message) {
      if (!message.has_prepare()) return true;
      if (of_rounds.empty() || last_ != message.prepare().round_id()) {
        last_ = message.prepare().round_id();
        of_rounds.push_back(0);
      }
      ++of_rounds.back();
      return true;
    };
  }
  Seats(const Seats&) = delete;
  Seats& operator=(const Seats&) = delete;

 private:
  std::string last_;
};

/// Goes on until the bench's chip is due and its round cannot begin. When in its period that is, is drawn anew in each
/// run: the result is how much of the period is left then, and never less than ten minutes.
Nanoseconds until_due(EngineBench& bench, Nanoseconds period) {
  for (;;) {
    const auto before = bench.counter("scheduled_rounds_not_started");
    while (bench.counter("scheduled_rounds_not_started") == before) bench.run_for(10s);
    const Nanoseconds left = period - bench.clock.wall().since_epoch % period;
    if (left > 10min) return left;
    bench.run_for(left + 1s);
  }
}

CoordinatorOptions every(Nanoseconds standard, Nanoseconds raised = 0s, Nanoseconds high = 0s) {
  CoordinatorOptions options;
  options.schedule.cadence = {standard, raised, high};
  options.retention.every = 0ns;
  return options;
}

}  // namespace

TEST_CASE("engine schedule: rounds that cannot begin are tried again all period long, then missed and said",
          "[engine][schedule]") {
  EngineBench bench{every(24h)};
  bench.engine->begin({});  // no anchors
  const Nanoseconds left = until_due(bench, 24h);
  const auto before = bench.counter("scheduled_rounds_not_started");
  const auto missed = bench.counter("scheduled_rounds_missed_standard");
  bench.run_for(left - 1s);
  // After half a minute at least, and a minute at most.
  const auto tries = bench.counter("scheduled_rounds_not_started") - before;
  CHECK(tries >= static_cast<std::uint64_t>(left / 60s) - 1);
  CHECK(tries <= static_cast<std::uint64_t>(left / 30s) + 1);
  bench.run_for(1s);
  CHECK(bench.counter("scheduled_rounds_missed_standard") == missed + 1);
  CHECK(bench.logged("schedule.missed"));
  CHECK(bench.logged("tier=standard rounds=1"));
}

TEST_CASE("engine schedule: a round that waits for anchors begins within a minute of their coming",
          "[engine][schedule]") {
  EngineBench bench{every(24h)};
  bench.engine->begin({});
  const Nanoseconds left = until_due(bench, 24h);
  bench.run_for(left / 2);
  const auto missed = bench.counter("scheduled_rounds_missed_standard");
  bench.attach_all();
  bench.run_for(2min);
  CHECK(rounds_of(bench) == 1);
  bench.run_for(left / 2 - 3min);  // the period's end is not reached
  CHECK(rounds_of(bench) == 1);
  CHECK(bench.counter("scheduled_rounds_missed_standard") == missed);
}

TEST_CASE("engine schedule: beyond an anchor's rounds others wait, but never one that was asked for",
          "[engine][schedule]") {
  CoordinatorOptions options = every(1min);  // of rounds of some seconds: they would meet
  options.schedule.rounds_per_anchor = 1;
  options.schedule.again = 2s;
  EngineBench bench{options};
  bench.add_chip("SN-2");
  bench.add_chip("SN-3");
  bench.anchors_answer = false;  // each round lasts until its deadline
  std::size_t most = 0, in_flight = 0;
  bench.engine->begin({});
  bench.attach_all();
  for (int i = 0; i < 2 * 3600; ++i) {
    bench.run_for(1s);
    in_flight = rounds_of(bench) - bench.counter("rounds_abandoned");
    most = std::max(most, in_flight);
  }
  CHECK(rounds_of(bench) >= 3);
  CHECK(most == 1);
  while (rounds_of(bench) == bench.counter("rounds_abandoned")) bench.run_for(1s);  // one has begun
  const auto before = rounds_of(bench);
  bench.faults.clear();
  bench.start();
  // The chip that is being measured already is the only one that may be refused.
  if (bench.faults.empty()) {
    CHECK(rounds_of(bench) == before + 1);
  } else {
    CHECK(bench.faults == std::vector{RoundFault::kAlreadyRunning});
  }
}

TEST_CASE("engine schedule: another cadence that comes into force is followed at once",
          "[engine][schedule]") {
  EngineBench bench{every(0s)};
  bench.engine->begin({});
  bench.attach_all();
  bench.run_for(3h);
  CHECK(rounds_of(bench) == 0);
  ScheduleRules rules;
  rules.cadence[0] = 1h;
  Retention keep;
  keep.mesh = 1h;
  bench.engine->on_rules(rules, keep);
  bench.run_for(2h);  // the whole of one period at least
  const std::size_t begun = rounds_of(bench);
  CHECK(begun >= 1);
  bench.engine->on_rules(rules, keep);  // the same: nothing is laid out again
  CHECK(rounds_of(bench) == begun);
  bench.engine->on_rules({}, keep);
  bench.run_for(3h);
  CHECK(rounds_of(bench) == begun);
}

TEST_CASE("engine schedule: a chip that changed is measured more often, for its days", "[engine][schedule]") {
  EngineBench bench{every(0s, 1h)};
  bench.engine->begin({});
  bench.attach_all();
  SECTION("by what it is held for") {
    bench.run_for(3h);
    CHECK(rounds_of(bench) == 0);
    bench.engine->on_chip_changed(bench.world.chip, bench.clock.wall());
  }
  SECTION("by its record") {
    bench.run_for(3h);
    CHECK(rounds_of(bench) == 0);
    Registry next = *bench.registry;
    ChipRecord chip = *next.chips().begin()->second;
    chip.delivery = "D-2";
    next.put(chip);
    bench.registry = std::make_shared<const Registry>(std::move(next));
  }
  bench.run_for(24h * 3);
  const auto rounds = rounds_of(bench);
  CHECK(rounds >= 70);
  CHECK(rounds <= 73);
  bench.run_for(24h * 5);
  const auto at_end = rounds_of(bench);
  CHECK(at_end >= 24 * 7 - 1);
  CHECK(at_end <= 24 * 7 + 2);
  bench.run_for(24h * 5);
  CHECK(rounds_of(bench) == at_end);
  CHECK(bench.engine->changes_noted() == 0);
}

TEST_CASE("engine schedule: what changed is not remembered where no cadence asks for it",
          "[engine][schedule]") {
  const Nanoseconds raised = GENERATE(Nanoseconds{0}, Nanoseconds{10min});
  const Nanoseconds high = GENERATE(Nanoseconds{0}, Nanoseconds{5min});
  const bool asked_for = raised > 0ns || high > 0ns;
  CoordinatorOptions options = every(1h, raised, high);
  options.schedule.tiers.recent_change = 6h;
  EngineBench bench{options};
  bench.engine->begin({});
  bench.run_for(2h);
  CHECK(bench.engine->changes_noted() == 0);
  SECTION("what a chip is held for") {
    bench.engine->on_chip_changed(bench.world.chip, bench.clock.wall());
    CHECK(bench.engine->changes_noted() == (asked_for ? 1U : 0U));
  }
  SECTION("its record") {
    Registry next = *bench.registry;
    ChipRecord chip = *next.chips().begin()->second;
    chip.delivery = "D-2";
    next.put(chip);
    bench.registry = std::make_shared<const Registry>(std::move(next));
    bench.run_for(2h);  // a plan was made since
    CHECK(bench.engine->changes_noted() == (asked_for ? 1U : 0U));
  }
  bench.run_for(7h);
  CHECK(bench.engine->changes_noted() == 0);
}

TEST_CASE(
    "engine schedule: a round begins with the nearest anchors, and with more while that decides nothing",
    "[engine][schedule]") {
  CoordinatorOptions options = every(24h);
  options.policy.fault_budget = 0;
  options.schedule.first_anchors = 1;
  options.schedule.again = 60s;
  EngineBench bench{options};
  const Seats counted{bench};
  const std::vector<std::size_t>& seats = counted.of_rounds;
  bench.engine->begin({});
  bench.attach_all();
  SECTION("a finding is enough") {
    bench.run_for(48h);
    CHECK(seats.size() >= 1);
    CHECK(seats.size() <= 3);                                     // a whole day, and parts of two
    for (const std::size_t anchors : seats) CHECK(anchors == 2);  // two perspectives, the least for a state
    CHECK(bench.counter("scheduled_rounds_widened") == 0);
  }
  SECTION("more is asked of an accusation: as many as could bring one") {
    Policy strict = options.policy;
    strict.more_to_accuse = 1;
    bench.engine->on_policy(strict);
    bench.run_for(48h);
    CHECK(seats.size() >= 1);
    for (const std::size_t anchors : seats) CHECK(anchors == 3);  // of the four that it takes there are three
  }
  SECTION("what decides nothing is measured again, by more, until all have been asked") {
    bench.world.chip_place = {.lat = 40.7, .lon = -74.0};  // so far away that it may be anywhere
    bench.run_for(72h);
    const auto twos = static_cast<std::size_t>(std::count(seats.begin(), seats.end(), 2));
    const auto threes = static_cast<std::size_t>(std::count(seats.begin(), seats.end(), 3));
    CHECK(twos >= 2);
    CHECK(twos <= 4);
    CHECK(twos + threes == seats.size());
    CHECK(bench.counter("scheduled_rounds_widened") == twos);
    CHECK(threes <= twos);
    CHECK(threes + 1 >= twos);  // one that is due at the very end of its period may find no time
  }
  SECTION("who asks has all of them at once") {
    bench.start();
    CHECK(seats == std::vector<std::size_t>{3});
  }
}

TEST_CASE(
    "engine schedule: while a round proves nothing the next has twice as many anchors, until all were asked",
    "[engine][schedule]") {
  CoordinatorOptions options = every(24h);
  options.policy.fault_budget = 0;
  options.schedule.first_anchors = 1;
  options.schedule.again = 60s;
  // With the three that are there, nine.
  EngineBench bench{options,
                    1,
                    {{.lat = 48.21, .lon = 16.37},
                     {.lat = 50.08, .lon = 14.43},
                     {.lat = 52.23, .lon = 21.01},
                     {.lat = 41.90, .lon = 12.50},
                     {.lat = 51.51, .lon = -0.13},
                     {.lat = 40.42, .lon = -3.70}}};
  bench.world.extra = 50ms;  // the chip stalls: it may be anywhere from the Atlantic to Siberia
  const Seats counted{bench};
  const std::vector<std::size_t>& seats = counted.of_rounds;
  bench.engine->begin({});
  static_cast<void>(until_due(bench, 24h));  // ten minutes of its period are left at least
  bench.attach_all();
  bench.run_for(9min);
  CHECK(seats == std::vector<std::size_t>{2, 4, 8, 9});
  CHECK(bench.counter("scheduled_rounds_widened") == 3);
  CHECK(bench.logged("UNRESOLVED"));
}

TEST_CASE("engine schedule: where the high tier has no cadence its chips are measured as the raised ones",
          "[engine][schedule]") {
  EngineBench bench{every(0s, 1h, 0s)};
  Registry next = *bench.registry;
  LicenceRecord licence = *next.licence("L-1");
  licence.end_user = "Watched Ltd";
  next.put(licence);
  const Watch watch{"seen before", Date{std::chrono::year{2000}, std::chrono::month{1}, std::chrono::day{1}}};
  next.put(EntityRecord{"Watched Ltd", {EntityRole::kEndUser}, {}, watch});
  bench.registry = std::make_shared<const Registry>(std::move(next));
  bench.engine->begin({});
  bench.attach_all();
  bench.run_for(4h);
  CHECK(rounds_of(bench) >= 3);
  CHECK(rounds_of(bench) <= 5);
}

TEST_CASE("engine schedule: another field of the record is no change that matters", "[engine][schedule]") {
  EngineBench bench{every(0s, 1h)};
  bench.engine->begin({});
  bench.attach_all();
  bench.run_for(3h);
  Registry next = *bench.registry;
  ChipRecord chip = *next.chips().begin()->second;
  chip.serial = "another board's";
  next.put(chip);
  bench.registry = std::make_shared<const Registry>(std::move(next));
  bench.run_for(10h);
  CHECK(rounds_of(bench) == 0);
}

}  // namespace chiploc::engine_schedule_test
