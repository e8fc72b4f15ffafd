// From facts to the outbox: events, sinks, what a mute keeps back, and all of it or none.
#include "tests/server/notices/posting.hpp"

namespace chiploc::test {
namespace {

using Lines = std::vector<std::string>;

Notice of_kind(NoticeKind kind) { return one_of_each()[static_cast<std::size_t>(kind) - 1]; }

}  // namespace

TEST_CASE("post: every kind is written as its event, for the sinks that are told it", "[notices]") {
  Posting world;
  REQUIRE(world.tell(one_of_each()));
  CHECK(world.written == 1);
  for (const Notice& notice : one_of_each()) {
    const auto kept = world.store->outbox().notice(id_of(notice)).value();
    REQUIRE(kept);
    CHECK(kept->kind == notice.kind());
    CHECK(kept->stream == subject_of(notice));
    CHECK(kept->at == notice.at);
    CHECK(kept->event == cloud_event_text(notice, some_coordinator()));
  }
  CHECK(world.waiting() ==
        Lines{"case/C-17", "order/O-0004", "chip/" + numbered<ChipId>(0x11).hex(), "test/siem"});
  CHECK(world.waiting("pager") == Lines{"case/C-17"});
  CHECK(world.store->outbox().due("siem", world.now, 1)->front().delivery.queued == noon(10));
}

TEST_CASE("post: the same again writes nothing and wakes nobody", "[notices]") {
  Posting world;
  REQUIRE(world.tell({of_kind(NoticeKind::kCaseOpened)}));
  REQUIRE(world.tell({of_kind(NoticeKind::kCaseOpened)}));
  CHECK(world.written == 1);
  CHECK(world.store->outbox().sink_standings()->size() == 2);
  CHECK(world.store->outbox().sink_standings()->front().waiting == 1);
}

TEST_CASE("post: what nobody is told is not written", "[notices]") {
  Posting world;
  world.nobodys = {NoticeKind::kChipStatusChanged};
  CHECK_FALSE(world.post.told(NoticeKind::kChipStatusChanged));
  CHECK(world.post.told(NoticeKind::kOrderHeld));
  REQUIRE(world.tell({of_kind(NoticeKind::kChipStatusChanged), of_kind(NoticeKind::kOrderHeld)}));
  CHECK_FALSE(world.store->outbox().notice(id_of(of_kind(NoticeKind::kChipStatusChanged))).value());
  CHECK(world.waiting() == Lines{"order/O-0004"});
  REQUIRE(world.tell({of_kind(NoticeKind::kChipStatusChanged)}));
  CHECK(world.written == 1);
}

TEST_CASE("post: one that may not be sent undoes them all, and says which", "[notices]") {
  Posting world;
  Notice wrong = of_kind(NoticeKind::kOrderHeld);
  wrong.change = 0;
  const auto done = world.tell({of_kind(NoticeKind::kCaseOpened), wrong});
  REQUIRE_FALSE(done);
  CHECK(done.error().code == StoreFaultCode::kInvalid);
  CHECK(done.error().text ==
        "a notice of kind order.held cannot be written: change is 0; changes are counted from 1");
  CHECK(world.waiting().empty());
  CHECK(world.written == 0);
}

TEST_CASE("post: in a batch that is undone nothing is left of it", "[notices]") {
  Posting world;
  REQUIRE(world.store->begin_batch());
  REQUIRE(world.tell({of_kind(NoticeKind::kCaseOpened)}));
  world.store->roll_back_batch();
  CHECK(world.waiting().empty());
  REQUIRE(world.tell({of_kind(NoticeKind::kCaseOpened)}));
  CHECK(world.waiting().size() == 1);
}

TEST_CASE("post: a mute keeps back what it covers, counts it, and is named in the log", "[notices]") {
  Posting world;
  const std::uint64_t mute = world.mute({.order = "O-1"});
  REQUIRE(world.tell({of_kind(NoticeKind::kCaseOpened), of_kind(NoticeKind::kOrderHeld)}));
  CHECK(world.waiting() == Lines{"order/O-0004"});  // of another order
  CHECK(world.waiting("pager").empty());
  const std::string by = "muted by 1 of ada, until 2026-12-01 12:01:40Z: they know";
  CHECK(world.muted == Lines{"case/C-17 " + by});
  const auto log = world.store->outbox().delivery_log({.muted = true}).value();
  REQUIRE(log.size() == 2);
  CHECK(log[0].entry.text == by);
  CHECK(log[0].entry.notice == id_of(of_kind(NoticeKind::kCaseOpened)));
  CHECK(world.store->outbox().mutes({})->front().hidden == 1);
  CHECK(world.store->outbox().mutes({})->front().number == mute);
  REQUIRE(world.tell({of_kind(NoticeKind::kCaseOpened)}));  // the same again
  CHECK(world.store->outbox().mutes({})->front().hidden == 1);
  CHECK(world.muted.size() == 1);
  CHECK(world.written == 1);
}

TEST_CASE("post: a mute begins, ends, and may be ended", "[notices]") {
  Posting world;
  const std::uint64_t mute = world.mute({.fact = FactKind::kOrderHeld});
  const auto held = [&](std::uint64_t change, WallTime now) {
    Notice notice = of_kind(NoticeKind::kOrderHeld);
    notice.change = change;
    world.now = now;
    REQUIRE(world.tell({notice}));
    return world.muted.size();
  };
  CHECK(held(1, noon(-1)) == 0);
  CHECK(held(2, noon(0)) == 1);
  CHECK(held(3, noon(99)) == 2);
  CHECK(held(4, noon(100)) == 2);
  REQUIRE(world.store->outbox().end_mute(mute, "bob", noon(50)));
  CHECK(held(5, noon(49)) == 3);
  CHECK(held(6, noon(50)) == 3);
}

TEST_CASE("post: the end of what was told is never kept back, nor is a test", "[notices]") {
  Posting world;
  world.mute({.licence = "L-JP"});
  world.mute({.order = "O-0004"});
  std::vector<std::string> kept_back;
  for (const Notice& notice : one_of_each()) {
    world.muted.clear();
    REQUIRE(world.tell({notice}));
    if (!world.muted.empty()) kept_back.emplace_back(name_of(notice.kind()));
  }
  CHECK(kept_back == Lines{"case.opened", "case.updated", "case.disputed", "case.reopened", "order.held",
                           "chip.status_changed"});
}

TEST_CASE("post: a mute that is damaged keeps nothing back, and is told", "[notices]") {
  Posting world;
  REQUIRE(world.store->outbox().add_mute({.rule = blob("x"), .from = noon(0), .ends = noon(100)}));
  REQUIRE(world.tell({of_kind(NoticeKind::kCaseOpened)}));
  CHECK(world.waiting().size() == 1);
  CHECK(world.unreadable == Lines{"1 mute.bytes: not a mute as this version writes it"});
}

TEST_CASE("post: what a mute knows of a notice", "[notices]") {
  const auto chips = chips_of_an_order();
  const Registry& registry = *chips;
  const auto fact = fact_of(of_kind(NoticeKind::kCaseOpened), registry).value();
  CHECK(fact.kind == FactKind::kCaseOpened);
  CHECK(fact.subject == "C-17");
  CHECK(fact.case_kind == "elsewhere");
  CHECK(fact.order == "O-1");
  CHECK(fact.licence == "L-JP");
  CHECK(fact.site == "campus");
  CHECK_FALSE(fact.chip);  // it has two
  Notice attempt = of_kind(NoticeKind::kCaseUpdated);
  auto& facts = std::get<CaseUpdatedNotice>(attempt.facts).facts;
  facts.chips = {numbered<ChipId>(0x12)};
  facts.chips_count = 1;
  for (std::size_t kind = 0; kind < kCaseKinds; ++kind) {
    facts.about = static_cast<NoticeSubject>(kind);
    CHECK(fact_of(attempt, registry)->case_kind == name_of(static_cast<CaseKind>(kind)));
  }
  const auto one = fact_of(attempt, registry).value();
  CHECK(one.order.empty());
  CHECK(one.chip == numbered<ChipId>(0x12));
  facts.chips = {numbered<ChipId>(0x99)};  // not registered
  CHECK(fact_of(attempt, registry)->order.empty());
  const auto order = fact_of(of_kind(NoticeKind::kOrderHeld), registry).value();
  CHECK(order.order == "O-0004");
  CHECK(order.licence == "L-JP");
  CHECK(order.site.empty());
  const auto chip = fact_of(of_kind(NoticeKind::kChipStatusChanged), registry).value();
  CHECK(chip.chip == numbered<ChipId>(0x11));
  CHECK(chip.order == "O-1");
  CHECK(chip.site == "campus");
  CHECK(chip.licence == "L-JP");
  CHECK_FALSE(fact_of(of_kind(NoticeKind::kTest), registry));
}

TEST_CASE("post: to one sink alone, whatever it is told, and once", "[notices]") {
  Posting world;
  const auto id = world.post.post_to(*world.store, "pager", of_kind(NoticeKind::kTest));
  REQUIRE(id);
  CHECK(*id == id_of(of_kind(NoticeKind::kTest)));
  CHECK(world.waiting("pager") == Lines{"test/siem"});
  CHECK(world.waiting().empty());
  CHECK(world.written == 1);
  CHECK(world.post.post_to(*world.store, "pager", of_kind(NoticeKind::kTest)).error().code ==
        StoreFaultCode::kInvalid);
  Notice wrong = of_kind(NoticeKind::kTest);
  wrong.change = 0;
  CHECK(world.post.post_to(*world.store, "pager", wrong).error().code == StoreFaultCode::kInvalid);
}

TEST_CASE("post: what a mute says in the log fits its line", "[notices]") {
  MuteRule rule{{.order = "O-1"}, std::string(1'000, 'x'), std::string(200, 'a'), noon(0), noon(9)};
  CHECK(muted_text(7, rule).size() <= kLogTextMax);
  rule.reason = "they know";
  rule.author = "ada";
  CHECK(muted_text(7, rule) == "muted by 7 of ada, until 2026-12-01 12:00:09Z: they know");
}

}  // namespace chiploc::test
