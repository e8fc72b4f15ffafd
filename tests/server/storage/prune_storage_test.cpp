#include <sqlite3.h>

#include "server/storage/sqlite/database.hpp"
#include "tests/server/storage/fixture.hpp"

namespace chiploc::test {
namespace {

void add_window(Store& store, std::uint64_t number, std::int64_t received, std::int64_t window_end,
                std::size_t pairs = 10) {
  MeshRecord mesh{{id<AnchorId>(11), number}, at(window_end), {}, blob(std::string(600, 'm')), at(received)};
  for (std::uint64_t peer = 1; peer <= pairs; ++peer)
    mesh.pairs.push_back({id<AnchorId>(peer), 10, 9, Nanoseconds{7}, Nanoseconds{7}, StampSource::kUserBoth});
  REQUIRE(store.mesh().append_mesh(mesh));
}
void add_knock(Store& store, std::uint64_t chip, std::int64_t received, std::uint64_t boot) {
  static std::uint64_t spool = 0;
  REQUIRE(
      store.mesh().append_knock({id<ChipId>(chip), id<AnchorId>(11), at(received),
                                 blob(std::to_string(chip) + "/" + std::to_string(boot)), at(received), boot},
                                ++spool));
}
/// Steps until nothing is left to do; the most rows that one of them touched.
struct Swept {
  Pruned all;
  std::size_t steps = 0, rows_most = 0;
};
Swept sweep(Store& store, PruneOrder order) {
  Swept out;
  for (;;) {
    const auto step = store.mesh().prune_some(order);
    REQUIRE(step);
    ++out.steps;
    out.all.mesh_windows += step->mesh_windows;
    out.all.mesh_pairs += step->mesh_pairs;
    out.all.knocks += step->knocks;
    out.all.knocks_kept += step->knocks_kept;
    out.rows_most = std::max<std::size_t>(
        out.rows_most, step->mesh_windows + step->mesh_pairs + step->knocks + step->knocks_kept);
    order.knocks_seen = step->knocks_seen;
    if (!step->more) return out;
    REQUIRE(out.steps < 1'000);
  }
}
PruneOrder before(std::int64_t seconds) { return {.mesh_before = at(seconds), .knocks_before = at(seconds)}; }

}  // namespace

TEST_CASE("pruning: goes in steps that hold nobody up, and leaves what is not old", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  for (std::uint64_t i = 1; i <= 100; ++i)
    add_window(*store, i, static_cast<std::int64_t>(i), static_cast<std::int64_t>(i));
  for (std::uint64_t i = 1; i <= 100; ++i) add_knock(*store, i, static_cast<std::int64_t>(i), 5);
  PruneOrder order = before(91);
  order.rows = 55;
  const Swept swept = sweep(*store, order);
  CHECK(swept.all.mesh_windows == 90);
  CHECK(swept.all.mesh_pairs == 900);
  CHECK(swept.all.knocks == 90);
  CHECK(swept.rows_most <= 55 + 11);
  CHECK(swept.steps >= (90 * 11 + 90) / 66);
  CHECK(store->mesh().mesh_pairs(at(0), 10'000)->size() == 100);
  CHECK(sweep(*store, order).all.mesh_windows == 0);
}

TEST_CASE("pruning: goes by when a message came, whatever its anchor says of the time", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  add_window(*store, 1, 10, 6'000'000'000);  // ends in two hundred years
  add_window(*store, 2, 20, -1'000'000);
  add_window(*store, 3, 200, -1'000'000);
  CHECK(sweep(*store, before(100)).all.mesh_windows == 2);
  CHECK(store->mesh().mesh_pairs(at(-2'000'000), 100)->size() == 10);
  PruneOrder crowded = before(0);
  crowded.mesh_windows_max = 5;
  for (std::uint64_t i = 4; i <= 20; ++i) add_window(*store, i, 300, 300);
  CHECK(sweep(*store, crowded).all.mesh_windows == 13);  // of 18, none of them old
  CHECK(store->mesh().mesh_pairs(at(-2'000'000), 1'000)->size() == 50);
}

TEST_CASE("pruning: knocks of one chip with two boot ids stay, until there are too many knocks",
          "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  for (int i = 0; i < 5; ++i) add_knock(*store, 1, 100 + i, 5);
  add_knock(*store, 2, 100, 5);
  add_knock(*store, 2, 3'000, 6);  // a clone, or a restart
  add_knock(*store, 3, 100, 5);
  add_knock(*store, 3, 3'800, 6);  // more than an hour later: a restart
  const Swept swept = sweep(*store, before(10'000));
  CHECK(swept.all.knocks == 7);
  CHECK(swept.all.knocks_kept == 2);
  REQUIRE(store->rounds().log_intent(intent(1, 2, 1'000)));
  CHECK(store->rounds().evidence(id<RoundId>(1)).value()->knocks.size() == 2);
  PruneOrder again = before(10'000);
  again.knocks_seen = 7;  // known from the step before: not looked at again
  CHECK(sweep(*store, again).all.knocks_kept == 0);
  for (int i = 0; i < 20; ++i) add_knock(*store, 4, 20'000, 5);
  again.knocks_max = 15;
  CHECK(sweep(*store, again).all.knocks == 2 + 5);  // the clone's as well: a bound is a bound
}

TEST_CASE("pruning: what comes next uses the pages again, and the file stays as large as it was",
          "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  auto db = Database::open(folder.options().path, SQLITE_OPEN_READWRITE, 100);
  REQUIRE(db);
  std::vector<std::int64_t> pages;
  for (std::uint64_t day = 0; day < 6; ++day) {
    REQUIRE(store->begin_batch());
    for (std::uint64_t i = 1; i <= 200; ++i)
      add_window(*store, day * 200 + i, static_cast<std::int64_t>(day), static_cast<std::int64_t>(day), 64);
    REQUIRE(store->commit_batch());
    (void)sweep(*store, before(static_cast<std::int64_t>(day)));
    pages.push_back(*(*db)->integer("PRAGMA page_count"));
  }
  CHECK(pages.back() <= pages[1] + pages[1] / 20);
}

TEST_CASE("pruning: every step finds its rows by a key", "[storage]") {
  const Folder folder;
  (void)folder.open();
  auto db = Database::open(folder.options().path, SQLITE_OPEN_READWRITE, 100);
  REQUIRE(db);
  for (const char* sql :
       {"DELETE FROM mesh_pairs WHERE mesh_no = 1", "DELETE FROM mesh WHERE mesh_no = 1",
        "DELETE FROM knocks WHERE knock_no = 1", "SELECT max(mesh_no) FROM mesh",
        "SELECT min(knock_no) FROM knocks",
        "SELECT chip FROM knocks WHERE knock_no > 1 ORDER BY knock_no LIMIT 1",
        "SELECT boot_id FROM knocks WHERE chip = x'01' AND seen_unix_ns BETWEEN 1 AND 2 LIMIT 256"}) {
    auto plan = (*db)->query(std::string{"EXPLAIN QUERY PLAN "} + sql);
    std::string steps;
    while (plan.next()) steps += plan.text(3) + "\n";
    CAPTURE(sql, steps);
    CHECK(steps.find("SEARCH") == 0);
    CHECK(steps.find("TEMP B-TREE") == std::string::npos);
  }
}

}  // namespace chiploc::test
