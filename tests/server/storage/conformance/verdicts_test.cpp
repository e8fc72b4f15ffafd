// Verdicts, lists and standings.
#include <random>
#include <set>

#include "tests/server/storage/conformance/backend.hpp"

namespace chiploc::test {

namespace {
std::vector<ChipId> chips_in(Store& store, const std::vector<std::uint32_t>& states,
                             const std::optional<ChipId>& after, std::size_t limit) {
  std::vector<ChipId> out;
  const auto briefs = store.verdicts().standing_briefs(states, after, limit);
  REQUIRE(briefs);
  for (const StandingBrief& brief : *briefs) out.push_back(brief.chip);
  return out;
}
}  // namespace

TEST_CASE("verdicts: found by id, by a prefix that fits one, and by chip", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_verdict(*store, 0xABCD100000000000, 1, 1, 10);
  add_verdict(*store, 0xABCD200000000000, 1, 4, 20);
  const auto found = store->verdicts().verdict(id<VerdictId>(0xABCD100000000000));
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->state == 1);
  CHECK((*found)->decided == at(10));
  CHECK((*found)->expires == at(86'410));
  CHECK(string_of((*found)->bytes).substr(0, 5) == "whole");
  CHECK(string_of((*found)->summary).substr(0, 7) == "summary");
  CHECK((*store->verdicts().find_verdict("abcd2"))->state == 4);
  CHECK((*store->verdicts().find_verdict("ABCD2"))->state == 4);
  CHECK((*store->verdicts().find_verdict((*found)->id.hex()))->state == 1);
  CHECK(store->verdicts().find_verdict("abcd").error().code == StoreFaultCode::kAmbiguous);
  CHECK_FALSE(*store->verdicts().find_verdict("abce"));
  for (const auto* bad : {"", "abc", "abcx", "abcd 2"})
    CHECK(store->verdicts().find_verdict(bad).error().code == StoreFaultCode::kInvalid);
  CHECK(store->verdicts().find_verdict(std::string(33, 'a')).error().code == StoreFaultCode::kInvalid);
  CHECK((*store->verdicts().newest_verdict(id<ChipId>(1)))->state == 4);
  CHECK_FALSE(*store->verdicts().newest_verdict(id<ChipId>(2)));
  CHECK_FALSE(*store->verdicts().verdict(id<VerdictId>(7)));
}

TEST_CASE("verdicts: the last of each state that a chip had, newest first", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  CHECK(store->verdicts().last_of_each_state(id<ChipId>(1))->empty());
  add_verdict(*store, 1, 1, 6, 10);
  add_verdict(*store, 2, 1, 1, 20);
  add_verdict(*store, 3, 1, 1, 30);
  add_verdict(*store, 4, 2, 5, 35);  // of another chip
  add_verdict(*store, 5, 1, 3, 25);  // begun later, dated earlier
  const auto last = store->verdicts().last_of_each_state(id<ChipId>(1));
  REQUIRE(last);
  REQUIRE(last->size() == 3);
  const auto is = [&](std::size_t i, std::uint64_t verdict, std::uint32_t state, std::int64_t decided) {
    CHECK((*last)[i].id == id<VerdictId>(verdict));
    CHECK((*last)[i].state == state);
    CHECK((*last)[i].decided == at(decided));
  };
  is(0, 5, 3, 25);
  is(1, 3, 1, 30);
  is(2, 1, 6, 10);
}

TEST_CASE("verdicts: one that a fast clock dated ahead masks none of a later round, in no list",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_verdict(*store, 1, 1, 1, 10);
  add_verdict(*store, 2, 1, 1, 31'536'000);  // the clock was a year ahead
  add_verdict(*store, 3, 1, 4, 20);          // set right: the chip has left
  add_verdict(*store, 4, 2, 1, 15);
  CHECK((*store->verdicts().newest_verdict(id<ChipId>(1)))->id == id<VerdictId>(3));
  const std::array chips{id<ChipId>(1)};
  CHECK(store->verdicts().standings(chips)->front().latest->state == 4);
  CHECK(store->verdicts().counts()->chips_by_state == std::map<std::uint32_t, std::uint64_t>{{1, 1}, {4, 1}});
  CHECK(chips_in(*store, {4}, std::nullopt, 10) == std::vector<ChipId>{id<ChipId>(1)});
  const auto order = [&](const VerdictQuery& query) {
    std::vector<VerdictId> out;
    const auto page = store->verdicts().list_verdicts(query);
    for (const VerdictRow& row : page->rows) out.push_back(row.id);
    return out;
  };
  CHECK(order({}) ==
        std::vector<VerdictId>{id<VerdictId>(4), id<VerdictId>(3), id<VerdictId>(2), id<VerdictId>(1)});
  VerdictQuery of_chip;
  of_chip.chips = {id<ChipId>(1)};
  CHECK(order(of_chip) == std::vector<VerdictId>{id<VerdictId>(3), id<VerdictId>(2), id<VerdictId>(1)});
  VerdictQuery in_state;
  in_state.states = {1};
  CHECK(order(in_state) == std::vector<VerdictId>{id<VerdictId>(4), id<VerdictId>(2), id<VerdictId>(1)});
}

TEST_CASE("verdicts: judged rounds come with record and context, page by page as lists do",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  RoundIntent began = intent(1);
  began.context = blob("context 1");
  REQUIRE(store->rounds().log_intent(began));
  VerdictRecord verdict{.id = id<VerdictId>(71),
                        .round = id<RoundId>(1),
                        .chip = began.chip,
                        .state = 4,
                        .decided = at(10),
                        .expires = at(99),
                        .bytes = blob("record 1"),
                        .summary = blob("summary 1"),
                        .format = VerdictRecord::kRecord};
  REQUIRE(store->verdicts().finish_round(verdict, std::nullopt));
  add_verdict(*store, 72, 2, 1, 20);  // its round has no context
  add_verdict(*store, 73, 3, 1, 30);
  const auto reader = backend->open_reader();
  VerdictQuery query{.limit = 2, .oldest_first = true};
  auto page = reader->verdicts().judged_rounds(query);
  REQUIRE(page);
  REQUIRE(page->rows.size() == 2);
  const JudgedRound& first = page->rows[0];
  CHECK(first.id == id<VerdictId>(71));
  CHECK(first.round == id<RoundId>(1));
  CHECK(first.chip == began.chip);
  CHECK(first.state == 4);
  CHECK(first.decided == at(10));
  CHECK(first.format == VerdictRecord::kRecord);
  CHECK(first.record == blob("record 1"));
  CHECK(first.context == blob("context 1"));
  CHECK(page->rows[1].context.empty());
  CHECK(page->rows[1].format == VerdictRecord::kFlat);
  REQUIRE(page->next);
  query.after = page->next;
  page = reader->verdicts().judged_rounds(query);
  REQUIRE(page->rows.size() == 1);
  CHECK(page->rows[0].id == id<VerdictId>(73));
  CHECK_FALSE(page->next);
  query = {.since = at(20), .until = at(30), .oldest_first = true};
  REQUIRE(reader->verdicts().judged_rounds(query)->rows.size() == 1);
  query = {.wanted = [](const ChipId& chip) { return chip == id<ChipId>(3); }};
  REQUIRE(reader->verdicts().judged_rounds(query)->rows.size() == 1);
  CHECK(reader->verdicts().judged_rounds(query)->rows[0].id == id<VerdictId>(73));
}

TEST_CASE("verdicts: pages are newest first, without gaps or repetitions",
          "[storage][conformance][property]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  std::mt19937 random{20261123};
  REQUIRE(store->begin_batch());
  for (std::uint64_t i = 1; i <= 200; ++i) {
    // By a clock that goes forth and back: the rounds order them.
    add_verdict(*store, i * 0x0123456789, 1 + i % 7, 1 + static_cast<std::uint32_t>(i % 5),
                static_cast<std::int64_t>(random() % 20));
  }
  REQUIRE(store->commit_batch());
  for (const bool by_chip : {false, true}) {
    for (const std::vector<std::uint32_t>& states :
         {std::vector<std::uint32_t>{}, std::vector<std::uint32_t>{2, 4, 2}}) {
      VerdictQuery all;
      all.limit = 10'000;
      all.states = states;
      if (by_chip) all.chips = {id<ChipId>(3)};
      const auto whole = store->verdicts().list_verdicts(all);
      REQUIRE(whole);
      CHECK_FALSE(whole->next);
      const std::size_t of_all = states.empty() ? 200 : 80;
      const std::size_t of_chip = states.empty() ? 29 : 12;
      CHECK(whole->rows.size() == (by_chip ? of_chip : of_all));
      for (const std::size_t size : {1U, 7U, 200U}) {
        VerdictQuery query = all;
        query.limit = size;
        std::vector<VerdictRow> rows;
        for (;;) {
          const auto page = store->verdicts().list_verdicts(query);
          REQUIRE(page);
          CHECK(page->rows.size() <= size);
          rows.insert(rows.end(), page->rows.begin(), page->rows.end());
          if (!page->next) break;
          query.after = page->next;
        }
        REQUIRE(rows.size() == whole->rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
          CHECK(rows[i].id == whole->rows[i].id);
          if (i > 0) CHECK(rows[i].round < rows[i - 1].round);  // their numbers grow here as they are begun
        }
      }
    }
  }
}

TEST_CASE("verdicts: a verdict added between two pages moves no row", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (std::uint64_t i = 1; i <= 4; ++i) add_verdict(*store, i, 1, 1, static_cast<std::int64_t>(i));
  VerdictQuery query;
  query.limit = 2;
  const auto first = store->verdicts().list_verdicts(query);
  add_verdict(*store, 9, 1, 1, 9);
  query.after = first->next;
  const auto second = store->verdicts().list_verdicts(query);
  REQUIRE(second->rows.size() == 2);
  CHECK(second->rows[0].id == id<VerdictId>(2));
  CHECK_FALSE(second->next);
}

TEST_CASE("verdicts: a list has those that are wanted, and says how many there are",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->begin_batch());
  // Decided at 1, 2 ... 60, good for a day; chips 1, 2, 3 in turn; the clock of round 40 was a year ahead.
  for (std::uint64_t i = 1; i <= 60; ++i)
    add_verdict(*store, i, 1 + (i - 1) % 3, 1 + i % 2, i == 40 ? 31'536'000 : static_cast<std::int64_t>(i));
  REQUIRE(store->commit_batch());
  const auto numbers = [&](VerdictQuery query) {
    std::vector<std::uint64_t> out;
    for (;;) {
      const auto page = store->verdicts().list_verdicts(query);
      REQUIRE(page);
      CHECK(page->rows.size() <= query.limit);
      for (const VerdictRow& row : page->rows) out.push_back(row.id.bytes[7]);
      if (!page->next) return out;
      query.after = page->next;
    }
  };
  const auto since = numbers({.since = at(57)});
  CHECK(since == std::vector<std::uint64_t>{60, 59, 58, 57, 40});
  CHECK(numbers({.limit = 2, .since = at(57)}) == since);
  CHECK(numbers({.limit = 2, .since = at(57), .oldest_first = true}) ==
        std::vector<std::uint64_t>{40, 57, 58, 59, 60});
  CHECK(numbers({.until = at(3)}) == std::vector<std::uint64_t>{2, 1});
  CHECK(numbers({.since = at(10), .until = at(12)}) == std::vector<std::uint64_t>{11, 10});
  CHECK(numbers({.expired_by = at(86'400 + 2)}) == std::vector<std::uint64_t>{2, 1});
  CHECK(numbers({.states = {1}, .since = at(57)}) == std::vector<std::uint64_t>{60, 58, 40});
  CHECK(numbers({.since = at(40'000'000)}).empty());
  CHECK(numbers({.chips = {id<ChipId>(1), id<ChipId>(3)}, .limit = 1, .until = at(5)}) ==
        std::vector<std::uint64_t>{4, 3, 1});
  const auto second = [](const ChipId& chip) { return chip == id<ChipId>(2); };
  const auto of_second = numbers({.limit = 7, .wanted = second});
  CHECK(of_second.size() == 20);
  CHECK(of_second.front() == 59);
  // Looking at four rows at a time, some pages are empty and none is lost.
  CHECK(numbers({.limit = 7, .wanted = second, .scan_max = 4}) == of_second);
  CHECK(numbers({.limit = 7, .wanted = second, .oldest_first = true, .scan_max = 1}) ==
        std::vector<std::uint64_t>(of_second.rbegin(), of_second.rend()));

  const auto counted = store->verdicts().list_verdicts({.limit = 3, .wanted = second, .count = true});
  CHECK(counted->rows.size() == 3);
  CHECK(counted->matching == 20);
  CHECK_FALSE(counted->matching_more);
  CHECK(counted->next->id == id<VerdictId>(53));
  const auto tired =
      store->verdicts().list_verdicts({.limit = 3, .wanted = second, .count = true, .scan_max = 30});
  CHECK(tired->matching == 10);
  CHECK(tired->matching_more);
  CHECK(tired->next->id == id<VerdictId>(53));
  CHECK(store->verdicts().list_verdicts({.limit = 100, .count = true, .scan_max = 60})->matching_more ==
        false);
  VerdictQuery many;
  many.chips.resize(VerdictQuery::kChipsMax + 1);
  CHECK(store->verdicts().list_verdicts(many).error().code == StoreFaultCode::kInvalid);
}

TEST_CASE("verdicts: a prefix fits among the chips that are wanted alone", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_verdict(*store, 0xABCD100000000000, 1, 1, 10);
  add_verdict(*store, 0xABCD200000000000, 2, 4, 20);
  const auto of = [](std::uint64_t number) {
    return [chip = id<ChipId>(number)](const ChipId& one) { return one == chip; };
  };
  CHECK((*store->verdicts().find_verdict("abcd", of(1)))->state == 1);
  CHECK((*store->verdicts().find_verdict("abcd", of(2)))->state == 4);
  CHECK_FALSE(*store->verdicts().find_verdict("abcd", of(3)));
  CHECK_FALSE(*store->verdicts().find_verdict((*store->verdicts().find_verdict("abcd1"))->id.hex(), of(2)));
}

TEST_CASE("standings: each chip's last begun round counts, in whatever order rounds end",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->rounds().log_intent(intent(2, 1, 50)));
  add_verdict(*store, 1, 1, 1, 100);
  REQUIRE(
      store->verdicts().finish_round(verdict(2, 2, 1, 4, 110), std::nullopt));  // begun earlier, ended later
  add_verdict(*store, 3, 2, 4, 60);
  REQUIRE(store->rounds().log_intent(intent(4, 3)));
  const std::array chips{id<ChipId>(3), id<ChipId>(1), id<ChipId>(9), id<ChipId>(2)};
  const auto standings = store->verdicts().standings(chips);
  REQUIRE(standings);
  REQUIRE(standings->size() == 4);
  CHECK((*standings)[0].rounds == 1);
  CHECK_FALSE((*standings)[0].latest);
  CHECK((*standings)[1].rounds == 2);
  CHECK((*standings)[1].latest->state == 1);
  CHECK((*standings)[1].latest->summary == blob("summary 1"));
  CHECK((*standings)[2].rounds == 0);
  CHECK((*standings)[3].latest->state == 4);

  CHECK(chips_in(*store, {4}, std::nullopt, 10) == std::vector{id<ChipId>(2)});
  CHECK(chips_in(*store, {4, 1}, std::nullopt, 1) == std::vector{id<ChipId>(1)});
  CHECK(chips_in(*store, {4, 1}, id<ChipId>(1), 10) == std::vector{id<ChipId>(2)});
  CHECK(chips_in(*store, {}, std::nullopt, 10) == std::vector{id<ChipId>(1), id<ChipId>(2)});
  CHECK_FALSE(store->verdicts().standing_briefs(
      std::vector<std::uint32_t>{1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17,
                                 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33},
      std::nullopt, 10));
  const auto briefs = store->verdicts().standing_briefs({}, std::nullopt, 10);
  CHECK(briefs->front().state == 1);
  CHECK(briefs->front().decided == at(100));
  CHECK(briefs->front().expires == at(100 + 86'400));
  const std::vector asked{id<ChipId>(2), id<ChipId>(9), id<ChipId>(3), id<ChipId>(1)};
  const auto of = store->verdicts().briefs_of(asked).value();  // 9 is not known, 3 was never measured
  REQUIRE(of.size() == 2);
  CHECK(of[0].chip == id<ChipId>(2));
  CHECK(of[0].state == 4);
  CHECK(of[1].chip == id<ChipId>(1));
  CHECK(of[1].decided == briefs->front().decided);
  CHECK(of[1].expires == briefs->front().expires);
  CHECK(store->verdicts().briefs_of({})->empty());
}

TEST_CASE("counts: rounds by state and chips by verdict", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_verdict(*store, 1, 1, 1, 1);
  add_verdict(*store, 2, 2, 4, 2);
  add_verdict(*store, 3, 2, 1, 3);
  REQUIRE(store->rounds().log_intent(intent(4)));
  REQUIRE(store->rounds().log_intent(intent(5)));
  REQUIRE(store->rounds().abandon_round(id<RoundId>(5), "why", at(1)));
  const auto counts = store->verdicts().counts();
  REQUIRE(counts);
  CHECK(counts->rounds_open == 1);
  CHECK(counts->rounds_finished == 3);
  CHECK(counts->rounds_abandoned == 1);
  CHECK(counts->verdicts == 3);
  CHECK(counts->chips_by_state == std::map<std::uint32_t, std::uint64_t>{{1, 2}});
}

}  // namespace chiploc::test
