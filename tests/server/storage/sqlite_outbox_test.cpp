// What is due is found over an index, also behind streams that wait; what a damaged row says harms nobody.
#include <sqlite3.h>

#include "server/storage/sqlite/database.hpp"
#include "tests/server/storage/old_database.hpp"
#include "tests/server/storage/outbox_fixture.hpp"

namespace chiploc::test {

TEST_CASE("outbox: every question of a turn runs over an index", "[storage]") {
  const Folder folder;
  (void)folder.open();
  const auto db = raw(folder);
  for (
      const char* sql :
      {"SELECT n.event FROM notice_deliveries d JOIN notices n USING (notice_no) WHERE d.sink = 's' AND d.due_unix_ns <= 7 ORDER BY "
       "d.due_unix_ns, d.delivery_no LIMIT 4",
       "SELECT min(due_unix_ns) FROM notice_deliveries WHERE sink = 's' AND due_unix_ns IS NOT NULL",
       "SELECT min(delivery_no) FROM notice_deliveries WHERE sink = 's' AND stream = 'c' AND state = 0",
       "SELECT 1 FROM notice_deliveries WHERE sink = 's' AND stream = 'c' AND state = 0",
       "SELECT n.event FROM notice_deliveries d JOIN notices n USING (notice_no) WHERE d.state = 2 AND d.delivery_no > 7 ORDER BY "
       "d.delivery_no LIMIT 9",
       "SELECT text FROM delivery_log WHERE entry_no < 7 AND notice = x'01' ORDER BY entry_no DESC LIMIT 9",
       "SELECT text FROM delivery_log WHERE entry_no < 7 AND sink = 's' ORDER BY entry_no DESC LIMIT 9",
       "SELECT 1 FROM notice_deliveries d WHERE d.notice_no = 7 AND d.state <> 1"}) {
    auto plan = db->query(std::string{"EXPLAIN QUERY PLAN "} + sql);
    std::string steps;
    while (plan.next()) steps += plan.text(3) + "\n";
    CAPTURE(sql, steps);
    CHECK(steps.find("SEARCH") != std::string::npos);
    CHECK(steps.find("SCAN") == std::string::npos);
    CHECK(steps.find("TEMP B-TREE") == std::string::npos);
  }
}

TEST_CASE("outbox: numbers that no version has written are read as such", "[storage]") {
  const Folder folder;
  {
    const auto store = folder.open();
    add_notice(*store, 1, "case/A");
  }
  REQUIRE(raw(folder)->execute("UPDATE notices SET kind = 200; UPDATE notice_deliveries SET attempts = -1"));
  const auto store = folder.open();
  const auto due = store->outbox().due("siem", at(10), 10);
  REQUIRE(due);
  CHECK(name_of(due->front().notice.kind).empty());
}

}  // namespace chiploc::test
