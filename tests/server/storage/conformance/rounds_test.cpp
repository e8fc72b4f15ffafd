// Rounds: the intent, and what comes in while they run.
#include "tests/server/storage/conformance/backend.hpp"

namespace chiploc::test {

TEST_CASE("rounds: the intent survives a stop, whole, and names what was there", "[storage][conformance]") {
  const auto backend = each_backend();
  {
    const auto store = backend->open();
    REQUIRE(store->rounds().log_intent(intent(1)));
    REQUIRE(store->rounds().append_tickets(id<RoundId>(1), std::vector<ByteVector>{blob("t0"), blob("t1")}));
    REQUIRE(store->rounds().append_report(id<RoundId>(1), {id<AnchorId>(11), 5}, bytes_of("report"), at(2)));
  }
  const auto open = backend->open()->rounds().open_rounds();
  REQUIRE(open);
  REQUIRE(open->size() == 1);
  const OpenRound& round = open->front();
  CHECK(round.intent.round == id<RoundId>(1));
  CHECK(round.intent.chip == id<ChipId>(1));
  CHECK(round.intent.requested_by == "ada");
  CHECK(round.intent.requested_with == id<Digest>(21));
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
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
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

TEST_CASE("rounds: one id is begun once", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  CHECK(store->rounds().log_intent(intent(1)).error().code == StoreFaultCode::kConflict);
  CHECK(store->verdicts().standings(std::array{id<ChipId>(1)})->front().rounds == 1);
}

TEST_CASE("rounds: a delivery repeated by its spool number is known and not counted twice",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
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

TEST_CASE("rounds: a spool number that is taken hides nothing: an anchor chooses its own",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  REQUIRE(store->rounds().log_intent(intent(2)));
  const SpoolRef from{id<AnchorId>(11), 7};
  CHECK(*store->rounds().append_report(id<RoundId>(1), from, bytes_of("r"), at(1)) == Appended::kNew);
  CHECK(*store->rounds().append_report(id<RoundId>(2), from, bytes_of("q"), at(2)) == Appended::kNew);
  CHECK(*store->rounds().append_report(id<RoundId>(2), from, bytes_of("q"), at(3)) == Appended::kDuplicate);
  CHECK(*store->rounds().append_statement(id<RoundId>(1), from, bytes_of("s"), at(1)) == Appended::kNew);
  CHECK(*store->rounds().append_statement(id<RoundId>(2), from, bytes_of("t"), at(2)) == Appended::kNew);
  const auto evidence = store->rounds().evidence(id<RoundId>(2)).value();
  CHECK(evidence->reports.size() == 1);
  CHECK(evidence->statements.size() == 1);
}

TEST_CASE("rounds: a second, different report of one anchor is kept and marked", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
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

TEST_CASE("rounds: each different statement is kept once, whoever brings it", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  CHECK(*store->rounds().append_statement(id<RoundId>(1), {id<AnchorId>(11), 1}, bytes_of("s"), at(1)) ==
        Appended::kNew);
  CHECK(*store->rounds().append_statement(id<RoundId>(1), {id<AnchorId>(12), 1}, bytes_of("s"), at(1)) ==
        Appended::kDuplicate);
  CHECK(*store->rounds().append_statement(id<RoundId>(1), {id<AnchorId>(12), 2}, bytes_of("clone"), at(1)) ==
        Appended::kNew);
  CHECK((*store->rounds().evidence(id<RoundId>(1)))->statements.size() == 2);
}

TEST_CASE("rounds: tickets and the close order are written once", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
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

TEST_CASE("rounds: what names an unknown round is not found", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
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

}  // namespace chiploc::test
