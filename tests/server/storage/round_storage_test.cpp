#include <sqlite3.h>

#include "tests/server/storage/fixture.hpp"

namespace chiploc::test {

TEST_CASE("rounds: the intent survives a stop, whole, and names what was there", "[storage]") {
  const Folder folder;
  {
    const auto store = folder.open();
    REQUIRE(store->rounds().log_intent(intent(1)));
    REQUIRE(store->rounds().append_tickets(id<RoundId>(1), std::vector<ByteVector>{blob("t0"), blob("t1")}));
    REQUIRE(store->rounds().append_report(id<RoundId>(1), {id<AnchorId>(11), 5}, bytes_of("report"), at(2)));
  }
  const auto open = folder.open()->rounds().open_rounds();
  REQUIRE(open);
  REQUIRE(open->size() == 1);
  const OpenRound& round = open->front();
  CHECK(round.intent.round == id<RoundId>(1));
  CHECK(round.intent.chip == id<ChipId>(1));
  CHECK(round.intent.requested_by == "ada");
  CHECK(round.intent.intent == at(0));
  CHECK(round.intent.device_certificate == blob("der"));
  CHECK(round.intent.coordinator_public[2] == 9);
  CHECK(round.intent.certificate_standing == "revoked");
  CHECK_THAT(round.intent.certificate_problem, Catch::Contains("certificate revoked"));
  REQUIRE(round.intent.anchors.size() == 2);
  CHECK(round.intent.anchors[1].name == "par1");
  CHECK(round.intent.anchors[1].public_key[2] == 6);
  CHECK(round.tickets == 2);
  CHECK(round.reports == 1);
}

TEST_CASE("rounds: of one anchor three reports and three statements are kept, of one without a seat none",
          "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  const auto round = id<RoundId>(1);
  std::uint64_t spool = 0;
  const auto report = [&](std::uint64_t anchor, std::string_view text) {
    return store->rounds().append_report(round, {id<AnchorId>(anchor), ++spool}, bytes_of(text), at(1));
  };
  const auto statement = [&](std::uint64_t anchor, std::string_view text) {
    return store->rounds().append_statement(round, {id<AnchorId>(anchor), ++spool}, bytes_of(text), at(1));
  };
  CHECK(*report(11, "a") == Appended::kNew);
  CHECK(*report(11, "b") == Appended::kConflicting);
  CHECK(*report(11, "c") == Appended::kConflicting);
  CHECK(*report(11, "d") == Appended::kSurplus);
  CHECK(*report(11, "b") == Appended::kDuplicate);
  CHECK(*report(12, "a") == Appended::kNew);  // another anchor's bound is its own
  CHECK(report(13, "a").error().code == StoreFaultCode::kNotFound);
  CHECK(report(13, "a").error().text.find("has no part in round") != std::string::npos);
  for (const char* text : {"s", "t", "u"}) CHECK(*statement(11, text) == Appended::kNew);
  CHECK(*statement(11, "v") == Appended::kSurplus);
  CHECK(*statement(12, "v") == Appended::kNew);
  CHECK(*statement(12, "u") == Appended::kDuplicate);
  CHECK(statement(13, "w").error().code == StoreFaultCode::kNotFound);
  const auto evidence = store->rounds().evidence(round).value();
  CHECK(evidence->reports.size() == 4);
  CHECK(evidence->statements.size() == 4);
}

TEST_CASE("rounds: one id is begun once", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  CHECK(store->rounds().log_intent(intent(1)).error().code == StoreFaultCode::kConflict);
  CHECK(store->verdicts().standings(std::array{id<ChipId>(1)})->front().rounds == 1);
}

TEST_CASE("rounds: a delivery repeated by its spool number is known and not counted twice", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  const SpoolRef from{id<AnchorId>(11), 7};
  CHECK(*store->rounds().append_report(id<RoundId>(1), from, bytes_of("r"), at(1)) == Appended::kNew);
  CHECK(*store->rounds().append_report(id<RoundId>(1), from, bytes_of("r"), at(2)) == Appended::kDuplicate);
  CHECK(*store->rounds().append_statement(id<RoundId>(1), from, bytes_of("s"), at(1)) == Appended::kNew);
  CHECK(*store->rounds().append_statement(id<RoundId>(1), from, bytes_of("s"), at(2)) ==
        Appended::kDuplicate);
  const StoredKnock knock{id<ChipId>(1), id<AnchorId>(11), at(1), blob("k")};
  CHECK(*store->mesh().append_knock(knock, 7) == Appended::kNew);
  CHECK(*store->mesh().append_knock(knock, 7) == Appended::kDuplicate);
  const MeshRecord mesh{from,
                        at(1),
                        {{id<AnchorId>(12), 10, 9, Nanoseconds{5}, Nanoseconds{6}, StampSource::kKernelBoth}},
                        blob("m")};
  CHECK(*store->mesh().append_mesh(mesh) == Appended::kNew);
  CHECK(*store->mesh().append_mesh(mesh) == Appended::kDuplicate);
  CHECK(store->mesh().mesh_pairs(at(0), 100)->size() == 1);
  const auto evidence = store->rounds().evidence(id<RoundId>(1));
  REQUIRE(evidence);
  CHECK((*evidence)->reports.size() == 1);
  CHECK((*evidence)->statements.size() == 1);
  CHECK((*evidence)->knocks.size() == 1);
  // Another anchor's number 7, and messages without a spool, are deliveries of their own.
  CHECK(*store->mesh().append_knock({id<ChipId>(1), id<AnchorId>(12), at(1), blob("k")}, 7) ==
        Appended::kNew);
  CHECK(*store->mesh().append_knock(knock, 0) == Appended::kNew);
  CHECK(*store->mesh().append_knock(knock, 0) == Appended::kNew);
}

TEST_CASE("rounds: a second, different report of one anchor is kept and marked", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  const RoundId round = id<RoundId>(1);
  CHECK(*store->rounds().append_report(round, {id<AnchorId>(11), 1}, bytes_of("a"), at(1)) == Appended::kNew);
  CHECK(*store->rounds().append_report(round, {id<AnchorId>(11), 2}, bytes_of("a"), at(1)) ==
        Appended::kDuplicate);
  CHECK(*store->rounds().append_report(round, {id<AnchorId>(11), 3}, bytes_of("b"), at(1)) ==
        Appended::kConflicting);
  CHECK(*store->rounds().append_report(round, {id<AnchorId>(12), 1}, bytes_of("b"), at(1)) == Appended::kNew);
  const auto evidence = store->rounds().evidence(round);
  REQUIRE(evidence);
  REQUIRE((*evidence)->reports.size() == 3);
  CHECK_FALSE((*evidence)->reports[0].conflicting);
  CHECK((*evidence)->reports[1].conflicting);
  CHECK_FALSE((*evidence)->reports[2].conflicting);
  CHECK(store->verdicts().counts()->reports_conflicting == 1);
}

TEST_CASE("rounds: each different statement is kept once, whoever brings it", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  CHECK(*store->rounds().append_statement(id<RoundId>(1), {id<AnchorId>(11), 1}, bytes_of("s"), at(1)) ==
        Appended::kNew);
  CHECK(*store->rounds().append_statement(id<RoundId>(1), {id<AnchorId>(12), 1}, bytes_of("s"), at(1)) ==
        Appended::kDuplicate);
  CHECK(*store->rounds().append_statement(id<RoundId>(1), {id<AnchorId>(12), 2}, bytes_of("clone"), at(1)) ==
        Appended::kNew);
  CHECK((*store->rounds().evidence(id<RoundId>(1)))->statements.size() == 2);
}

TEST_CASE("rounds: tickets and the close order are written once", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  const std::vector<ByteVector> tickets{blob("t0"), blob("t1")};
  REQUIRE(store->rounds().append_tickets(id<RoundId>(1), tickets));
  CHECK(store->rounds().append_tickets(id<RoundId>(1), tickets).error().code == StoreFaultCode::kConflict);
  REQUIRE(store->rounds().append_close_order(id<RoundId>(1), bytes_of("order")));
  CHECK(store->rounds().append_close_order(id<RoundId>(1), bytes_of("order")));
  CHECK(store->rounds().append_close_order(id<RoundId>(1), bytes_of("other")).error().code ==
        StoreFaultCode::kConflict);
  const auto evidence = store->rounds().evidence(id<RoundId>(1));
  CHECK((*evidence)->tickets == tickets);
  CHECK((*evidence)->close_order == blob("order"));
}

TEST_CASE("rounds: what names an unknown round is not found", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  const RoundId none = id<RoundId>(99);
  CHECK(store->rounds().append_tickets(none, {}).error().code == StoreFaultCode::kNotFound);
  CHECK(store->rounds().append_report(none, {id<AnchorId>(11), 1}, bytes_of("r"), at(1)).error().code ==
        StoreFaultCode::kNotFound);
  CHECK(store->rounds().append_statement(none, {id<AnchorId>(11), 1}, bytes_of("r"), at(1)).error().code ==
        StoreFaultCode::kNotFound);
  CHECK(store->rounds().append_close_order(none, bytes_of("o")).error().code == StoreFaultCode::kNotFound);
  CHECK(store->verdicts().finish_round(verdict(1, 99, 1, 1, 1), std::nullopt).error().code ==
        StoreFaultCode::kNotFound);
  CHECK(store->rounds().abandon_round(none, "why", at(1)).error().code == StoreFaultCode::kNotFound);
  CHECK_FALSE(*store->rounds().evidence(none));
}

TEST_CASE("rounds: verdict, end and counters come together or not at all", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
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
          "[storage]") {
  const Folder folder;
  const auto store = folder.open();
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

TEST_CASE("rounds: a place that a fast clock dated ahead gives way to the next round's", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
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

TEST_CASE("rounds: an end that fails at its last step leaves the round open and no verdict", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  // Another connection plants a trigger, so that the counters, written last, are refused.
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(folder.options().path.c_str(), &other) == SQLITE_OK);
  const auto run = [&](const char* sql) { return sqlite3_exec(other, sql, nullptr, nullptr, nullptr); };
  REQUIRE(run("CREATE TRIGGER refuse BEFORE INSERT ON counters BEGIN SELECT RAISE(ABORT, 'no'); END") ==
          SQLITE_OK);
  const bool batched = GENERATE(false, true);
  if (batched) REQUIRE(store->begin_batch());
  CHECK_FALSE(store->verdicts().finish_round(verdict(1, 1, 1, 1, 10), ChipCounters{1, 1, {}}));
  if (batched) REQUIRE(store->commit_batch());
  CHECK(store->rounds().open_rounds()->size() == 1);
  CHECK_FALSE(*store->verdicts().newest_verdict(id<ChipId>(1)));
  CHECK_FALSE(store->verdicts().standings(std::array{id<ChipId>(1)})->front().latest);
  REQUIRE(run("DROP TRIGGER refuse") == SQLITE_OK);
  sqlite3_close(other);
  CHECK(store->verdicts().finish_round(verdict(1, 1, 1, 1, 10), ChipCounters{1, 1, {}}));
}

TEST_CASE("rounds: an abandoned one keeps its reason and what comes late is kept and marked", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
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

TEST_CASE("rounds: evidence has the chip's own knocks around the round", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
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

TEST_CASE("mesh: pairs come back by time and are pruned by time", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  for (std::uint64_t i = 1; i <= 5; ++i) {
    const auto seconds = static_cast<std::int64_t>(i);
    MeshRecord mesh{{id<AnchorId>(11), i}, at(seconds), {}, blob("m")};
    for (std::uint64_t peer = 1; peer <= 2; ++peer)
      mesh.pairs.push_back(
          {id<AnchorId>(peer), 10, 9, Nanoseconds{seconds}, Nanoseconds{7}, StampSource::kUserBoth});
    REQUIRE(store->mesh().append_mesh(mesh));
  }
  const auto pairs = store->mesh().mesh_pairs(at(4), 100);
  REQUIRE(pairs);
  REQUIRE(pairs->size() == 4);
  CHECK(pairs->front().window_end == at(4));
  CHECK(pairs->front().pair.rtt_min == Nanoseconds{4});
  CHECK(pairs->front().pair.source == StampSource::kUserBoth);
  CHECK(store->mesh().mesh_pairs(at(0), 3)->size() == 3);
  CHECK(*store->mesh().prune_mesh(at(4)) == 3);
  CHECK(store->mesh().mesh_pairs(at(0), 100)->size() == 4);
}

TEST_CASE("batch: many works become durable together, a failed one undoes only itself", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  auto reader = open_sqlite_reader(folder.options());
  REQUIRE(reader);
  REQUIRE(store->begin_batch());
  REQUIRE(store->rounds().log_intent(intent(1)));
  CHECK_FALSE(store->rounds().log_intent(intent(1)));
  REQUIRE(store->rounds().log_intent(intent(2)));
  CHECK(store->rounds().open_rounds()->size() == 2);  // the writer sees its own work
  CHECK((*reader)->rounds().open_rounds()->empty());  // nobody else does
  REQUIRE(store->commit_batch());
  CHECK((*reader)->rounds().open_rounds()->size() == 2);
  CHECK_FALSE(store->commit_batch());

  REQUIRE(store->begin_batch());
  CHECK_FALSE(store->begin_batch());
  REQUIRE(store->rounds().log_intent(intent(3)));
  store->roll_back_batch();
  CHECK(store->rounds().open_rounds()->size() == 2);
}

}  // namespace chiploc::test
