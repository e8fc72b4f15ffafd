#include "tests/server/status/chip_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using enum VerdictKind;

TEST_CASE("status: names go both ways") {
  for (std::size_t i = 0; i < kChipStates; ++i) {
    const auto state = static_cast<ChipState>(i);
    CHECK(chip_state_of(name_of(state)) == state);
  }
  CHECK(!chip_state_of("green"));
}

TEST_CASE("status: nothing is green that was not measured") {
  ChipDays never;
  CHECK(never.state() == ChipState::kPending);
  CHECK(never.until(71.9).told().empty());
  CHECK(never.until(1000).told() == "72 overdue");
  CHECK(never.changes().back().why == "It has never been measured.");
  CHECK(never.changes().back().rests_on.empty());
}

TEST_CASE("status: a proof makes compliant until it expires, and a newer one in time goes on") {
  ChipDays chip;
  chip.judged(1, kProof).judged(13, kProof).until(36.9);
  CHECK(chip.told() == "1 compliant");
  CHECK(chip.changes().back().rests_on == std::vector{verdict_id(1)});
  CHECK(chip.until(200).told() == "1 compliant, 37 pending, 85 overdue");
}

TEST_CASE("status: a proof is given up a day after the first round without one, and counts no longer") {
  StatusRules rules;
  rules.lost_proof_after = std::chrono::hours{6};
  ChipDays chip{rules};
  chip.judged(0, kProof).judged(3, kOpen).judged(5, kOpen).until(50);
  CHECK(chip.told() == "0 compliant, 9 pending");
  ChipDays anew{rules};
  anew.judged(0, kProof).judged(3, kOpen).judged(8, kProof).until(20);
  CHECK(anew.told() == "0 compliant");
}

TEST_CASE("status: who merely stalls is unproven after its time, however it alternates") {
  ChipDays stalls;
  for (int h = 6; h <= 96; h += 6) stalls.judged(h, kOpen);
  CHECK(stalls.told() == "72 unproven");
  ChipDays alternates;
  for (int h = 6; h <= 300; h += 6) alternates.judged(h, h % 12 == 0 ? kOpen : kSilence);
  CHECK(alternates.told() == "72 unproven");
  // A proof that was there before gives no more time than its own.
  ChipDays lost;
  lost.judged(0, kProof);
  for (int h = 6; h <= 200; h += 6) lost.judged(h, kOpen);
  CHECK(lost.told() == "0 compliant, 24 pending, 96 unproven");
}

TEST_CASE("status: silence in a row has a clock of its own") {
  ChipDays chip;
  for (int h = 6; h <= 60; h += 6) chip.judged(h, kSilence);
  CHECK(chip.told() == "54 silent");
  CHECK(chip.changes().back().rests_on == std::vector{verdict_id(1), verdict_id(8)});
  CHECK(chip.judged(61, kOpen).told() == "54 silent, 61 pending");
  CHECK(chip.judged(62, kProof).told() == "54 silent, 61 pending, 62 compliant");
}

TEST_CASE("status: one bad path is no alarm, two of a kind are") {
  ChipDays chip;
  chip.judged(0, kProof).judged(1, kOutside).judged(2, kProof).judged(3, kOutside);
  CHECK(chip.told() == "0 compliant");
  chip.judged(4, kOpen).judged(5, kSilence).judged(6, kOutside);
  CHECK(chip.told() == "0 compliant, 6 drifted");
  CHECK(chip.changes().back().rests_on == std::vector{verdict_id(4), verdict_id(7)});
  CHECK(chip.changes().back().why == "Proved outside its licence 2 times without a proof in between.");
}

TEST_CASE("status: what an accusation rests on is what it began with") {
  ChipDays chip;
  for (int h = 1; h <= 9; ++h) chip.judged(h, kOutside);
  chip.event(10, DisputeOpened{}).event(11, DisputeClosed{});
  CHECK(chip.changes().back().rests_on == std::vector{verdict_id(1), verdict_id(2)});
}

TEST_CASE("status: of many signs the newest are kept, and of several accusations the gravest is shown") {
  ChipDays chip;
  for (int h = 1; h <= 30; ++h) chip.judged(h, kTampering);
  CHECK(chip.story().signs.size() == kConfirmationsMax);
  CHECK(chip.story().signs.front().verdict == verdict_id(31 - kConfirmationsMax));
  chip.judged(31, kProhibited).judged(32, kProhibited);
  CHECK(chip.story().signs.size() == kConfirmationsMax + 2);
  CHECK(chip.told() == "2 tampered, 32 prohibited");
  // Proofs end the one, and not the other.
  CHECK(chip.judged(33, kProof).judged(34, kProof).told() == "2 tampered, 32 prohibited, 34 tampered");
}

TEST_CASE("status: signs that lie far apart are none") {
  ChipDays chip;
  chip.judged(0, kOutside).judged(169, kOutside);
  CHECK(chip.state() != ChipState::kDrifted);
  CHECK(chip.judged(337, kOutside).state() == ChipState::kDrifted);
}

TEST_CASE("status: prohibited is outside too, and outside is not prohibited") {
  ChipDays chip;
  chip.judged(0, kOutside).judged(1, kProhibited);
  CHECK(chip.told() == "1 drifted");
  CHECK(chip.judged(2, kOutside).told() == "1 drifted");
  CHECK(chip.judged(3, kProhibited).told() == "1 drifted, 3 prohibited");
  CHECK(chip.changes().back().rests_on == std::vector{verdict_id(2), verdict_id(4)});
}

TEST_CASE("status: drifted ends with proofs in a row, not with one") {
  ChipDays chip;
  chip.judged(0, kOutside).judged(1, kOutside).judged(2, kProof);
  CHECK(chip.told() == "1 drifted");
  chip.judged(3, kOpen).judged(4, kProof);
  CHECK(chip.told() == "1 drifted");
  CHECK(chip.judged(5, kProof).told() == "1 drifted, 5 compliant");
  ChipDays prohibited;
  prohibited.judged(0, kProhibited).judged(1, kProhibited).judged(2, kProof).judged(3, kProof);
  CHECK(prohibited.told() == "1 prohibited, 3 compliant");
  // And it stands while nobody measures.
  ChipDays away;
  CHECK(away.judged(0, kProhibited).judged(1, kProhibited).until(9999).told() == "1 prohibited");
}

TEST_CASE("status: tampering is not undone by proofs, but by a person") {
  ChipDays chip;
  chip.judged(0, kTampering).judged(1, kProof).judged(2, kTampering);
  CHECK(chip.told() == "1 compliant, 2 tampered");
  chip.judged(3, kProof).judged(4, kProof).judged(5, kProof);
  CHECK(chip.told() == "1 compliant, 2 tampered");
  CHECK(chip.event(6, AccusationLifted{}).told() == "1 compliant, 2 tampered, 6 compliant");
  CHECK(chip.judged(7, kTampering).state() == ChipState::kCompliant);
}

TEST_CASE("status: a dispute is shown while it lasts, once, and hides nothing for ever") {
  ChipDays chip;
  chip.event(0, DisputeOpened{});  // of nothing
  chip.judged(1, kOutside).judged(2, kOutside).event(3, DisputeOpened{});
  CHECK(chip.told() == "2 drifted, 3 disputed");
  CHECK(chip.changes().back().rests_on == std::vector{verdict_id(1), verdict_id(2)});
  chip.until(9999).event(10000, DisputeOpened{});
  CHECK(chip.told() == "2 drifted, 3 disputed, 723 drifted");
  ChipDays closed;
  closed.judged(1, kOutside).judged(2, kOutside).event(3, DisputeOpened{}).event(4, DisputeClosed{});
  CHECK(closed.told() == "2 drifted, 3 disputed, 4 drifted");
  // The next accusation is not disputed by itself, and may be disputed in its turn.
  ChipDays again;
  again.judged(1, kOutside).judged(2, kOutside).event(3, DisputeOpened{}).judged(4, kProof).judged(5, kProof);
  again.judged(6, kOutside).judged(7, kOutside).event(8, DisputeOpened{});
  CHECK(again.told() == "2 drifted, 3 disputed, 5 compliant, 7 drifted, 8 disputed");
  ChipDays measured;
  measured.judged(1, kOutside)
      .judged(2, kOutside)
      .event(3, DisputeOpened{})
      .judged(4, kProof)
      .judged(5, kProof);
  CHECK(measured.told() == "2 drifted, 3 disputed, 5 compliant");
  ChipDays stands;
  stands.judged(1, kOutside).judged(2, kOutside).event(3, DisputeOpened{}).event(10, DisputeClosed{});
  CHECK(stands.told() == "2 drifted, 3 disputed, 10 drifted");
  CHECK(stands.story().since == hour(2));
}

TEST_CASE("status: a declared absence excuses silence until it ends, and stops the clocks") {
  ChipDays chip;
  chip.judged(0, kProof).event(1, AbsenceDeclared{hour(10), hour(200)});
  for (int h = 12; h <= 300; h += 12) chip.judged(h, kSilence);
  CHECK(chip.told() == "0 compliant, 24 absent, 200 pending, 248 silent");
  ChipDays unmeasured;
  unmeasured.event(0, AbsenceDeclared{hour(0), hour(100)}).until(500);
  CHECK(unmeasured.told() == "0 absent, 100 pending, 172 overdue");
  ChipDays ended;
  ended.event(0, AbsenceDeclared{hour(0), hour(100)}).event(5, AbsenceEnded{}).until(50);
  CHECK(ended.told() == "0 absent, 5 pending");
  ChipDays later;
  later.event(0, AbsenceDeclared{hour(10), hour(20)}).until(50);
  CHECK(later.told() == "10 absent, 20 pending");
  ChipDays comes_back;
  comes_back.event(0, AbsenceDeclared{hour(0), hour(100)}).judged(5, kProof).until(30);
  CHECK(comes_back.told() == "0 absent, 5 compliant, 29 absent");
  ChipDays goes_on;  // 20 of 48 hours were over when it began
  goes_on.judged(0, kProof).judged(30, kSilence).event(50, AbsenceDeclared{hour(50), hour(60)});
  for (int h = 54; h <= 120; h += 6) goes_on.judged(h, kSilence);
  CHECK(goes_on.told() == "0 compliant, 24 pending, 50 absent, 60 pending, 88 silent");
  ChipDays silent;
  silent.judged(0, kSilence).judged(47, kSilence).event(50, AbsenceDeclared{hour(50), hour(60)}).until(61);
  CHECK(silent.told() == "48 silent, 50 absent, 60 silent");
  ChipDays to_come;  // a clock that has run out stays so
  to_come.judged(0, kSilence).judged(47, kSilence).event(50, AbsenceDeclared{hour(200), hour(260)}).until(61);
  CHECK(to_come.told() == "48 silent");
  // It excuses no proof of elsewhere.
  ChipDays elsewhere;
  elsewhere.event(0, AbsenceDeclared{hour(0), hour(100)}).judged(5, kOutside).judged(6, kOutside);
  CHECK(elsewhere.told() == "0 absent, 6 drifted");
}

TEST_CASE("status: a row of short absences gains no time") {
  ChipDays chip;
  for (int h = 1; h < 200; h += 10) {
    chip.judged(h, kOpen).event(h + 1, AbsenceDeclared{hour(h + 1), hour(h + 20)});
    chip.event(h + 2, AbsenceEnded{});
  }
  // 72 hours, and one hour of each of the eight absences in them.
  CHECK(chip.told().find("80 unproven") != std::string::npos);
  ChipDays unmeasured;
  for (int h = 1; h < 200; h += 10)
    unmeasured.event(h, AbsenceDeclared{hour(h), hour(h + 9)}).event(h, AbsenceEnded{});
  CHECK(unmeasured.told().find("72 overdue") != std::string::npos);
}

TEST_CASE("status: absences are limited in length, in number and in a year, and do not overlap") {
  StatusRules rules;
  ChipStory story = begin_story(hour(0));
  const auto declare = [&](double from, double until) {
    const AbsenceDeclared absence{hour(from), hour(until)};
    const std::string refused = refusal_of(absence, story, rules);
    const auto before = story.absences.size();
    apply(story, {hour(0), absence}, rules);
    CHECK((story.absences.size() == before) == !refused.empty());
    return refused;
  };
  CHECK(declare(5, 5).find("ends before it begins") != std::string::npos);
  CHECK(declare(-9, -5).find("has ended already") != std::string::npos);
  CHECK(declare(0, 60 * 24 + 1).find("absence_most") != std::string::npos);
  CHECK(declare(0, 60 * 24).empty());
  CHECK(declare(60 * 24 - 1, 61 * 24).find("another absence") != std::string::npos);
  CHECK(declare(60 * 24, 120 * 24).empty());
  CHECK(declare(130 * 24, 130 * 24 + 1).find("absences_a_year") != std::string::npos);
  // A year later the first no longer counts.
  CHECK(declare(425 * 24, 426 * 24).empty());
  // Enrolled anew, they still count.
  apply(story, {hour(1), EnrolledAnew{}}, rules);
  CHECK(declare(130 * 24, 130 * 24 + 1).find("absences_a_year") != std::string::npos);
  ChipStory many = begin_story(hour(0));
  for (std::size_t i = 0; i < kAbsencesMax; ++i) {
    apply(many,
          {hour(0),
           AbsenceDeclared{hour(2.0 * static_cast<double>(i)), hour(2.0 * static_cast<double>(i) + 1)}},
          rules);
  }
  CHECK(many.absences.size() == kAbsencesMax);
  CHECK(refusal_of({hour(900), hour(901)}, many, rules).find("too many") != std::string::npos);
}

TEST_CASE("status: of a year's absences those count that fall into it, and so far as they do") {
  StatusRules rules;
  rules.absences_a_year = std::chrono::hours{100 * 24};
  const auto declared = [&](ChipStory& story, double from_day, double until_day) {
    const AbsenceDeclared absence{hour(24 * from_day), hour(24 * until_day)};
    const bool fine = refusal_of(absence, story, rules).empty();
    apply(story, {hour(0), absence}, rules);
    return fine;
  };
  ChipStory story = begin_story(hour(0));
  CHECK(declared(story, -7, 50));
  CHECK(story.absences.back() == Absence{hour(0), hour(24 * 50)});  // it excuses nothing of before
  CHECK(declared(story, 50, 100));
  CHECK(!declared(story, 300, 301));
  CHECK(declared(story, 395, 455));  // of the second, ten days
  CHECK(declared(story, 465, 505));  // of the first two, nothing
  CHECK(!declared(story, 510, 511));
}

TEST_CASE("status: enrolled anew a chip begins again, and nothing of before accuses or clears it") {
  ChipDays chip;
  chip.judged(0, kTampering).judged(1, kTampering).event(2, EnrolledAnew{});
  CHECK(chip.told() == "1 tampered, 2 pending");
  CHECK(chip.judged(3, kTampering).state() == ChipState::kPending);
  ChipDays proved;
  CHECK(proved.judged(0, kProof).event(2, EnrolledAnew{}).until(74).told() ==
        "0 compliant, 2 pending, 74 overdue");
}

TEST_CASE("status: a clock that was set back tells the story no differently") {
  ChipDays chip;
  chip.judged(10, kOutside).judged(5, kOutside);
  CHECK(chip.told() == "10 drifted");
  // A verdict that a clock ahead dated into the future holds no longer than its lifetime from now.
  ChipStory story = begin_story(hour(0));
  apply(story, {hour(1), Judged{verdict_id(1), kProof, hour(1000), hour(1024)}}, StatusRules{});
  CHECK(story.state == ChipState::kCompliant);
  CHECK(advance(story, hour(26), StatusRules{}).front().at == hour(25));
  // And one that has expired when it comes proves nothing.
  ChipStory late = begin_story(hour(0));
  apply(late, {hour(50), Judged{verdict_id(1), kProof, hour(1), hour(25)}}, StatusRules{});
  CHECK(late.state == ChipState::kPending);
}

TEST_CASE("status: the same verdict twice is one") {
  ChipStory story = begin_story(hour(0));
  const Judged judged{verdict_id(1), kOutside, hour(1), hour(25)};
  apply(story, {hour(1), judged}, StatusRules{});
  const ChipStory once = story;
  apply(story, {hour(1), judged}, StatusRules{});
  CHECK(story == once);
}

TEST_CASE("status: what comes next is told before it comes") {
  ChipDays chip;
  const auto check_next = [&](double h, ChipState state) {
    const auto next = outlook(chip.story(), StatusRules{});
    REQUIRE(next);
    CHECK(hours_of(next->at) == h);
    CHECK(next->to == state);
  };
  check_next(72, ChipState::kOverdue);
  chip.judged(1, kProof);
  check_next(25, ChipState::kPending);
  chip.judged(2, kOutside).judged(3, kOutside);
  CHECK(!outlook(chip.story(), StatusRules{}));
  CHECK(ended_by(chip.story(), StatusRules{}).find("2 times in a row") != std::string::npos);
}

}  // namespace
}  // namespace chiploc
