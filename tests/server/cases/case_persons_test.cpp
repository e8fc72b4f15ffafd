// What persons do with a case, and what is refused to them.
#include "tests/server/cases/case_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("case: another user is what somebody says, with a source") {
  CaseDays one{CaseKind::kAnotherUser};
  Digest invoice;
  invoice.bytes.fill(3);
  one.event(1, UserStated{"import 7", "Other Ltd", "User GmbH", "an invoice", invoice, case_chip(1),
                          ChipState::kCompliant});
  CHECK(one.told() == "1 opened");
  CHECK(one.last().who == "import 7");
  CHECK(one.last().text == "The end user is said to be Other Ltd; licensed is User GmbH. Source: an invoice");
  CHECK(one.last().file == invoice);
  CHECK(one.last().chip == case_chip(1));
  CHECK(one.story().standing == 1);
  one.event(2, UserStated{"Ann", "Other Ltd", "User GmbH", "a visit"});
  CHECK(one.told() == "1 opened, 2 user_stated");
  CHECK(one.story().standing == 1);
  one.event(3, UserStated{"Ann", "Other Ltd", "User GmbH", "a visit", {}, case_chip(1)});
  CHECK(one.story().standing == 1);
  CHECK(one.refused(4, UserStated{"Ann", "User GmbH", "User GmbH", "a visit"}) ==
        "it is the licensed end user");
  CHECK(one.refused(4, UserStated{"Ann", "", "User GmbH", "a visit"}) == "the end user is missing");
  CHECK(one.refused(4, UserStated{"Ann", "Other Ltd", "", "a visit"}) == "the licensed end user is missing");
  CHECK(one.refused(4, UserStated{"Ann", "Other Ltd", "User GmbH", ""}) == "the source is missing");
  CHECK(one.refused(4, UserStated{"", "Other Ltd", "User GmbH", "a visit"}) ==
        "the name of who says it is missing");
  // No verdict says who uses a chip.
  CHECK(one.refused(4, ChipAccused{case_chip(5), {}, {}, "why"}) == "no verdict says who uses a chip");
  const CaseDays other{CaseKind::kElsewhere};
  CHECK(other.refused(4, UserStated{"Ann", "Other Ltd", "User GmbH", "a visit"}) ==
        "it is a case of another kind");
  one.event(5, CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed});
  CHECK(one.settled());
  one.event(6, UserStated{"Ann", "Third Ltd", "User GmbH", "a visit"});
  CHECK(one.told() == "1 opened, 2 user_stated, 3 user_stated, 5 resolved, 6 reopened");
  one.event(7, CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed});
  CHECK(one.refused(8 + 30 * 24.0, UserStated{"Ann", "Third Ltd", "User GmbH", "a visit"}) ==
        "the case was resolved too long ago; open a new one");
}

TEST_CASE("case: assigned, commented, with evidence, each with its name") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(0, 1, 2).event(1, CaseAssigned{"Ann", "Bob"});
  CHECK(one.story().assignee == "Bob");
  CHECK(one.last().text == "Assigned to Bob.");
  CHECK(one.last().who == "Ann");
  CHECK(one.refused(2, CaseAssigned{"Ann", "Bob"}) == "it is assigned so already");
  CHECK(one.refused(2, CaseAssigned{"", "Cy"}) == "the name of who says it is missing");
  CHECK(one.refused(2, CaseAssigned{"", ""}) == "the name of who assigns it is missing");
  one.event(2, CaseAssigned{"Ann", ""});
  CHECK(one.story().assignee.empty());
  CHECK(one.last().text == "Assigned to nobody.");
  one.event(3, CaseCommented{"Bob", "Called them.\nNo answer."});
  CHECK(one.last().text == "Called them.\nNo answer.");
  CHECK(one.last().who == "Bob");
  CHECK(one.refused(3, CaseCommented{"Bob", " "}) == "the comment is missing");
  CHECK(one.refused(3, CaseCommented{"Bob", std::string(8001, 'x')}) ==
        "the comment is longer than 8000 bytes");
  Digest file;
  file.bytes.fill(9);
  one.event(4, EvidenceLinked{"Bob", "their letter", file, {}});
  CHECK(one.last().file == file);
  CHECK(one.last().text == "their letter");
  one.event(4, EvidenceLinked{"Bob", "this one", {}, verdict_id(8)});
  CHECK(one.last().verdicts == std::vector{verdict_id(8)});
  CHECK(one.refused(4, EvidenceLinked{"Bob", "what", {}, {}}) == "neither a file nor a verdict is named");
  CHECK(one.refused(4, EvidenceLinked{"Bob", "", file, {}}) == "the note is missing");
  // What is resolved can still be commented on, and nothing else.
  one.event(5, CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed}).event(6, CaseCommented{"Bob", "Filed."});
  CHECK(one.last().kind == CaseEntryKind::kComment);
  CHECK(one.refused(7, EvidenceLinked{"Bob", "their letter", file, {}}).empty());
  CHECK(one.refused(7, CaseAssigned{"Ann", "Cy"}) == "the case is resolved; open it again first");
  CHECK(one.refused(7, CaseDisputed{"Op", "No.", {}, true}) == "the case is resolved; open it again first");
  CHECK(one.refused(7, CaseResolved{"Ann", "again", CaseEnd::kMistaken}) ==
        "the case is resolved; open it again first");
  CHECK(one.refused(7, SignSeen{case_chip(1), {}, "x"}) == "the case is resolved; open it again first");
  CHECK(one.refused(7, CaseWeighed{}) == "the case is resolved; open it again first");
}

TEST_CASE("case: what it weighs is told when it says something new") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(0, 1, 2).event(1, CaseWeighed{{50, "", "", 0}});
  CHECK(one.story().weights.order_chips == 50);
  CHECK(one.told() == "0 opened");
  one.event(2, CaseWeighed{{50, "Buyer Ltd", "AE", 2}});
  CHECK(one.told() == "0 opened, 2 weighed");
  CHECK(one.last().text == "On the watch list: Buyer Ltd. Transshipment: AE. Confirmed cases before: 2.");
  const std::string bad = "\xff";
  one.event(3, CaseWeighed{{50, bad, std::string(201, 'x'), 0}});  // names that cannot be stored
  CHECK(one.story().weights == CaseWeights{50, "", "", 0});
  CHECK(one.last().text == "On the watch list: nobody. Transshipment: none. Confirmed cases before: 0.");
}

TEST_CASE("case: a resolution needs a reason, and says no more than is known") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(0, 1, 3);
  CHECK(one.refused(1, CaseResolved{"Ann", "", CaseEnd::kConfirmed}) == "the reason is missing");
  CHECK(one.refused(1, CaseResolved{"", "so it is", CaseEnd::kConfirmed}) ==
        "the name of who says it is missing");
  CHECK(one.refused(1, CaseResolved{"Ann", "back", CaseEnd::kMovedBack}) ==
        "2 of its chips are not proved to be where they may be again");
  CHECK(one.refused(1, CaseResolved{"Ann", "back", CaseEnd::kProvedAgain}) ==
        "no person says so: it follows when every chip has proved where it is");
  CHECK(one.refused(1, CaseResolved{"Ann", "moved by us", CaseEnd::kJustified}).empty());
  CaseDays silent{CaseKind::kUnproven};
  silent.accused(0, 1, 3, ChipState::kSilent);
  for (const CaseEnd how : {CaseEnd::kConfirmed, CaseEnd::kMistaken})
    CHECK(silent.refused(1, CaseResolved{"Ann", "x", how}) ==
          "an unproven case accuses nobody; it can be explained");
  CHECK(silent.refused(1, CaseResolved{"Ann", "x", CaseEnd::kMovedBack}) ==
        "only chips that were elsewhere move back");
  CHECK(silent.refused(1, CaseDisputed{"Op", "No.", {}, true}) ==
        "an unproven case accuses nobody; comment on it, or declare the chips absent");
  silent.event(2, CaseResolved{"Ann", "taken out of service", CaseEnd::kJustified});
  CHECK(silent.state() == CaseState::kResolved);
  CHECK(silent.story().standing == 2);
  CHECK(silent.to_status().empty());
  silent.cleared(3, 1, 3);  // afterwards: it stays resolved as it was
  CHECK(silent.story().resolution->how == CaseEnd::kJustified);
  CHECK(silent.told() == "0 opened, 2 resolved");
}

TEST_CASE("case: a dispute and its decision need words") {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(0, 1, 3);
  CHECK(one.refused(1, CaseDisputed{"Op", "", {}, true}) == "the statement is missing");
  CHECK(one.refused(1, CaseDisputed{"", "No.", {}, true}) == "the name of who says it is missing");
  CHECK(one.refused(1, DisputeDecided{"Ann", "x", true}) == "it is not disputed");
  one.event(1, CaseDisputed{"Op", "No.", {}, true});
  CHECK(one.refused(2, CaseDisputed{"Op", "No.", {}, true}) == "it is disputed already");
  CHECK(one.refused(2, DisputeDecided{"Ann", "", true}) == "the reason is missing");
}

}  // namespace
}  // namespace chiploc
