// A round's end that the database cuts in the middle.
#include <sqlite3.h>

#include "tests/server/storage/fixture.hpp"

namespace chiploc::test {

TEST_CASE("rounds: an end that fails at its last step leaves the round open and no verdict", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  // Another connection plants a trigger, so that the counters, written last, are refused.
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(folder.options().path.c_str(), &other) == SQLITE_OK);
  const auto run = [&](const char* sql) { return sqlite3_exec(other, sql, nullptr, nullptr, nullptr); };
  REQUIRE(run("CREATE TRIGGER refuse BEFORE INSERT ON counters BEGIN SELECT RAISE(ABORT, 'no'); END") ==
          SQLITE_OK);
  const bool batched = GENERATE(false, true);
  if (batched) REQUIRE(store->begin_batch());
  CHECK_FALSE(store->verdicts().finish_round(verdict(1, 1, 1, 1, 10), ChipCounters{1, 1, {}}));
  if (batched) REQUIRE(store->commit_batch());
  CHECK(store->rounds().open_rounds()->size() == 1);
  CHECK_FALSE(*store->verdicts().newest_verdict(id<ChipId>(1)));
  CHECK_FALSE(store->verdicts().standings(std::array{id<ChipId>(1)})->front().latest);
  REQUIRE(run("DROP TRIGGER refuse") == SQLITE_OK);
  sqlite3_close(other);
  CHECK(store->verdicts().finish_round(verdict(1, 1, 1, 1, 10), ChipCounters{1, 1, {}}));
}

}  // namespace chiploc::test
