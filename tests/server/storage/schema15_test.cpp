// The step to schema 15 adds the audit log, which nobody shortens or rewrites.
#include "server/storage/sqlite/migrate.hpp"
#include "tests/server/storage/old_database.hpp"

namespace chiploc::test {

TEST_CASE("schema 15: every value of a database of before is there after apply", "[storage]") {
  const Folder folder;
  write_schema5(folder.options().path);
  {
    const auto db = raw(folder);
    REQUIRE(migrate(*db, migrations().first(14)));
  }
  check_migration_keeps_all(folder);
  const auto store = folder.open();
  CHECK(store->audit().audit_entries({})->empty());
}

TEST_CASE("schema 15: entries are neither taken away nor changed, and one person's come out of an index",
          "[storage]") {
  const Folder folder;
  {
    const auto store = folder.open();
    AuditEntry entry;
    entry.by = "ann";
    entry.role = "auditor";
    entry.method = "m";
    REQUIRE(store->audit().note(entry));
  }
  const auto db = raw(folder);
  CHECK_FALSE(db->execute("DELETE FROM audit"));
  CHECK_FALSE(db->execute("UPDATE audit SET name = 'bob'"));
  CHECK(db->integer("SELECT count(*) FROM audit WHERE name = 'ann'").value() == 1);
  auto plan = db->query(
      "EXPLAIN QUERY PLAN SELECT * FROM audit WHERE entry_no < 9 AND name = 'ann' ORDER BY entry_no DESC LIMIT 5");
  std::string steps;
  while (plan.next()) steps += plan.text(3) + "\n";
  CAPTURE(steps);
  CHECK(steps.find("audit_by_name") != std::string::npos);
  CHECK(steps.find("TEMP B-TREE") == std::string::npos);
}

}  // namespace chiploc::test
