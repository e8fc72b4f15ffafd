#include "server/storage/sqlite/migrate.hpp"
#include "tests/server/storage/counter_fixture.hpp"
#include "tests/server/storage/old_database.hpp"

namespace chiploc::test {
namespace {

/// Each step's name, for messages that fail.
std::vector<std::string> names_of(const std::vector<Migration>& steps) {
  std::vector<std::string> names;
  for (const Migration& step : steps) names.emplace_back(step.name);
  return names;
}
std::uint32_t newest() { return migrations().back().version; }

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
  CHECK(db->autocommit());
}

TEST_CASE("migrations: what a fast clock had masked comes to the front", "[storage]") {
  const Folder folder;
  const auto db = raw(folder);
  REQUIRE(migrate(*db, migrations().first(3)));
  REQUIRE(db->execute(R"sql(
    INSERT INTO rounds (round_no, round, chip, requested_by, intent_unix_ns, device_certificate,
                        coordinator_public) VALUES
      (1, x'00000000000000000000000000000001', x'000000000000000000000000000000AA', '', 1,
       x'', x''),
      (2, x'00000000000000000000000000000002', x'000000000000000000000000000000AA', '', 1, x'', x'');
    INSERT INTO verdicts (verdict_no, verdict, round_no, round, chip, state, decided_unix_ns, expires_unix_ns,
                          summary, bytes) VALUES
      (1, x'00000000000000000000000000000001', 1, x'01', x'000000000000000000000000000000AA', 1, 900, 1,
       x'', x''),
      (2, x'00000000000000000000000000000002', 2, x'02', x'000000000000000000000000000000AA', 5, 100, 1,
       x'', x'');
    INSERT INTO standings (chip, rounds, latest, latest_state, latest_unix_ns) VALUES
      (x'000000000000000000000000000000AA', 2, 1, 1, 900),
      (x'000000000000000000000000000000BB', 1, NULL, NULL, NULL);)sql"));
  REQUIRE(migrate(*db, migrations()));
  CHECK(*db->integer("SELECT latest FROM standings WHERE latest_state = 5") == 2);
  CHECK(*db->integer("SELECT latest_unix_ns FROM standings WHERE latest = 2") == 100);
  CHECK(*db->integer("SELECT count(*) FROM standings WHERE latest IS NULL") == 1);
}

TEST_CASE("migrations: a step that fails leaves the schema from before all of them", "[storage]") {
  const Folder folder;
  const auto db = raw(folder);
  REQUIRE(migrate(*db, migrations().first(2)));
  std::vector<Migration> broken{migrations().begin(), migrations().end()};
  broken.push_back(
      {broken.back().version + 1, "0002_broken", "CREATE TABLE half (x); INSERT INTO nowhere VALUES (1);"});
  const auto done = migrate(*db, broken);
  REQUIRE_FALSE(done);
  CHECK_THAT(done.error().text, Catch::Contains("0002_broken"));
  CHECK_THAT(done.error().text, Catch::Contains("as it was before"));
  CHECK(*db->integer("PRAGMA user_version") == 2);
  CHECK(*db->integer("SELECT count(*) FROM sqlite_schema WHERE name IN ('half', 'territories')") == 0);
  REQUIRE(migrate(*db, migrations()));
}

TEST_CASE("counters: those of a database from before they had keys stay in force for the key they were of",
          "[storage]") {
  const Chips chips;
  const Folder folder;
  const auto old_certificate = chips.certificate(chips.first);
  {
    const auto db = raw(folder);
    REQUIRE(migrate(*db, migrations().first(3)));
    auto round = db->query(
        "INSERT INTO rounds (round, chip, requested_by, intent_unix_ns, device_certificate, "
        "coordinator_public, state) VALUES (?, ?, 'ada', 1, ?, x'00', 2)");
    REQUIRE(round.bind(id<RoundId>(1)).bind(chip_id(1)).bind(old_certificate.der()).run());
    auto judged = db->query(
        "INSERT INTO verdicts (verdict, round_no, round, chip, state, decided_unix_ns, expires_unix_ns, "
        "summary, bytes) VALUES (?, 1, ?, ?, 1, 2, 3, x'', x'')");
    REQUIRE(judged.bind(id<VerdictId>(1)).bind(id<RoundId>(1)).bind(chip_id(1)).run());
    auto standing = db->query(
        "INSERT INTO standings (chip, rounds, boot_count, round_counter, boot_id) "
        "VALUES (?, 1, 3, 41, x'07')");
    REQUIRE(standing.bind(chip_id(1)).run());
  }
  REQUIRE(migrate_sqlite(folder.options()));
  const auto store = folder.open();
  const Digest first = Chips::digest(old_certificate);
  const auto kept = store->rounds().chip_counters(chip_id(1), first).value();
  REQUIRE(kept.last);
  CHECK(*kept.last == ChipCounters{3, 41, ByteVector{7}, first});
  CHECK_FALSE(
      store->rounds().chip_counters(chip_id(1), Chips::digest(chips.certificate(chips.second)))->last);
  // Newer ones of the key take their place; a restart forgets both.
  finish(*store, 2, {4, 50, {}, first});
  CHECK(store->rounds().chip_counters(chip_id(1), first)->last->round_counter == 50);
  REQUIRE(store->rounds().restart_counters({chip_id(1), first, at(9), "ada", "why"}));
  CHECK_FALSE(store->rounds().chip_counters(chip_id(1), first)->last);
}

TEST_CASE("migrate: an older database is refused by name, and changed by apply alone", "[storage]") {
  const Folder folder;
  const auto options = folder.options();
  write_schema5(options.path);
  const auto size = std::filesystem::file_size(options.path);
  for (const auto& refused : {open_sqlite_store(options).error(), open_sqlite_reader(options).error()}) {
    CHECK(refused.code == StoreFaultCode::kOlderSchema);
    CHECK(refused.text == options.path + ": has schema 5, this program needs " + std::to_string(newest()) +
                              "; back it up, then run 'chiplocd --config FILE migrate apply'");
  }
  CHECK(raw(folder)->integer("PRAGMA user_version").value() == 5);
  CHECK(std::filesystem::file_size(options.path) == size);

  for (int i = 0; i < 2; ++i) {
    const auto status = sqlite_schema(options);
    REQUIRE(status);
    REQUIRE(*status);
    CHECK((*status)->version == 5);
    CHECK((*status)->newest == newest());
    CHECK(names_of((*status)->missing).front() == "0006_round_contexts");
    CHECK((*status)->missing.size() == newest() - 5);
  }
  const auto applied = migrate_sqlite(options);
  INFO((applied ? "" : applied.error().text));
  REQUIRE(applied);
  CHECK((*applied)->version == 5);
  CHECK((*applied)->missing.size() == newest() - 5);
  CHECK(sqlite_schema(options).value()->missing.empty());
  CHECK(sqlite_schema(options).value()->version == newest());
  CHECK(migrate_sqlite(options).value()->missing.empty());
  CHECK(open_sqlite_store(options));
  CHECK(open_sqlite_reader(options));
}

TEST_CASE("migrate: where there is no database none is made", "[storage]") {
  const Folder folder;
  const bool blank = GENERATE(false, true);
  if (blank) (void)raw(folder);  // a file of no bytes
  CHECK_FALSE(sqlite_schema(folder.options()).value());
  CHECK_FALSE(migrate_sqlite(folder.options()).value());
  CHECK(std::filesystem::exists(folder.options().path) == blank);
  CHECK(open_sqlite_store(folder.options()));
  CHECK(sqlite_schema(folder.options()).value()->version == newest());
}

TEST_CASE("migrate: what it may not touch it names and leaves", "[storage]") {
  const Folder folder;
  const auto options = folder.options();
  SECTION("a database that a chiplocd has open") {
    const auto store = folder.open();
    CHECK(migrate_sqlite(options).error().code == StoreFaultCode::kBusy);
    CHECK(sqlite_schema(options).value()->missing.empty());  // looking is allowed
  }
  SECTION("a newer schema") {
    (void)folder.open();
    REQUIRE(raw(folder)->execute("PRAGMA user_version = 999"));
    const std::string text =
        options.path + ": has schema 999, this program knows " + std::to_string(newest()) +
        " at most; start the newer program that wrote it, or restore the backup from before";
    for (const auto& fault : {migrate_sqlite(options).error(), sqlite_schema(options).error(),
                              open_sqlite_store(options).error(), open_sqlite_reader(options).error()}) {
      CHECK(fault.code == StoreFaultCode::kNewerSchema);
      CHECK(fault.text == text);
    }
    CHECK(raw(folder)->integer("PRAGMA user_version").value() == 999);
  }
  SECTION("another program's database") {
    REQUIRE(raw(folder)->execute("CREATE TABLE theirs (x); PRAGMA user_version = 1;"));
    CHECK(migrate_sqlite(options).error().code == StoreFaultCode::kForeign);
    CHECK_FALSE(std::filesystem::exists(options.path + "-wal"));
  }
  SECTION("one that others may read") {
    write_schema5(options.path);
    std::filesystem::permissions(options.path, std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::add);
    CHECK(migrate_sqlite(options).error().code == StoreFaultCode::kPermission);
    CHECK(sqlite_schema(options).error().code == StoreFaultCode::kPermission);
  }
  SECTION("one that has no room") {
    write_schema5(options.path);
    auto full = options;
    full.page_count_max = static_cast<std::uint32_t>(std::filesystem::file_size(options.path) / 4096);
    CHECK(migrate_sqlite(full).error().code == StoreFaultCode::kFull);
    CHECK(sqlite_schema(options).value()->version == 5);
    CHECK(migrate_sqlite(options));
  }
}

}  // namespace chiploc::test
