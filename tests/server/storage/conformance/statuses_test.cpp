// What chips are held for, as it is kept: statuses, changes, absences, what is due.
#include <random>
#include <set>

#include "server/registry/removal.hpp"
#include "tests/server/storage/conformance/backend.hpp"
#include "tests/server/storage/registry_fixture.hpp"

namespace chiploc::test {
namespace {

StatusRecord status(std::uint64_t chip, std::uint32_t state, std::int64_t since,
                    std::optional<std::int64_t> due = std::nullopt) {
  return {id<ChipId>(chip), state, at(since), due ? std::optional{at(*due)} : std::nullopt,
          blob("story " + std::to_string(chip))};
}
StatusChangeRecord change(std::uint64_t chip, std::int64_t seconds, std::uint32_t to,
                          std::vector<VerdictId> rests_on = {}) {
  return {id<ChipId>(chip), at(seconds), 0, to, std::move(rests_on), "because " + std::to_string(seconds)};
}
void put(Store& store, const StatusRecord& record, std::vector<StatusChangeRecord> changes = {}) {
  REQUIRE(store.statuses().put(record, changes));
}

/// Of a page of statuses: "1 2 3", with "..." where it goes on.
std::string chips_of(const Stored<StatusPage>& page) {
  REQUIRE(page);
  std::string out;
  for (const StatusRecord& row : page->rows)
    out += (out.empty() ? "" : " ") + std::to_string(row.chip.bytes[7]);
  return out + (page->next ? " ..." : "");
}
/// The times of a page of changes, likewise.
std::string times_of(const Stored<StatusChangePage>& page) {
  REQUIRE(page);
  std::string out;
  for (const StatusChangeRecord& row : page->rows)
    out += (out.empty() ? "" : " ") +
           std::to_string(std::chrono::duration_cast<std::chrono::seconds>(row.at - at(0)).count());
  return out + (page->next ? " ..." : "");
}
ChipFilter odd_chips() {
  return [](const ChipId& chip) { return chip.bytes[7] % 2 == 1; };
}

}  // namespace

TEST_CASE("statuses: one a chip, as it was put last, with every change", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const auto reader = backend->open_reader();
  CHECK_FALSE(reader->statuses().status(id<ChipId>(1)).value());
  put(*store, status(1, 0, 5, 9));
  put(*store, status(1, 1, 6), {change(1, 6, 3, {id<VerdictId>(1), id<VerdictId>(2)}), change(1, 7, 1)});
  const auto kept = reader->statuses().status(id<ChipId>(1)).value();
  REQUIRE(kept);
  CHECK(kept->chip == id<ChipId>(1));
  CHECK(kept->state == 1);
  CHECK(kept->since == at(6));
  CHECK_FALSE(kept->due);
  CHECK(kept->story == blob("story 1"));
  const auto rows = reader->statuses().list_changes({}).value().rows;
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].at == at(7));
  CHECK(rows[0].rests_on.empty());
  CHECK(rows[1].chip == id<ChipId>(1));
  CHECK(rows[1].from == 0);
  CHECK(rows[1].to == 3);
  CHECK(rows[1].rests_on == std::vector{id<VerdictId>(1), id<VerdictId>(2)});
  CHECK(rows[1].why == "because 6");
  put(*store, status(1, 1, 6, 0));
  CHECK(reader->statuses().status(id<ChipId>(1)).value()->due == at(0));
}

TEST_CASE("statuses: a change that cannot be kept undoes its status", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  put(*store, status(1, 0, 5));
  const auto failed = store->as_one([&]() -> Stored<Done> {
    REQUIRE(store->statuses().put(status(1, 2, 9), std::vector{change(1, 9, 2)}));
    REQUIRE(store->statuses().note_absence({id<ChipId>(1), at(1), at(2), 1, "why", Requester{"ada"}, at(0)}));
    return Fail{StoreFault{StoreFaultCode::kInvalid, "it was not meant so"}};
  });
  REQUIRE_FALSE(failed);
  CHECK(failed.error().text == "it was not meant so");
  CHECK(store->statuses().status(id<ChipId>(1)).value()->state == 0);
  CHECK(store->statuses().list_changes({})->rows.empty());
  CHECK(store->statuses().absences(id<ChipId>(1), 9)->empty());
}

TEST_CASE("statuses: several functions as one are in a batch what they are alone", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->begin_batch());
  put(*store, status(1, 0, 1));
  CHECK_FALSE(store->as_one([&]() -> Stored<Done> {
    put(*store, status(2, 0, 1));
    return Fail{StoreFault{}};
  }));
  REQUIRE(store->as_one([&]() -> Stored<Done> {
    return store->as_one([&]() -> Stored<Done> { return store->statuses().put(status(3, 0, 1), {}); });
  }));
  REQUIRE(store->commit_batch());
  CHECK(chips_of(backend->open_reader()->statuses().list_statuses({})) == "1 3");
}

TEST_CASE("statuses: lists go by id, whatever the states, in pages", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  CHECK(chips_of(store->statuses().list_statuses({})).empty());
  for (std::uint64_t chip = 1; chip <= 9; ++chip)
    put(*store, status(chip, static_cast<std::uint32_t>(chip % 3), static_cast<std::int64_t>(chip),
                       chip == 4 ? std::nullopt : std::optional{static_cast<std::int64_t>(100 - chip)}));
  auto& statuses = store->statuses();
  CHECK(chips_of(statuses.list_statuses({})) == "1 2 3 4 5 6 7 8 9");
  CHECK(chips_of(statuses.list_statuses({.states = {1}})) == "1 4 7");
  CHECK(chips_of(statuses.list_statuses({.states = {2, 1, 2}})) == "1 2 4 5 7 8");
  CHECK(chips_of(statuses.list_statuses({.states = {5}})).empty());
  CHECK(chips_of(statuses.list_statuses({.since = at(7)})) == "7 8 9");
  CHECK(chips_of(statuses.list_statuses({.states = {0}, .since = at(7)})) == "9");
  CHECK(chips_of(statuses.list_statuses({.due_before = at(95)})) == "6 7 8 9");  // 4 is never due
  CHECK(chips_of(statuses.list_statuses({.wanted = odd_chips()})) == "1 3 5 7 9");
  StatusQuery query{.states = {0, 1, 2}, .wanted = odd_chips(), .limit = 2, .count = true};
  auto page = statuses.list_statuses(query);
  CHECK(chips_of(page) == "1 3 ...");
  CHECK(page->matching == 5);
  CHECK_FALSE(page->matching_more);
  CHECK(page->rows[1].story == blob("story 3"));
  query.after = page->next;
  page = statuses.list_statuses(query);
  CHECK(chips_of(page) == "5 7 ...");
  CHECK(page->matching == 3);
  query.after = page->next;
  CHECK(chips_of(statuses.list_statuses(query)) == "9");
  CHECK(chips_of(statuses.list_statuses({.limit = 3})) == "1 2 3 ...");
  CHECK(chips_of(statuses.list_statuses({.limit = 9})) == "1 2 3 4 5 6 7 8 9");
  CHECK(chips_of(statuses.list_statuses({.limit = 0})) == "1 ...");
}

TEST_CASE("statuses: a list looks at so many chips and no more, and goes on from there",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (std::uint64_t chip = 1; chip <= 9; ++chip) put(*store, status(chip, chip % 2 == 0 ? 1 : 2, 1));
  StatusQuery query{
      .wanted = [](const ChipId& chip) { return chip.bytes[7] >= 8; }, .count = true, .scan_max = 4};
  auto page = store->statuses().list_statuses(query);
  CHECK(chips_of(page) == " ...");
  CHECK(page->matching_more);
  CHECK(page->next == id<ChipId>(4));
  query.after = page->next;
  page = store->statuses().list_statuses(query);
  CHECK(chips_of(page) == "8 ...");
  query.after = page->next;
  CHECK(query.after == id<ChipId>(8));
  page = store->statuses().list_statuses(query);
  CHECK(chips_of(page) == "9");
  CHECK_FALSE(page->matching_more);
  query = {.limit = 2, .count = true, .scan_max = 4};
  page = store->statuses().list_statuses(query);
  CHECK(chips_of(page) == "1 2 ...");
  CHECK(page->next == id<ChipId>(2));
  CHECK(page->matching == 4);
  CHECK(page->matching_more);
  CHECK(store->statuses().list_statuses({.states = std::vector<std::uint32_t>(20, 1)})->rows.size() == 4);
  StatusQuery many;
  for (std::uint32_t state = 0; state < 17; ++state) many.states.push_back(state);
  CHECK(store->statuses().list_statuses(many).error().code == StoreFaultCode::kInvalid);
}

TEST_CASE("statuses: changes are listed newest first, in pages", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  auto& statuses = store->statuses();
  CHECK(times_of(statuses.list_changes({})).empty());
  // Told late, the fourth is older than the third.
  put(*store, status(1, 1, 1), {change(1, 10, 1), change(1, 20, 2)});
  put(*store, status(2, 1, 1), {change(2, 30, 1), change(2, 25, 3)});
  put(*store, status(3, 1, 1), {change(3, 40, 1)});
  CHECK(times_of(statuses.list_changes({})) == "40 25 30 20 10");
  CHECK(times_of(statuses.list_changes({.chip = id<ChipId>(2)})) == "25 30");
  CHECK(times_of(statuses.list_changes({.chip = id<ChipId>(2), .states = {1}})) == "30");
  CHECK(times_of(statuses.list_changes({.states = {1}})) == "40 30 10");
  CHECK(times_of(statuses.list_changes({.states = {3, 2}})) == "25 20");
  CHECK(times_of(statuses.list_changes({.since = at(25)})) == "40 25 30");
  CHECK(times_of(statuses.list_changes({.since = at(26)})) == "40 30");
  CHECK(times_of(statuses.list_changes({.since = at(41)})).empty());
  CHECK(times_of(statuses.list_changes({.wanted = odd_chips()})) == "40 20 10");
  StatusChangeQuery query{.since = at(15), .limit = 2, .count = true};
  auto page = statuses.list_changes(query);
  CHECK(times_of(page) == "40 25 ...");
  CHECK(page->matching == 4);
  put(*store, status(4, 1, 1), {change(4, 50, 1)});  // what comes meanwhile shifts nothing
  query.after = page->next;
  page = statuses.list_changes(query);
  CHECK(times_of(page) == "30 20");
  CHECK(page->matching == 2);
  query = {.states = {2}, .count = true, .scan_max = 2};  // found by its index, and so at once
  CHECK(times_of(statuses.list_changes(query)) == "20");
  query = {.wanted = odd_chips(), .scan_max = 1};
  page = statuses.list_changes(query);
  CHECK(times_of(page) == " ...");
  CHECK(page->matching_more);
  query.after = page->next;
  CHECK(times_of(statuses.list_changes(query)) == "40 ...");
  StatusChangeQuery many;
  for (std::uint32_t state = 0; state < 17; ++state) many.states.push_back(state);
  CHECK(statuses.list_changes(many).error().code == StoreFaultCode::kInvalid);
}

TEST_CASE("statuses: chips are counted by state, all or those wanted", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  using Counts = std::map<std::uint32_t, std::uint64_t>;
  CHECK(store->statuses().chips_by_status().value().empty());
  for (std::uint64_t chip = 1; chip <= 5; ++chip) put(*store, status(chip, chip < 3 ? 0 : 7, 1));
  CHECK(store->statuses().chips_by_status().value() == Counts{{0, 2}, {7, 3}});
  CHECK(store->statuses().chips_by_status(odd_chips()).value() == Counts{{0, 1}, {7, 2}});
}

TEST_CASE("statuses: what is due comes longest due first, and can be put off", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  put(*store, status(1, 0, 1, 30));
  put(*store, status(2, 0, 1, 10));
  put(*store, status(3, 0, 1));
  put(*store, status(4, 0, 1, 20));
  const auto due = [&](std::int64_t seconds, std::size_t limit = 10) {
    std::string out;
    const auto rows = store->statuses().due(at(seconds), limit).value();
    for (const StatusRecord& row : rows) out += std::to_string(row.chip.bytes[7]);
    return out;
  };
  CHECK(due(9).empty());
  CHECK(due(10) == "2");
  CHECK(due(100) == "241");
  CHECK(due(100, 2) == "24");
  REQUIRE(store->statuses().put_off(id<ChipId>(2), at(25)));
  CHECK(due(100) == "421");
  CHECK(store->statuses().status(id<ChipId>(2)).value()->story == blob("story 2"));
  CHECK(store->statuses().put_off(id<ChipId>(9), at(25)).error().code == StoreFaultCode::kNotFound);
}

TEST_CASE("statuses: under other rules every chip is due at once", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  put(*store, status(1, 0, 1, 30));
  put(*store, status(2, 0, 1));
  CHECK(store->statuses().take_rules("strict").value());
  CHECK(store->statuses().due(at(0), 10)->size() == 2);
  put(*store, status(1, 0, 1, 30));
  CHECK_FALSE(store->statuses().take_rules("strict").value());
  CHECK(store->statuses().due(at(0), 10)->size() == 1);
  CHECK(store->statuses().take_rules("mild").value());
  CHECK(store->statuses().due(at(0), 10)->size() == 2);
}

TEST_CASE("statuses: absences are on record with who declared and who ended them", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const Requester ada{"ada", id<Digest>(5)};
  const AbsenceRecord past{id<ChipId>(1), at(1), at(10), 1, "moved", ada, at(0)};
  const AbsenceRecord now{id<ChipId>(1), at(20), at(90), 2, "stored", Requester{"bob"}, at(15)};
  const AbsenceRecord to_come{id<ChipId>(1), at(100), at(110), 3, "mended", ada, at(16)};
  const AbsenceRecord others{id<ChipId>(2), at(20), at(90), 2, "stored", ada, at(15)};
  for (const AbsenceRecord& one : {past, now, to_come, others}) REQUIRE(store->statuses().note_absence(one));
  CHECK(store->statuses().note_absences_ended(id<ChipId>(1), at(30), "eve").value() == 2);
  CHECK(store->statuses().note_absences_ended(id<ChipId>(1), at(30), "eve").value() == 0);
  const auto rows = backend->open_reader()->statuses().absences(id<ChipId>(1), 10).value();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].reason == "mended");
  CHECK(rows[1].chip == id<ChipId>(1));
  CHECK(rows[1].from == at(20));
  CHECK(rows[1].until == at(90));
  CHECK(rows[1].kind == 2);
  CHECK(rows[1].by.name == "bob");
  CHECK_FALSE(rows[1].by.certificate);
  CHECK(rows[1].declared == at(15));
  CHECK(rows[1].ended == at(30));
  CHECK(rows[1].ended_by == "eve");
  CHECK(rows[2].by.certificate == id<Digest>(5));
  CHECK_FALSE(rows[2].ended);
  CHECK(rows[2].ended_by.empty());
  CHECK(store->statuses().absences(id<ChipId>(1), 1)->size() == 1);
  CHECK_FALSE(store->statuses().absences(id<ChipId>(2), 1)->front().ended);
  CHECK(store->statuses().absences(id<ChipId>(3), 1)->empty());
}

TEST_CASE("statuses: a chip's status goes with the chip, and what became of it is history",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const World world;
  const auto store = backend->open();
  const auto plan = world.plan(world.everything());
  REQUIRE(store->registry().save_import(plan, {"ada", at(0)}));
  const auto all = store->statuses().without_status(std::nullopt, 100).value();
  REQUIRE(all.size() == plan.registry->chips().size());
  REQUIRE(all.size() > 1);
  CHECK(all.front() == plan.registry->chips().begin()->first);
  CHECK(store->statuses().without_status(all.front(), 1).value() == std::vector{all[1]});
  for (const ChipId& chip : {all[0], all[1]})
    REQUIRE(store->statuses().put({chip, 0, at(1), at(9), blob("story")},
                                  std::vector{StatusChangeRecord{chip, at(1), 0, 3, {}, "why"}}));
  CHECK(store->statuses().without_status(std::nullopt, 100)->size() == all.size() - 2);
  REQUIRE(store->registry().save_import(plan_removal(plan.registry, ImportKind::kChips, all[0].hex()),
                                        {"bob", at(2)}));
  CHECK_FALSE(store->statuses().status(all[0]).value());
  CHECK(store->statuses().status(all[1]).value());
  CHECK(store->statuses().list_changes({})->rows.size() == 2);
}

TEST_CASE("statuses: how many changes there were from state to state since a time",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const auto reader = backend->open_reader();
  CHECK(reader->statuses().count_changes(at(0))->empty());
  put(*store, status(1, 5, 9), {change(1, 5, 1), change(1, 9, 5)});
  put(*store, status(2, 1, 7), {change(2, 7, 1)});
  const auto counted = [&](std::int64_t since, const ChipFilter& wanted = {}) {
    return reader->statuses().count_changes(at(since), wanted).value();
  };
  CHECK(counted(0) == std::vector<StatusChangeCount>{{0, 1, 2}, {0, 5, 1}});
  CHECK(counted(5) == counted(0));
  CHECK(counted(6) == std::vector<StatusChangeCount>{{0, 1, 1}, {0, 5, 1}});
  CHECK(counted(10).empty());
  CHECK(counted(0, odd_chips()) == std::vector<StatusChangeCount>{{0, 1, 1}, {0, 5, 1}});
}

TEST_CASE("statuses: of a few chips, looked up one by one, the answers are those of a look at every chip",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  std::mt19937 random{20261201};
  const auto under = [&](unsigned bound) { return static_cast<std::uint32_t>(random() % bound); };
  for (std::uint64_t chip = 1; chip <= 60; ++chip) {
    if (chip % 7 == 0) continue;  // its story has not begun
    std::vector<StatusChangeRecord> told;
    for (unsigned i = under(4); i > 0; --i) told.push_back(change(chip, under(100), under(5)));
    const auto due = under(3) == 0 ? std::nullopt : std::optional<std::int64_t>{100 + under(100)};
    put(*store, status(chip, under(5), under(100), due), told);
  }
  auto& statuses = store->statuses();
  for (int i = 0; i < 200; ++i) {
    std::set<ChipId> chosen;
    for (unsigned n = under(12); n > 0; --n) chosen.insert(id<ChipId>(1 + under(64)));
    const ChipFilter few = ChipFilter::few({chosen.begin(), chosen.end()});
    const ChipFilter slow = [chosen](const ChipId& chip) { return chosen.count(chip) > 0; };
    StatusQuery query{.limit = 1 + under(5), .count = under(2) == 0};
    for (unsigned n = under(3); n > 0; --n) query.states.push_back(under(6));
    if (under(2) == 0) query.since = at(under(100));
    if (under(2) == 0) query.due_before = at(100 + under(100));
    if (under(2) == 0) query.after = id<ChipId>(under(64));
    INFO("query " << i);
    query.wanted = few;
    const auto looked_up = statuses.list_statuses(query).value();
    query.wanted = slow;
    const auto read = statuses.list_statuses(query).value();
    CHECK(chips_of(looked_up) == chips_of(read));
    CHECK(looked_up.next == read.next);
    CHECK(looked_up.matching == read.matching);
    CHECK_FALSE(looked_up.matching_more);
    for (std::size_t k = 0; k < looked_up.rows.size(); ++k)
      CHECK(looked_up.rows[k].state == read.rows[k].state);
    CHECK(statuses.chips_by_status(few).value() == statuses.chips_by_status(slow).value());
    const WallTime since = at(under(110));
    CHECK(statuses.count_changes(since, few).value() == statuses.count_changes(since, slow).value());
    StatusChangeQuery changes{.since = since, .wanted = few, .limit = 5};
    const std::string times = times_of(statuses.list_changes(changes));
    changes.wanted = slow;
    CHECK(times == times_of(statuses.list_changes(changes)));
  }
  std::vector<std::uint32_t> many(StatusQuery::kStatesMax + 1);
  for (std::uint32_t i = 0; i < many.size(); ++i) many[i] = i;
  CHECK(statuses.list_statuses({.states = many, .wanted = ChipFilter::few({})}).error().code ==
        StoreFaultCode::kInvalid);
}

TEST_CASE("statuses: a story finds the verdicts of its chip in the order in which they were committed",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->rounds().log_intent(intent(1, 1)));
  add_verdict(*store, 2, 1, 7, 10);
  REQUIRE(store->verdicts().finish_round(verdict(1, 1, 1, 4, 20), std::nullopt));  // begun first, ended last
  add_verdict(*store, 3, 2, 4, 30);
  const auto rows = store->statuses().judged(id<ChipId>(1)).value();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].id == id<VerdictId>(2));
  CHECK(rows[0].state == 7);
  CHECK(rows[0].decided == at(10));
  CHECK(rows[0].expires == at(10 + 86'400));
  CHECK(rows[0].summary == blob("summary 2"));
  CHECK(rows[1].id == id<VerdictId>(1));
  CHECK(rows[1].summary.empty());  // of an INVALID one alone
  CHECK(store->statuses().judged(id<ChipId>(9))->empty());
}

}  // namespace chiploc::test
