// What persons work on, as it is kept: cases, timelines, which chip stands where, signs, and the queue.
#include "tests/server/storage/conformance/backend.hpp"

namespace chiploc::test {
namespace {

CaseRecord case_record(std::uint32_t kind, const std::string& order, const std::string& site = "campus",
                       std::uint32_t of_key = 1) {
  CaseRecord out;
  out.key = {kind, order, "", site};
  out.of_key = of_key;
  out.licence = "L-1";
  out.since = out.opened = at(5);
  out.urgency = 30;
  out.story = blob("story");
  return out;
}
CaseEntryRecord case_entry(std::uint32_t number, const std::string& who = "") {
  return {number,
          at(number),
          3,
          1,
          who,
          "text " + std::to_string(number),
          id<ChipId>(number),
          {id<VerdictId>(1), id<VerdictId>(2)},
          id<Digest>(number),
          number % 2 == 0};
}
std::uint64_t put(Store& store, const CaseRecord& record, std::vector<CaseEntryRecord> entries = {}) {
  const auto number = store.cases().put_case(record, entries);
  INFO((number ? "" : number.error().text));
  REQUIRE(number);
  return *number;
}
std::string numbers_of(const Stored<CasePage>& page) {
  REQUIRE(page);
  std::string out;
  for (const CaseRecord& row : page->rows) out += (out.empty() ? "" : " ") + std::to_string(row.number);
  return out + (page->next ? " ..." : "");
}

}  // namespace

TEST_CASE("cases: each has a number of its own and is found by it and by its key", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const auto reader = backend->open_reader();
  CHECK_FALSE(reader->cases().find_case(1).value());
  CHECK(put(*store, case_record(0, "O-1")) == 1);
  CHECK(put(*store, case_record(0, "O-1", "campus", 2)) == 2);
  CHECK(put(*store, case_record(0, "O-1", "hall")) == 3);
  const CaseKeyRecord key{0, "O-1", "", "campus"};
  CHECK(reader->cases().case_of_key(key, std::nullopt).value()->number == 2);
  CHECK(reader->cases().case_of_key(key, 1).value()->number == 1);
  CHECK_FALSE(reader->cases().case_of_key(key, 3).value());
  CHECK_FALSE(reader->cases().case_of_key({1, "O-1", "", "campus"}, std::nullopt).value());
  CHECK_FALSE(store->cases().put_case(case_record(0, "O-1"), {}));  // twice the same

  CaseRecord changed = case_record(0, "O-1");
  changed.number = 1;
  changed.state = 2;
  changed.since = at(7);
  changed.due = at(9);
  changed.assignee = "ann";
  changed.urgency = 0;
  changed.outcome = 1;
  changed.story = blob("later");
  CHECK(put(*store, changed, {case_entry(1, "bob"), case_entry(2)}) == 1);
  const auto kept = reader->cases().find_case(1).value();
  REQUIRE(kept);
  CHECK(kept->key.order == "O-1");
  CHECK(kept->state == 2);
  CHECK(kept->since == at(7));
  CHECK(kept->opened == at(5));
  CHECK(kept->due == at(9));
  CHECK(kept->assignee == "ann");
  CHECK(kept->outcome == 1);
  CHECK(kept->story == blob("later"));
  CHECK(reader->cases().timeline(1, std::nullopt, 10).value() ==
        std::vector{case_entry(2), case_entry(1, "bob")});
  CHECK(reader->cases().timeline(1, 2, 10).value() == std::vector{case_entry(1, "bob")});
  CHECK(reader->cases().timeline(1, std::nullopt, 1).value() == std::vector{case_entry(2)});
  CHECK(reader->cases().cases_ended("O-1", 1).value() == 1);
  CHECK(reader->cases().cases_ended("O-1", 2).value() == 0);
  changed.number = 77;
  const auto nobody = store->cases().put_case(changed, {});
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().code == StoreFaultCode::kNotFound);
}

TEST_CASE("cases: an entry is kept once, and what cannot be kept leaves nothing of the case",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  put(*store, case_record(0, "O-1"), {case_entry(1)});
  CaseRecord again = case_record(0, "O-1");
  again.number = 1;
  again.assignee = "ann";
  CHECK_FALSE(store->cases().put_case(again, std::vector{case_entry(2), case_entry(1)}));
  CHECK(store->cases().find_case(1).value()->assignee.empty());
  CHECK(store->cases().timeline(1, std::nullopt, 10).value().size() == 1);
}

TEST_CASE("cases: a chip stands in one of each kind, until it does not", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (const std::uint32_t kind : {0U, 2U}) put(*store, case_record(kind, "O-1"));
  put(*store, case_record(0, "O-2"));
  const ChipId chip = id<ChipId>(1);
  REQUIRE(store->cases().stand(chip, 0, 1));
  REQUIRE(store->cases().stand(chip, 2, 2));
  REQUIRE(store->cases().stand(id<ChipId>(2), 0, 1));
  const auto stands = store->cases().stands_in(chip).value();
  REQUIRE(stands.size() == 2);
  CHECK(stands[0].number == 1);
  CHECK(stands[1].kind == 2);
  CHECK(store->cases().standing(1, std::nullopt, 1).value() == std::vector{chip});
  CHECK(store->cases().standing(1, chip, 10).value() == std::vector{id<ChipId>(2)});
  REQUIRE(store->cases().stand(chip, 0, 3));
  CHECK(store->cases().standing(1, std::nullopt, 10).value() == std::vector{id<ChipId>(2)});
  REQUIRE(store->cases().settle_case(1));
  CHECK(store->cases().standing(1, std::nullopt, 10).value().empty());
  REQUIRE(store->cases().stand(chip, 2, std::nullopt));
  CHECK(store->cases().stands_in(chip).value().size() == 1);
  REQUIRE(store->cases().forget_chip(chip));
  CHECK(store->cases().stands_in(chip).value().empty());
  CHECK_FALSE(store->cases().stand(chip, 0, 99));  // there is no such case
}

TEST_CASE("cases: of signs the newest of each kind are kept, in the order in which they came",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const ChipId chip = id<ChipId>(1);
  for (std::uint64_t n = 1; n <= 5; ++n)
    REQUIRE(
        store->cases().note_sign({chip, 3, id<VerdictId>(n), at(10 - static_cast<std::int64_t>(n)), "r"}, 3));
  REQUIRE(store->cases().note_sign({chip, 4, id<VerdictId>(6), at(1), "s"}, 3));
  REQUIRE(store->cases().note_sign({id<ChipId>(2), 3, id<VerdictId>(7), at(1), "t"}, 3));
  const auto signs = store->cases().signs(chip).value();
  REQUIRE(signs.size() == 4);
  for (std::size_t i = 0; i < 3; ++i) CHECK(signs[i].verdict == id<VerdictId>(i + 3));
  CHECK(signs[3].kind == 4);
  CHECK(signs[3].reason == "s");
  CHECK(signs[0].at == at(7));
  REQUIRE(store->cases().forget_chip(chip));
  CHECK(store->cases().signs(chip).value().empty());
  CHECK(store->cases().signs(id<ChipId>(2)).value().size() == 1);
}

TEST_CASE("cases: what is due comes in the order of time", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (const auto& [order, due] : {std::pair{"O-1", 30}, {"O-2", 10}}) {
    CaseRecord record = case_record(0, order);
    record.due = at(due);
    put(*store, record);
  }
  put(*store, case_record(0, "O-3"));
  CHECK(store->cases().due_cases(at(9), 10).value().empty());
  CHECK(store->cases().due_cases(at(30), 10).value().front().number == 2);
  CHECK(store->cases().due_cases(at(30), 10).value().size() == 2);
}

TEST_CASE("cases: the queue has the most urgent first, age included, and pages meet without a gap",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  constexpr std::int64_t kDay = 86'400;
  for (std::uint32_t n = 1; n <= 6; ++n) {
    CaseRecord record = case_record(n % 3, "O-" + std::to_string(n), n % 2 == 0 ? "hall" : "campus");
    record.urgency = n == 6 ? 0 : 30;  // the last is resolved
    record.state = n == 6 ? 2 : n % 2;
    record.opened = at(static_cast<std::int64_t>(n) * 7 * kDay);
    record.assignee = n == 3 ? "ann" : "";
    record.licence = n == 4 ? "L-2" : "L-1";
    put(*store, record);
  }
  CaseQuery query;
  query.as_of = at(8 * 7 * kDay);
  query.age_points_max = 5;
  // Weeks of age: 7, 6, 5, 4, 3: the first three have all the points there are.
  CHECK(numbers_of(store->cases().list_cases(query)) == "1 2 3 4 5 6");
  query.limit = 4;
  query.count = true;
  auto page = store->cases().list_cases(query);
  CHECK(numbers_of(page) == "1 2 3 4 ...");
  CHECK(page->matching == 6);
  query.after = page->next;
  query.as_of = at(0);  // the first page's time counts
  page = store->cases().list_cases(query);
  CHECK(numbers_of(page) == "5 6");
  CHECK(page->matching == 6);
  query = {};
  query.newest_first = true;
  query.limit = 3;
  page = store->cases().list_cases(query);
  CHECK(numbers_of(page) == "6 5 4 ...");
  query.after = page->next;
  CHECK(numbers_of(store->cases().list_cases(query)) == "3 2 1");

  const auto listed = [&](const auto& change) {
    CaseQuery one;
    one.newest_first = true;
    change(one);
    return numbers_of(store->cases().list_cases(one));
  };
  CHECK(listed([](CaseQuery& one) { one.states = {1}; }) == "5 3 1");
  CHECK(listed([](CaseQuery& one) { one.states = {0, 2}; }) == "6 4 2");
  CHECK(listed([](CaseQuery& one) { one.kinds = {0}; }) == "6 3");
  CHECK(listed([](CaseQuery& one) { one.order = "O-4"; }) == "4");
  CHECK(listed([](CaseQuery& one) { one.site = "hall"; }) == "6 4 2");
  CHECK(listed([](CaseQuery& one) { one.licence = "L-2"; }) == "4");
  CHECK(listed([](CaseQuery& one) { one.assignee = "ann"; }) == "3");
  CHECK(listed([](CaseQuery& one) { one.assignee = ""; }) == "6 5 4 2 1");
  CHECK(listed([](CaseQuery& one) { one.since = at(5 * 7 * kDay); }) == "6 5");
  CHECK(listed([](CaseQuery& one) {
          one.wanted = [](const std::string& order, const std::string& licence) {
            return order > "O-2" && licence == "L-1";
          };
        }) == "6 5 3");
  CHECK(listed([](CaseQuery& one) {
          one.site = "hall";
          one.states = {0};
          one.kinds = {1, 2};
        }) == "4 2");
  CaseQuery many;
  many.kinds.assign(17, 0);
  CHECK(store->cases().list_cases(many).error().code == StoreFaultCode::kInvalid);
}

}  // namespace chiploc::test
