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

TEST_CASE("statuses: every list and count runs over an index", "[storage]") {
  const Folder folder;
  (void)folder.open();
  auto db = Database::open(folder.options().path, SQLITE_OPEN_READWRITE, 100);
  REQUIRE(db);
  // What is asked, and the index that answers it.
  for (
      const auto& [sql, index] : std::vector<std::pair<std::string, std::string>>{
          {"SELECT chip, since_unix_ns, due_unix_ns FROM chip_status WHERE state = 3 AND chip > x'' ORDER BY chip",
           "COVERING INDEX chip_status_by_state"},
          {"SELECT state, count(*) FROM chip_status GROUP BY state", "COVERING INDEX chip_status_by_state"},
          {"SELECT state, chip FROM chip_status ORDER BY state, chip", "COVERING INDEX chip_status_by_state"},
          {"SELECT story FROM chip_status WHERE due_unix_ns <= 7 ORDER BY due_unix_ns LIMIT 5",
           "INDEX chip_status_by_due"},
          {"SELECT why FROM status_changes WHERE change_no >= 1 AND change_no < 9 ORDER BY change_no DESC",
           "INTEGER PRIMARY KEY"},
          {"SELECT why FROM status_changes WHERE change_no >= 1 AND change_no < 9 AND chip = x'01' ORDER BY "
           "change_no DESC",
           "INDEX status_changes_by_chip"},
          {"SELECT why FROM status_changes WHERE change_no >= 1 AND change_no < 9 AND to_state = 3 ORDER BY "
           "change_no DESC",
           "INDEX status_changes_by_state"},
          {"SELECT min(+change_no) FROM status_changes WHERE at_unix_ns >= 7",
           "COVERING INDEX status_changes_by_time"},
          {"SELECT reason FROM absences WHERE chip = x'01' ORDER BY absence_no DESC LIMIT 5",
           "INDEX absences_by_chip"}}) {
    auto plan = (*db)->query("EXPLAIN QUERY PLAN " + sql);
    std::string steps;
    while (plan.next()) steps += plan.text(3) + "\n";
    CAPTURE(sql, steps);
    CHECK(steps.find("USING " + index) != std::string::npos);
    CHECK(steps.find("TEMP B-TREE") == std::string::npos);
  }
}

}  // namespace chiploc::test
