#pragma once
// Databases as earlier releases left them.

#include <sqlite3.h>

#include <fstream>
#include <map>
#include <sstream>

#include "server/storage/sqlite/database.hpp"
#include "server/storage/sqlite/migrate.hpp"
#include "server/storage/sqlite/schema.hpp"
#include "tests/server/storage/fixture.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::test {

/// A bare connection, made if there is no file.
inline std::unique_ptr<Database> raw(const std::string& path) {
  auto db = Database::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 100);
  REQUIRE(db);
  std::filesystem::permissions(path,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return std::move(*db);
}
inline std::unique_ptr<Database> raw(const Folder& folder) { return raw(folder.options().path); }

/// The database of data/schema5.sql, as the release before schema 6 left it.
inline void write_schema5(const std::string& path) {
  const std::ifstream file{source_dir() / "tests/server/storage/data/schema5.sql"};
  std::ostringstream sql;
  sql << file.rdbuf();
  const auto db = raw(path);
  const auto done = db->execute(sql.str().c_str());
  INFO((done ? "" : done.error().text));
  REQUIRE(done);
  REQUIRE(db->execute("PRAGMA journal_mode = WAL"));
  REQUIRE(db->integer("PRAGMA user_version").value() == 5);
}

/// The database `made`, as the release before this step would have left it: of each table, what there was then.
inline void write_older(const std::string& path, std::size_t steps, const std::string& made) {
  const auto db = raw(path);
  REQUIRE(db->execute("PRAGMA journal_mode = WAL"));
  REQUIRE(migrate(*db, migrations().first(steps)));
  REQUIRE(db->execute(("ATTACH DATABASE '" + made + "' AS made").c_str()));
  std::vector<std::string> copies;
  {
    auto tables = db->query(R"sql(
      SELECT t.name, group_concat(c.name, ', ')
      FROM main.sqlite_schema t JOIN pragma_table_info(t.name) c
      WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' GROUP BY t.name)sql");
    while (tables.next())
      copies.push_back("INSERT INTO main." + tables.text(0) + " (" + tables.text(1) + ") SELECT " +
                       tables.text(1) + " FROM made." + tables.text(0));
    REQUIRE_FALSE(tables.failed());
  }
  for (const std::string& copy : copies) {
    const auto done = db->execute(copy.c_str());
    INFO(copy << ": " << (done ? "" : done.error().text));
    REQUIRE(done);
  }
}

/// Every value of every row, by table: a line a row.
using Contents = std::map<std::string, std::vector<std::string>>;

/// The names of the tables and, for each, what to select to read its columns.
inline std::map<std::string, std::string> tables_of(Database& db) {
  std::map<std::string, std::string> tables;
  auto columns = db.query(R"sql(
    SELECT t.name, group_concat('quote(' || c.name || ')', ' || ''|'' || ')
    FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' GROUP BY t.name)sql");
  while (columns.next()) tables[columns.text(0)] = columns.text(1);
  REQUIRE_FALSE(columns.failed());
  return tables;
}
/// Of these tables and columns, whatever has come since.
inline Contents contents_of(Database& db, const std::map<std::string, std::string>& tables) {
  Contents contents;
  for (const auto& [table, columns] : tables) {
    auto rows = db.query("SELECT " + columns + " FROM " + table + " ORDER BY 1");
    while (rows.next()) contents[table].push_back(rows.text(0));
    REQUIRE_FALSE(rows.failed());
  }
  return contents;
}

/// Migrates to the newest schema: every value of before is there after it.
inline void check_migration_keeps_all(const Folder& folder) {
  const auto tables = tables_of(*raw(folder));
  const Contents before = contents_of(*raw(folder), tables);
  REQUIRE(migrate_sqlite(folder.options()));
  const Contents after = contents_of(*raw(folder), tables);
  for (const auto& [table, rows] : before) {
    INFO(table);
    CHECK((after.at(table) == rows));
  }
}

}  // namespace chiploc::test
