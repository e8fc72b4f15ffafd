// The step to schema 18 adds what goes into the evidence log, which nobody shortens or rewrites.
#include "server/storage/sqlite/migrate.hpp"
#include "tests/server/storage/old_database.hpp"

namespace chiploc::test {

TEST_CASE("schema 18: every value of a database of before is there after apply", "[storage]") {
  const Folder folder;
  write_schema5(folder.options().path);
  {
    const auto db = raw(folder);
    REQUIRE(migrate(*db, migrations().first(17)));
  }
  check_migration_keeps_all(folder);
  const auto store = folder.open();
  CHECK(store->leaves().leaf_count().value() == 0);
  // What was there before is not in the log, and the log says from where on it is.
  REQUIRE(store->leaves().begin_log({}, at(9)));
  const auto begun = store->leaves().leaves_from(0, 9);
  REQUIRE(begun);
  REQUIRE(begun->size() == 1);
  const auto rounds = raw(folder)->integer("SELECT max(round_no) FROM rounds");
  CHECK(std::get<LogBegin>(begun->front().what).next_round == static_cast<std::uint64_t>(*rounds) + 1);
}

TEST_CASE("schema 18: an entry of the log is neither taken away nor rewritten, and a log begins once",
          "[storage]") {
  const Folder folder;
  REQUIRE(folder.open()->leaves().begin_log({}, at(9)));
  const auto db = raw(folder);
  CHECK_FALSE(db->execute("DELETE FROM leaves"));
  CHECK_FALSE(db->execute("UPDATE leaves SET row_no = 7"));
  CHECK_FALSE(db->execute("DELETE FROM leaf_log"));
  CHECK_FALSE(db->execute("UPDATE leaf_log SET at_unix_ns = 7"));
  CHECK(db->integer("SELECT count(*) FROM leaves").value() == 1);
}

TEST_CASE("schema 18: entries are found by their keys", "[storage]") {
  const Folder folder;
  (void)folder.open();
  const auto db = raw(folder);
  for (const char* sql :
       {"SELECT leaf_no, kind, row_no, number FROM leaves WHERE leaf_no > 7 ORDER BY leaf_no LIMIT 5",
        "SELECT leaf_no FROM leaves WHERE row_no = 1 AND kind = 2 AND number = 0"}) {
    auto plan = db->query(std::string{"EXPLAIN QUERY PLAN "} + sql);
    std::string steps;
    while (plan.next()) steps += plan.text(3) + "\n";
    CAPTURE(sql, steps);
    CHECK(steps.find("SEARCH") == 0);
    CHECK(steps.find("TEMP B-TREE") == std::string::npos);
  }
}

}  // namespace chiploc::test
