// The step to schema 13 keeps the outbox as it was; its lists run over indexes.
#include "server/storage/sqlite/migrate.hpp"
#include "tests/server/storage/old_database.hpp"
#include "tests/server/storage/outbox_fixture.hpp"

namespace chiploc::test {

TEST_CASE("schema 13: every value of a database of schema 11 is there after apply, and nothing is muted",
          "[storage]") {
  const Folder folder;
  write_schema5(folder.options().path);
  {
    const auto db = raw(folder);
    REQUIRE(migrate(*db, migrations().first(11)));
    REQUIRE(db->execute(
        "INSERT INTO notices (notice, kind, stream, at_unix_ns, event) VALUES "
        "(x'00000000000000000000000000000001', 1, 'case/A', 5, '{}');"
        "INSERT INTO notice_deliveries (notice_no, sink, stream, queued_unix_ns, due_unix_ns) VALUES "
        "(1, 'siem', 'case/A', 5, 5);"
        "INSERT INTO delivery_log (at_unix_ns, delivery_no, notice, sink, attempt, ending, status, took_ns, state, text) "
        "VALUES (6, 1, x'00000000000000000000000000000001', 'siem', 1, 0, 503, 7, 0, 'no')"));
  }
  check_migration_keeps_all(folder);
  const auto store = folder.open();
  CHECK(store->outbox().mutes({})->empty());
  const auto log = store->outbox().delivery_log({}).value();
  REQUIRE(log.size() == 1);
  CHECK(log[0].now == DeliveryState::kWaiting);
  CHECK(due_numbers(*store, at(0)).size() == 1);
  // And goes on from there.
  CHECK(store->outbox().append_muted(outbox_notice(2, "case/A"), {"siem"}, {1, "muted"}, at(0)).value() ==
        Appended::kNew);
}

TEST_CASE("schema 13: what is muted, in force or newest runs over an index", "[storage]") {
  const Folder folder;
  (void)folder.open();
  const auto db = raw(folder);
  for (
      const char* sql :
      {"SELECT text FROM delivery_log l WHERE l.entry_no < 7 AND l.state = 3 ORDER BY l.entry_no DESC LIMIT 9",
       "SELECT rule FROM mutes WHERE ends_unix_ns > 7",
       "SELECT 1 FROM notices m WHERE m.stream = 'case/A' AND m.notice_no > 7",
       "SELECT count(*) FROM status_changes WHERE chip = x'01'"}) {
    auto plan = db->query(std::string{"EXPLAIN QUERY PLAN "} + sql);
    std::string steps;
    while (plan.next()) steps += plan.text(3) + "\n";
    CAPTURE(sql, steps);
    CHECK(steps.find("SEARCH") != std::string::npos);
    CHECK(steps.find("SCAN") == std::string::npos);
    CHECK(steps.find("TEMP B-TREE") == std::string::npos);
  }
}

}  // namespace chiploc::test
