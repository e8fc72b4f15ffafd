#include <sqlite3.h>

#include "server/storage/sqlite/open.hpp"
#include "tests/server/storage/fixture.hpp"

namespace chiploc::test {
namespace {

std::unique_ptr<Database> raw(const Folder& folder) {
  auto db = Database::open(folder.options().path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 100);
  REQUIRE(db);
  return std::move(*db);
}

}  // namespace

TEST_CASE("migrations: numbered from 1 without a gap", "[storage]") {
  std::uint32_t expected = 1;
  REQUIRE_FALSE(migrations().empty());
  for (const Migration& step : migrations()) {
    CHECK(step.version == expected++);
    CHECK(std::string_view{step.name}.size() > 5);
  }
}

TEST_CASE("migrations: a database of the first schema comes up to the newest and keeps its rows",
          "[storage]") {
  const Folder folder;
  const auto db = raw(folder);
  REQUIRE(migrate(*db, migrations().first(1)));
  REQUIRE(db->execute("INSERT INTO makers (name, ca_pem) VALUES ('Acme', 'pem')"));
  std::vector<Migration> longer{migrations().begin(), migrations().end()};
  const auto next = longer.back().version + 1;
  longer.push_back({next, "0002_test", "ALTER TABLE makers ADD COLUMN note TEXT NOT NULL DEFAULT 'none';"});
  REQUIRE(migrate(*db, longer));
  CHECK(*db->integer("PRAGMA user_version") == next);
  CHECK(*db->integer("SELECT count(*) FROM makers WHERE note = 'none'") == 1);
  REQUIRE(migrate(*db, longer));  // nothing left to do
  CHECK(migrate(*db, migrations()).error().code == StoreFaultCode::kNewerSchema);
}

TEST_CASE("migrations: what a fast clock had masked comes to the front", "[storage]") {
  const Folder folder;
  const auto db = raw(folder);
  REQUIRE(migrate(*db, migrations().first(3)));
  REQUIRE(db->execute(
      "INSERT INTO rounds (round_no, round, chip, requested_by, intent_unix_ns, device_certificate, "
      "coordinator_public) VALUES "
      "(1, x'00000000000000000000000000000001', x'000000000000000000000000000000AA', '', 1, x'', x''),"
      "(2, x'00000000000000000000000000000002', x'000000000000000000000000000000AA', '', 1, x'', x'');"
      "INSERT INTO verdicts (verdict_no, verdict, round_no, round, chip, state, decided_unix_ns, "
      "expires_unix_ns, summary, bytes) VALUES "
      "(1, x'00000000000000000000000000000001', 1, x'01', x'000000000000000000000000000000AA', 1, 900, 1, "
      "x'', x''),"
      "(2, x'00000000000000000000000000000002', 2, x'02', x'000000000000000000000000000000AA', 5, 100, 1, "
      "x'', x'');"
      "INSERT INTO standings (chip, rounds, latest, latest_state, latest_unix_ns) VALUES "
      "(x'000000000000000000000000000000AA', 2, 1, 1, 900), (x'000000000000000000000000000000BB', 1, NULL, "
      "NULL, NULL);"));
  REQUIRE(migrate(*db, migrations()));
  CHECK(*db->integer("SELECT latest FROM standings WHERE latest_state = 5") == 2);
  CHECK(*db->integer("SELECT latest_unix_ns FROM standings WHERE latest = 2") == 100);
  CHECK(*db->integer("SELECT count(*) FROM standings WHERE latest IS NULL") == 1);
}

TEST_CASE("migrations: a step that fails leaves the schema before it", "[storage]") {
  const Folder folder;
  const auto db = raw(folder);
  std::vector<Migration> broken{migrations().begin(), migrations().end()};
  broken.push_back(
      {broken.back().version + 1, "0002_broken", "CREATE TABLE half (x); INSERT INTO nowhere VALUES (1);"});
  const auto done = migrate(*db, broken);
  REQUIRE_FALSE(done);
  CHECK_THAT(done.error().text, Catch::Contains("0002_broken"));
  CHECK(*db->integer("PRAGMA user_version") == migrations().back().version);
  CHECK(*db->integer("SELECT count(*) FROM sqlite_schema WHERE name = 'half'") == 0);
}

}  // namespace chiploc::test
