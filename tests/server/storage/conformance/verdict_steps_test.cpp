// VerdictCommitted: what else has to be true of every verdict, in its transaction.
#include "tests/server/storage/conformance/backend.hpp"

namespace chiploc::test {
namespace {

const ChipCounters kCounters{3, 41, blob("boot"), id<Digest>(7)};

/// A trace that a step leaves in the store, as a case or a leaf of a log would.
Stored<Done> leave_trace(Store& store, std::uint64_t number) {
  const auto kept = store.mesh().append_mesh(
      {{id<AnchorId>(11), number},
       at(1),
       {{id<AnchorId>(12), 1, 1, Nanoseconds{1}, Nanoseconds{1}, StampSource::kUserBoth}},
       blob("trace"),
       at(1)});
  if (!kept) return Fail{kept.error()};
  return Done{};
}
std::size_t traces(StoreReader& store) { return store.mesh().mesh_pairs(at(0), 100)->size(); }

/// Nothing of round 1's end is there.
void check_not_ended(Store& store) {
  CHECK(store.rounds().evidence(id<RoundId>(1)).value()->state == RoundState::kOpen);
  CHECK(store.rounds().evidence(id<RoundId>(1)).value()->verdict.empty());
  CHECK_FALSE(store.verdicts().verdict(id<VerdictId>(1)).value());
  CHECK_FALSE(store.verdicts().standings(std::array{id<ChipId>(1)})->front().latest);
  CHECK_FALSE(store.rounds().chip_counters(id<ChipId>(1), kCounters.signer)->last);
  CHECK_FALSE(store.rounds().last_sighting(id<ChipId>(1)).value());
}

Stored<Done> finish_one(Store& store) {
  VerdictRecord record = verdict(1, 1, 1, 4, 10);
  record.sighting = ChipSighting{id<RoundId>(1), {1.0, 2.0}, Kilometers{3.0}, at(9), at(10), {}};
  return store.verdicts().finish_round(record, kCounters);
}

}  // namespace

TEST_CASE("VerdictCommitted: a step sees the verdict in the store, and nobody else does before the end",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const auto reader = backend->open_reader();
  const bool batched = GENERATE(false, true);
  std::vector<int> order;
  store->on_verdict([&](Store& inside, const VerdictCommitted& committed) -> Stored<Done> {
    order.push_back(1);
    CHECK(&inside == store.get());
    CHECK(committed.verdict.id == id<VerdictId>(1));
    CHECK(committed.counters == kCounters);
    CHECK(inside.verdicts().verdict(id<VerdictId>(1)).value()->state == 4);
    CHECK(inside.rounds().evidence(id<RoundId>(1)).value()->state == RoundState::kFinished);
    CHECK(inside.rounds().chip_counters(id<ChipId>(1), kCounters.signer)->last == kCounters);
    CHECK(inside.rounds().last_sighting(id<ChipId>(1)).value()->round == id<RoundId>(1));
    CHECK_FALSE(reader->verdicts().verdict(id<VerdictId>(1)).value());
    return leave_trace(inside, 1);
  });
  store->on_verdict([&](Store& inside, const VerdictCommitted&) -> Stored<Done> {
    order.push_back(2);
    CHECK(traces(inside) == 1);
    CHECK(traces(*reader) == 0);
    return Done{};
  });
  REQUIRE(store->rounds().log_intent(intent(1)));
  if (batched) REQUIRE(store->begin_batch());
  REQUIRE(finish_one(*store));
  CHECK(reader->verdicts().verdict(id<VerdictId>(1)).value().has_value() == !batched);
  CHECK(traces(*reader) == (batched ? 0 : 1));
  if (batched) REQUIRE(store->commit_batch());
  CHECK(reader->verdicts().verdict(id<VerdictId>(1)).value()->state == 4);
  CHECK(traces(*reader) == 1);
  CHECK(order == std::vector<int>{1, 2});
}

TEST_CASE(
    "VerdictCommitted: a step that fails undoes verdict, counters, end of the round and other steps' work",
    "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const bool batched = GENERATE(false, true);
  bool fails = true;
  bool behind_ran = false;
  store->on_verdict([](Store& inside, const VerdictCommitted&) { return leave_trace(inside, 1); });
  store->on_verdict([&](Store& inside, const VerdictCommitted&) -> Stored<Done> {
    const auto done = leave_trace(inside, 2);
    if (!done || !fails) return done;
    return Fail{StoreFault{StoreFaultCode::kInvalid, "the log is closed"}};
  });
  store->on_verdict([&](Store&, const VerdictCommitted&) -> Stored<Done> {
    behind_ran = true;
    return Done{};
  });
  REQUIRE(store->rounds().log_intent(intent(1)));
  if (batched) REQUIRE(store->begin_batch());
  if (batched) REQUIRE(store->rounds().log_intent(intent(2, 2)));
  const auto refused = finish_one(*store);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text == "the log is closed");
  CHECK_FALSE(behind_ran);
  check_not_ended(*store);
  CHECK(traces(*store) == 0);
  if (batched) REQUIRE(store->rounds().log_intent(intent(3, 3)));  // the batch goes on
  if (batched) REQUIRE(store->commit_batch());
  CHECK(store->rounds().open_rounds()->size() == (batched ? 3 : 1));
  check_not_ended(*store);
  fails = false;
  REQUIRE(finish_one(*store));  // and so does the round, once the step lets it
  CHECK(traces(*store) == 2);
  CHECK(store->rounds().chip_counters(id<ChipId>(1), kCounters.signer)->last == kCounters);
}

TEST_CASE("VerdictCommitted: a step may try, fail and do something else; only its own trial is undone",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const bool batched = GENERATE(false, true);
  store->on_verdict([](Store& inside, const VerdictCommitted&) -> Stored<Done> {
    CHECK_FALSE(inside.rounds().log_intent(intent(1)));  // known already
    CHECK_FALSE(inside.rounds().abandon_round(id<RoundId>(1), "why", at(1)));
    return leave_trace(inside, 1);
  });
  REQUIRE(store->rounds().log_intent(intent(1)));
  if (batched) REQUIRE(store->begin_batch());
  REQUIRE(finish_one(*store));
  if (batched) REQUIRE(store->commit_batch());
  CHECK(traces(*backend->open_reader()) == 1);
  CHECK(store->verdicts().counts()->verdicts == 1);
}

TEST_CASE("VerdictCommitted: a step neither begins nor ends a transaction", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const bool batched = GENERATE(false, true);
  store->on_verdict([](Store& inside, const VerdictCommitted&) -> Stored<Done> {
    CHECK(inside.begin_batch().error().code == StoreFaultCode::kInvalid);
    CHECK(inside.commit_batch().error().code == StoreFaultCode::kInvalid);
    return Done{};
  });
  REQUIRE(store->rounds().log_intent(intent(1)));
  if (batched) REQUIRE(store->begin_batch());
  REQUIRE(finish_one(*store));
  if (batched) store->roll_back_batch();
  CHECK(store->verdicts().counts()->verdicts == (batched ? 0U : 1U));
}

TEST_CASE(
    "VerdictCommitted: a step that undoes the transaction undoes the verdict, and its batch hears of it",
    "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const bool batched = GENERATE(false, true);
  store->on_verdict([](Store& inside, const VerdictCommitted&) -> Stored<Done> {
    inside.roll_back_batch();
    return Done{};
  });
  REQUIRE(store->rounds().log_intent(intent(1)));
  if (batched) REQUIRE(store->begin_batch());
  CHECK_FALSE(finish_one(*store));
  if (batched) CHECK_FALSE(store->rounds().log_intent(intent(2)));
  if (batched) CHECK_FALSE(store->commit_batch());
  check_not_ended(*store);
  CHECK(store->rounds().open_rounds()->size() == 1);
  CHECK(store->rounds().log_intent(intent(2)));
}

TEST_CASE("VerdictCommitted: rounds that end without a verdict run no step", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  int runs = 0;
  store->on_verdict([&](Store&, const VerdictCommitted&) -> Stored<Done> {
    ++runs;
    return Done{};
  });
  for (const std::uint64_t i : {1U, 2U}) REQUIRE(store->rounds().log_intent(intent(i)));
  REQUIRE(store->rounds().abandon_round(id<RoundId>(1), "why", at(1)));
  CHECK_FALSE(store->verdicts().finish_round(verdict(1, 1, 1, 1, 10), std::nullopt));
  CHECK(runs == 0);
  REQUIRE(store->verdicts().finish_round(verdict(2, 2, 1, 1, 10), std::nullopt));
  CHECK(runs == 1);
}

}  // namespace chiploc::test
