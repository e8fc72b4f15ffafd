#include <future>

#include "proto/v1/operator_service.pb.h"
#include "tests/server/service/service_world.hpp"
#include "tests/server/status/kept_chips.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

using std::chrono::hours;

const Caller kRegistrar{"rita", Role::kRegistrar, std::nullopt, id<Digest>(9), true};
const Caller kOfBolt{"bea", Role::kRegistrar, "Bolt", std::nullopt, true};

/// Two licences of two holders: Acme has the chips 1 and 2, Bolt 3.
Registry::Snapshot three_chips() {
  auto registry = std::make_shared<Registry>();
  for (const auto& [name, holder] : {std::pair{"L-1", "Acme"}, std::pair{"L-2", "Bolt"}}) {
    LicenceRecord licence;
    licence.id = name;
    licence.holder = holder;
    registry->put(std::move(licence));
  }
  for (std::uint64_t i = 1; i <= 3; ++i) {
    ChipRecord chip;
    chip.id = id<ChipId>(i);
    chip.serial = "SN-" + std::to_string(i);
    chip.licence = i == 3 ? "L-2" : "L-1";
    registry->put(std::move(chip));
  }
  return registry;
}

/// The use cases with a keeper of a real store; a test says what time it is.
struct StatusWorld {
  Folder folder;
  WallTime now = h(0);
  RegistryHolder registry{three_chips()};
  StatusKeeper keeper{{}};
  std::unique_ptr<StoreThread> store;
  std::unique_ptr<StoreReader> reader;
  PlayedRounds rounds;
  PolicyHolder policy{{}};
  std::unique_ptr<OperatorUseCases> cases;
  std::uint64_t verdicts = 0;

  explicit StatusWorld(bool kept = true) {
    auto opened = folder.open();
    REQUIRE(keeper.watch(*opened));
    for (std::uint64_t i = 1; i <= 3; ++i) register_chip(folder, i);
    store = std::make_unique<StoreThread>(std::move(opened));
    reader = open_sqlite_reader(folder.options()).value();
    cases = std::make_unique<OperatorUseCases>(OperatorParts{.registry = registry,
                                                             .store = *store,
                                                             .reader = *reader,
                                                             .rounds = rounds,
                                                             .status = rounds,
                                                             .policy = policy,
                                                             .known_country = {},
                                                             .now = [this] { return now; },
                                                             .software_version = "0.1.0",
                                                             .limits = {},
                                                             .statuses = kept ? &keeper : nullptr});
    run([this](Store& inside) { REQUIRE(keeper.begin_stories(inside, h(0), 10)); });
  }
  void run(const std::function<void(Store&)>& work) {
    std::promise<void> done;
    REQUIRE(store->post(work, [&](const Stored<Done>&) { done.set_value(); }));
    done.get_future().wait();
  }
  void round(std::uint64_t chip, double hour, v1::VerdictState state) {
    ++verdicts;
    run([&](Store& inside) { REQUIRE(finish_round(inside, judged_at(verdicts, hour, state, chip))); });
    now = h(hour);
  }
  void until(double hour) {
    now = h(hour);
    run([&](Store& inside) { REQUIRE(keeper.tell_on(inside, now, 10)); });
  }
  Answer<v1::DeclareAbsenceResponse> declare(const v1::DeclareAbsenceRequest& request,
                                             const Caller& caller = kRegistrar) {
    std::promise<Answer<v1::DeclareAbsenceResponse>> got;
    cases->declare_absence(request, caller, [&](Answer<v1::DeclareAbsenceResponse> answer) {
      got.set_value(std::move(answer));
    });
    return got.get_future().get();
  }
  Answer<v1::EndAbsenceResponse> end(const v1::EndAbsenceRequest& request,
                                     const Caller& caller = kRegistrar) {
    std::promise<Answer<v1::EndAbsenceResponse>> got;
    cases->end_absence(request, caller,
                       [&](Answer<v1::EndAbsenceResponse> answer) { got.set_value(std::move(answer)); });
    return got.get_future().get();
  }
};

v1::DeclareAbsenceRequest absence_of(const std::vector<std::string>& chips, double until) {
  v1::DeclareAbsenceRequest request;
  for (const std::string& chip : chips) request.add_chips(chip);
  request.set_until_unix_ns(h(until).since_epoch.count());
  request.set_kind(v1::ABSENT_IN_TRANSIT);
  request.set_reason("moved, ticket 4711");
  return request;
}

/// "SN-1 compliant, SN-2 pending"
template <class Response>
std::string rows_of(const Answer<Response>& answer) {
  INFO((answer ? "" : answer.error().text));
  REQUIRE(answer);
  std::string out;
  for (const auto& row : answer->chips())
    out +=
        (out.empty() ? "" : ", ") + row.serial() + " " + v1::ChipState_Name(row.status().state()).substr(5);
  return out;
}

TEST_CASE("ListStatuses: what each chip is held for, with its grounds and what comes next", "[service]") {
  StatusWorld world;
  world.round(1, 1, v1::VERIFIED);
  world.round(3, 2, v1::OUTSIDE);
  world.round(3, 3, v1::OUTSIDE);
  const auto all = world.cases->list_statuses({}, kReader);
  CHECK(rows_of(all) == "SN-1 COMPLIANT, SN-2 PENDING, SN-3 DRIFTED");
  const auto& first = all->chips(0);
  CHECK(first.chip_id() == string_of(id<ChipId>(1).bytes));
  CHECK(first.device_id() == first.chip_id());
  CHECK(first.licence() == "L-1");
  CHECK(first.status().since_unix_ns() == h(1).since_epoch.count());
  CHECK(first.status().why() == "A proof is in force.");
  CHECK(first.status().ended_by() == "It ends when the proof expires, unless a newer one comes.");
  REQUIRE(first.status().rests_on_size() == 1);
  CHECK(first.status().rests_on(0) == string_of(id<VerdictId>(1).bytes));
  CHECK(first.status().next() == v1::CHIP_PENDING);
  CHECK(first.status().next_unix_ns() == h(25).since_epoch.count());
  CHECK(all->chips(2).status().rests_on_size() == 2);
  CHECK(all->chips(2).status().next_unix_ns() == 0);
  CHECK(all->next_page_token().empty());
  CHECK(all->total() == 0);
}

TEST_CASE("ListStatuses: by state, licence, holder, since and what is due; in pages", "[service]") {
  StatusWorld world;
  world.round(1, 1, v1::VERIFIED);
  world.round(3, 2, v1::VERIFIED);
  const auto asked = [&](auto change) {
    v1::ListStatusesRequest request;
    change(request);
    return rows_of(world.cases->list_statuses(request, kReader));
  };
  CHECK(asked([](auto& r) { r.add_states(v1::CHIP_PENDING); }) == "SN-2 PENDING");
  CHECK(asked([](auto& r) { r.set_licence("l-1"); }) == "SN-1 COMPLIANT, SN-2 PENDING");
  CHECK(asked([](auto& r) { r.set_holder("bolt"); }) == "SN-3 COMPLIANT");
  CHECK(asked([](auto& r) { r.set_since_unix_ns(h(2).since_epoch.count()); }) == "SN-3 COMPLIANT");
  CHECK(asked([](auto& r) { r.set_due_before_unix_ns(h(26).since_epoch.count()); }) == "SN-1 COMPLIANT");
  v1::ListStatusesRequest request;
  request.set_page_size(2);
  request.set_with_total(true);
  auto page = world.cases->list_statuses(request, kReader);
  CHECK(rows_of(page) == "SN-1 COMPLIANT, SN-2 PENDING");
  CHECK(page->total() == 3);
  request.set_page_token(page->next_page_token());
  page = world.cases->list_statuses(request, kReader);
  CHECK(rows_of(page) == "SN-3 COMPLIANT");
  CHECK(page->total() == 1);
  CHECK(page->next_page_token().empty());
  const auto refused = [&](auto change) {
    v1::ListStatusesRequest bad;
    change(bad);
    const auto answer = world.cases->list_statuses(bad, kReader);
    REQUIRE_FALSE(answer);
    return answer.error().code;
  };
  CHECK(refused([](auto& r) { r.set_page_size(1'001); }) == ApiFaultCode::kBadField);
  CHECK(refused([](auto& r) { r.add_states(static_cast<v1::ChipState>(99)); }) == ApiFaultCode::kBadField);
  CHECK(refused([](auto& r) { r.set_page_token("zz"); }) == ApiFaultCode::kBadField);
  CHECK(refused([](auto& r) { r.set_since_unix_ns(-1); }) == ApiFaultCode::kBadField);
  CHECK(refused([](auto& r) { r.set_due_before_unix_ns(-1); }) == ApiFaultCode::kBadField);
  CHECK(refused([](auto& r) { r.set_licence("L-9"); }) == ApiFaultCode::kNotFound);
  CHECK(refused([](auto& r) { r.set_holder("Nobody"); }) == ApiFaultCode::kNotFound);
  CHECK(refused([](auto& r) { r.set_holder(std::string(200, 'x')); }) == ApiFaultCode::kBadField);
}

TEST_CASE("ListStatusChanges: of all, of one, by state and time; in pages", "[service]") {
  StatusWorld world;
  world.round(1, 1, v1::VERIFIED);
  world.round(3, 2, v1::OUTSIDE);
  world.round(3, 3, v1::OUTSIDE);
  world.until(26);
  const auto asked = [&](auto change) {
    v1::ListStatusChangesRequest request;
    change(request);
    const auto answer = world.cases->list_status_changes(request, kReader);
    INFO((answer ? "" : answer.error().text));
    REQUIRE(answer);
    std::string out;
    for (const auto& one : answer->changes())
      out += (out.empty() ? "" : ", ") + one.serial() + " " + v1::ChipState_Name(one.to()).substr(5);
    return out + (answer->next_page_token().empty() ? "" : " ...");
  };
  CHECK(asked([](auto&) {}) == "SN-1 PENDING, SN-3 DRIFTED, SN-1 COMPLIANT");
  CHECK(asked([](auto& r) { r.set_chip("SN-1"); }) == "SN-1 PENDING, SN-1 COMPLIANT");
  CHECK(asked([](auto& r) { r.set_licence("L-2"); }) == "SN-3 DRIFTED");
  CHECK(asked([](auto& r) { r.add_states(v1::CHIP_DRIFTED); }) == "SN-3 DRIFTED");
  CHECK(asked([](auto& r) { r.set_since_unix_ns(h(3).since_epoch.count()); }) ==
        "SN-1 PENDING, SN-3 DRIFTED");
  CHECK(asked([](auto& r) { r.set_page_size(1); }) == "SN-1 PENDING ...");
  v1::ListStatusChangesRequest request;
  request.set_page_size(2);
  request.set_with_total(true);
  auto page = world.cases->list_status_changes(request, kReader).value();
  CHECK(page.total() == 3);
  CHECK(page.changes(1).why() == "Proved outside its licence 2 times without a proof in between.");
  CHECK(page.changes(1).from() == v1::CHIP_PENDING);
  CHECK(page.changes(1).at_unix_ns() == h(3).since_epoch.count());
  CHECK(page.changes(1).rests_on_size() == 2);
  CHECK(page.changes(1).licence() == "L-2");
  request.set_page_token(page.next_page_token());
  page = world.cases->list_status_changes(request, kReader).value();
  REQUIRE(page.changes_size() == 1);
  CHECK(page.changes(0).to() == v1::CHIP_COMPLIANT);
  CHECK(page.total() == 1);
  const auto refused = [&](auto change) {
    v1::ListStatusChangesRequest bad;
    change(bad);
    const auto answer = world.cases->list_status_changes(bad, kReader);
    REQUIRE_FALSE(answer);
    return answer.error().code;
  };
  CHECK(refused([](auto& r) { r.set_page_size(501); }) == ApiFaultCode::kBadField);
  CHECK(refused([](auto& r) { r.add_states(v1::CHIP_STATE_UNSPECIFIED); }) == ApiFaultCode::kBadField);
  CHECK(refused([](auto& r) { r.set_page_token("zz"); }) == ApiFaultCode::kBadField);
  CHECK(refused([](auto& r) { r.set_since_unix_ns(-1); }) == ApiFaultCode::kBadField);
  CHECK(refused([](auto& r) { r.set_chip("SN-9"); }) == ApiFaultCode::kNotFound);
  CHECK(refused([](auto& r) { r.set_licence("L-9"); }) == ApiFaultCode::kNotFound);
}

TEST_CASE("statuses: a holder's certificate sees its own rows alone, and says nothing of others",
          "[service][roles]") {
  StatusWorld world;
  for (std::uint64_t chip = 1; chip <= 3; ++chip) world.round(chip, 1, v1::VERIFIED);
  CHECK(rows_of(world.cases->list_statuses({}, kOfBolt)) == "SN-3 COMPLIANT");
  const auto changes = world.cases->list_status_changes({}, kOfBolt).value();
  REQUIRE(changes.changes_size() == 1);
  CHECK(changes.changes(0).serial() == "SN-3");
  const auto status = world.cases->get_status({}, kOfBolt).value();
  CHECK(status.chips_by_status().at("compliant") == 1);
  CHECK(world.cases->get_status({}, kReader)->chips_by_status().at("compliant") == 3);
  v1::ListStatusChangesRequest of_foreign;
  of_foreign.set_chip("SN-1");
  CHECK(world.cases->list_status_changes(of_foreign, kOfBolt).error().code == ApiFaultCode::kNotFound);
  CHECK(world.declare(absence_of({"SN-1"}, 9), kOfBolt).error().code == ApiFaultCode::kNotFound);
  CHECK(rows_of(world.declare(absence_of({"SN-3"}, 9), kOfBolt)) == "SN-3 COMPLIANT");
  v1::EndAbsenceRequest end;
  end.set_licence("L-1");
  CHECK(world.end(end, kOfBolt).error().code == ApiFaultCode::kNotFound);
}

TEST_CASE("GetChip: has the status and the absences that are in force or to come", "[service]") {
  StatusWorld world;
  world.round(1, 1, v1::SILENT);
  world.now = h(2);
  REQUIRE(world.declare(absence_of({"SN-1"}, 50)));
  auto later = absence_of({"SN-1"}, 90);
  later.set_from_unix_ns(h(80).since_epoch.count());
  later.set_kind(v1::ABSENT_FOR_MAINTENANCE);
  REQUIRE(world.declare(later));
  v1::GetChipRequest request;
  request.set_chip("SN-1");
  auto chip = world.cases->get_chip(request, kReader)->chip();
  CHECK(chip.status().state() == v1::CHIP_ABSENT);
  REQUIRE(chip.status().absences_size() == 2);
  const auto& absence = chip.status().absences(0);
  CHECK(absence.from_unix_ns() == h(2).since_epoch.count());
  CHECK(absence.until_unix_ns() == h(50).since_epoch.count());
  CHECK(absence.kind() == v1::ABSENT_IN_TRANSIT);
  CHECK(absence.reason() == "moved, ticket 4711");
  CHECK(absence.declared_by() == "rita");
  CHECK(absence.certificate_sha256() == string_of(id<Digest>(9).bytes));
  CHECK(absence.declared_unix_ns() == h(2).since_epoch.count());
  CHECK(chip.status().absences(1).kind() == v1::ABSENT_FOR_MAINTENANCE);
  world.until(50);
  chip = world.cases->get_chip(request, kReader)->chip();
  CHECK(chip.status().state() == v1::CHIP_PENDING);
  CHECK(chip.status().why() == "Its absence is over, and nothing is proved yet.");
  CHECK(chip.status().absences_size() == 1);
  REQUIRE(chip.status().past_absences_size() == 1);
  CHECK(chip.status().past_absences(0).reason() == "moved, ticket 4711");
  CHECK(chip.status().past_absences(0).ended_unix_ns() == 0);
  world.run([](Store&) {});
  REQUIRE(raw(world.folder)->execute("UPDATE chip_status SET story = x''"));
  chip = world.cases->get_chip(request, kReader)->chip();
  CHECK(chip.status().state() == v1::CHIP_PENDING);
  CHECK(chip.status().why() == "Its story is damaged in the store.");
  REQUIRE(raw(world.folder)->execute("DELETE FROM chip_status"));
  CHECK_FALSE(world.cases->get_chip(request, kReader)->chip().has_status());
}

TEST_CASE("DeclareAbsence: of chips or of a licence, all of them or none", "[service]") {
  StatusWorld world;
  world.now = h(1);
  auto of_licence = absence_of({}, 40);
  of_licence.set_licence("l-1");
  CHECK(rows_of(world.declare(of_licence)) == "SN-1 ABSENT, SN-2 ABSENT");
  // Chip 2 is absent already: nothing becomes of chip 3 either.
  const auto refused = world.declare(absence_of({"SN-3", "SN-2"}, 30));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ApiFaultCode::kConflict);
  CHECK(
      refused.error().text ==
      "chip SN-2 (" + id<ChipId>(2).hex() +
          "): another absence is declared for a part of that time; end that one first; nothing was declared");
  CHECK(rows_of(world.cases->list_statuses({}, kReader)) == "SN-1 ABSENT, SN-2 ABSENT, SN-3 PENDING");
  CHECK(world.reader->statuses().absences(id<ChipId>(3), 9)->empty());
  CHECK(rows_of(world.declare(absence_of({"SN-3", "SN-3"}, 30))) ==
        "SN-3 ABSENT");  // named twice, once declared
  CHECK(world.reader->statuses().absences(id<ChipId>(3), 9)->size() == 1);
  // Refused in the words of the rules.
  CHECK_THAT(world.declare(absence_of({"SN-3"}, 1 + 61 * 24)).error().text,
             Catch::Contains("the absence is longer than the 1440 h of absence_most_hours"));
  CHECK_THAT(world.declare(absence_of({"SN-3"}, 0.5)).error().text, Catch::Contains("has ended already"));
}

TEST_CASE("DeclareAbsence: what is wrong with the request is said before anything is done", "[service]") {
  StatusWorld world;
  const auto said = [&](auto change) {
    auto request = absence_of({"SN-1"}, 9);
    change(request);
    const auto answer = world.declare(request);
    REQUIRE_FALSE(answer);
    return answer.error().text;
  };
  CHECK_THAT(said([](auto& r) { r.clear_chips(); }),
             Catch::Contains("name chips, or a licence, and not both"));
  CHECK_THAT(said([](auto& r) { r.set_licence("L-1"); }), Catch::Contains("and not both"));
  CHECK_THAT(said([](auto& r) { r.clear_kind(); }), Catch::Contains("kind: is none"));
  CHECK_THAT(said([](auto& r) { r.clear_reason(); }), Catch::Contains("reason: "));
  CHECK_THAT(said([](auto& r) { r.set_reason(std::string(201, 'x')); }),
             Catch::Contains("it stays on record"));
  CHECK_THAT(said([](auto& r) { r.clear_until_unix_ns(); }), Catch::Contains("until: is missing"));
  CHECK_THAT(said([](auto& r) { r.set_chips(0, "SN-9"); }), Catch::Contains("SN-9"));
  CHECK_THAT(said([](auto& r) { r.set_chips(0, std::string(200, 'x')); }),
             Catch::Contains("chips: has 200 bytes"));
  CHECK_THAT(said([](auto& r) {
               for (int i = 0; i < 1'000; ++i) r.add_chips("SN-1");
             }),
             Catch::Contains("more than 1000 at once"));
  CHECK_THAT(said([](auto& r) {
               r.clear_chips();
               r.set_licence("L-9");
             }),
             Catch::Contains("L-9"));
  CHECK(world.reader->statuses().absences(id<ChipId>(1), 9)->empty());
  StatusWorld keeps_none{false};
  CHECK(keeps_none.declare(absence_of({"SN-1"}, 9)).error().code == ApiFaultCode::kNotReady);
  CHECK(keeps_none.end({}).error().code == ApiFaultCode::kNotReady);
  CHECK(rows_of(keeps_none.cases->list_statuses({}, kReader)) == "SN-1 PENDING, SN-2 PENDING, SN-3 PENDING");
}

TEST_CASE("EndAbsence: ends what is in force and takes back what is to come", "[service]") {
  StatusWorld world;
  world.now = h(1);
  REQUIRE(world.declare(absence_of({"SN-1"}, 40)));
  auto to_come = absence_of({"SN-1", "SN-2"}, 90);
  to_come.set_from_unix_ns(h(80).since_epoch.count());
  REQUIRE(world.declare(to_come));
  world.now = h(5);
  v1::EndAbsenceRequest request;
  request.add_chips("SN-1");
  request.add_chips("SN-3");
  const auto refused = world.end(request);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text == "chip SN-3 (" + id<ChipId>(3).hex() +
                                    "): no absence of it is in force or to come; nothing was ended");
  CHECK(rows_of(world.cases->list_statuses({}, kReader)) == "SN-1 ABSENT, SN-2 PENDING, SN-3 PENDING");
  request.clear_chips();
  request.set_licence("L-1");
  CHECK(rows_of(world.end(request)) == "SN-1 PENDING, SN-2 PENDING");
  const auto journal = world.reader->statuses().absences(id<ChipId>(1), 9).value();
  for (const auto& row : journal) {
    CHECK(row.ended == h(5));
    CHECK(row.ended_by == "rita");
  }
  CHECK_THAT(world.end(request).error().text, Catch::Contains("no absence of it is in force or to come"));
  world.until(200);
  CHECK(told(*world.reader) == "1 absent, 5 pending, 76 overdue");
}

}  // namespace
}  // namespace chiploc::test
