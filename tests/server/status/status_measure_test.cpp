// With "[measure]": what a hundred thousand chips cost. Prints; asserts what lists are held to.
#include <iostream>

#include "tests/server/status/kept_chips.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

constexpr std::uint64_t kChips = 100'000;

/// Milliseconds that it takes; the longest of several times.
template <class Work>
double measured(const char* what, int times, Work work) {
  double longest = 0;
  for (int i = 0; i < times; ++i) {
    const auto from = std::chrono::steady_clock::now();
    work();
    longest = std::max(
        longest, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - from).count());
  }
  std::cout << what << ": " << longest << " ms\n";
  return longest;
}

TEST_CASE("status measure: lists, counts and time with 100,000 chips", "[.][measure]") {
  KeptChips chips;
  {
    const auto db = raw(chips.folder);
    REQUIRE(db->execute("BEGIN"));
    for (std::uint64_t chip = 1; chip <= kChips; ++chip) {
      auto row = db->query(
          "INSERT INTO chips (chip, serial, maker, model, licence, reach, certificate) VALUES (?, 'SN', 'm', 'x', "
          "'L', 'knock', x'')");
      // Ids as random as those of makers.
      ChipId one = id<ChipId>(chip * 0x9E3779B97F4A7C15U);
      REQUIRE(row.bind(one).run());
    }
    REQUIRE(db->execute("COMMIT"));
  }
  Store& store = *chips.store;
  const auto portion = [&](auto work) {
    REQUIRE(store.begin_batch());
    const auto done = work();
    REQUIRE(store.commit_batch());
    return done.more;
  };
  double longest = 0;
  for (bool more = true; more;) {
    const auto from = std::chrono::steady_clock::now();
    more = portion([&] { return chips.keeper.begin_stories(store, h(0), 500).value(); });
    longest = std::max(
        longest, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - from).count());
  }
  std::cout << "longest portion of 500 that begin: " << longest << " ms\n";
  longest = 0;
  for (bool more = true; more;) {
    const auto from = std::chrono::steady_clock::now();
    more = portion([&] { return chips.keeper.tell_on(store, h(100), 500).value(); });
    longest = std::max(
        longest, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - from).count());
  }
  std::cout << "longest portion of 500 that are told on: " << longest << " ms\n";
  const auto reader = open_sqlite_reader(chips.folder.options()).value();
  auto& statuses = reader->statuses();
  const auto list = [&](const StatusQuery& query) { REQUIRE(statuses.list_statuses(query)); };
  CHECK(measured("first page of 1,000", 5, [&] { list({.limit = 1'000}); }) < 100);
  CHECK(measured("page of 1,000 from the middle", 5, [&] {
          StatusQuery query;
          query.limit = 1'000;
          query.after = ChipId{};
          query.after->bytes[0] = 0x80;
          list(query);
        }) < 100);
  CHECK(measured("a state that no chip has", 5, [&] { list({.states = {5}, .limit = 1'000}); }) < 100);
  CHECK(measured("page whose filter looks at all and finds none", 5,
                 [&] { list({.wanted = [](const ChipId&) { return false; }, .limit = 1'000}); }) < 100);
  CHECK(measured("page with a total", 5, [&] { list({.limit = 1'000, .count = true}); }) < 100);
  CHECK(measured("page of 500 changes", 5, [&] { REQUIRE(statuses.list_changes({.limit = 500})); }) < 100);
  CHECK(measured("page of changes since a time", 5,
                 [&] { REQUIRE(statuses.list_changes({.since = h(90), .limit = 500})); }) < 100);
  CHECK(measured("chips by status", 5, [&] { REQUIRE(statuses.chips_by_status()); }) < 100);
  CHECK(measured("what is due", 5, [&] { REQUIRE(statuses.due(h(100), 500)); }) < 100);
  CHECK(measured("who has no status", 5, [&] { REQUIRE(statuses.without_status(std::nullopt, 500)); }) < 200);
  std::uint64_t number = 0;
  REQUIRE(store.begin_batch());
  measured("500 verdicts in one batch, with their status", 1, [&] {
    for (std::uint64_t chip = 1; chip <= 500; ++chip) {
      VerdictRecord verdict = judged_at(++number, 101, v1::VERIFIED);
      verdict.chip = id<ChipId>(chip * 0x9E3779B97F4A7C15U);
      REQUIRE(finish_round(store, verdict));
    }
  });
  REQUIRE(store.commit_batch());
  const Folder bare;
  const auto without = bare.open();
  REQUIRE(without->begin_batch());
  measured("500 verdicts in one batch, without", 1, [&] {
    for (std::uint64_t chip = 1; chip <= 500; ++chip) {
      VerdictRecord verdict = judged_at(++number, 101, v1::VERIFIED);
      verdict.chip = id<ChipId>(chip * 0x9E3779B97F4A7C15U);
      REQUIRE(finish_round(*without, verdict));
    }
  });
  REQUIRE(without->commit_batch());
}

}  // namespace
}  // namespace chiploc::test
