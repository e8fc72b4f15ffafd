// Pruning and the file: pages, and the way to each row.
#include <sqlite3.h>

#include "server/storage/sqlite/database.hpp"
#include "tests/server/storage/conformance/prune_fixture.hpp"

namespace chiploc::test {

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
