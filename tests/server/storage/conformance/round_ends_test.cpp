// How rounds end, and what is there to judge them by.
#include "tests/server/storage/conformance/backend.hpp"

namespace chiploc::test {

TEST_CASE("rounds: verdict, end and counters come together or not at all", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  REQUIRE(store->rounds().log_intent(intent(2)));
  const auto key = id<Digest>(7);
  const ChipCounters counters{3, 41, blob("boot"), key};
  CHECK_FALSE(store->rounds().chip_counters(id<ChipId>(1), key)->last);
  REQUIRE(store->verdicts().finish_round(verdict(1, 1, 1, 1, 10), counters));
  CHECK(store->rounds().chip_counters(id<ChipId>(1), key)->last == counters);
  // The same verdict id again fails half-way: nothing of the second round may change.
  CHECK(store->verdicts().finish_round(verdict(1, 2, 1, 4, 20), ChipCounters{9, 99, {}, key}).error().code ==
        StoreFaultCode::kConflict);
  CHECK(store->rounds().chip_counters(id<ChipId>(1), key)->last == counters);
  CHECK(store->rounds().open_rounds()->size() == 1);
  REQUIRE(store->verdicts().finish_round(verdict(2, 2, 1, 4, 20), std::nullopt));
  CHECK(store->rounds().chip_counters(id<ChipId>(1), key)->last == counters);
  CHECK(store->rounds().open_rounds()->empty());
  CHECK(store->verdicts().finish_round(verdict(3, 2, 1, 4, 20), std::nullopt).error().code ==
        StoreFaultCode::kConflict);
  CHECK(store->rounds().abandon_round(id<RoundId>(2), "why", at(21)).error().code ==
        StoreFaultCode::kConflict);
}

TEST_CASE("rounds: where a chip was last proved to be comes back, the newest whatever order rounds end in",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (std::uint8_t i = 1; i <= 3; ++i) REQUIRE(store->rounds().log_intent(intent(i)));
  CHECK_FALSE(*store->rounds().last_sighting(id<ChipId>(1)));
  const auto finish = [&](std::uint8_t round, std::int64_t decided, bool proved) {
    VerdictRecord record = verdict(round, round, 1, 4, decided);
    if (proved) {
      record.sighting = ChipSighting{id<RoundId>(round), {50.5, -8.25}, Kilometers{12.5},
                                     at(decided - 3),    at(decided),   blob(std::to_string(round))};
    }
    REQUIRE(store->verdicts().finish_round(record, std::nullopt));
  };
  finish(2, 20, true);
  finish(1, 10, true);
  finish(3, 30, false);
  const auto seen = *store->rounds().last_sighting(id<ChipId>(1));
  REQUIRE(seen);
  CHECK(seen->round == id<RoundId>(2));
  CHECK(seen->centre.lat == 50.5);
  CHECK(seen->centre.lon == -8.25);
  CHECK(seen->radius.km() == 12.5);
  CHECK(seen->from == at(17));
  CHECK(seen->to == at(20));
  CHECK(seen->basis == blob("2"));
}

TEST_CASE("rounds: a place that a fast clock dated ahead gives way to the next round's",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (std::uint8_t i = 1; i <= 2; ++i) {
    REQUIRE(store->rounds().log_intent(intent(i)));
    VerdictRecord record = verdict(i, i, 1, 4, i == 1 ? 31'536'000 : 20);
    record.sighting =
        ChipSighting{id<RoundId>(i), {1.0, 2.0}, Kilometers{3.0}, record.decided, record.decided, {}};
    REQUIRE(store->verdicts().finish_round(record, std::nullopt));
  }
  CHECK((*store->rounds().last_sighting(id<ChipId>(1)))->round == id<RoundId>(2));
  CHECK((*store->rounds().last_sighting(id<ChipId>(1)))->to == at(20));
}

TEST_CASE("rounds: an abandoned one keeps its reason and what comes late is kept and marked",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  REQUIRE(store->rounds().append_report(id<RoundId>(1), {id<AnchorId>(11), 1}, bytes_of("a"), at(1)));
  REQUIRE(store->rounds().abandon_round(id<RoundId>(1), "the coordinator restarted", at(5)));
  CHECK(*store->rounds().append_report(id<RoundId>(1), {id<AnchorId>(12), 1}, bytes_of("b"), at(9)) ==
        Appended::kNew);
  CHECK(store->rounds().append_tickets(id<RoundId>(1), {}).error().code == StoreFaultCode::kConflict);
  const auto evidence = store->rounds().evidence(id<RoundId>(1));
  REQUIRE(evidence);
  CHECK((*evidence)->state == RoundState::kAbandoned);
  CHECK((*evidence)->abandoned_because == "the coordinator restarted");
  CHECK_FALSE((*evidence)->reports[0].late);
  CHECK((*evidence)->reports[1].late);
}

TEST_CASE("rounds: evidence has the chip's own knocks around the round", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->rounds().log_intent(intent(1, 1, 0)));
  const auto knock = [&](std::uint64_t chip, std::int64_t seconds) {
    REQUIRE(store->mesh().append_knock(
        {id<ChipId>(chip), id<AnchorId>(11), at(seconds), blob(std::to_string(seconds))}, 0));
  };
  knock(1, -3'601);
  knock(1, -3'599);
  knock(2, 1);
  knock(1, 5);
  knock(1, 11);
  REQUIRE(store->verdicts().finish_round(verdict(1, 1, 1, 1, 10), std::nullopt));
  const auto evidence = store->rounds().evidence(id<RoundId>(1));
  REQUIRE((*evidence)->knocks.size() == 2);
  CHECK((*evidence)->knocks[0].bytes == blob("-3599"));
  CHECK((*evidence)->knocks[1].bytes == blob("5"));
  CHECK(*store->mesh().prune_knocks(at(0)) == 2);
  CHECK((*store->rounds().evidence(id<RoundId>(1)))->knocks.size() == 1);
}

}  // namespace chiploc::test
