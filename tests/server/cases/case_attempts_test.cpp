// Signs of attempts, and other users: what opens a case of them, and what only joins one.
#include "tests/server/cases/case_board.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using enum VerdictKind;

TEST_CASE("attempts: two statements that the key did not sign open a case of spoofing, one does not") {
  CaseBoard board;
  board.chip(1).judged(1, 1, kOpen, "statement_signature");
  CHECK(board.cases().empty());
  board.judged(2, 1, kOpen, "statement_replay");
  CHECK(board.cases_text() == "spoofing/O-1/campus#1 open");
  const auto entries = timeline(board, CaseKind::kSpoofing);
  CHECK(entries.front().text ==
        "Statements of other rounds were played again. This does not say who did it.");
  CHECK(entries.front().verdicts == std::vector{verdict_id(1), verdict_id(2)});
  CHECK(!stands_accused(board.chip_of(1).story));
  board.judged(3, 1, kOpen, "statement_replay").judged(4, 1, kOpen, "statement_replay");
  CHECK(board.case_of(CaseKind::kSpoofing).standing == 1);
  CHECK(board.case_of(CaseKind::kSpoofing).signs == 2);
  // Another chip joins it, by signs of its own.
  board.chip(2).judged(5, 2, kOpen, "statement_identity").judged(6, 2, kOpen, "statement_malformed");
  CHECK(board.cases().size() == 1);
  CHECK(board.case_of(CaseKind::kSpoofing).standing == 2);
}

TEST_CASE("attempts: signs that lie far apart, of one verdict, or of different kinds confirm nothing") {
  CaseBoard far;
  far.chip(1).judged(0, 1, kOpen, "statement_replay").judged(169, 1, kOpen, "statement_replay");
  CHECK(far.case_of(CaseKind::kUnproven).ref.number == 1);
  CHECK(far.cases().size() == 1);
  CaseBoard near;
  near.chip(1).judged(0, 1, kOpen, "statement_replay").judged(168, 1, kOpen, "statement_replay");
  CHECK(near.case_of(CaseKind::kSpoofing).standing == 1);
  CaseBoard mixed;
  mixed.chip(1).judged(0, 1, kOpen, "statement_replay").judged(1, 1, kOpen, "impossible_travel");
  CHECK(mixed.cases().empty());
  const CaseSubject subject{case_chip(1), "O-1", "L-1", "campus", {}};
  const std::vector<SeenReason> twice{{verdict_id(1), hour(0), "statement_replay"},
                                      {verdict_id(1), hour(0), "statement_replay"}};
  CHECK(attempt_steps(twice, ChipState::kPending, false, subject, {}, {}).empty());
  CHECK(attempt_steps({}, ChipState::kPending, true, subject, {}, {}).empty());
}

TEST_CASE(
    "attempts: two places at once are misleading; an outlier among its neighbours is so with them alone") {
  CaseBoard travel;
  travel.chip(1).judged(0, 1, kOpen, "impossible_travel").judged(1, 1, kOpen, "impossible_travel");
  CHECK(travel.cases_text() == "misleading/O-1/campus#1 open");
  CaseBoard outlier;
  outlier.chip(1);
  for (int h = 0; h < 9; ++h) outlier.judged(h, 1, kProof, "cohort_outlier");
  CHECK(outlier.cases().empty());
  // Nor does what is an estimate confirm what is none.
  CHECK(outlier.judged(9, 1, kOpen, "impossible_travel").cases().empty());
  CHECK(outlier.judged(10, 1, kOpen, "cohort_outlier").cases().empty());
  CHECK(outlier.judged(11, 1, kOpen, "impossible_travel").cases_text() == "misleading/O-1/campus#1 open");
  CHECK(timeline(outlier, CaseKind::kMisleading).front().text.find("The key answered from two places") == 0);
  CHECK(timeline(outlier, CaseKind::kMisleading).front().verdicts ==
        std::vector{verdict_id(10), verdict_id(12)});
  // Of an accused chip all signs count, and the ground is the strongest of them.
  CaseBoard accused;
  accused.chip(1).judged(1, 1, kOutside).judged(2, 1, kOutside);
  accused.judged(3, 1, kOpen, "impossible_travel").judged(4, 1, kOpen, "cohort_outlier");
  CHECK(accused.cases_text() == "elsewhere/O-1/campus#1 open, misleading/O-1/campus#1 open");
  CHECK(timeline(accused, CaseKind::kMisleading).front().text.find("The key answered from two places") == 0);
  CHECK(timeline(accused, CaseKind::kMisleading).front().verdicts ==
        std::vector{verdict_id(3), verdict_id(4)});
}

TEST_CASE(
    "attempts: a way that is cut is blocking where the chip is accused, and else explains its silence") {
  CaseBoard board;
  board.chip(1);
  for (int h = 6; h <= 60; h += 6) board.judged(h, 1, kSilence, "udp_blocked");
  CHECK(board.cases_text() == "unproven/O-1/campus#1 open");
  CHECK(board.case_of(CaseKind::kUnproven).signs == 2);
  CHECK(timeline(board, CaseKind::kUnproven).back().kind == CaseEntryKind::kSign);
  CaseBoard accused;
  accused.chip(1).judged(1, 1, kOutside).judged(2, 1, kOutside);
  accused.judged(3, 1, kSilence, "replies_blocked");
  CHECK(accused.cases().size() == 1);
  accused.judged(4, 1, kSilence, "udp_blocked");
  CHECK(accused.cases_text() == "elsewhere/O-1/campus#1 open, blocking/O-1/campus#1 open");
  CHECK(
      timeline(accused, CaseKind::kBlocking).front().text ==
      "The rounds went as they go where the chip's way to the anchors is cut. This does not say who did it.");
}

TEST_CASE("attempts: an unknown reason opens nothing, however often it comes, of whatever chip") {
  CaseBoard board;
  board.chip(1).judged(1, 1, kOutside).judged(2, 1, kOutside);
  for (int h = 3; h < 20; ++h)
    board.judged(h, 1, kOpen, "of a later version").judged(h, 1, kSilence, "no_answer");
  CHECK(board.cases_text() == "elsewhere/O-1/campus#1 open");
  CHECK(board.case_of(CaseKind::kElsewhere).signs == 0);
}

TEST_CASE("attempts: after a resolution it takes as many signs to open it again") {
  CaseBoard board;
  board.chip(1).judged(1, 1, kOpen, "statement_replay").judged(2, 1, kOpen, "statement_replay");
  board.person(3, board.case_of(CaseKind::kSpoofing).ref,
               CaseResolved{"Ann", "a bad line", CaseEnd::kJustified});
  CHECK(board.case_of(CaseKind::kSpoofing).standing == 0);
  board.judged(4, 1, kOpen, "statement_replay");
  CHECK(board.case_of(CaseKind::kSpoofing).state == CaseState::kResolved);
  board.judged(5, 1, kOpen, "statement_replay");
  CHECK(board.case_of(CaseKind::kSpoofing).state == CaseState::kOpen);
}

TEST_CASE("another user: a fact that somebody states has a case of its own") {
  CaseBoard board;
  board.chip(1).chip(2).judged(1, 1, kProof).stated(2, 1);
  CHECK(board.cases_text() == "another_user/O-1/campus#1 open");
  CHECK(board.chip_of(1).story.state == ChipState::kCompliant);
  CHECK(board.case_of(CaseKind::kAnotherUser).standing == 1);
  CHECK(board.case_of(CaseKind::kAnotherUser).weights.order_chips == 10);
  board.stated(3, 2).stated(4, 1).stated(5, 1, true);
  CHECK(board.case_of(CaseKind::kAnotherUser).standing == 2);
  CHECK(board.case_of(CaseKind::kAnotherUser).entries == 4);
  board.person(6, board.case_of(CaseKind::kAnotherUser).ref,
               CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed});
  board.stated(7 + 30 * 24.0, 1);
  CHECK(board.case_of(CaseKind::kAnotherUser, 2).state == CaseState::kOpen);
  CHECK(board.case_of(CaseKind::kAnotherUser, 2).standing == 1);
}

}  // namespace
}  // namespace chiploc
