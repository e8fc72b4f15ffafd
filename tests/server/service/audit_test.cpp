// Who looked at what is sealed: an entry before the answer leaves.
#include "server/service/audit.hpp"

#include <future>

#include "proto/crypto/digest.hpp"
#include "server/service/redaction.hpp"
#include "tests/server/service/service_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

const WallTime kLooked = wall_from_unix_seconds(1'790'000'000);

template <class Request>
Answer<Caller> let_in(const char* unit, const std::optional<std::string>& reason, bool token = false) {
  Identity identity{"ann", unit};
  if (token)
    identity.account = TokenAccount{"https://issuer.example", "u-1"};
  else
    identity.certificate = sha256(bytes_of("hers"));
  return admit(access_rule_of(*Request::descriptor()), identity, reason);
}
v1::GetVerdictResponse verdict_with_place() {
  v1::GetVerdictResponse out;
  out.mutable_verdict()->set_state(v1::OUTSIDE);
  out.mutable_verdict()->set_region_geojson("{}");
  return out;
}

}  // namespace

TEST_CASE("reason: a regulator and an analyst see what is sealed when they say why, nobody else does",
          "[service][roles][audit]") {
  for (const RoleName& known : kRoles) {
    if (!known.person) continue;
    INFO(known.unit);
    Identity identity{"x", std::string{known.unit}};
    if (known.role == Role::kOperator) identity.organizations = {"holder:Acme"};
    const auto* rule = access_rule_of(*v1::GetVerdictRequest::descriptor());
    const auto silent = admit(rule, identity), said = admit(rule, identity, "case C-17");
    REQUIRE(silent);
    REQUIRE(said);
    const bool all = known.role == Role::kAuditor || known.role == Role::kAdmin;
    CHECK(silent->sees_all == all);
    CHECK(said->sees_all == (all || known.role == Role::kRegulator || known.role == Role::kAnalyst));
    CHECK(said->reason == "case C-17");
    CHECK_FALSE(silent->reason);
  }
}

TEST_CASE("reason: one that cannot be kept is refused, whoever gives it", "[service][roles][audit]") {
  for (const std::string& bad : {std::string{}, std::string{"  "}, std::string(201, 'r'),
                                 std::string{"a\x1b[2J"}, std::string{"\xff"}}) {
    for (const char* unit : {"regulator", "admin", "reader"}) {
      const auto caller = let_in<v1::GetVerdictRequest>(unit, bad);
      REQUIRE_FALSE(caller);
      CHECK(caller.error().code == ApiFaultCode::kBadField);
      CHECK(caller.error().text.find("chiploc-reason: ") == 0);
    }
  }
  CHECK(let_in<v1::GetVerdictRequest>("regulator", std::string(200, 'r')));
}

TEST_CASE("audit: an entry for what is sealed and shown, and for nothing else", "[service][audit]") {
  const auto whole = verdict_with_place();
  v1::GetVerdictResponse open;
  open.mutable_verdict()->set_state(v1::OUTSIDE);
  const auto regulator = let_in<v1::GetVerdictRequest>("regulator", "case C-17", true);
  const auto entry = look_of(*regulator, "verdict=SN-1", whole, kLooked);
  REQUIRE(entry);
  CHECK(entry->at == kLooked);
  CHECK(entry->by.name == "ann");
  CHECK_FALSE(entry->by.certificate);
  CHECK(entry->issuer == "https://issuer.example");
  CHECK(entry->account == "u-1");
  CHECK(entry->role == "regulator");
  CHECK(entry->method == "chiploc.v1.OperatorService.GetVerdict");
  CHECK(entry->subject == "verdict=SN-1");
  CHECK(entry->reason == "case C-17");
  CHECK(entry->records == 1);
  CHECK_FALSE(look_of(*regulator, "", open, kLooked));
  CHECK_FALSE(look_of(*let_in<v1::GetVerdictRequest>("regulator", std::nullopt), "", whole, kLooked));
  CHECK_FALSE(look_of(*let_in<v1::GetVerdictRequest>("reader", "I want to"), "", whole, kLooked));
  // Auditors and admins need no reason, and are on record all the same.
  const auto auditor = look_of(*let_in<v1::GetVerdictRequest>("auditor", std::nullopt), "", whole, kLooked);
  REQUIRE(auditor);
  CHECK(auditor->reason.empty());
  CHECK(auditor->by.certificate == sha256(bytes_of("hers")));
  CHECK(look_of(*let_in<v1::GetVerdictRequest>("admin", "why not"), "", whole, kLooked)->reason == "why not");
}

TEST_CASE("audit: of answers that are internal those that show addresses and evidence", "[service][audit]") {
  v1::ExportResponse table;
  table.add_rows("{}");
  CHECK(look_of(*let_in<v1::ExportRequest>("registrar", std::nullopt), "", table, kLooked));
  v1::ReplayVerdictResponse replay;
  replay.set_software_version("1");
  CHECK(look_of(*let_in<v1::ReplayVerdictRequest>("auditor", std::nullopt), "", replay, kLooked));
  v1::ListRegistryChangesResponse changes;
  changes.add_changes()->set_new_value("Sealed Street 1");
  CHECK(look_of(*let_in<v1::ListRegistryChangesRequest>("registrar", std::nullopt), "", changes, kLooked));
  v1::ListPoliciesResponse policies;
  policies.add_policies()->set_number(1);
  CHECK_FALSE(look_of(*let_in<v1::ListPoliciesRequest>("auditor", std::nullopt), "", policies, kLooked));
}

TEST_CASE("audit: rows are counted, and what is sealed is found at any depth", "[service][audit]") {
  v1::ListVerdictsResponse list;
  for (int i = 0; i < 7; ++i) list.add_verdicts()->set_state(v1::VERIFIED);
  CHECK_FALSE(shows_sealed(list));
  list.mutable_verdicts(6)->set_region_geojson("{}");
  CHECK(shows_sealed(list));
  const auto entry = look_of(*let_in<v1::ListVerdictsRequest>("admin", std::nullopt), "", list, kLooked);
  REQUIRE(entry);
  CHECK(entry->records == 7);
}

TEST_CASE("audit: what was asked for, in a line that can be shown", "[service][audit]") {
  v1::GetVerdictRequest verdict;
  CHECK(subject_of(verdict).empty());
  verdict.set_verdict("SN-1\x1b[2J");
  verdict.set_with_evidence(true);
  CHECK(subject_of(verdict) == "verdict=SN-1\\x1b[2J with_evidence=yes");
  v1::ListVerdictsRequest list;
  list.add_states(v1::OUTSIDE);
  list.add_states(v1::VERIFIED);
  list.set_page_size(5);
  CHECK(subject_of(list) == "states=2 of them page_size=5");
  list.set_licence(std::string(1'000, 'x'));
  list.set_page_token(std::string(1'000, 'y'));
  list.set_chip(std::string(1'000, 'z'));
  CHECK(subject_of(list).size() == kAuditTextMax);
  CHECK(subject_of(list).ends_with("..."));
}

TEST_CASE("audit: the entry is in the store before the answer may leave, and the log is asked in pages",
          "[service][audit]") {
  ServiceWorld world;
  const auto note = [&](const Caller& caller, const std::string& subject) {
    std::promise<Answer<Done>> noted;
    world.cases.note_look(world.cases.look_at(caller, subject, verdict_with_place()),
                          [&](Answer<Done> answer) { noted.set_value(std::move(answer)); });
    return noted.get_future().get();
  };
  const auto ann = let_in<v1::GetVerdictRequest>("regulator", "case C-17", true);
  for (const char* chip : {"SN-1", "SN-2", "SN-3"}) CHECK(note(*ann, chip));
  CHECK(world.reader->audit().audit_entries({})->size() == 3);  // durable by now
  CHECK(note(*let_in<v1::GetVerdictRequest>("reader", std::nullopt), "SN-4"));
  CHECK(world.cases.counters().looks == 3);

  v1::ListAuditRequest request;
  request.set_page_size(2);
  auto page = world.cases.list_audit(request, kAdmin);
  REQUIRE(page);
  REQUIRE(page->entries_size() == 2);
  CHECK(page->entries(0).subject() == "SN-3");
  CHECK(page->entries(0).name() == "ann");
  CHECK(page->entries(0).role() == "regulator");
  CHECK(page->entries(0).reason() == "case C-17");
  CHECK(page->entries(0).issuer() == "https://issuer.example");
  CHECK(page->entries(0).at_unix_ns() == kLooked.since_epoch.count());
  REQUIRE_FALSE(page->next_page_token().empty());
  request.set_page_token(page->next_page_token());
  page = world.cases.list_audit(request, kAdmin);
  REQUIRE(page->entries_size() == 1);
  CHECK(page->entries(0).subject() == "SN-1");
  CHECK(page->next_page_token().empty());
  v1::ListAuditRequest bobs;
  bobs.set_name("bob");
  CHECK(world.cases.list_audit(bobs, kAdmin)->entries_size() == 0);
  bobs.set_page_size(1'000'000);
  CHECK(world.cases.list_audit(bobs, kAdmin).error().code == ApiFaultCode::kBadField);
}

TEST_CASE("audit: an entry that cannot be written keeps the answer back", "[service][audit]") {
  ServiceWorld world;
  Caller nameless = *let_in<v1::GetVerdictRequest>("auditor", std::nullopt);
  nameless.name.clear();
  std::promise<Answer<Done>> noted;
  world.cases.note_look(world.cases.look_at(nameless, "SN-1", verdict_with_place()),
                        [&](Answer<Done> answer) { noted.set_value(std::move(answer)); });
  const auto answer = noted.get_future().get();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().text.find("the audit log could not be written, so nothing of the answer is shown") ==
        0);
  CHECK(world.reader->audit().audit_entries({})->empty());
}

namespace {

/// A round as the coordinator tells of it, watched by this caller to its end.
struct Watched {
  std::vector<v1::VerifyEvent> events;
  std::optional<ApiFault> fault;
};
Watched watch(ServiceWorld& world, const Caller& caller,
              const std::function<void(const RoundObserver&)>& round) {
  world.rounds.play = round;
  v1::VerifyRequest request;
  request.set_chip("SN-1");
  Watched out;
  std::promise<void> ended;
  VerifyWatcher watcher;
  watcher.event = [&](v1::VerifyEvent event) {
    if (caller.sees_all && !event.has_started())
      CHECK_FALSE(world.reader->audit().audit_entries({})->empty());  // it is on disk before this is heard
    out.events.push_back(std::move(event));
  };
  watcher.end = [&](const std::optional<ApiFault>& fault) {
    out.fault = fault;
    ended.set_value();
  };
  const auto begun = world.cases.verify(request, caller, std::move(watcher));
  REQUIRE(begun);
  ended.get_future().wait();
  return out;
}
void whole_round(const RoundObserver& observer) {
  observer.started({RoundId{}, {"fra1"}});
  observer.progress({"fra1", "pinging", 4, 3, Nanoseconds{3'210'000}});
  observer.progress({"fra1", "done", 4, 4, Nanoseconds{3'210'000}});
  v1::Verdict verdict;
  verdict.set_state(v1::OUTSIDE);
  verdict.set_region_geojson("{}");
  observer.verdict(verdict);
}

}  // namespace

TEST_CASE("audit: a watched round is noted once, before what is sealed in it is heard, in its order",
          "[service][audit]") {
  ServiceWorld world;
  const auto ann = *let_in<v1::VerifyRequest>("analyst", "random check");
  const auto seen = watch(world, ann, whole_round);
  CHECK_FALSE(seen.fault);
  REQUIRE(seen.events.size() == 4);
  CHECK(seen.events[0].has_started());
  CHECK(seen.events[1].progress().stage() == "pinging");
  CHECK(seen.events[2].progress().stage() == "done");
  CHECK(seen.events[3].verdict().region_geojson() == "{}");
  const auto entries = world.reader->audit().audit_entries({}).value();
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].method == "chiploc.v1.OperatorService.Verify");
  CHECK(entries[0].subject == "chip=SN-1");
  CHECK(entries[0].reason == "random check");

  CHECK(watch(world, *let_in<v1::VerifyRequest>("analyst", std::nullopt), whole_round).events.size() == 4);
  const auto none = watch(world, ann, [](const RoundObserver& observer) { observer.abandoned({}); });
  CHECK(none.fault);
  CHECK(world.reader->audit().audit_entries({})->size() == 1);  // nothing sealed was seen
}

TEST_CASE("audit: of a round that cannot be noted nothing sealed is heard, and its watcher is told",
          "[service][audit]") {
  ServiceWorld world;
  Caller nameless = *let_in<v1::VerifyRequest>("admin", std::nullopt);
  nameless.name.clear();
  world.rounds.play = whole_round;
  std::vector<v1::VerifyEvent> heard;
  int ends = 0;
  std::promise<std::optional<ApiFault>> ended;
  v1::VerifyRequest request;
  request.set_chip("SN-1");
  CHECK(world.cases.verify(request, nameless,
                           {[&](v1::VerifyEvent event) { heard.push_back(std::move(event)); },
                            [&](const std::optional<ApiFault>& fault) {
                              if (++ends == 1) ended.set_value(fault);
                            }}));
  const auto fault = ended.get_future().get();
  REQUIRE(fault);
  CHECK(fault->text.find("the audit log could not be written") == 0);
  world.store.stop();
  CHECK(ends == 1);
  for (const v1::VerifyEvent& event : heard) CHECK(event.has_started());
}

}  // namespace chiploc::test
