// What leaves for other systems says nothing that persons wrote, no site and no watch list.
#include "server/follow_up/notices_of.hpp"

#include "tests/server/cases/case_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

std::string texts_of(const Notice& notice) {
  std::string out = notice.name;
  std::visit(
      [&](const auto& facts) {
        using Facts = std::decay_t<decltype(facts)>;
        if constexpr (requires { facts.facts.summary; }) out += " " + facts.facts.summary;
        if constexpr (std::is_same_v<Facts, CaseUpdatedNotice>) out += " " + facts.change;
        if constexpr (std::is_same_v<Facts, CaseReopenedNotice>) out += " " + facts.why;
      },
      notice.facts);
  return out;
}

}  // namespace

TEST_CASE("notices of: of a case, without what persons wrote", "[follow_up]") {
  CaseDays days{CaseKind::kElsewhere};
  days.accused(1, 1, 4)
      .event(2, CaseAssigned{"ann secret", "bob secret"})
      .event(3, CaseCommented{"ann secret", "secret"})
      .event(4, EvidenceLinked{"ann secret", "secret", Digest{}, {}})
      .event(5, CaseDisputed{"op secret", "secret", {}, true})
      .event(6, DisputeDecided{"ann secret", "secret", false})
      .event(7, CaseWeighed{{10, "secret", "", 1}})
      .event(8, CaseResolved{"ann secret", "secret", CaseEnd::kConfirmed})
      .event(9, CaseReopened{"ann secret", "secret"});
  std::vector<NoticeKind> kinds;
  for (const CaseEntry& entry : days.entries()) {
    CaseStory then = days.story();
    then.dispute = CaseStory::Dispute{hour(5), hour(99), true};
    then.resolution = CaseStory::Resolution{hour(8), CaseEnd::kConfirmed};
    const auto notice = notice_of("C-1", then, entry);
    if (!notice) continue;
    INFO(texts_of(*notice));
    CHECK(refusal_of(*notice).empty());
    CHECK(texts_of(*notice).find("secret") == std::string::npos);
    CHECK(texts_of(*notice).find("campus") == std::string::npos);
    CHECK(notice->change == entry.number);
    kinds.push_back(notice->kind());
  }
  CHECK(std::count(kinds.begin(), kinds.end(), NoticeKind::kCaseOpened) == 1);
  CHECK(std::count(kinds.begin(), kinds.end(), NoticeKind::kCaseDisputed) == 1);
  CHECK(std::count(kinds.begin(), kinds.end(), NoticeKind::kCaseResolved) == 1);
  CHECK(std::count(kinds.begin(), kinds.end(), NoticeKind::kCaseReopened) == 1);
}

TEST_CASE("notices of: every kind of case and every end has its word there", "[follow_up]") {
  for (std::size_t i = 0; i < kCaseKinds; ++i)
    CHECK(notice_subject_of(name_of(static_cast<CaseKind>(i))) == static_cast<NoticeSubject>(i));
  for (std::size_t i = 0; i < kCaseEnds; ++i)
    CHECK(notice_outcome_of(name_of(static_cast<CaseEnd>(i))) == static_cast<NoticeOutcome>(i));
}

TEST_CASE("notices of: sentences are cut between characters, and in one line", "[follow_up]") {
  StatusChange change{hour(1), ChipState::kPending, ChipState::kDrifted, {}, "a\nb"};
  while (change.why.size() < 2'000) change.why += "\u4e2d";
  change.rests_on.assign(40, VerdictId{});
  const Notice notice = notice_of(case_chip(1), change, 3);
  INFO(refusal_of(notice));
  CHECK(refusal_of(notice).empty());
  CHECK(std::get<ChipStatusChanged>(notice.facts).why.substr(0, 3) == "a b");
  change.why.clear();
  CHECK(refusal_of(notice_of(case_chip(1), change, 3)).empty());
}

TEST_CASE("notices of: of an order, holds and their ends alone", "[follow_up]") {
  OrderStory story = begin_order(hour(0), {"Buyer Ltd", "User GmbH"});
  const OrderTold told{"O-1", "L-1", 7, "", hour(3)};
  const OrderRules rules;
  OrderChange change{hour(5), OrderChangeKind::kHeld, OrderState::kOpen, OrderState::kHold};
  change.why = "secret";
  const auto held = notice_of(told, story, change, 4, rules);
  REQUIRE(held);
  CHECK(refusal_of(*held).empty());
  CHECK(std::get<OrderHeld>(held->facts).facts.chips_count == 7);
  CHECK(texts_of(*held).find("secret") == std::string::npos);
  change.kind = OrderChangeKind::kLifted;
  const auto lifted = notice_of(told, story, change, 5, rules);
  REQUIRE(lifted);
  CHECK(std::get<OrderReleased>(lifted->facts).held == hour(3));
  change.kind = OrderChangeKind::kWatchProposed;
  CHECK_FALSE(notice_of(told, story, change, 6, rules));
  change.kind = OrderChangeKind::kLiftEnded;
  CHECK_FALSE(notice_of(told, story, change, 7, rules));
}

}  // namespace chiploc::test
