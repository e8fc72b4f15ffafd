// Stories that are told from verdicts which were stored before anybody kept statuses.
#include "server/status/status_keeper.hpp"
#include "server/storage/sqlite/migrate.hpp"
#include "tests/server/status/kept_chips.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

TEST_CASE("status keeper: an upgraded store has the states that it would have had", "[status]") {
  const std::vector<std::pair<double, v1::VerdictState>> rounds{
      {0, v1::VERIFIED},  {6, v1::OUTSIDE},   {12, v1::SILENT}, {18, v1::OUTSIDE},
      {40, v1::VERIFIED}, {41, v1::VERIFIED}, {90, v1::INVALID}};
  KeptChips live;
  for (const auto& [hour, state] : rounds) live.round(hour, state);
  live.until(200);

  const Folder folder;
  const auto store = folder.open();  // nobody watches it yet
  std::uint64_t number = 0;
  for (const auto& [hour, state] : rounds) REQUIRE(finish_round(*store, judged_at(++number, hour, state)));
  register_chip(folder, 1);
  StatusKeeper keeper{{}};
  std::vector<bool> before;
  keeper.add_step([&](Store&, const StatusTold& told) -> Stored<Done> {
    before.push_back(told.from_before);
    return Done{};
  });
  REQUIRE(keeper.watch(*store));
  const auto begun = keeper.begin_stories(*store, h(200), 10).value();
  CHECK(begun.chips == 1);
  // The live one was told up to its last change, this one to now: both as they are now.
  const auto now_of = [](Store& of) {
    return StatusKeeper{{}}.story_at(of.statuses(), id<ChipId>(1), h(200)).value();
  };
  CHECK(now_of(*store) == now_of(*live.store));
  CHECK(told(*store) == told(*live.store));
  CHECK(told(*store) == "0 compliant, 18 drifted, 41 compliant, 65 pending, 137 unproven, 162 overdue");
  CHECK(before == std::vector<bool>{true});  // of all at once, and nobody has to hear of it
  CHECK(store->statuses().status(id<ChipId>(1)).value()->due ==
        live.store->statuses().status(id<ChipId>(1)).value()->due);
}

TEST_CASE("status keeper: a verdict that comes before the stories were begun tells those before it too",
          "[status]") {
  const Folder folder;
  const auto store = folder.open();
  REQUIRE(finish_round(*store, judged_at(1, 0, v1::VERIFIED)));
  REQUIRE(finish_round(*store, judged_at(2, 1, v1::OUTSIDE)));
  StatusKeeper keeper{{}};
  std::vector<std::string> heard;
  keeper.add_step([&](Store&, const StatusTold& told) -> Stored<Done> {
    heard.push_back((told.from_before ? "before: " : "now: ") + std::string{name_of(told.changes.back().to)});
    return Done{};
  });
  REQUIRE(keeper.watch(*store));
  REQUIRE(finish_round(*store, judged_at(3, 2, v1::OUTSIDE)));
  CHECK(told(*store) == "0 compliant, 2 drifted");
  CHECK(heard == std::vector<std::string>{"before: compliant", "now: drifted"});
}

TEST_CASE("status keeper: verdicts of a clock that ran ahead count as of today", "[status]") {
  const Folder folder;
  const auto store = folder.open();
  REQUIRE(finish_round(*store, judged_at(1, 0, v1::OUTSIDE)));
  REQUIRE(finish_round(*store, judged_at(2, 9'000, v1::VERIFIED)));  // a year ahead
  register_chip(folder, 1);
  StatusKeeper keeper{{}};
  REQUIRE(keeper.begin_stories(*store, h(10), 10));
  CHECK(story_of(*store).told == h(10));
  CHECK(told(*store) == "10 compliant");
  REQUIRE(keeper.tell_on(*store, h(40), 10));
  CHECK(told(*store) == "10 compliant, 34 pending");
}

TEST_CASE("status keeper: folding is bounded by verdicts as well as by chips", "[status]") {
  const Folder folder;
  const auto store = folder.open();
  REQUIRE(store->begin_batch());
  std::uint64_t number = 0;
  for (std::uint64_t i = 0; i < StatusKeeper::kFoldMost + 1; ++i)
    REQUIRE(finish_round(*store, judged_at(++number, static_cast<double>(i), v1::VERIFIED, 1)));
  REQUIRE(store->commit_batch());
  for (std::uint64_t chip = 1; chip <= 3; ++chip) register_chip(folder, chip);
  StatusKeeper keeper{{}};
  const auto first = keeper.begin_stories(*store, h(10'000), 10).value();
  CHECK(first.chips == 1);
  CHECK(first.more);
  const auto second = keeper.begin_stories(*store, h(10'000), 10).value();
  CHECK(second.chips == 2);
  CHECK_FALSE(second.more);
}

TEST_CASE("status keeper: the database of a lab's rounds of before schema 6 has its true states",
          "[status]") {
  const Folder folder;
  write_schema5(folder.options().path);
  REQUIRE(migrate_sqlite(folder.options()));
  const auto store = folder.open();
  StatusKeeper keeper{{}};
  REQUIRE(keeper.watch(*store));
  const auto newest = store->verdicts().list_verdicts({}).value().rows;
  REQUIRE(newest.size() == 8);
  const WallTime now = newest.front().decided + std::chrono::minutes{1};
  const auto begun = keeper.begin_stories(*store, now, 100).value();
  CHECK(begun.chips == 4);
  CHECK(store->statuses().without_status(std::nullopt, 10)->empty());
  // Each chip had two verdicts of one state: OUTSIDE, INVALID (by a signature that anybody can make), VERIFIED, SILENT.
  std::map<std::uint32_t, std::string> by_verdict;
  const auto briefs = store->verdicts().standing_briefs({}, std::nullopt, 10).value();
  for (const StandingBrief& brief : briefs) {
    const auto status = store->statuses().status(brief.chip).value().value();
    by_verdict[brief.state] = std::string{name_of(static_cast<ChipState>(status.state))};
    CHECK(parse_story(status.story));
  }
  std::string states;
  for (const auto& [verdict, status] : by_verdict) states += std::to_string(verdict) + " " + status + ", ";
  CHECK(states == "1 compliant, 4 drifted, 6 pending, 7 pending, ");
}

}  // namespace
}  // namespace chiploc::test
