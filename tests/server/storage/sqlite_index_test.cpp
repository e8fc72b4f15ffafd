// Lists find their rows over an index.
#include <sqlite3.h>

#include "server/storage/sqlite/database.hpp"
#include "tests/server/storage/fixture.hpp"

namespace chiploc::test {

TEST_CASE("verdicts: every list runs over an index, and so does the latest of a chip", "[storage]") {
  const Folder folder;
  (void)folder.open();
  auto db = Database::open(folder.options().path, SQLITE_OPEN_READWRITE, 100);
  REQUIRE(db);
  for (
      const char* sql :
      {"SELECT verdict FROM verdicts WHERE chip = x'01' ORDER BY round_no DESC LIMIT 1",
       "SELECT verdict FROM verdicts WHERE 1 ORDER BY round_no DESC LIMIT 10",
       "SELECT verdict FROM verdicts WHERE state IN (3) ORDER BY round_no DESC LIMIT 10",
       "SELECT verdict FROM verdicts WHERE chip = x'01' AND round_no < (SELECT round_no FROM verdicts WHERE "
       "verdict = x'02') ORDER BY round_no DESC LIMIT 10",
       "SELECT verdict FROM verdicts WHERE 1 AND round_no IN (SELECT round_no FROM verdicts WHERE 1 AND chip "
       "IN (x'01',x'02')) ORDER BY round_no DESC",
       "SELECT min(round_no) FROM verdicts WHERE decided_unix_ns >= 7",
       "SELECT verdict FROM verdicts WHERE 1 AND round_no >= 7 ORDER BY round_no DESC"}) {
    auto plan = (*db)->query(std::string{"EXPLAIN QUERY PLAN "} + sql);
    std::string steps;
    while (plan.next()) steps += plan.text(3) + "\n";
    CAPTURE(sql, steps);
    CHECK(steps.find("USING") != std::string::npos);
    CHECK(steps.find("TEMP B-TREE") == std::string::npos);
    const bool scans = steps.find("SCAN verdicts\n") != std::string::npos;
    CHECK_FALSE(scans);
  }
}

}  // namespace chiploc::test
