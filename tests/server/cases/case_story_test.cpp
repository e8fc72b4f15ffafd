#include "tests/server/cases/case_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using Kind = CaseEntryKind;
constexpr double kDayHours = 24;

TEST_CASE("case: many chips are one case, and each of them an entry") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(5, 1, 101);
  CHECK(one.told() == "5 opened");
  CHECK(one.story().standing == 100);
  CHECK(one.story().chips_ever == 100);
  CHECK(one.story().chips.size() == kCaseChipsShown);
  CHECK(one.story().chips.front() == CaseChip{case_chip(1), ChipState::kDrifted, hour(5)});
  CHECK(one.story().entries == 100);
  CHECK(one.entries().size() == 100);
  const CaseEntry& opened = one.entries().front();
  CHECK(opened.number == 1);
  CHECK(opened.chip == case_chip(1));
  CHECK(opened.verdicts == std::vector{verdict_id(1)});
  CHECK(opened.text == "Chip 1 is not there.");
  CHECK(opened.who.empty());
  CHECK(one.last().kind == Kind::kChipJoined);
  // Somebody is told of the first, the second, the fourth..
  std::size_t loud = 0;
  for (const CaseEntry& entry : one.entries()) loud += entry.loud ? 1U : 0U;
  CHECK(loud == 7);
}

TEST_CASE("case: a chip that stands in it already changes nothing") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(5, 1, 2).accused(6, 1, 2);
  CHECK(one.story().standing == 1);
  CHECK(one.story().entries == 1);
}

TEST_CASE("case: a chip that does not stand in it is not cleared") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(1, 1, 3).cleared(2, 7, 9);
  CHECK(one.story().standing == 2);
  CHECK(one.story().entries == 2);
  CaseDays many{CaseKind::kElsewhere};
  many.accused(1, 1, 101).cleared(2, 90, 101);  // of those that are not shown any may be it
  CHECK(many.story().standing == 89);
  CHECK(many.story().chips.size() == kCaseChipsShown);
}

TEST_CASE("case: nothing happens to a case that was not opened") {
  CaseDays none{CaseKind::kElsewhere};
  none.cleared(1, 1, 2).event(1, CaseCommented{"Ann", "hm"}).event(1, ChipRestated{case_chip(1)});
  none.event(1, EvidenceLinked{"Ann", "letter", Digest{}, {}}).event(1, SignSeen{case_chip(1), {}, "x"});
  none.event(1, CaseAssigned{"Ann", "Bob"})
      .event(1, CaseDisputed{"Op", "no", {}, true})
      .event(1, CaseSuperseded{});
  none.event(1, CaseResolved{"Ann", "x", CaseEnd::kConfirmed}).event(1, CaseReopened{"Ann", "x"});
  none.event(1, CaseWeighed{{5, "x", "", 0}});
  CHECK(none.story().entries == 0);
  CHECK(none.entries().empty());
  CHECK(none.refused(1, CaseCommented{"Ann", "hm"}) == "there is no such case");
  CHECK(none.refused(1, ChipAccused{case_chip(1)}) == "the reason is missing");
}

TEST_CASE("case: it stays open when its chips are back, since that they were elsewhere is a fact") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(1, 1, 3).cleared(9, 1, 3);
  CHECK(one.state() == CaseState::kOpen);
  CHECK(one.story().standing == 0);
  CHECK(one.story().chips.empty());
  CHECK(one.last().kind == Kind::kChipCleared);
  CHECK(one.last().text == "It is back.");
  CHECK(!one.last().loud);
  one.event(10, CaseResolved{"Ann", "all of them are back", CaseEnd::kMovedBack});
  CHECK(one.state() == CaseState::kResolved);
  CHECK(one.story().resolution->how == CaseEnd::kMovedBack);
  CHECK(one.last().who == "Ann");
  CHECK(one.last().text == "Resolved as moved_back: all of them are back");
  CHECK(one.to_status().empty());
  one.cleared(11, 1, 3);  // none is left to be cleared
  CHECK(one.last().kind == Kind::kResolved);
}

TEST_CASE("case: an unproven one ends by itself, when each of its chips has proved where it is") {
  CaseDays one{CaseKind::kUnproven};
  one.accused(1, 1, 3, ChipState::kSilent).cleared(5, 1, 2);
  CHECK(one.state() == CaseState::kOpen);
  one.cleared(6, 2, 3);
  CHECK(one.told() == "1 opened, 6 resolved");
  CHECK(one.story().resolution->how == CaseEnd::kProvedAgain);
  CHECK(one.last().who.empty());
  CHECK(one.to_status().empty());
}

TEST_CASE("case: a chip's state goes on, and prohibited territory is remembered") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(1, 1, 3);
  CHECK(!one.story().prohibited);
  one.event(2, ChipRestated{case_chip(2), ChipState::kProhibited, {verdict_id(9)}, "Worse."});
  CHECK(one.story().prohibited);
  CHECK(one.story().chips.at(1) == CaseChip{case_chip(2), ChipState::kProhibited, hour(2)});
  CHECK(one.last().verdicts == std::vector{verdict_id(9)});
  CHECK(one.last().chip == case_chip(2));
  CHECK(one.last().loud);
  one.event(3, ChipRestated{case_chip(2), ChipState::kProhibited, {}, "The same."});
  CHECK(one.story().entries == 3);
  one.event(4, ChipRestated{case_chip(1), ChipState::kProhibited, {}, "As well."});
  CHECK(!one.last().loud);
  one.event(5, ChipRestated{case_chip(70), ChipState::kProhibited, {}, "One that is not shown."});
  CHECK(one.story().entries == 5);
  CaseDays at_once{CaseKind::kElsewhere};
  CHECK(at_once.accused(1, 1, 2, ChipState::kProhibited).story().prohibited);
}

TEST_CASE("case: what becomes worse after it was resolved is noted, and nobody is told") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(1, 1, 2).event(2, CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed});
  one.event(3, ChipRestated{case_chip(1), ChipState::kProhibited, {verdict_id(9)}, "Worse."});
  CHECK(one.last().kind == Kind::kChipRestated);
  CHECK(!one.last().loud);
  CHECK(one.story().prohibited);
  CHECK(one.state() == CaseState::kResolved);
}

TEST_CASE("case: signs that strangers can bring about fill no timeline") {
  CaseDays one{CaseKind::kSpoofing};
  one.accused(1, 1, 2);
  for (unsigned n = 0; n < 1000; ++n) one.event(2, SignSeen{case_chip(1), verdict_id(n), "statement_replay"});
  CHECK(one.story().signs == 1000);
  CHECK(one.story().entries == 11);
  CHECK(one.last().text == "Statements of other rounds were played again. Signs in this case so far: 512.");
  CHECK(one.last().verdicts == std::vector{verdict_id(511)});
  CHECK(one.last().chip == case_chip(1));
  CHECK(!one.last().loud);
  CHECK(one.event(3, SignSeen{case_chip(1), {}, "what is this"}).story().signs == 1001);
}

TEST_CASE("case: a dispute shields the chips, and its end gives them back") {
  CaseDays one{CaseKind::kElsewhere};
  Digest letter;
  letter.bytes.fill(7);
  one.accused(0, 1, 4).event(10, CaseDisputed{"Op", "The map is wrong.", letter, true});
  CHECK(one.state() == CaseState::kDisputed);
  CHECK(one.remeasure());
  CHECK(one.to_status() == "disputed");
  CHECK(one.last().who == "Op");
  CHECK(one.last().text == "The map is wrong.");
  CHECK(one.last().file == letter);
  CHECK(one.story().dispute->remeasure);
  CHECK(outlook(one.story()) == hour(10 + 30 * kDayHours));
  one.event(20, DisputeDecided{"Ann", "the map is right", false});
  CHECK(one.told() == "0 opened, 10 disputed, 20 dispute_ended");
  CHECK(one.state() == CaseState::kOpen);
  CHECK(one.to_status() == "disputed closed");
  CHECK(one.last().text == "The dispute is not upheld: the map is right");
  CHECK(one.last().who == "Ann");
  CHECK(outlook(one.story()) == std::nullopt);
  // Once is enough, until it is opened again.
  CHECK(one.refused(21, CaseDisputed{"Op", "Still wrong.", {}, false}) ==
        "it was disputed already; comment on it");
}

TEST_CASE("case: a dispute ends at its exact time, however late somebody looks") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(0, 1, 4).event(10, CaseDisputed{"Op", "No.", {}, false});
  CHECK(!one.remeasure());
  CHECK(one.until(10 + 30 * kDayHours - 0.1).state() == CaseState::kDisputed);
  one.until(2000);
  CHECK(one.told() == "0 opened, 10 disputed, 730 dispute_ended");
  CHECK(one.story().since == hour(730));
  CHECK(one.story().told == hour(2000));
  CHECK(one.to_status() == "disputed closed");
  CHECK(one.last().text == "The time for the dispute is over.");
}

TEST_CASE("case: an upheld dispute resolves it, and lifts what the chips were accused of") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(0, 1, 4).event(10, CaseDisputed{"Op", "No.", {}, false});
  one.event(20, DisputeDecided{"Ann", "an anchor stood elsewhere", true});
  CHECK(one.told() == "0 opened, 10 disputed, 20 dispute_ended, 20 resolved");
  CHECK(one.to_status() == "disputed lifted");
  CHECK(one.story().resolution->how == CaseEnd::kMistaken);
  CHECK(one.story().dispute == std::nullopt);
  CHECK(one.story().standing == 3);  // until their status says so
  CHECK(!one.settled());
}

TEST_CASE("case: when every chip is measured where it may be, the dispute is over and a person decides") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(0, 1, 3).event(10, CaseDisputed{"Op", "No.", {}, true}).cleared(15, 1, 2);
  CHECK(one.state() == CaseState::kDisputed);
  one.cleared(16, 2, 3);
  CHECK(one.told() == "0 opened, 10 disputed, 16 dispute_ended");
  CHECK(one.state() == CaseState::kOpen);
  CHECK(one.last().who.empty());
}

TEST_CASE("case: resolved in the middle of a dispute") {
  CaseDays confirmed{CaseKind::kTampering};
  confirmed.accused(0, 1, 3, ChipState::kTampered).event(10, CaseDisputed{"Op", "No.", {}, false});
  confirmed.event(11, CaseResolved{"Ann", "the board was opened", CaseEnd::kConfirmed});
  CHECK(confirmed.to_status() == "disputed closed");
  CHECK(confirmed.story().dispute == std::nullopt);
  CaseDays explained{CaseKind::kTampering};
  explained.accused(0, 1, 3, ChipState::kTampered)
      .event(11, CaseResolved{"Ann", "a repair", CaseEnd::kJustified});
  CHECK(explained.to_status() == "lifted");
  CaseDays plain{CaseKind::kTampering};
  plain.accused(0, 1, 3, ChipState::kTampered).event(11, CaseResolved{"Ann", "opened", CaseEnd::kConfirmed});
  CHECK(plain.to_status().empty());
}

TEST_CASE("case: of attempts and users no status speaks: nothing is told to it, and the chips are settled") {
  for (const CaseKind kind : {CaseKind::kSpoofing, CaseKind::kBlocking, CaseKind::kMisleading}) {
    CaseDays one{kind};
    one.accused(0, 1, 4, ChipState::kPending).event(1, CaseDisputed{"Op", "Not we.", {}, false});
    one.event(2, DisputeDecided{"Ann", "true", true});
    CHECK(one.to_status().empty());
    CHECK(one.settled());
    CHECK(one.story().standing == 0);
    CHECK(one.story().chips.empty());
    CHECK(one.story().chips_ever == 3);
  }
  CaseDays place{CaseKind::kElsewhere};
  place.accused(0, 1, 4).event(2, CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed});
  CHECK(!place.settled());
  CHECK(place.story().standing == 3);
}

TEST_CASE("case: a new accusation in time opens it again") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(0, 1, 2).event(1, CaseDisputed{"Op", "No.", {}, false});
  one.event(2, CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed});
  one.until(2 + 30 * kDayHours).accused(2 + 30 * kDayHours, 5, 6);
  CHECK(one.told() == "0 opened, 1 disputed, 2 resolved, 722 reopened");
  CHECK(one.last().loud);
  CHECK(one.story().reopened == 1);
  CHECK(one.story().resolution == std::nullopt);
  CHECK(one.story().standing == 2);  // the first was never cleared
  CHECK(one.story().opened == hour(722));
  CHECK(one.refused(723, CaseDisputed{"Op", "No.", {}, false}).empty());
  CaseDays late{CaseKind::kElsewhere};
  late.accused(0, 1, 2)
      .event(2, CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed})
      .accused(2.1 + 30 * kDayHours, 5, 6);
  CHECK(late.told() == "0 opened, 2 resolved");
  CHECK(late.story().standing == 1);
  CHECK(late.refused(2.1 + 30 * kDayHours, ChipAccused{case_chip(5), {}, {}, "why"}) ==
        "the case was resolved too long ago; open a new one");
}

TEST_CASE("case: prohibited territory counts from when it was opened again") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(0, 1, 2, ChipState::kProhibited).cleared(1, 1, 2);
  one.event(2, CaseResolved{"Ann", "back", CaseEnd::kMovedBack}).accused(3, 2, 3);
  CHECK(!one.story().prohibited);
}

TEST_CASE("case: a person opens it again, unless there is a newer one") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(0, 1, 2).event(2, CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed});
  CHECK(one.refused(3, CaseReopened{"Ann", ""}) == "the reason is missing");
  one.event(5000, CaseReopened{"Bob", "there is a letter"});
  CHECK(one.state() == CaseState::kOpen);
  CHECK(one.last().who == "Bob");
  CHECK(one.refused(5001, CaseReopened{"Bob", "again"}) == "it is not resolved");
  CHECK(one.refused(5001, CaseSuperseded{}) == "it is not resolved, or has a successor already");
  one.event(5002, CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed}).event(5100, CaseSuperseded{});
  CHECK(one.story().superseded);
  CHECK(one.last().text == "A new case was opened: elsewhere/O-17/campus#2.");
  CHECK(!one.last().loud);
  CHECK(one.refused(5101, CaseReopened{"Bob", "again"}) ==
        "a newer case of the same kind, order and site is there; go on in that one");
  CHECK(one.refused(5101, CaseSuperseded{}) == "it is not resolved, or has a successor already");
  CHECK(one.event(5101, CaseReopened{"Bob", "again"}).state() == CaseState::kResolved);
  CHECK(one.refused(5101, ChipAccused{case_chip(5), {}, {}, "why"}) ==
        "the case was resolved too long ago; open a new one");
}

TEST_CASE("case: an event of before the story counts as of its time") {
  CaseDays one{CaseKind::kElsewhere};
  one.until(50).accused(3, 1, 2);
  CHECK(one.told() == "50 opened");
  CHECK(one.until(20).story().told == hour(50));
}

}  // namespace
}  // namespace chiploc
