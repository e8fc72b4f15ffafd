#pragma once
// What `chiplocd migrate` does. A database of an older schema is changed by nobody else.

#include <optional>
#include <vector>

#include "server/storage/migrations.hpp"
#include "server/storage/sqlite/store.hpp"

namespace chiploc {

struct SchemaStanding {
  std::uint32_t version = 0;         ///< of the database
  std::uint32_t newest = 0;          ///< that this program needs
  std::vector<Migration> missing{};  ///< the steps in between, ascending
};

/// Looks, and changes nothing; also while chiplocd runs. nullopt: there is no database yet, and the first
/// start makes one. Fails as opening does, kNewerSchema included.
[[nodiscard]] Stored<std::optional<SchemaStanding>> sqlite_schema(const SqliteOptions& options);

/// Brings the database to the newest schema, all missing steps in one transaction: killed at any moment it
/// has the old schema or the new one, whole. Answers with what was missing; nothing, where there was nothing
/// to do. nullopt: there is no database yet, and none was made. kBusy while a chiplocd has it.
[[nodiscard]] Stored<std::optional<SchemaStanding>> migrate_sqlite(const SqliteOptions& options);

}  // namespace chiploc
