// What was committed, in that order: events of verdicts, statuses and cases; where one may go on; what is kept.
#include "tests/server/storage/conformance/prune_fixture.hpp"

namespace chiploc::test {
namespace {

void change_status(Store& store, std::uint64_t chip, std::int64_t seconds) {
  const StatusChangeRecord change{id<ChipId>(chip), at(seconds), 1, 3, {id<VerdictId>(chip)}, "because"};
  REQUIRE(
      store.statuses().put({id<ChipId>(chip), 3, at(seconds), std::nullopt, blob("story")}, {&change, 1}));
}
CaseEntryRecord line(std::uint32_t number) {
  return {number, at(number), 3, 1, "ann", "text", id<ChipId>(4), {id<VerdictId>(1)}, id<Digest>(9), false};
}
std::uint64_t add_case(Store& store, std::vector<CaseEntryRecord> lines) {
  CaseRecord record;
  record.key = {2, "O-1", "", "campus"};
  record.licence = "L-1";
  const auto number = store.cases().put_case(record, lines);
  REQUIRE(number);
  return *number;
}
/// "1v 2s 3c"
std::string told(const Stored<std::vector<StoredEvent>>& events) {
  REQUIRE(events);
  constexpr const char* kKinds[] = {"v", "s", "c"};
  std::string out;
  for (const StoredEvent& one : *events)
    out += (out.empty() ? "" : " ") + std::to_string(one.number) + kKinds[one.what.index()];
  return out;
}
std::string told(EventReader& reader, std::uint64_t after, std::size_t limit = 100) {
  return told(reader.events_after(after, limit));
}
bool is_gone(EventReader& reader, std::uint64_t after) {
  const auto events = reader.events_after(after, 10);
  return !events && events.error().code == StoreFaultCode::kNotFound;
}
PruneOrder keep_events(std::uint64_t most) {
  PruneOrder order = before(0);
  order.events_max = most;
  return order;
}

}  // namespace

TEST_CASE("events: what is committed, in that order and whole", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const auto reader = backend->open_reader();
  CHECK(reader->events().events_kept()->newest == 0);
  CHECK(told(reader->events(), 0).empty());
  add_verdict(*store, 7, 70, 2, 5);
  change_status(*store, 70, 6);
  const std::uint64_t number = add_case(*store, {line(1), line(2)});
  add_verdict(*store, 3, 30, 1, 4);  // by a clock that went back
  CHECK(told(reader->events(), 0) == "1v 2s 3c 4c 5v");
  CHECK(told(reader->events(), 2, 2) == "3c 4c");
  CHECK(told(reader->events(), 5).empty());
  CHECK(reader->events().events_kept()->oldest == 1);
  CHECK(reader->events().events_kept()->newest == 5);

  const auto events = reader->events().events_after(0, 5).value();
  const auto& verdict = std::get<VerdictRow>(events[0].what);
  CHECK(verdict.id == id<VerdictId>(7));
  CHECK(verdict.chip == id<ChipId>(70));
  CHECK(verdict.state == 2);
  CHECK(verdict.summary == blob("summary 7"));
  const auto& change = std::get<StatusChangeRecord>(events[1].what);
  CHECK(change.chip == id<ChipId>(70));
  CHECK(change.to == 3);
  CHECK(change.rests_on == std::vector{id<VerdictId>(70)});
  CHECK(change.why == "because");
  const auto& of_case = std::get<CaseLine>(events[3].what);
  CHECK(of_case.of_case == number);
  CHECK(of_case.key.kind == 2);
  CHECK(of_case.key.order == "O-1");
  CHECK(of_case.key.site == "campus");
  CHECK(of_case.licence == "L-1");
  CHECK(of_case.entry == line(2));
}

TEST_CASE(
    "events: of a batch that is undone, or of a function that failed, there is none, and no number is lost",
    "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_verdict(*store, 1, 1, 1, 1);
  REQUIRE(store->begin_batch());
  add_verdict(*store, 2, 2, 1, 2);
  store->roll_back_batch();
  CHECK_FALSE(store->as_one([&]() -> Stored<Done> {
    change_status(*store, 9, 3);
    return Fail{StoreFault{StoreFaultCode::kInvalid, "no"}};
  }));
  CHECK(told(store->events(), 0) == "1v");
  REQUIRE(store->begin_batch());
  add_verdict(*store, 3, 3, 1, 3);
  const auto reader = backend->open_reader();
  CHECK(told(reader->events(), 0) == "1v");  // not yet
  REQUIRE(store->commit_batch());
  CHECK(told(reader->events(), 0) == "1v 2v");
}

TEST_CASE("events: they go by number in steps, and whoever was behind is told", "[storage][conformance]") {
  const auto backend = each_backend();
  {
    const auto store = backend->open();
    REQUIRE(store->begin_batch());
    for (std::uint64_t i = 1; i <= 40; ++i) add_verdict(*store, i, i, 1, 1);
    REQUIRE(store->commit_batch());
    PruneOrder order = keep_events(10);
    order.rows = 20;
    const auto step = store->mesh().prune_some(order);
    REQUIRE(step);
    CHECK(step->events == 20);
    CHECK(step->more);
    CHECK(told(store->events(), 20, 2) == "21v 22v");
    (void)sweep(*store, order);
    CHECK(told(store->events(), 30, 2) == "31v 32v");
    CHECK(is_gone(store->events(), 29));
    CHECK(is_gone(store->events(), 0));
    CHECK(is_gone(store->events(), 41));  // never given out
    CHECK(store->events().events_kept()->oldest == 31);
    (void)sweep(*store, keep_events(0));
    CHECK(told(store->events(), 39) == "40v");  // the newest stays
  }
  const auto store = backend->open();
  add_verdict(*store, 41, 41, 1, 1);
  CHECK(told(store->events(), 40) == "41v");  // its number comes after all that were given out
  CHECK(store->verdicts().verdict(id<VerdictId>(1)).value());  // what they told of stays
}

}  // namespace chiploc::test
