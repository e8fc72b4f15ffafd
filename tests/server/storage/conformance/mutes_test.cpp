// What keeps notices back, what it kept back, and how that is looked up, sent after all and forgotten.
#include "tests/server/storage/conformance/backend.hpp"
#include "tests/server/storage/outbox_fixture.hpp"

namespace chiploc::test {
namespace {

using Numbers = std::vector<std::uint64_t>;

MuteRow mute_row(std::int64_t from, std::int64_t ends, const std::string& rule = "rule") {
  return {.rule = blob(rule), .by_certificate = id<Digest>(7), .from = at(from), .ends = at(ends)};
}
Numbers mutes_of(Store& store, const MuteQuery& query) {
  Numbers out;
  const auto found = store.outbox().mutes(query).value();
  for (const MuteRow& row : found) out.push_back(row.number);
  return out;
}
void add_muted(Store& store, std::uint64_t number, const std::vector<std::string>& sinks,
               std::uint64_t mute = 1) {
  REQUIRE(store.outbox()
              .append_muted(outbox_notice(number, "case/A"), sinks, {mute, "muted by 1: why"}, at(5))
              .value() == Appended::kNew);
}

}  // namespace

TEST_CASE("mutes: kept to the byte, in force from begin to end, ended once", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  CHECK(store->outbox().add_mute(mute_row(0, 100)).value() == 1);
  MuteRow nameless = mute_row(10, 50, "other");
  nameless.by_certificate.reset();
  CHECK(store->outbox().add_mute(nameless).value() == 2);
  const auto rows = store->outbox().mutes({}).value();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].number == 2);
  CHECK(rows[0].rule == blob("other"));
  CHECK_FALSE(rows[0].by_certificate);
  CHECK(rows[1].rule == blob("rule"));
  CHECK(rows[1].by_certificate == id<Digest>(7));
  CHECK(rows[1].from == at(0));
  CHECK(rows[1].ends == at(100));
  CHECK(rows[1].ended_by.empty());
  CHECK(rows[1].hidden == 0);
  CHECK(mutes_of(*store, {.in_force = at(-1)}).empty());
  CHECK(mutes_of(*store, {.in_force = at(0)}) == Numbers{1});
  CHECK(mutes_of(*store, {.in_force = at(10)}) == Numbers{2, 1});
  CHECK(mutes_of(*store, {.in_force = at(50)}) == Numbers{1});
  CHECK(mutes_of(*store, {.in_force = at(100)}).empty());
  CHECK(mutes_of(*store, {.before = 2}) == Numbers{1});
  CHECK(mutes_of(*store, {.limit = 1}) == Numbers{2});
  REQUIRE(store->outbox().end_mute(1, "bob", at(60)));
  CHECK(mutes_of(*store, {.in_force = at(60)}).empty());
  CHECK(mutes_of(*store, {.in_force = at(59)}) == Numbers{1});
  CHECK(store->outbox().mutes({.limit = 9})->back().ended_by == "bob");
  CHECK(store->outbox().mutes({.limit = 9})->back().ends == at(60));
  for (const std::uint64_t number : {1U, 2U, 3U})  // over, over by time, none
    CHECK(store->outbox().end_mute(number, "bob", at(61)).error().code == StoreFaultCode::kNotFound);
  CHECK(store->outbox().mutes({.limit = 9})->front().ended_by.empty());
  CHECK(store->outbox().add_mute(mute_row(5, 5)).error().code == StoreFaultCode::kInvalid);
  const auto reader = backend->open_reader();
  CHECK(reader->outbox().mutes({})->size() == 2);
}

TEST_CASE("mutes: what is kept back waits for nobody, has its lines in the log and is counted once",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->outbox().add_mute(mute_row(0, 100)));
  add_muted(*store, 1, {"siem", "pager"});
  CHECK(store->outbox().append_muted(outbox_notice(1, "case/A"), {"siem"}, {1, "again"}, at(6)).value() ==
        Appended::kDuplicate);
  CHECK(store->outbox().mutes({})->front().hidden == 1);
  CHECK(store->outbox().notice(id<NoticeId>(1)).value() == outbox_notice(1, "case/A"));
  CHECK(due_numbers(*store, at(1'000)).empty());
  CHECK_FALSE(store->outbox().next_due("siem").value());
  CHECK(store->outbox().sink_standings()->empty());
  CHECK(store->outbox().dead_letters({})->empty());
  add_notice(*store, 2, "case/A");  // not behind it
  CHECK(due_numbers(*store, at(5)) == Numbers{3});
  const auto log = store->outbox().delivery_log({}).value();
  REQUIRE(log.size() == 2);
  CHECK(log[1].entry.number == 1);
  CHECK(log[1].entry.sink == "siem");
  CHECK(log[1].entry.at == at(5));
  CHECK(log[1].entry.attempt == 0);
  CHECK(log[1].entry.state == DeliveryState::kMuted);
  CHECK(log[1].entry.text == "muted by 1: why");
  CHECK(log[1].now == DeliveryState::kMuted);
  CHECK(log[1].stream == "case/A");
  CHECK(log[1].kind == NoticeKind::kCaseResolved);
  settle(*store, 3, DeliveryState::kSent, at(9));
  CHECK(store->outbox().delivery_log({.muted = true})->size() == 2);
  CHECK(store->outbox().delivery_log({.sink = "siem", .muted = true})->size() == 1);
  CHECK(store->outbox().delivery_log({.since = at(6)})->size() == 1);
  CHECK(store->outbox().delivery_log({.since = at(5)})->size() == 3);
}

TEST_CASE("mutes: a person has one sent after all", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_muted(*store, 1, {"siem", "pager"});
  CHECK(store->outbox().resend(2, at(8)).value() == "pager");
  CHECK(due_numbers(*store, at(8), "pager") == Numbers{2});
  CHECK(due_numbers(*store, at(8)).empty());
  CHECK(store->outbox().delivery_log({}).value()[0].now == DeliveryState::kWaiting);
  CHECK(store->outbox().delivery_log({}).value()[0].entry.state == DeliveryState::kMuted);
  CHECK(store->outbox().resend(2, at(9)).error().code == StoreFaultCode::kNotFound);
  settle(*store, 2, DeliveryState::kSent, at(9), "pager");
  CHECK(store->outbox().resend(2, at(9)).error().code == StoreFaultCode::kNotFound);
}

TEST_CASE("outbox: dead letters by sink, notice and time", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (std::uint64_t i = 1; i <= 4; ++i) {
    const std::string sink = i % 2 == 0 ? "pager" : "siem";
    add_notice(*store, i, "case/" + std::to_string(i), {sink}, at(static_cast<std::int64_t>(i)));
    settle(*store, i, DeliveryState::kDead, at(50), sink);
  }
  const auto dead = [&](const DeadLetterQuery& query) {
    Numbers out;
    const auto found = store->outbox().dead_letters(query).value();
    for (const DueDelivery& one : found) out.push_back(one.delivery.number);
    return out;
  };
  CHECK(dead({}) == Numbers{1, 2, 3, 4});
  CHECK(dead({.sink = "pager"}) == Numbers{2, 4});
  CHECK(dead({.notice = id<NoticeId>(3)}) == Numbers{3});
  CHECK(dead({.since = at(3)}) == Numbers{3, 4});
  CHECK(dead({.sink = "siem", .since = at(2), .after = 0, .limit = 9}) == Numbers{3});
  CHECK(dead({.after = 2, .limit = 1}) == Numbers{3});
}

TEST_CASE("outbox: notices in the order in which they were written, and what is open of them",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const auto add = [&](std::uint64_t number, NoticeKind kind, const std::string& stream) {
    OutboxNotice one = outbox_notice(number, stream, at(static_cast<std::int64_t>(number)));
    one.kind = kind;
    REQUIRE(store->outbox().append(one, {"siem"}, at(0)));
  };
  add(1, NoticeKind::kCaseOpened, "case/A");
  add(2, NoticeKind::kCaseOpened, "case/B");
  add(3, NoticeKind::kCaseUpdated, "case/A");
  add(4, NoticeKind::kCaseResolved, "case/B");
  add(5, NoticeKind::kOrderHeld, "order/1");
  add(6, NoticeKind::kOrderReleased, "order/2");
  add(7, NoticeKind::kChipStatusChanged, "chip/1");
  add(8, NoticeKind::kTest, "test/siem");
  OutboxNotice muted = outbox_notice(9, "case/A");
  muted.kind = NoticeKind::kCaseDisputed;
  REQUIRE(store->outbox().append_muted(muted, {"siem"}, {1, "x"}, at(0)));
  Numbers open;
  const auto found = store->outbox().open_subjects().value();
  for (const OutboxNotice& one : found) open.push_back(one.id.bytes[7]);
  CHECK(open == Numbers{3, 5});  // what was kept back says nothing
  const auto page = store->outbox().notices(2, std::nullopt, 3).value();
  REQUIRE(page.size() == 3);
  CHECK(page[0].number == 3);
  CHECK(page[0].notice.kind == NoticeKind::kCaseUpdated);
  CHECK(page[2].number == 5);
  CHECK(store->outbox().notices(0, at(7), 9)->front().number == 7);
  CHECK(store->outbox().notices(9, std::nullopt, 9)->empty());
}

TEST_CASE("outbox: what says that a case is open stays, what was kept back or given up goes by age",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const auto add = [&](std::uint64_t number, NoticeKind kind, const std::string& stream) {
    OutboxNotice one = outbox_notice(number, stream, at(static_cast<std::int64_t>(number)));
    one.kind = kind;
    REQUIRE(store->outbox().append(one, {"siem"}, at(static_cast<std::int64_t>(number))));
  };
  add(1, NoticeKind::kCaseOpened, "case/A");
  add(2, NoticeKind::kCaseUpdated, "case/A");
  add(3, NoticeKind::kOrderHeld, "order/1");
  add(4, NoticeKind::kChipStatusChanged, "chip/1");
  for (const std::uint64_t number : {1U, 3U, 4U}) settle(*store, number, DeliveryState::kSent, at(5));
  settle(*store, 2, DeliveryState::kSent, at(5));
  OutboxNotice muted = outbox_notice(5, "case/A");
  muted.kind = NoticeKind::kCaseDisputed;  // newer, but nobody was told
  REQUIRE(store->outbox().append_muted(muted, {"siem"}, {1, "x"}, at(5)));
  add(6, NoticeKind::kChipStatusChanged, "chip/2");  // waits
  add(7, NoticeKind::kChipStatusChanged, "chip/2");  // behind it
  const auto prune = [&](std::int64_t before, std::int64_t given_up) {
    return store->outbox().prune_outbox({.before = at(before), .given_up_before = at(given_up)}).value();
  };
  const auto left = [&] {
    Numbers out;
    const auto found = store->outbox().notices(0, std::nullopt, 99).value();
    for (const auto& one : found) out.push_back(static_cast<std::uint64_t>(one.number));
    return out;
  };
  auto pruned = prune(100, 0);
  CHECK(pruned.notices == 3);
  CHECK(pruned.given_up == 0);
  CHECK(left() == Numbers{2, 3, 6, 7});
  pruned = prune(100, 7);  // up to the one that waits in front
  CHECK(pruned.notices == 1);
  CHECK(pruned.given_up == 1);
  CHECK(left() == Numbers{2, 3, 7});
  CHECK(due_numbers(*store, at(1'000)) == Numbers{7});  // it holds up nothing
  settle(*store, 7, DeliveryState::kDead, at(20));
  CHECK(prune(100, 7).given_up == 0);
  CHECK(prune(100, 8).given_up == 1);
  add(10, NoticeKind::kCaseResolved, "case/A");
  CHECK(prune(100, 0).notices == 1);
  CHECK(left() == Numbers{3, 8});
}

}  // namespace chiploc::test
