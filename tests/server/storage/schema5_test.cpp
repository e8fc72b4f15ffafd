// A database of the release before schema 6, with everything that a lab's rounds left in it, keeps every
// byte.
#include "server/storage/sqlite/migrate.hpp"
#include "tests/server/storage/old_database.hpp"

namespace chiploc::test {
namespace {

struct StoredBytes {
  std::string table;
  RoundId round;
  ByteVector bytes;
};
std::vector<StoredBytes> bytes_of_rounds(Database& db) {
  std::vector<StoredBytes> all;
  for (const std::string table : {"tickets", "reports", "statements", "verdicts"}) {
    auto rows = db.query("SELECT r.round, t.bytes FROM " + table +
                         " t JOIN rounds r ON r.round_no = t.round_no ORDER BY t.round_no, t.rowid");
    if (table == "tickets") {
      auto tickets = db.query(R"sql(
        SELECT r.round, t.bytes FROM tickets t JOIN rounds r ON r.round_no = t.round_no
        ORDER BY t.round_no, t.position)sql");
      while (tickets.next()) all.push_back({table, tickets.id<RoundId>(0), tickets.blob(1)});
      continue;
    }
    while (rows.next()) all.push_back({table, rows.id<RoundId>(0), rows.blob(1)});
    REQUIRE_FALSE(rows.failed());
  }
  return all;
}

/// The same, as the store gives them.
std::vector<StoredBytes> bytes_from_store(StoreReader& store, const std::vector<RoundId>& rounds) {
  std::vector<StoredBytes> all;
  const auto add = [&](const std::string& table, const RoundId& round, const ByteVector& bytes) {
    all.push_back({table, round, bytes});
  };
  std::vector<RoundEvidenceRecord> records;
  for (const RoundId& round : rounds) records.push_back(store.rounds().evidence(round).value().value());
  for (const auto& record : records) {
    for (const ByteVector& ticket : record.tickets) add("tickets", record.intent.round, ticket);
  }
  for (const auto& record : records) {
    for (const StoredReport& report : record.reports) add("reports", record.intent.round, report.bytes);
  }
  for (const auto& record : records) {
    for (const StoredStatement& said : record.statements) add("statements", record.intent.round, said.bytes);
  }
  for (const auto& record : records) add("verdicts", record.intent.round, record.verdict);
  return all;
}

std::vector<RoundId> rounds_of(Database& db) {
  std::vector<RoundId> rounds;
  auto rows = db.query("SELECT round FROM rounds ORDER BY round_no");
  while (rows.next()) rounds.push_back(rows.id<RoundId>(0));
  return rounds;
}

}  // namespace

TEST_CASE("schema 5: every value of every table is there after apply", "[storage]") {
  const Folder folder;
  write_schema5(folder.options().path);
  const auto tables = tables_of(*raw(folder));
  REQUIRE(tables.size() > 20);
  const Contents before = contents_of(*raw(folder), tables);
  CHECK(before.at("verdicts").size() == 8);
  CHECK(before.at("reports").size() == 40);
  CHECK(before.at("tickets").size() == 40);
  CHECK(before.at("statements").size() == 6);
  CHECK(before.at("knocks").size() == 12);
  REQUIRE(migrate_sqlite(folder.options()));
  const Contents after = contents_of(*raw(folder), tables);
  for (const auto& [table, rows] : before) {
    INFO(table);
    CHECK((after.at(table) == rows));  // in brackets: Catch would print megabytes
  }
  CHECK(raw(folder)
            ->integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'")
            .value() == 0);
  CHECK(raw(folder)->integer("SELECT count(*) FROM pragma_foreign_key_check").value() == 0);
}

TEST_CASE("schema 5: rounds of before come back to the byte, have no context, and new ones follow",
          "[storage]") {
  const Folder folder;
  write_schema5(folder.options().path);
  const auto rounds = rounds_of(*raw(folder));
  const auto before = bytes_of_rounds(*raw(folder));
  REQUIRE(rounds.size() == 8);
  REQUIRE(before.size() == 40 + 40 + 6 + 8);
  REQUIRE(migrate_sqlite(folder.options()));
  const auto store = folder.open();
  const auto after = bytes_from_store(*store, rounds);
  REQUIRE(after.size() == before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    INFO(before[i].table << " " << i);
    CHECK(after[i].table == before[i].table);
    CHECK(after[i].round == before[i].round);
    CHECK((after[i].bytes == before[i].bytes));
  }
  std::size_t knocks = 0;
  for (const RoundId& round : rounds) {
    CHECK_FALSE(store->rounds().context(round).value());
    const auto evidence = store->rounds().evidence(round).value();
    CHECK(evidence->state == RoundState::kFinished);
    CHECK(evidence->verdict_format == 0);
    CHECK(evidence->intent.context.empty());
    CHECK(evidence->intent.anchors.size() == 5);
    CHECK(store->verdicts().newest_verdict(evidence->intent.chip).value()->format == 0);
    knocks += evidence->knocks.size();
  }
  CHECK(knocks > 0);
  const auto briefs = store->verdicts().standing_briefs({}, std::nullopt, 100).value();
  CHECK(briefs.size() == 4);
  for (const StandingBrief& brief : briefs) {
    const auto newest = store->verdicts().newest_verdict(brief.chip).value();
    CHECK(brief.expires == newest->expires);  // filled in by the step to schema 7
    CHECK(brief.decided == newest->decided);
    CHECK_FALSE(store->rounds().intent(newest->round).value()->requested_with);
  }
  CHECK(store->registry().load_registry().value()->chips().size() == 4);
  CHECK(store->verdicts().counts()->verdicts == 8);
  REQUIRE(store->rounds().log_intent(intent(1)));
  REQUIRE(store->verdicts().finish_round(verdict(1, 1, 1, 1, 10), std::nullopt));
  CHECK(store->verdicts().list_verdicts({})->rows.front().id == id<VerdictId>(1));
}

}  // namespace chiploc::test
