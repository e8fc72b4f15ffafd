#include "server/status/status_keeper.hpp"

#include "tests/server/status/kept_chips.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

using std::chrono::hours;

TEST_CASE("status keeper: from rounds to drifted after the second OUTSIDE, and back after two proofs",
          "[status]") {
  KeptChips chips;
  chips.round(0, v1::VERIFIED);
  CHECK(state_of(*chips.store) == ChipState::kCompliant);
  chips.round(1, v1::OUTSIDE);
  CHECK(told(*chips.store) == "0 compliant");
  chips.round(2, v1::OUTSIDE);
  CHECK(told(*chips.store) == "0 compliant, 2 drifted");
  const auto status = chips.store->statuses().status(id<ChipId>(1)).value();
  CHECK(status->state == static_cast<std::uint32_t>(ChipState::kDrifted));
  CHECK(status->since == h(2));
  CHECK_FALSE(status->due);  // it needs an event
  StatusChangeQuery query;
  query.limit = 1;
  const auto change = chips.store->statuses().list_changes(query).value().rows.front();
  CHECK(change.chip == id<ChipId>(1));
  CHECK(change.from == static_cast<std::uint32_t>(ChipState::kCompliant));
  CHECK(change.rests_on == std::vector{id<VerdictId>(2), id<VerdictId>(3)});
  CHECK(change.why == "Proved outside its licence 2 times without a proof in between.");
  chips.round(3, v1::VERIFIED);
  chips.round(4, v1::VERIFIED);
  CHECK(told(*chips.store) == "0 compliant, 2 drifted, 4 compliant");
}

TEST_CASE("status keeper: who merely stalls is unproven on its clock, who is silent on another", "[status]") {
  KeptChips chips;
  for (int hour = 0; hour < 60; hour += 6) chips.round(hour, v1::UNRESOLVED);
  for (int hour = 0; hour < 60; hour += 6) chips.round(hour, v1::SILENT, 2);
  CHECK(chips.store->statuses().status(id<ChipId>(1)).value()->due == h(72));
  CHECK(chips.until(47.9).chips == 0);
  CHECK(told(*chips.store, 2) == "48 silent");  // with the verdict that came then
  const auto portion = chips.until(72.5);
  CHECK(portion.chips == 1);
  CHECK(portion.changes == 1);
  CHECK_FALSE(portion.more);
  CHECK(told(*chips.store) == "72 unproven");  // at its instant, whenever it is told
  // It is not measured any more: that is ours to mend.
  chips.until(1000);
  CHECK(told(*chips.store) == "72 unproven, 126 overdue");
  CHECK(told(*chips.store, 2) == "48 silent");
}

TEST_CASE("status keeper: CLEARED is a proof where it is enough, and an INVALID accuses by its reason",
          "[status]") {
  for (const bool enough : {false, true}) {
    KeptChips chips{StatusKeeping{{}, enough}};
    chips.round(0, v1::CLEARED);
    CHECK((state_of(*chips.store) == ChipState::kCompliant) == enough);
  }
  KeptChips chips;
  chips.round(0, v1::INVALID, 1, "bad_signature");
  chips.round(1, v1::INVALID, 1, "bad_signature");
  CHECK(told(*chips.store).empty());
  chips.round(2, v1::INVALID, 1, "cloned_key");
  chips.round(3, v1::INVALID, 1, "counter_rollback");
  CHECK(told(*chips.store) == "3 tampered");
  // A state that this version does not know neither clears nor accuses, and neither does what is no summary.
  chips.round(0, static_cast<v1::VerdictState>(99), 2);
  for (std::uint64_t i = 101; i < 104; ++i) {
    VerdictRecord damaged = judged_at(i, 1, v1::INVALID, 2);
    damaged.summary = blob("no message");
    REQUIRE(finish_round(*chips.store, damaged));
  }
  CHECK(told(*chips.store, 2).empty());
}

TEST_CASE("status keeper: an absence hides silence, and stops the clocks", "[status]") {
  KeptChips chips;
  chips.round(0, v1::SILENT);
  chips.happens(1, AbsenceDeclared{h(1), h(100)});
  CHECK(state_of(*chips.store) == ChipState::kAbsent);
  CHECK(chips.store->statuses().status(id<ChipId>(1)).value()->due == h(100));
  for (int hour = 6; hour < 100; hour += 6) chips.round(hour, v1::SILENT);
  CHECK(told(*chips.store) == "1 absent");
  chips.until(101);
  CHECK(told(*chips.store) == "1 absent, 100 pending");
  for (int hour = 102; hour < 160; hour += 6) chips.round(hour, v1::SILENT);
  CHECK(told(*chips.store) == "1 absent, 100 pending, 147 silent");
  // Ended before its time, by a person.
  chips.happens(158, AbsenceDeclared{h(158), h(300)});
  chips.happens(160, AbsenceEnded{});
  CHECK(told(*chips.store) == "1 absent, 100 pending, 147 silent, 158 absent, 160 silent");
}

TEST_CASE("status keeper: enrolled anew nothing is held against a chip, and a dispute hides once",
          "[status]") {
  KeptChips chips;
  for (int i = 0; i < 2; ++i) chips.round(i, v1::INVALID);
  chips.happens(2, DisputeOpened{});
  CHECK(told(*chips.store) == "1 tampered, 2 disputed");
  CHECK(chips.store->statuses().status(id<ChipId>(1)).value()->due == h(2) + hours{30 * 24});
  chips.happens(3, EnrolledAnew{});
  CHECK(told(*chips.store) == "1 tampered, 2 disputed, 3 pending");
  CHECK(story_of(*chips.store).begun == h(3));
}

TEST_CASE("status keeper: what happens to several chips happens to all or to none", "[status]") {
  KeptChips chips;
  chips.round(0, v1::SILENT, 1);
  chips.round(0, v1::SILENT, 2);
  const std::vector<ChipId> both{id<ChipId>(1), id<ChipId>(2)}, with_unknown{id<ChipId>(1), id<ChipId>(3)};
  const StatusEvent absent{h(1), AbsenceDeclared{h(1), h(9)}};
  const auto refused = chips.keeper.happened(*chips.store, with_unknown, absent);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == StoreFaultCode::kNotFound);
  CHECK_THAT(refused.error().text, Catch::Contains("has no status yet"));
  CHECK(state_of(*chips.store, 1) == ChipState::kPending);
  REQUIRE(chips.keeper.happened(*chips.store, both, absent));
  CHECK(state_of(*chips.store, 1) == ChipState::kAbsent);
  CHECK(state_of(*chips.store, 2) == ChipState::kAbsent);
}

TEST_CASE("status keeper: a story can be asked as of now without being told", "[status]") {
  KeptChips chips;
  chips.round(0, v1::VERIFIED);
  const auto story = chips.keeper.story_at(chips.store->statuses(), id<ChipId>(1), h(30)).value();
  CHECK(story.state == ChipState::kPending);
  CHECK(story.since == h(24));
  CHECK(state_of(*chips.store) == ChipState::kCompliant);
  CHECK(chips.keeper.story_at(chips.store->statuses(), id<ChipId>(9), h(30)).error().code ==
        StoreFaultCode::kNotFound);
}

TEST_CASE("status keeper: steps hear of every change in its transaction, and of nothing else", "[status]") {
  KeptChips chips;
  std::vector<std::string> heard;
  int calls = 0;
  chips.keeper.add_step([&](Store& inside, const StatusTold& told) -> Stored<Done> {
    CHECK(&inside == chips.store.get());
    ++calls;
    if (told.changes.empty()) {
      CHECK(told.before->state == told.story.state);
      return Done{};
    }
    CHECK(told.before->state == told.changes.front().from);
    CHECK(told.story.state == told.changes.back().to);
    CHECK(state_of(inside, 1) == told.story.state);
    for (const StatusChange& change : told.changes)
      heard.push_back(told.chip.hex().substr(14, 2) + " " + std::string{name_of(change.to)} +
                      (told.from_before ? " before" : ""));
    return Done{};
  });
  chips.round(0, v1::UNRESOLVED);
  CHECK(heard.empty());
  CHECK(calls == 1);  // whatever else became of the story
  chips.round(1, v1::VERIFIED);
  chips.happens(2, AbsenceDeclared{h(3), h(4)});
  chips.until(24.9);
  CHECK(heard == std::vector<std::string>{"01 compliant"});  // it holds to 25
  chips.until(30);
  chips.until(90);
  CHECK(heard == std::vector<std::string>{"01 compliant", "01 pending", "01 overdue"});
}

TEST_CASE("status keeper: a step that fails undoes the change and what brought it about", "[status]") {
  KeptChips chips;
  bool fails = false;
  int calls = 0;
  chips.keeper.add_step([&](Store&, const StatusTold&) -> Stored<Done> {
    ++calls;
    if (!fails) return Done{};
    return Fail{StoreFault{StoreFaultCode::kFull, "no room for a notice"}};
  });
  chips.round(0, v1::OUTSIDE);
  fails = true;
  const VerdictRecord second = judged_at(77, 1, v1::OUTSIDE);
  const auto refused = finish_round(*chips.store, second);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text == "no room for a notice");
  CHECK_FALSE(chips.store->verdicts().verdict(second.id).value());
  CHECK(told(*chips.store).empty());
  CHECK(story_of(*chips.store).signs.size() == 1);
  CHECK_FALSE(chips.keeper.tell_on(*chips.store, h(500), 10));
  CHECK(told(*chips.store).empty());
  const ChipId chip = id<ChipId>(1);
  CHECK_FALSE(chips.keeper.happened(*chips.store, {&chip, 1}, {h(1), AbsenceDeclared{h(1), h(2)}}));
  CHECK(story_of(*chips.store).absences.empty());
  fails = false;
  REQUIRE(chips.store->verdicts().finish_round(second, std::nullopt));
  CHECK(told(*chips.store) == "1 drifted");
  CHECK(calls == 5);
}

TEST_CASE("status keeper: no verdict is kept without its status", "[status]") {
  KeptChips chips;
  REQUIRE(
      raw(chips.folder)
          ->execute("CREATE TRIGGER no BEFORE INSERT ON chip_status BEGIN SELECT RAISE(FAIL, 'no'); END"));
  const VerdictRecord verdict = judged_at(1, 0, v1::VERIFIED);
  CHECK_FALSE(finish_round(*chips.store, verdict));
  CHECK_FALSE(chips.store->verdicts().verdict(verdict.id).value());
  CHECK(chips.store->rounds().open_rounds()->size() == 1);
}

TEST_CASE("status keeper: time is told in portions, the longest due first", "[status]") {
  KeptChips chips;
  for (std::uint64_t chip = 1; chip <= 5; ++chip)
    chips.round(10.0 - static_cast<double>(chip), v1::VERIFIED, chip);
  CHECK(chips.until(28).chips == 0);
  const auto first = chips.until(40, 2);
  CHECK(first.chips == 2);
  CHECK(first.more);
  CHECK(told(*chips.store, 5) == "5 compliant, 29 pending");
  CHECK(told(*chips.store, 4) == "6 compliant, 30 pending");
  CHECK(told(*chips.store, 3) == "7 compliant");
  CHECK(chips.until(40, 2).more);
  const auto last = chips.until(40, 1);
  CHECK(last.chips == 1);
  CHECK_FALSE(last.more);
  CHECK(chips.until(40, 2).chips == 0);
  CHECK(told(*chips.store, 1) == "9 compliant, 33 pending");
}

TEST_CASE("status keeper: a story that is damaged is in nobody's way, and its next verdict tells it anew",
          "[status]") {
  KeptChips chips;
  chips.round(0, v1::OUTSIDE, 1);
  chips.round(0, v1::UNRESOLVED, 2);
  REQUIRE(raw(chips.folder)
              ->execute("UPDATE chip_status SET story = x'00' WHERE hex(chip) LIKE '0000000000000001%'"));
  const auto portion = chips.until(200, 10);
  CHECK(portion.chips == 2);
  CHECK(portion.unreadable == 1);
  CHECK(portion.changes == 1);
  CHECK(told(*chips.store, 2) == "72 overdue");
  CHECK(chips.until(200.9, 10).chips == 0);
  CHECK(chips.until(201, 10).unreadable == 1);  // an hour later
  const ChipId chip = id<ChipId>(1);
  const auto refused = chips.keeper.happened(*chips.store, {&chip, 1}, {h(201), AbsenceEnded{}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == StoreFaultCode::kCorrupt);
  CHECK(chips.keeper.story_at(chips.store->statuses(), chip, h(201)).error().code ==
        StoreFaultCode::kCorrupt);
  // The sign of before is not lost: it is in the verdicts. What was on record of the state is not told twice.
  chips.round(3, v1::OUTSIDE, 1);
  CHECK(told(*chips.store, 1) == "3 drifted");
  CHECK(story_of(*chips.store, 1).drifted.size() == 2);
}

TEST_CASE("status keeper: a damaged story that is told anew says what is different, if anything is",
          "[status]") {
  KeptChips chips;
  chips.round(0, v1::VERIFIED);
  const auto damage = [&] { REQUIRE(raw(chips.folder)->execute("UPDATE chip_status SET story = x''")); };
  damage();
  chips.round(1, v1::VERIFIED);
  CHECK(told(*chips.store) == "0 compliant");
  damage();
  chips.round(30, v1::UNRESOLVED);
  CHECK(told(*chips.store) == "0 compliant, 30 pending");
}

TEST_CASE("status keeper: other rules than before are those of every chip at once", "[status]") {
  const Folder folder;
  {
    StatusKeeper keeper{{}};
    const auto store = folder.open();
    REQUIRE(keeper.watch(*store));
    REQUIRE(finish_round(*store, judged_at(1, 0, v1::UNRESOLVED, 1)));
    REQUIRE(finish_round(*store, judged_at(2, 0, v1::VERIFIED, 2)));
    CHECK(keeper.tell_on(*store, h(20), 10)->chips == 0);
  }
  {
    StatusKeeper keeper{{}};  // the same: nothing is due
    const auto store = folder.open();
    REQUIRE(keeper.watch(*store));
    CHECK(keeper.tell_on(*store, h(20), 10)->chips == 0);
  }
  StatusKeeping shorter;
  shorter.rules.overdue_after = hours{10};
  StatusKeeper keeper{shorter};
  const auto store = folder.open();
  REQUIRE(keeper.watch(*store));
  CHECK(keeper.tell_on(*store, h(20), 10)->chips == 2);
  CHECK(told(*store, 1) == "10 overdue");  // as it would have been told by them
  CHECK(told(*store, 2) == "0 compliant");
  CHECK(store->statuses().status(id<ChipId>(2)).value()->due == h(24));
  CHECK(keeper.tell_on(*store, h(20), 10)->chips == 0);
}

TEST_CASE("status keeper: every rule stands in the text by which others are noticed", "[status]") {
  const std::string usual = text_of(StatusKeeping{});
  CHECK(usual ==
        "status-2 confirmations=2 confirm_within_s=604800 restorations=2 unproven_after_s=259200 "
        "silent_after_s=172800 overdue_after_s=259200 lost_proof_after_s=86400 dispute_most_s=2592000 "
        "absence_most_s=5184000 absences_a_year_s=10368000 cleared_is_enough=false");
  std::set<std::string> texts{usual};
  const auto add = [&](auto change) {
    StatusKeeping other;
    change(other);
    texts.insert(text_of(other));
  };
  add([](StatusKeeping& k) { k.cleared_is_enough = true; });
  add([](StatusKeeping& k) { k.rules.confirmations = 3; });
  add([](StatusKeeping& k) { k.rules.restorations = 3; });
  for (auto time : {&StatusRules::confirm_within, &StatusRules::unproven_after, &StatusRules::silent_after,
                    &StatusRules::overdue_after, &StatusRules::lost_proof_after, &StatusRules::dispute_most,
                    &StatusRules::absence_most, &StatusRules::absences_a_year})
    add([time](StatusKeeping& k) { k.rules.*time = hours{9}; });
  CHECK(texts.size() == 12);
}

TEST_CASE("status keeper: stories of new chips begin in portions", "[status]") {
  KeptChips chips;
  for (std::uint64_t chip = 1; chip <= 3; ++chip) register_chip(chips.folder, chip);
  const auto first = chips.keeper.begin_stories(*chips.store, h(5), 2).value();
  CHECK(first.chips == 2);
  CHECK(first.more);
  const auto second = chips.keeper.begin_stories(*chips.store, h(6), 2).value();
  CHECK(second.chips == 1);
  CHECK_FALSE(second.more);
  CHECK(chips.keeper.begin_stories(*chips.store, h(7), 2).value().chips == 0);
  CHECK(story_of(*chips.store, 1) == begin_story(h(5)));
  CHECK(story_of(*chips.store, 3) == begin_story(h(6)));
  chips.until(100);
  CHECK(told(*chips.store, 1) == "77 overdue");
}

TEST_CASE("status keeper: a clock beyond what a story can hold is refused, not written", "[status]") {
  KeptChips chips;
  VerdictRecord late = judged_at(1, 0, v1::VERIFIED);
  late.decided = WallTime{std::chrono::seconds{8'000'000'000}};
  late.expires = late.decided + hours{24};
  const auto refused = finish_round(*chips.store, late);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == StoreFaultCode::kInvalid);
  CHECK_THAT(refused.error().text, Catch::Contains("look at this machine's clock"));
}

}  // namespace
}  // namespace chiploc::test
