#include "server/storage/sqlite/open.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace chiploc {
namespace {

StoreFault system_fault(const std::string& path, std::string_view what) {
  const int error = errno;
  const StoreFaultCode code = error == ENOSPC || error == EDQUOT ? StoreFaultCode::kFull
                              : error == EIO                     ? StoreFaultCode::kInputOutput
                                                                 : StoreFaultCode::kPermission;
  return {code, path + ": cannot " + std::string{what} + ": " + std::strerror(error) +
                    "; check that the folder exists and this user may write there"};
}

/// Whose file it is and how new, before anything is changed in it.
Stored<std::int64_t> checked_version(Database& database, std::span<const Migration> steps) {
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
  const std::int64_t newest = steps.empty() ? 0 : steps.back().version;
  if (*version > newest) {
    return Fail{database.fault(
        StoreFaultCode::kNewerSchema,
        "has schema " + std::to_string(*version) + ", this program knows " + std::to_string(newest) +
            " at most; start the newer program that wrote it, or restore the backup from before")};
  }
  return *version;
}

}  // namespace

Stored<std::unique_ptr<WriterLock>> WriterLock::take(const std::string& database_path) {
  const std::string path = database_path + ".lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return Fail{system_fault(path, "open the lock file")};
  std::unique_ptr<WriterLock> lock{new WriterLock{descriptor}};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return Fail{system_fault(path, "lock")};
    return Fail{StoreFault{StoreFaultCode::kBusy,
                           database_path + ": another process has this database open for writing (it holds " +
                               path + "); stop it, or name another database"}};
  }
  return lock;
}

WriterLock::~WriterLock() { ::close(descriptor_); }

Stored<Done> prepare_file(const std::string& path, bool create) {
  if (create) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor >= 0) {
      ::close(descriptor);
      return Done{};
    }
    if (errno != EEXIST) return Fail{system_fault(path, "make the database")};
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return Fail{system_fault(path, "find the database")};
  if (!S_ISREG(status.st_mode))
    return Fail{StoreFault{StoreFaultCode::kForeign, path + ": is not a file; name another"}};
  if ((status.st_mode & 0077U) != 0) {
    return Fail{StoreFault{
        StoreFaultCode::kPermission,
        path + ": others may read or write it, and it holds places and evidence; run chmod 600 on it"}};
  }
  return Done{};
}

Stored<Done> migrate(Database& database, std::span<const Migration> steps) {
  const auto version = checked_version(database, steps);
  if (!version) return Fail{version.error()};
  for (const Migration& step : steps) {
    if (step.version <= *version) continue;
    const std::string sql = "BEGIN IMMEDIATE;\n" + std::string{step.sql} +
                            "\nPRAGMA application_id = " + std::to_string(kApplicationId) +
                            ";\nPRAGMA user_version = " + std::to_string(step.version) + ";\nCOMMIT;";
    const auto done = database.execute(sql.c_str());
    if (done) continue;
    if (!database.autocommit()) (void)database.execute("ROLLBACK");
    return Fail{StoreFault{done.error().code, done.error().text + " (while bringing the schema to " +
                                                  step.name +
                                                  "; the database is as it was before that step)"}};
  }
  return Done{};
}

Stored<std::unique_ptr<Database>> open_writer(const SqliteOptions& options,
                                              std::span<const Migration> steps) {
  auto database =
      Database::open(options.path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, options.busy_timeout_ms);
  if (!database) return database;
  Database& db = **database;
  // Before anything is written: a file of another program stays as it is.
  const auto version = checked_version(db, steps);
  if (!version) return Fail{version.error()};
  auto done = db.execute(
      "PRAGMA journal_mode = WAL;"
      "PRAGMA synchronous = FULL;"
      "PRAGMA foreign_keys = ON;"
      // Random ids touch pages all over their indexes: a cache that holds those (64 MiB; the default is 2)
      // and rarer checkpoints (every 32 MiB of log; the default is 4) spare most of the reads and writes.
      "PRAGMA cache_size = -65536;"
      "PRAGMA wal_autocheckpoint = 8192;"
      "PRAGMA cell_size_check = ON;");
  if (done && options.page_count_max > 0) {
    done = db.execute(("PRAGMA max_page_count = " + std::to_string(options.page_count_max)).c_str());
  }
  if (done) done = migrate(db, steps);
  if (!done) return Fail{done.error()};
  return database;
}

Stored<std::unique_ptr<Database>> open_reader(const SqliteOptions& options,
                                              std::span<const Migration> steps) {
  // Read-write for SQLite, since a reader of a WAL takes locks in shared memory; query_only keeps it from
  // writing.
  auto database =
      Database::open(options.path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, options.busy_timeout_ms);
  if (!database) return database;
  const auto version = checked_version(**database, steps);
  if (!version) return Fail{version.error()};
  if (*version != (steps.empty() ? 0 : steps.back().version)) {
    return Fail{(*database)->fault(StoreFaultCode::kForeign,
                                   "is not set up for this program yet; start chiplocd on it first")};
  }
  const auto done = (*database)->execute("PRAGMA query_only = ON;");
  if (!done) return Fail{done.error()};
  return database;
}

}  // namespace chiploc
