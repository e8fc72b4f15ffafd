// The step to schema 17 adds tokens of enrolment, whose story nobody shortens or rewrites.
#include "server/storage/sqlite/migrate.hpp"
#include "tests/server/storage/old_database.hpp"

namespace chiploc::test {

TEST_CASE("schema 17: every value of a database of before is there after apply", "[storage]") {
  const Folder folder;
  write_schema5(folder.options().path);
  {
    const auto db = raw(folder);
    REQUIRE(migrate(*db, migrations().first(16)));
  }
  check_migration_keeps_all(folder);
  const auto store = folder.open();
  CHECK(store->enrolments().enrolments({})->empty());
}

TEST_CASE("schema 17: an enrolment is neither taken away nor rewritten, and ends once", "[storage]") {
  const Folder folder;
  {
    const auto store = folder.open();
    Enrolment one;
    one.kind = "anchor";
    one.name = "fra1";
    one.by = "alice";
    one.at = at(1);
    one.until = at(100);
    REQUIRE(store->enrolments().make_enrolment(one, 9));
    REQUIRE(store->enrolments().revoke_enrolment(1, "alice", at(2)));
  }
  const auto db = raw(folder);
  CHECK_FALSE(db->execute("DELETE FROM enrolments"));
  CHECK_FALSE(db->execute("DELETE FROM enrolment_steps"));
  CHECK_FALSE(db->execute("UPDATE enrolment_steps SET who = 'bob'"));
  CHECK_FALSE(db->execute("UPDATE enrolments SET name = 'ams1'"));
  CHECK_FALSE(db->execute("UPDATE enrolments SET until_unix_ns = 9999999999999999"));
  CHECK_FALSE(db->execute("UPDATE enrolments SET state = 0, revoked_unix_ns = NULL"));
  CHECK(db->integer("SELECT count(*) FROM enrolment_steps").value() == 2);
}

}  // namespace chiploc::test
