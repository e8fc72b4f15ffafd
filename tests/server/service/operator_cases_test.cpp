#include "tests/server/service/case_service.hpp"

namespace chiploc::test {
namespace {

std::string names_of(const Answer<v1::ListCasesResponse>& answer) {
  INFO((answer ? "" : answer.error().text));
  REQUIRE(answer);
  std::string out;
  for (const auto& one : answer->cases()) out += (out.empty() ? "" : " ") + one.name();
  return out + (answer->next_page_token().empty() ? "" : " ...");
}
v1::ListCasesRequest listing(const std::function<void(v1::ListCasesRequest&)>& change = {}) {
  v1::ListCasesRequest request;
  if (change) change(request);
  return request;
}
v1::GetCaseRequest getting(const std::string& name) {
  v1::GetCaseRequest request;
  request.set_name(name);
  return request;
}
v1::DisputeCaseRequest disputing(const std::string& name, bool remeasure = false) {
  v1::DisputeCaseRequest request;
  request.set_name(name);
  request.set_statement("They are at home.");
  request.set_evidence_sha256(std::string(32, 'x'));
  request.set_remeasure(remeasure);
  return request;
}

/// C-1: elsewhere of O-1 with two chips; C-2: tampering of O-2.
struct TwoCases : CaseService {
  TwoCases() {
    drifts(1, 1);
    drifts(2, 2);
    round(3, 4, v1::INVALID);
    round(4, 4, v1::INVALID);
  }
};

}  // namespace

TEST_CASE("cases: the queue by priority, and every filter", "[service][cases]") {
  TwoCases world;
  // All of the one order, two of the other's three.
  CHECK(names_of(world.cases->list_cases(listing(), kAuditor)) == "C-2 C-1");
  const auto listed = [&](const std::function<void(v1::ListCasesRequest&)>& change) {
    return names_of(world.cases->list_cases(listing(change), kAuditor));
  };
  CHECK(listed([](auto& r) { r.set_newest_first(true); }) == "C-2 C-1");
  CHECK(listed([](auto& r) { r.add_kinds(v1::CASE_TAMPERING); }) == "C-2");
  CHECK(listed([](auto& r) { r.add_states(v1::CASE_RESOLVED); }).empty());
  CHECK(listed([](auto& r) { r.set_order("o-1"); }) == "C-1");
  CHECK(listed([](auto& r) { r.set_site("HALL"); }) == "C-2");
  CHECK(listed([](auto& r) { r.set_licence("l-2"); }) == "C-2");
  CHECK(listed([](auto& r) { r.set_entity("Buyer Ltd"); }) == "C-2 C-1");
  CHECK(listed([](auto& r) { r.set_unassigned(true); }) == "C-2 C-1");
  CHECK(listed([](auto& r) { r.set_assignee("ann"); }).empty());
  CHECK(listed([](auto& r) { r.set_since_unix_ns(hour(3).since_epoch.count()); }) == "C-2");
  v1::ListCasesRequest paged = listing([](auto& r) {
    r.set_page_size(1);
    r.set_with_total(true);
  });
  const auto first = world.cases->list_cases(paged, kAuditor);
  CHECK(names_of(first) == "C-2 ...");
  CHECK(first->total() == 2);
  paged.set_page_token(first->next_page_token());
  CHECK(names_of(world.cases->list_cases(paged, kAuditor)) == "C-1");
  for (const auto& change : std::vector<std::function<void(v1::ListCasesRequest&)>>{
           [](auto& r) { r.set_page_token("zz"); },
           [](auto& r) { r.add_states(static_cast<v1::CaseState>(9)); },
           [](auto& r) { r.add_kinds(v1::CASE_KIND_UNSPECIFIED); }, [](auto& r) { r.set_page_size(1'001); },
           [](auto& r) {
             r.set_assignee("ann");
             r.set_unassigned(true);
           }})
    CHECK(world.cases->list_cases(listing(change), kAuditor).error().code == ApiFaultCode::kBadField);
  CHECK(world.cases->list_cases(listing([](auto& r) { r.set_order("O-9"); }), kAuditor).error().code ==
        ApiFaultCode::kNotFound);
}

TEST_CASE("cases: one shows what it is about, why it is urgent, its chips and its timeline",
          "[service][cases]") {
  TwoCases world;
  const auto answer = world.cases->get_case(getting("c-1"), kAuditor);
  REQUIRE(answer);
  const v1::Case& one = answer->found();
  CHECK(one.name() == "C-1");
  CHECK(one.kind() == v1::CASE_ELSEWHERE);
  CHECK(one.chips() == 2);
  CHECK(one.order() == "O-1");
  CHECK(one.licence() == "L-1");
  CHECK(one.site() == "campus");
  std::uint32_t points = 0;
  for (const auto& reason : one.priority_reasons()) points += reason.points();
  CHECK(points == one.priority());
  REQUIRE(one.chips_shown_size() == 2);
  CHECK(one.chips_shown(0).serial() == "SN-1");
  CHECK(one.chips_shown(0).state() == v1::CHIP_DRIFTED);
  REQUIRE(answer->timeline_size() == 2);
  CHECK(answer->timeline(0).kind() == "chip_joined");
  CHECK(answer->timeline(1).kind() == "opened");
  CHECK(answer->timeline(1).verdicts_size() == 2);
  v1::GetCaseRequest paged = getting("1");
  paged.set_page_size(1);
  const auto page = world.cases->get_case(paged, kAuditor);
  REQUIRE(page);
  CHECK(page->timeline(0).number() == 2);
  paged.set_page_token(page->next_page_token());
  CHECK(world.cases->get_case(paged, kAuditor)->timeline(0).number() == 1);
  CHECK(world.cases->get_case(getting("C-3"), kAuditor).error().code == ApiFaultCode::kNotFound);
  for (const char* name : {"", "C-", "C-x", "0", "-1", "C-1 "})
    CHECK(world.cases->get_case(getting(name), kAuditor).error().code == ApiFaultCode::kBadField);
}

TEST_CASE("cases: a holder finds its own alone, and hears of no watch list and no priority",
          "[service][cases]") {
  TwoCases world;
  CHECK(names_of(world.cases->list_cases(listing(), kOfAcme)) == "C-1");
  CHECK(names_of(world.cases->list_cases(listing(), kOfBoltToo)) == "C-2");
  const auto foreign = world.cases->get_case(getting("C-2"), kOfAcme);
  const auto none = world.cases->get_case(getting("C-7"), kOfAcme);
  CHECK(foreign.error().code == ApiFaultCode::kNotFound);
  CHECK(none.error().text.find("C-7") != std::string::npos);
  CHECK(foreign.error().text == "there is no case C-2; list them");
  const auto own = world.cases->get_case(getting("C-1"), kOfAcme);
  REQUIRE(own);
  CHECK(own->found().priority() == 0);
  CHECK(own->found().priority_reasons().empty());
  CHECK(world.cases->list_cases(listing([](auto& r) { r.set_unassigned(true); }), kOfAcme).error().code ==
        ApiFaultCode::kBadField);
  v1::CompleteNameRequest names;
  names.set_kind(v1::CASE_NAMES);
  names.set_prefix("c");
  CHECK(world.cases->complete_name(names, kOfAcme)->names_size() == 1);
  CHECK(world.cases->complete_name(names, kAuditor)->names_size() == 2);
  // Nor can it say anything of a foreign one, and the case stays as it was.
  const auto refused = world.said(&OperatorUseCases::dispute_case, disputing("C-2"), kOfAcme);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ApiFaultCode::kNotFound);
  CHECK(world.cases->get_case(getting("C-2"), kAuditor)->found().state() == v1::CASE_OPEN);
}

TEST_CASE("cases: assigned, commented, disputed, decided, resolved and opened again, with who and why",
          "[service][cases]") {
  TwoCases world;
  world.now = hour(5);
  v1::AssignCaseRequest assign;
  assign.set_name("C-1");
  assign.set_assignee("ann");
  CHECK(world.said(&OperatorUseCases::assign_case, assign, kAuditor)->changed().assignee() == "ann");
  const auto again = world.said(&OperatorUseCases::assign_case, assign, kAuditor);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ApiFaultCode::kConflict);
  v1::CommentCaseRequest comment;
  comment.set_name("C-1");
  comment.set_text("Called the site.\nThey look.");
  CHECK(world.said(&OperatorUseCases::comment_case, comment, kAuditor)->changed().entries() == 4);
  v1::AddCaseEvidenceRequest evidence;
  evidence.set_name("C-1");
  evidence.set_note("an invoice");
  CHECK(world.said(&OperatorUseCases::add_case_evidence, evidence, kAuditor).error().code ==
        ApiFaultCode::kConflict);
  evidence.set_file_sha256("short");
  CHECK(world.said(&OperatorUseCases::add_case_evidence, evidence, kAuditor).error().code ==
        ApiFaultCode::kBadField);
  evidence.clear_file_sha256();
  evidence.set_verdict_id(string_of(id<VerdictId>(1).bytes));
  CHECK(world.said(&OperatorUseCases::add_case_evidence, evidence, kAuditor));
  evidence.set_verdict_id(string_of(id<VerdictId>(77).bytes));
  CHECK(world.said(&OperatorUseCases::add_case_evidence, evidence, kAuditor).error().code ==
        ApiFaultCode::kNotFound);

  const auto disputed = world.said(&OperatorUseCases::dispute_case, disputing("C-1", true), kOfAcme);
  REQUIRE(disputed);
  CHECK(disputed->changed().state() == v1::CASE_DISPUTED);
  CHECK(disputed->rounds_asked() == 2);
  CHECK(world.rounds_started == 2);
  CHECK(world.rounds.requested_by == "otto");
  CHECK(world.reader->statuses().status(case_chip(1)).value()->state ==
        static_cast<std::uint32_t>(ChipState::kDisputed));
  v1::DecideDisputeRequest decide;
  decide.set_name("C-1");
  decide.set_reason("The anchors were right.");
  CHECK(world.said(&OperatorUseCases::decide_dispute, decide, kAuditor)->changed().state() == v1::CASE_OPEN);
  v1::ResolveCaseRequest resolve;
  resolve.set_name("C-1");
  resolve.set_how(v1::CASE_EXPLAINED);
  CHECK(world.said(&OperatorUseCases::resolve_case, resolve, kAuditor).error().code ==
        ApiFaultCode::kBadField);
  resolve.set_reason("A new hall.");
  resolve.set_how(v1::CASE_PROVED_AGAIN);
  CHECK(world.said(&OperatorUseCases::resolve_case, resolve, kAuditor).error().code ==
        ApiFaultCode::kBadField);
  resolve.set_how(v1::CASE_EXPLAINED);
  const auto resolved = world.said(&OperatorUseCases::resolve_case, resolve, kAuditor);
  REQUIRE(resolved);
  CHECK(resolved->changed().resolved_as() == v1::CASE_EXPLAINED);
  CHECK(resolved->changed().chips() == 0);
  v1::ReopenCaseRequest reopen;
  reopen.set_name("C-1");
  reopen.set_reason("A letter.");
  CHECK(world.said(&OperatorUseCases::reopen_case, reopen, kAuditor)->changed().reopened() == 1);

  const auto shown = world.cases->get_case(getting("C-1"), kAuditor);
  REQUIRE(shown);
  std::map<std::string, const v1::CaseEntry*> entries;
  for (const auto& entry : shown->timeline()) entries[entry.kind()] = &entry;
  CHECK(entries.at("comment")->said() == "Called the site.\nThey look.");
  CHECK(entries.at("comment")->text().empty());
  CHECK(entries.at("comment")->who() == "ann");
  CHECK(entries.at("disputed")->file_sha256() == std::string(32, 'x'));
  CHECK(entries.at("disputed")->who() == "otto");
  CHECK(entries.at("resolved")->text().find("A new hall.") != std::string::npos);
  CHECK(entries.at("reopened")->text() == "A letter.");
}

TEST_CASE("cases: texts are checked, and without a keeper there are none", "[service][cases]") {
  TwoCases world;
  v1::CommentCaseRequest comment;
  comment.set_name("C-1");
  for (const std::string& text : {std::string{}, std::string(8'001, 'x'), std::string{"a\x1b[2J"}}) {
    comment.set_text(text);
    CHECK(world.said(&OperatorUseCases::comment_case, comment, kAuditor).error().code ==
          ApiFaultCode::kBadField);
  }
  comment.set_text("x");
  comment.set_name("C-9");
  CHECK(world.said(&OperatorUseCases::comment_case, comment, kAuditor).error().code ==
        ApiFaultCode::kNotFound);
  CaseService none{false};
  CHECK(none.cases->list_cases(listing(), kAuditor).error().code == ApiFaultCode::kNotReady);
  CHECK(none.cases->get_case(getting("C-1"), kAuditor).error().code == ApiFaultCode::kNotReady);
  comment.set_name("C-1");
  CHECK(none.said(&OperatorUseCases::comment_case, comment, kAuditor).error().code ==
        ApiFaultCode::kNotReady);
}

}  // namespace chiploc::test
