// The step to schema 16 adds events; what was there before has none.
#include "server/storage/sqlite/migrate.hpp"
#include "tests/server/storage/old_database.hpp"

namespace chiploc::test {

TEST_CASE("schema 16: every value of a database of before is there after apply", "[storage]") {
  const Folder folder;
  write_schema5(folder.options().path);
  {
    const auto db = raw(folder);
    REQUIRE(migrate(*db, migrations().first(15)));
  }
  check_migration_keeps_all(folder);
  const auto store = folder.open();
  CHECK(store->events().events_kept()->newest == 0);
  CHECK(store->events().events_after(0, 10)->empty());
}

TEST_CASE("schema 16: events and what they tell of are found by their keys", "[storage]") {
  const Folder folder;
  (void)folder.open();
  const auto db = raw(folder);
  for (
      const char* sql :
      {"SELECT event_no FROM events ORDER BY event_no LIMIT 1",
       "SELECT event_no FROM events ORDER BY event_no DESC LIMIT 1",
       "SELECT kind FROM events WHERE event_no > 7 ORDER BY event_no LIMIT 5",
       "DELETE FROM events WHERE event_no <= 7", "SELECT max(event_no) FROM events",
       "SELECT e.text FROM case_entries e JOIN cases c USING (case_no) WHERE e.case_no = 1 AND e.number = 2"}) {
    auto plan = db->query(std::string{"EXPLAIN QUERY PLAN "} + sql);
    std::string steps;
    while (plan.next()) steps += plan.text(3) + "\n";
    CAPTURE(sql, steps);
    // Of the ends of the table the first row that is come by is the answer.
    CHECK((steps.find("SEARCH") == 0 || std::string_view{sql}.find("LIMIT 1") != std::string_view::npos));
    CHECK(steps.find("TEMP B-TREE") == std::string::npos);
  }
}

}  // namespace chiploc::test
