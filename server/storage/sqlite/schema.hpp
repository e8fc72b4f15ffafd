#pragma once
// Which schema a database has, and the way to the newest. Private to this folder.

#include <span>

#include "server/storage/migrations.hpp"
#include "server/storage/sqlite/database.hpp"

namespace chiploc {

/// "CHLC": PRAGMA application_id of our files.
inline constexpr std::int64_t kApplicationId = 0x43484C43;

struct FoundSchema {
  std::uint32_t version = 0;
  std::uint32_t newest = 0;  ///< that this program knows
  bool blank = false;        ///< an empty file: to be made, not to be migrated
};
/// Reads only. kForeign: another program's database. kNewerSchema: of a newer version of this one.
[[nodiscard]] Stored<FoundSchema> schema_of(Database& database, std::span<const Migration> steps);
/// The refusal of a database whose schema is older than the program, with what to do.
[[nodiscard]] StoreFault older_schema(const Database& database, const FoundSchema& found);

/// Brings the schema up to the last step, all steps in one transaction: whatever fails, and whenever the
/// process is killed, the database has the schema of before or the newest, whole.
[[nodiscard]] Stored<Done> migrate(Database& database, std::span<const Migration> steps);

}  // namespace chiploc
