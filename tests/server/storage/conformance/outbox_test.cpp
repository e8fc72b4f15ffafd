// What other systems are to be told, and how it goes.
#include "tests/server/storage/conformance/backend.hpp"
#include "tests/server/storage/outbox_fixture.hpp"

namespace chiploc::test {
namespace {

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("outbox: a notice comes back to the byte, for each sink once", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const OutboxNotice one = outbox_notice(1, "case/A");
  CHECK(store->outbox().append(one, {"siem", "pager"}, at(5)).value() == Appended::kNew);
  CHECK(store->outbox().notice(one.id).value() == one);
  CHECK_FALSE(store->outbox().notice(id<NoticeId>(9)).value());
  const auto due = store->outbox().due("siem", at(5), 10).value();
  REQUIRE(due.size() == 1);
  CHECK(due[0].notice == one);
  const std::uint64_t number = due[0].delivery.number;
  CHECK(due[0].delivery ==
        Delivery{number, "siem", "case/A", one.id, at(5), 0, DeliveryState::kWaiting, at(5)});
  CHECK(store->outbox().due("pager", at(5), 10)->size() == 1);
  CHECK(store->outbox().due("other", at(5), 10)->empty());
}

TEST_CASE("outbox: the same fact twice is one notice", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_notice(*store, 1, "case/A");
  OutboxNotice again = outbox_notice(1, "case/A");
  again.event = "in other words";
  CHECK(store->outbox().append(again, {"siem", "late"}, at(9)).value() == Appended::kDuplicate);
  CHECK(store->outbox().notice(again.id).value()->event == outbox_notice(1, "case/A").event);
  CHECK(due_numbers(*store, at(100)).size() == 1);
  CHECK(store->outbox().due("late", at(100), 10)->empty());
}

TEST_CASE("outbox: a notice for nobody is kept, and told to nobody", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  CHECK(store->outbox().append(outbox_notice(1, "case/A"), {}, at(0)).value() == Appended::kNew);
  CHECK(store->outbox().notice(id<NoticeId>(1)).value());
  CHECK(store->outbox().sink_standings()->empty());
}

TEST_CASE("outbox: of each stream the first that waits is due, when its time has come",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (std::uint64_t i = 1; i <= 3; ++i) add_notice(*store, i, "case/A");
  add_notice(*store, 4, "case/B");
  CHECK(due_numbers(*store, at(0)) == Numbers{1, 4});
  CHECK(store->outbox().due("siem", at(0), 1)->size() == 1);
  CHECK(due_numbers(*store, at(-1)).empty());
  CHECK(store->outbox().next_due("siem").value() == at(0));
  CHECK_FALSE(store->outbox().next_due("other").value());
  settle(*store, 1, DeliveryState::kWaiting, at(60));
  CHECK(due_numbers(*store, at(59)) == Numbers{4});
  CHECK(due_numbers(*store, at(60)) == Numbers{4, 1});  // what has been due for longest first
  CHECK(store->outbox().due("siem", at(60), 10).value()[1].delivery.attempts == 1);
  settle(*store, 1, DeliveryState::kSent, at(61));
  CHECK(due_numbers(*store, at(61)) == Numbers{4, 2});
  settle(*store, 4, DeliveryState::kSent, at(62));
  settle(*store, 2, DeliveryState::kDead, at(63));  // passed, not waited for
  CHECK(due_numbers(*store, at(63)) == Numbers{3});
  CHECK(store->outbox().next_due("siem").value() == at(63));
  settle(*store, 3, DeliveryState::kSent, at(64));
  CHECK(due_numbers(*store, at(100'000)).empty());
  CHECK_FALSE(store->outbox().next_due("siem").value());
  add_notice(*store, 5, "case/A");
  CHECK(due_numbers(*store, at(100)) == Numbers{5});
}

TEST_CASE("outbox: sinks do not wait for each other", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_notice(*store, 1, "case/A", {"siem", "pager"});
  add_notice(*store, 2, "case/A", {"siem", "pager"});
  settle(*store, 1, DeliveryState::kSent, at(1));
  CHECK(due_numbers(*store, at(1)) == Numbers{3});
  CHECK(due_numbers(*store, at(1), "pager") == Numbers{2});
}

TEST_CASE("outbox: what would wait for longer than anything may is due: the clock was set back",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_notice(*store, 1, "case/A");
  add_notice(*store, 2, "case/B");
  settle(*store, 1, DeliveryState::kWaiting, at(10'000));
  CHECK(due_numbers(*store, at(10'000 - 3'600)) == Numbers{2});
  CHECK(due_numbers(*store, at(10'000 - 3'601)) == Numbers{2, 1});
  CHECK(store->outbox().due("siem", at(10'000 - 3'601), 1)->size() == 1);
}

TEST_CASE("outbox: what became of an attempt is written with its line of the log", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_notice(*store, 1, "case/A");
  const Settled first = settled(*store, 1, DeliveryState::kWaiting, at(7));
  REQUIRE(store->outbox().settle(first, at(3)));
  const Settled second = settled(*store, 1, DeliveryState::kSent, at(8));
  REQUIRE(store->outbox().settle(second, at(8)));
  const auto log = store->outbox().delivery_log({}).value();
  REQUIRE(log.size() == 2);
  CHECK(log[0].entry == second.entry);
  CHECK(log[1].entry == first.entry);
  CHECK(log[0].number > log[1].number);
}

TEST_CASE("outbox: only the first that waits of a stream can be settled", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_notice(*store, 1, "case/A");
  add_notice(*store, 2, "case/A");
  Settled behind = settled(*store, 1, DeliveryState::kSent, at(1));
  behind.delivery.number = 2;
  CHECK(store->outbox().settle(behind, at(1)).error().code == StoreFaultCode::kNotFound);
  settle(*store, 1, DeliveryState::kSent, at(1));
  behind.delivery.number = 1;
  CHECK(store->outbox().settle(behind, at(1)).error().code == StoreFaultCode::kNotFound);
  behind.delivery.number = 77;
  CHECK(store->outbox().settle(behind, at(1)).error().code == StoreFaultCode::kNotFound);
  CHECK(store->outbox().delivery_log({})->size() == 1);  // what failed left nothing behind
}

TEST_CASE("outbox: the log by notice and by sink, page by page", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_notice(*store, 1, "case/A", {"siem", "pager"});
  add_notice(*store, 2, "case/B", {"siem", "pager"});
  for (int i = 1; i <= 3; ++i) settle(*store, 1, DeliveryState::kWaiting, at(i));
  settle(*store, 2, DeliveryState::kSent, at(9), "pager");
  settle(*store, 3, DeliveryState::kSent, at(9));
  CHECK(store->outbox().delivery_log({})->size() == 5);
  DeliveryLogQuery query;
  query.sink = "pager";
  REQUIRE(store->outbox().delivery_log(query)->size() == 1);
  CHECK(store->outbox().delivery_log(query)->front().entry.number == 2);
  query.sink.clear();
  query.notice = id<NoticeId>(1);
  CHECK(store->outbox().delivery_log(query)->size() == 4);
  query.limit = 2;
  const auto page = store->outbox().delivery_log(query).value();
  REQUIRE(page.size() == 2);
  query.before = page.back().number;
  const auto rest = store->outbox().delivery_log(query).value();
  REQUIRE(rest.size() == 2);
  CHECK(rest[0].number < page[1].number);
  query.sink = "siem";
  query.before.reset();
  query.limit = 100;
  CHECK(store->outbox().delivery_log(query)->size() == 3);
}

TEST_CASE("outbox: a dead letter is listed, and sent again before what waits", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (std::uint64_t i = 1; i <= 3; ++i) add_notice(*store, i, "case/A");
  settle(*store, 1, DeliveryState::kDead, at(1));
  settle(*store, 2, DeliveryState::kDead, at(2));
  const auto dead = store->outbox().dead_letters({.limit = 10}).value();
  REQUIRE(dead.size() == 2);
  CHECK(dead[0].delivery.number == 1);
  CHECK(dead[0].delivery.state == DeliveryState::kDead);
  CHECK(dead[0].notice == outbox_notice(1, "case/A"));
  CHECK(store->outbox().dead_letters({.after = 1, .limit = 10})->front().delivery.number == 2);
  CHECK(store->outbox().dead_letters({.limit = 1})->size() == 1);
  REQUIRE(store->outbox().resend(1, at(50)));
  CHECK(due_numbers(*store, at(50)) == Numbers{3});  // it may be on its way
  settle(*store, 3, DeliveryState::kWaiting, at(60));
  CHECK(due_numbers(*store, at(60)) == Numbers{3});
  settle(*store, 3, DeliveryState::kSent, at(61));
  const auto again = store->outbox().due("siem", at(61), 10).value();
  REQUIRE(again.size() == 1);
  CHECK(again[0].delivery ==
        Delivery{1, "siem", "case/A", id<NoticeId>(1), at(50), 0, DeliveryState::kWaiting, at(61)});
  settle(*store, 1, DeliveryState::kSent, at(62));
  REQUIRE(store->outbox().resend(2, at(70)));
  CHECK(due_numbers(*store, at(70)) == Numbers{2});
  CHECK(store->outbox().dead_letters({.limit = 10})->empty());
  for (const std::uint64_t number : {1U, 2U, 99U})
    CHECK(store->outbox().resend(number, at(80)).error().code == StoreFaultCode::kNotFound);
}

TEST_CASE("outbox: how sinks stand, and which are off", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_notice(*store, 1, "case/A", {"siem", "pager"}, at(3));
  add_notice(*store, 2, "case/A", {"siem"}, at(4));
  Settled gone = settled(*store, 1, DeliveryState::kWaiting, at(9));
  gone.sink_gone = true;
  gone.entry.text = "410: gone";
  REQUIRE(store->outbox().settle(gone, at(9)));
  settle(*store, 2, DeliveryState::kDead, at(5), "pager");
  REQUIRE(store->outbox().switch_sink("idle", "ada", at(11)));
  REQUIRE(store->outbox().switch_sink("idle", "bob", at(12)));
  auto standings = store->outbox().sink_standings().value();
  REQUIRE(standings.size() == 3);
  CHECK(standings[0].sink == "idle");
  CHECK(standings[0].off == at(11));
  CHECK(standings[0].why_off == "ada");
  CHECK(standings[0].waiting == 0);
  CHECK_FALSE(standings[0].oldest);
  CHECK(standings[1].sink == "pager");
  CHECK(standings[1].dead == 1);
  CHECK_FALSE(standings[1].off);
  CHECK(standings[2].sink == "siem");
  CHECK(standings[2].waiting == 2);
  CHECK(standings[2].dead == 0);
  CHECK(standings[2].oldest == at(3));
  CHECK(standings[2].off == at(9));
  CHECK(standings[2].why_off == "410: gone");
  REQUIRE(store->outbox().switch_sink("siem", std::nullopt, at(20)));
  standings = store->outbox().sink_standings().value();
  CHECK_FALSE(standings[2].off);
  CHECK(standings[2].why_off.empty());
  CHECK(due_numbers(*store, at(20)) == Numbers{1});  // it waited
}

TEST_CASE("outbox: written in the transaction of a verdict, or not at all", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  bool fails = true;
  store->on_verdict([&](Store& writer, const VerdictCommitted&) -> Stored<Done> {
    const auto appended = writer.outbox().append(outbox_notice(1, "case/A"), {"siem"}, at(0));
    if (!appended) return Fail{appended.error()};
    if (fails) return Fail{StoreFault{StoreFaultCode::kInvalid, "no"}};
    return Done{};
  });
  REQUIRE(store->rounds().log_intent(intent(1)));
  CHECK_FALSE(store->verdicts().finish_round(verdict(1, 1, 1, 1, 10), std::nullopt));
  CHECK_FALSE(store->outbox().notice(id<NoticeId>(1)).value());
  CHECK(due_numbers(*store, at(10)).empty());
  fails = false;
  REQUIRE(store->verdicts().finish_round(verdict(1, 1, 1, 1, 10), std::nullopt));
  CHECK(due_numbers(*store, at(10)).size() == 1);
}

TEST_CASE("outbox: a batch that is undone leaves nothing of it", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->begin_batch());
  add_notice(*store, 1, "case/A");
  store->roll_back_batch();
  CHECK(due_numbers(*store, at(10)).empty());
  REQUIRE(store->begin_batch());
  add_notice(*store, 1, "case/A");
  const auto reader = backend->open_reader();
  CHECK(reader->outbox().due("siem", at(10), 10)->empty());
  REQUIRE(store->commit_batch());
  CHECK(reader->outbox().due("siem", at(10), 10)->size() == 1);
  CHECK(reader->outbox().notice(id<NoticeId>(1)).value());
  CHECK(reader->outbox().sink_standings()->size() == 1);
  CHECK(reader->outbox().next_due("siem").value() == at(0));
  CHECK(reader->outbox().delivery_log({})->empty());
  CHECK(reader->outbox().dead_letters({.limit = 9})->empty());
}

TEST_CASE("outbox: opened anew it goes on where it stood", "[storage][conformance]") {
  const auto backend = each_backend();
  {
    const auto store = backend->open();
    for (std::uint64_t i = 1; i <= 3; ++i) add_notice(*store, i, "case/A");
    settle(*store, 1, DeliveryState::kSent, at(1));
    settle(*store, 2, DeliveryState::kWaiting, at(7));
  }
  const auto store = backend->open();
  CHECK(due_numbers(*store, at(6)).empty());
  const auto due = store->outbox().due("siem", at(7), 10).value();
  REQUIRE(due.size() == 1);
  CHECK(due[0].delivery.number == 2);
  CHECK(due[0].delivery.attempts == 1);
}

TEST_CASE("outbox: what was sent everywhere goes by age, what waits or is dead stays",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (std::uint64_t i = 1; i <= 40; ++i) {
    const std::string stream = "case/" + std::to_string(i);
    add_notice(*store, i, stream, {"siem", "pager"}, at(static_cast<std::int64_t>(i)));
    settle(*store, 2 * i - 1, i == 3 ? DeliveryState::kDead : DeliveryState::kSent, at(0));
    if (i != 5) settle(*store, 2 * i, DeliveryState::kSent, at(0), "pager");
  }
  OutboxPruneOrder order;
  order.before = at(31);
  order.rows = 10;
  OutboxPruned all;
  int steps = 0;
  do {
    all = store->outbox().prune_outbox(order).value();
    order.seen = all.seen;
    REQUIRE(++steps < 100);
  } while (all.more);
  CHECK(steps > 5);
  for (std::uint64_t i = 1; i <= 40; ++i) {
    INFO(i);
    CHECK(store->outbox().notice(id<NoticeId>(i))->has_value() == (i > 30 || i == 3 || i == 5));
  }
  CHECK(store->outbox().dead_letters({.limit = 10})->size() == 1);
  CHECK(due_numbers(*store, at(100), "pager") == Numbers{10});
  CHECK(store->outbox().append(outbox_notice(1, "case/1"), {"siem"}, at(90)).value() == Appended::kNew);
}

TEST_CASE("outbox: a number is never given twice, whatever has gone", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_notice(*store, 1, "case/A");
  settle(*store, 1, DeliveryState::kSent, at(1));
  OutboxPruneOrder order;
  order.before = at(1'000);
  CHECK(store->outbox().prune_outbox(order)->notices == 1);
  add_notice(*store, 2, "case/A");
  CHECK(due_numbers(*store, at(10)) == Numbers{2});
}

TEST_CASE("outbox: the log goes by age and by number", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_notice(*store, 1, "case/A", {"siem"}, at(500));
  for (int i = 1; i <= 20; ++i) settle(*store, 1, DeliveryState::kWaiting, at(i));
  OutboxPruneOrder order;
  order.before = at(6);
  CHECK(store->outbox().prune_outbox(order)->log_entries == 5);
  CHECK(store->outbox().delivery_log({})->back().entry.at == at(6));
  order.log_entries_max = 4;
  order.rows = 3;
  const auto step = store->outbox().prune_outbox(order).value();
  CHECK(step.log_entries == 3);
  CHECK(step.more);
  order.rows = 100;
  CHECK_FALSE(store->outbox().prune_outbox(order)->more);
  CHECK(store->outbox().delivery_log({})->size() == 4);
  CHECK(store->outbox().delivery_log({})->back().entry.at == at(17));
  order.before = at(1'000);
  CHECK(store->outbox().prune_outbox(order)->log_entries == 4);
  CHECK(store->outbox().prune_outbox(order)->log_entries == 0);
  CHECK(store->outbox().notice(id<NoticeId>(1)).value());  // it waits
}

}  // namespace chiploc::test
