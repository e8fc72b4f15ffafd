#include <set>

#include "tests/server/cases/case_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("case words: names go both ways") {
  for (std::size_t i = 0; i < kCaseStates; ++i)
    CHECK(case_state_of(name_of(static_cast<CaseState>(i))) == static_cast<CaseState>(i));
  for (std::size_t i = 0; i < kCaseEnds; ++i)
    CHECK(case_end_of(name_of(static_cast<CaseEnd>(i))) == static_cast<CaseEnd>(i));
  CHECK(!case_state_of("closed"));
  CHECK(!case_end_of("forgotten"));
  std::set<std::string_view> entries;
  for (std::size_t i = 0; i < kCaseEntryKinds; ++i) entries.insert(name_of(static_cast<CaseEntryKind>(i)));
  CHECK(entries.size() == kCaseEntryKinds);
  CHECK(name_of(CaseEntryKind::kSuperseded) == "superseded");
  CHECK(name_of(CaseEntryKind::kDisputeEnded) == "dispute_ended");
}

TEST_CASE("case words: each state says what ends it") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(0, 1, 2);
  CHECK(ended_by(one.story()) == "It ends when a person resolves it.");
  one.event(1, CaseDisputed{"Op", "No.", {}, false});
  CHECK(ended_by(one.story()).find("It ends when the dispute is decided") == 0);
  one.event(2, CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed});
  CHECK(ended_by(one.story()) == "It ends when a person, or a new accusation in time, opens it again.");
  one.event(3, CaseSuperseded{});
  CHECK(ended_by(one.story()) == "It stays resolved: a newer case has taken its place.");
  CaseDays silent{CaseKind::kUnproven};
  silent.accused(0, 1, 2);
  CHECK(ended_by(silent.story()) ==
        "It ends when each of its chips has proved where it is, or a person explains it.");
}

TEST_CASE("case words: the facts that notices are made of") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(0, 1, 4).event(1, CaseAssigned{"Ann", "Bob"}).event(2, CaseDisputed{"Op", "No.", {}, false});
  one.event(3, DisputeDecided{"Ann", "no", false}).cleared(3, 1, 2);
  one.event(4, CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed}).accused(5, 9, 10);
  std::string kinds;
  for (const CaseEntry& entry : one.entries()) {
    const auto fact = fact_of(one.story(), entry);
    CHECK(fact.has_value() == entry.loud);
    if (!fact) continue;
    kinds += std::string{name_of(fact->kind)} + " ";
    CHECK(fact->subject == "elsewhere/O-17/campus#1");
    CHECK(fact->at == entry.at);
    CHECK(fact->summary == "Chips are not where they are licensed to be. " + entry.text);
    CHECK(fact->case_kind == "elsewhere");
    CHECK(fact->order == "O-17");
    CHECK(fact->licence == "L-3");
    CHECK(fact->site == "campus");
    CHECK(fact->chip == entry.chip);
  }
  CHECK(kinds ==
        "case.opened case.updated case.updated case.disputed case.updated case.resolved case.reopened ");
}

}  // namespace
}  // namespace chiploc
