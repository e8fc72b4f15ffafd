#include "server/storage/sqlite/migrate.hpp"

#include <filesystem>

#include "server/storage/sqlite/open.hpp"
#include "server/storage/sqlite/schema.hpp"

namespace chiploc {
namespace {

using Standing = std::optional<SchemaStanding>;

bool is_there(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error) || error;  // what cannot be looked at is refused by name, later
}

/// nullopt for a blank file: making one is no migration.
Stored<Standing> standing_of(Database& db) {
  const auto found = schema_of(db, migrations());
  if (!found) return Fail{found.error()};
  if (found->blank) return Standing{};
  SchemaStanding standing{found->version, found->newest};
  for (const Migration& step : migrations()) {
    if (step.version > found->version) standing.missing.push_back(step);
  }
  return Standing{std::move(standing)};
}

}  // namespace

Stored<Standing> sqlite_schema(const SqliteOptions& options) {
  if (!is_there(options.path)) return Standing{};
  const auto file = prepare_file(options.path, /*create=*/false);
  if (!file) return Fail{file.error()};
  const auto db = open_unchanged(options);
  if (!db) return Fail{db.error()};
  return standing_of(**db);
}

Stored<Standing> migrate_sqlite(const SqliteOptions& options) {
  if (!is_there(options.path)) return Standing{};
  const auto lock = WriterLock::take(options.path);
  if (!lock) return Fail{lock.error()};
  const auto file = prepare_file(options.path, /*create=*/false);
  if (!file) return Fail{file.error()};
  const auto db = open_unchanged(options);
  if (!db) return Fail{db.error()};
  auto standing = standing_of(**db);
  if (!standing || !*standing || (*standing)->missing.empty()) return standing;
  auto done = prepare_writing(**db, options);
  if (done) done = migrate(**db, migrations());
  if (!done) return Fail{done.error()};
  return standing;
}

}  // namespace chiploc
