#include "server/storage/sqlite/schema.hpp"

namespace chiploc {
namespace {

Stored<Done> run_steps(Database& database, std::span<const Migration> steps, std::uint32_t from) {
  for (const Migration& step : steps) {
    if (step.version <= from) continue;
    const auto done = database.execute(step.sql);
    if (done) continue;
    return Fail{StoreFault{done.error().code, done.error().text + " (while bringing the schema to " +
                                                  step.name + "; the database is as it was before)"}};
  }
  // Both are part of the transaction, as every page of the file is.
  const std::string mark = "PRAGMA application_id = " + std::to_string(kApplicationId) +
                           "; PRAGMA user_version = " + std::to_string(steps.back().version);
  return database.execute(mark.c_str());
}

}  // namespace

Stored<FoundSchema> schema_of(Database& database, std::span<const Migration> steps) {
  const auto application = database.integer("PRAGMA application_id");
  if (!application) return Fail{application.error()};
  const auto version = database.integer("PRAGMA user_version");
  if (!version) return Fail{version.error()};
  const auto tables = database.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return Fail{tables.error()};
  const bool blank = *application == 0 && *version == 0 && *tables == 0;
  if (*application != kApplicationId && !blank) {
    return Fail{
        database.fault(StoreFaultCode::kForeign, "is a database of another program; name another file")};
  }
  const std::uint32_t newest = steps.empty() ? 0 : steps.back().version;
  if (*version > newest) {
    return Fail{database.fault(
        StoreFaultCode::kNewerSchema,
        "has schema " + std::to_string(*version) + ", this program knows " + std::to_string(newest) +
            " at most; start the newer program that wrote it, or restore the backup from before")};
  }
  return FoundSchema{static_cast<std::uint32_t>(*version), newest, blank};
}

StoreFault older_schema(const Database& database, const FoundSchema& found) {
  return database.fault(StoreFaultCode::kOlderSchema,
                        "has schema " + std::to_string(found.version) + ", this program needs " +
                            std::to_string(found.newest) +
                            "; back it up, then run 'chiplocd --config FILE migrate apply'");
}

Stored<Done> migrate(Database& database, std::span<const Migration> steps) {
  auto done = database.execute("BEGIN IMMEDIATE");
  if (!done) return done;
  // Asked inside the transaction: nobody can have come in between.
  const auto found = schema_of(database, steps);
  if (!found) {
    done = Fail{found.error()};
  } else if (found->version < found->newest) {
    done = run_steps(database, steps, found->version);
  }
  if (done) done = database.execute("COMMIT");
  if (!done && !database.autocommit()) (void)database.execute("ROLLBACK");
  return done;
}

}  // namespace chiploc
