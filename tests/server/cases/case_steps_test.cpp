#include "server/cases/case_steps.hpp"

#include "tests/server/cases/case_board.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using enum VerdictKind;
constexpr double kDay = 24;

std::string days_of(WallTime at) { return std::to_string(static_cast<int>(hours_of(at))); }

TEST_CASE("case steps: a chip that is proved elsewhere twice opens one case, others of its site join it") {
  CaseBoard board;
  for (unsigned n = 1; n <= 4; ++n) board.chip(n);
  board.judged(1, 1, kOutside);
  CHECK(board.cases().empty());
  board.judged(2, 1, kOutside);
  CHECK(board.cases_text() == "elsewhere/O-1/campus#1 open");
  for (unsigned n = 2; n <= 4; ++n) board.judged(3, n, kOutside).judged(4, n, kOutside);
  CHECK(board.cases().size() == 1);
  const CaseStory& story = board.case_of(CaseKind::kElsewhere);
  CHECK(story.standing == 4);
  CHECK(story.licence == "L-1");
  CHECK(story.weights.order_chips == 10);
  const auto entries = timeline(board, CaseKind::kElsewhere);
  CHECK(entries.front().at == hour(2));
  CHECK(entries.front().text == "Proved outside its licence 2 times.");
  CHECK(entries.front().verdicts == std::vector{verdict_id(1), verdict_id(2)});
}

TEST_CASE("case steps: another site, another order, another licence are other cases") {
  CaseBoard board;
  board.chip(1)
      .chip(2, "O-1", "north")
      .chip(3, "O-2")
      .chip(4, "", "campus", "L-1")
      .chip(5, "", "campus", "L-2");
  for (unsigned n = 1; n <= 5; ++n) board.judged(1, n, kOutside).judged(2, n, kOutside);
  CHECK(
      board.cases_text() ==
      "elsewhere/licence L-1/campus#1 open, elsewhere/licence L-2/campus#1 open, elsewhere/O-1/campus#1 open, "
      "elsewhere/O-1/north#1 open, elsewhere/O-2/campus#1 open");
}

TEST_CASE("case steps: prohibited goes on from drifted in the same case, and back again clears it") {
  CaseBoard board;
  board.chip(1).judged(1, 1, kOutside).judged(2, 1, kProhibited).judged(3, 1, kProhibited);
  CHECK(board.cases().size() == 1);
  CHECK(board.case_of(CaseKind::kElsewhere).prohibited);
  CHECK(board.case_of(CaseKind::kElsewhere).chips.front().state == ChipState::kProhibited);
  CHECK(timeline(board, CaseKind::kElsewhere).back().text == "Proved in prohibited territory 2 times.");
  CHECK(timeline(board, CaseKind::kElsewhere).back().verdicts == std::vector{verdict_id(2), verdict_id(3)});
  board.judged(4, 1, kProof).judged(5, 1, kProof);
  CHECK(board.case_of(CaseKind::kElsewhere).standing == 0);
  CHECK(board.case_of(CaseKind::kElsewhere).state == CaseState::kOpen);
  // Again within its time, and it is the same chip.
  board.judged(6, 1, kOutside).judged(7, 1, kOutside);
  CHECK(board.case_of(CaseKind::kElsewhere).standing == 1);
  CHECK(board.case_of(CaseKind::kElsewhere).chips_ever == 2);
}

TEST_CASE("case steps: at once in prohibited territory") {
  CaseBoard board;
  board.chip(1).judged(1, 1, kProhibited).judged(2, 1, kProhibited);
  CHECK(board.case_of(CaseKind::kElsewhere).prohibited);
  CHECK(timeline(board, CaseKind::kElsewhere).size() == 1);
  CHECK(timeline(board, CaseKind::kElsewhere).front().text == "Proved in prohibited territory 2 times.");
}

TEST_CASE("case steps: tampering behind another accusation, or behind a dispute, has its case as well") {
  CaseBoard board;
  board.chip(1)
      .judged(1, 1, kProhibited)
      .judged(2, 1, kProhibited)
      .judged(3, 1, kTampering)
      .judged(4, 1, kTampering);
  CHECK(board.cases_text() == "elsewhere/O-1/campus#1 open, tampering/O-1/campus#1 open");
  CHECK(timeline(board, CaseKind::kTampering).front().text ==
        "Its own key signed for what an honest chip does not do 2 times.");
  CHECK(timeline(board, CaseKind::kTampering).front().verdicts == std::vector{verdict_id(3), verdict_id(4)});
  // Proofs end the one and not the other.
  board.judged(5, 1, kProof).judged(6, 1, kProof);
  CHECK(board.case_of(CaseKind::kElsewhere).standing == 0);
  CHECK(board.case_of(CaseKind::kTampering).standing == 1);
  CaseBoard disputed;
  disputed.chip(1).judged(1, 1, kOutside).judged(2, 1, kOutside);
  disputed.person(3, disputed.case_of(CaseKind::kElsewhere).ref, CaseDisputed{"Op", "No.", {}, false});
  CHECK(disputed.chip_of(1).story.state == ChipState::kDisputed);
  disputed.judged(4, 1, kTampering).judged(5, 1, kTampering);
  CHECK(disputed.chip_of(1).story.state == ChipState::kDisputed);
  CHECK(disputed.cases_text() == "elsewhere/O-1/campus#1 disputed, tampering/O-1/campus#1 open");
}

TEST_CASE("case steps: silence and what stays open make a case that accuses nobody, and a proof ends it") {
  CaseBoard board;
  board.chip(1).chip(2);
  for (int h = 6; h <= 96; h += 6) board.judged(h, 1, kSilence).judged(h, 2, kOpen);
  CHECK(board.cases_text() == "unproven/O-1/campus#1 open");
  CHECK(board.case_of(CaseKind::kUnproven).standing == 2);
  const auto entries = timeline(board, CaseKind::kUnproven);
  CHECK(entries.at(0).at == hour(54));
  CHECK(entries.at(0).text == "It has not answered for longer than it may.");
  CHECK(entries.at(1).at == hour(72));
  CHECK(entries.at(1).text == "For longer than it may nothing was proved of it.");
  // To answer is not to prove.
  board.judged(97, 1, kOpen);
  CHECK(board.case_of(CaseKind::kUnproven).standing == 2);
  CHECK(board.case_of(CaseKind::kUnproven).chips.front().state == ChipState::kUnproven);
  board.judged(98, 1, kProof).judged(98, 2, kProof);
  CHECK(board.cases_text() == "unproven/O-1/campus#1 resolved");
  CHECK(board.case_of(CaseKind::kUnproven).resolution->how == CaseEnd::kProvedAgain);
}

TEST_CASE("case steps: who answers before the clock of the unproven runs out stands in the case") {
  CaseBoard board;
  board.chip(1);
  for (int h = 6; h <= 54; h += 6) board.judged(h, 1, kSilence);
  CHECK(board.case_of(CaseKind::kUnproven).standing == 1);
  board.judged(55, 1, kOpen);
  CHECK(board.chip_of(1).story.state == ChipState::kPending);
  CHECK(board.case_of(CaseKind::kUnproven).standing == 1);
}

TEST_CASE("case steps: what nobody measured is ours to mend, and no case") {
  CaseBoard board;
  board.chip(1).judged(0, 1, kProof).until(500);
  CHECK(board.chip_of(1).story.state == ChipState::kOverdue);
  CHECK(board.cases().empty());
}

TEST_CASE("case steps: an excused chip, an accused one and one enrolled anew leave the unproven case") {
  CaseBoard board;
  for (unsigned n = 1; n <= 3; ++n) {
    board.chip(n);
    for (int h = 6; h <= 60; h += 6) board.judged(h, n, kSilence);
  }
  CHECK(board.case_of(CaseKind::kUnproven).standing == 3);
  board.happen(61, 1, AbsenceDeclared{hour(61), hour(100)});
  CHECK(board.case_of(CaseKind::kUnproven).standing == 2);
  board.judged(62, 2, kOutside).judged(63, 2, kOutside);
  CHECK(board.case_of(CaseKind::kUnproven).standing == 1);
  CHECK(board.case_of(CaseKind::kElsewhere).standing == 1);
  board.happen(64, 3, EnrolledAnew{});
  CHECK(board.case_of(CaseKind::kUnproven).state == CaseState::kResolved);
}

TEST_CASE("case steps: from silent to unproven is one case and one chip") {
  CaseBoard board;
  board.chip(1);
  for (int h = 6; h <= 60; h += 6) board.judged(h, 1, kSilence);
  for (int h = 66; h <= 120; h += 6) board.judged(h, 1, kOpen);
  CHECK(board.case_of(CaseKind::kUnproven).chips_ever == 1);
  CHECK(board.case_of(CaseKind::kUnproven).chips.front() ==
        CaseChip{case_chip(1), ChipState::kUnproven, hour(72)});
}

TEST_CASE("case steps: who is not measured any more stays in the unproven case") {
  CaseBoard board;
  board.chip(1);
  for (int h = 6; h <= 96; h += 6) board.judged(h, 1, kOpen);
  board.until(300);
  CHECK(board.chip_of(1).story.state == ChipState::kOverdue);
  CHECK(board.case_of(CaseKind::kUnproven).standing == 1);
}

TEST_CASE("case steps: what time brought about at once is told step by step") {
  ChipStory story = begin_story(hour(0));
  for (int h = 6; h <= 54; h += 6)
    apply(story, {hour(h), Judged{verdict_id(static_cast<unsigned>(h)), kSilence, hour(h), hour(h)}}, {});
  apply(story, {hour(60), AbsenceDeclared{hour(70), hour(80)}}, {});
  REQUIRE(story.state == ChipState::kSilent);
  CaseShelf shelf;
  const CaseSubject subject{case_chip(1), "O-1", "L-1", "campus", {}};
  const CaseRef ref{case_key(CaseKind::kUnproven, "O-1", "L-1", "campus"), 1};
  shelf.stands_in.at(static_cast<std::size_t>(CaseKind::kUnproven)) = ref;
  const ChipStory before = story;
  const auto changes = advance(story, hour(500), {});
  std::string told;
  for (const CaseStep& step : case_steps(before, changes, story, subject, shelf, {})) {
    CHECK(step.ref == ref);
    told +=
        days_of(step.event.at) + (std::get_if<ChipCleared>(&step.event.what) != nullptr   ? " cleared, "
                                  : std::get_if<ChipAccused>(&step.event.what) != nullptr ? " accused, "
                                                                                          : " restated, ");
  }
  CHECK(told == "70 cleared, 80 accused, ");  // it was silent for long enough before
}

TEST_CASE("case steps: who stands in a case is not accused in another of its kind") {
  ChipStory before = begin_story(hour(0));
  apply(before, {hour(1), Judged{verdict_id(1), kOutside, hour(1), hour(9)}}, {});
  ChipStory after = before;
  const auto changes = apply(after, {hour(2), Judged{verdict_id(2), kOutside, hour(2), hour(9)}}, {});
  const CaseSubject subject{case_chip(1), "O-1", "L-1", "campus", {}};
  CaseShelf shelf;
  CHECK(case_steps(before, changes, after, subject, shelf, {}).size() == 1);
  shelf.stands_in.front() = CaseRef{case_key(CaseKind::kElsewhere, "O-9", "", ""), 3};
  CHECK(case_steps(before, changes, after, subject, shelf, {}).empty());
  // Nor is it counted twice among those of another user.
  shelf.stands_in.at(1) = CaseRef{case_key(CaseKind::kAnotherUser, "O-1", "", "campus"), 1};
  UserStated stated{"Ann", "Other Ltd", "User GmbH", "a visit"};
  stated.chip = case_chip(1);
  const auto steps = user_steps(hour(3), stated, subject, shelf, {});
  REQUIRE(steps.size() == 1);
  CHECK(std::get<UserStated>(steps.front().event.what).chip == std::nullopt);
}

TEST_CASE("case steps: a dispute is the chip's too, and ends with it") {
  CaseBoard board;
  board.chip(1).judged(1, 1, kOutside).judged(2, 1, kOutside);
  const CaseRef ref = board.case_of(CaseKind::kElsewhere).ref;
  board.person(3, ref, CaseDisputed{"Op", "No.", {}, true});
  CHECK(board.chip_of(1).story.state == ChipState::kDisputed);
  board.person(4, ref, DisputeDecided{"Ann", "it is so", false});
  CHECK(board.chip_of(1).story.state == ChipState::kDrifted);
  CHECK(board.cases_text() == "elsewhere/O-1/campus#1 open");
  CHECK(board.case_of(CaseKind::kElsewhere).standing == 1);
  CHECK(board.case_of(CaseKind::kElsewhere).chips_ever == 1);
}

TEST_CASE("case steps: what is resolved as mistaken is lifted from its chips") {
  CaseBoard board;
  for (unsigned n = 1; n <= 3; ++n) board.chip(n).judged(1, n, kOutside).judged(2, n, kOutside);
  board.person(3, board.case_of(CaseKind::kElsewhere).ref,
               CaseResolved{"Ann", "an anchor", CaseEnd::kMistaken});
  for (unsigned n = 1; n <= 3; ++n) CHECK(!stands_accused(board.chip_of(n).story));
  CHECK(board.case_of(CaseKind::kElsewhere).standing == 0);
  CHECK(board.cases_text() == "elsewhere/O-1/campus#1 resolved");
}

TEST_CASE("case steps: what one case lifts stays as long as another accuses the chip") {
  CaseBoard board;
  board.chip(1)
      .judged(1, 1, kOutside)
      .judged(2, 1, kOutside)
      .judged(3, 1, kTampering)
      .judged(4, 1, kTampering);
  board.person(5, board.case_of(CaseKind::kElsewhere).ref, CaseResolved{"Ann", "x", CaseEnd::kMistaken});
  CHECK(stands_accused(board.chip_of(1).story));
  CHECK(board.case_of(CaseKind::kTampering).standing == 1);
  board.person(6, board.case_of(CaseKind::kTampering).ref, CaseResolved{"Ann", "x", CaseEnd::kJustified});
  CHECK(!stands_accused(board.chip_of(1).story));
}

TEST_CASE("case steps: after a resolution the same accusation is no new one, another chip's is") {
  CaseBoard board;
  board.chip(1).chip(2).judged(1, 1, kOutside).judged(2, 1, kOutside);
  const CaseRef ref = board.case_of(CaseKind::kElsewhere).ref;
  board.person(3, ref, CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed});
  board.judged(4, 1, kOutside).judged(5, 1, kProhibited).judged(6, 1, kProhibited);
  CHECK(board.cases_text() == "elsewhere/O-1/campus#1 resolved");
  board.judged(10, 2, kOutside).judged(11, 2, kOutside);
  CHECK(board.cases_text() == "elsewhere/O-1/campus#1 open");
  CHECK(board.case_of(CaseKind::kElsewhere).reopened == 1);
  CHECK(board.case_of(CaseKind::kElsewhere).standing == 2);
}

TEST_CASE("case steps: too late to open it again, a new case names the one before by its number") {
  CaseBoard board;
  board.chip(1).chip(2).judged(1, 1, kOutside).judged(2, 1, kOutside);
  board.person(3, board.case_of(CaseKind::kElsewhere).ref,
               CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed});
  const double later = 3 + 30 * kDay + 1;
  board.judged(later - 1, 2, kOutside).judged(later, 2, kOutside);
  CHECK(board.case_of(CaseKind::kElsewhere, 1).superseded);
  CHECK(board.case_of(CaseKind::kElsewhere, 1).state == CaseState::kResolved);
  CHECK(board.case_of(CaseKind::kElsewhere, 2).state == CaseState::kOpen);
  CHECK(board.case_of(CaseKind::kElsewhere, 2).standing == 1);
  // The first chip still stands in its own case, and is cleared there.
  board.judged(later + 1, 1, kProof).judged(later + 2, 1, kProof);
  CHECK(board.case_of(CaseKind::kElsewhere, 1).standing == 0);
  CHECK(board.case_of(CaseKind::kElsewhere, 2).standing == 1);
}

TEST_CASE("case steps: a chip that moved to another site is cleared where it stood") {
  CaseBoard board;
  board.chip(1).judged(1, 1, kOutside).judged(2, 1, kOutside);
  board.chip_of(1).subject.site = "north";
  board.judged(3, 1, kProhibited).judged(4, 1, kProhibited);
  CHECK(board.cases_text() == "elsewhere/O-1/campus#1 open");
  CHECK(board.case_of(CaseKind::kElsewhere).prohibited);
  board.judged(5, 1, kProof).judged(6, 1, kProof);
  CHECK(board.case_of(CaseKind::kElsewhere).standing == 0);
  board.judged(7, 1, kOutside).judged(8, 1, kOutside);
  CHECK(board.cases_text() == "elsewhere/O-1/campus#1 open, elsewhere/O-1/north#1 open");
}

}  // namespace
}  // namespace chiploc
