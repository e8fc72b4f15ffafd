#include "server/storage/sqlite/open.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "proto/base/free_space.hpp"
#include "server/storage/sqlite/schema.hpp"

namespace chiploc {
namespace {

StoreFaultCode code_of_system(int error) {
  if (error == ENOSPC || error == EDQUOT) return StoreFaultCode::kFull;
  return error == EIO ? StoreFaultCode::kInputOutput : StoreFaultCode::kPermission;
}

StoreFault system_fault(const std::string& path, std::string_view what) {
  const int error = errno;
  const std::string remedy = write_remedy(error, path);
  return {code_of_system(error),
          path + ": cannot " + std::string{what} + ": " + std::strerror(error) +
              (remedy.empty() ? "; check that the folder exists and this user may write there" : remedy)};
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

Stored<std::unique_ptr<Database>> open_unchanged(const SqliteOptions& options) {
  return Database::open(options.path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, options.busy_timeout_ms);
}

Stored<Done> prepare_writing(Database& db, const SqliteOptions& options) {
  auto done = db.execute(R"sql(
    PRAGMA journal_mode = WAL;
    PRAGMA foreign_keys = ON;
    -- Random ids touch pages all over their indexes: a cache that holds those (64 MiB; the default is 2)
    -- and rarer checkpoints (every 32 MiB of log; the default is 4) spare most of the reads and writes.
    PRAGMA cache_size = -65536;
    PRAGMA wal_autocheckpoint = 8192;
    PRAGMA cell_size_check = ON;)sql");
  if (done) done = db.execute(options.durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
  if (done && options.page_count_max > 0)
    done = db.execute(("PRAGMA max_page_count = " + std::to_string(options.page_count_max)).c_str());
  return done;
}

Stored<std::unique_ptr<Database>> open_writer(const SqliteOptions& options,
                                              std::span<const Migration> steps) {
  auto database = open_unchanged(options);
  if (!database) return database;
  Database& db = **database;
  // Before anything is written: a file of another program, or of an older one, stays as it is.
  const auto found = schema_of(db, steps);
  if (!found) return Fail{found.error()};
  if (!found->blank && found->version < found->newest) return Fail{older_schema(db, *found)};
  auto done = prepare_writing(db, options);
  if (done && found->blank) done = migrate(db, steps);
  if (!done) return Fail{done.error()};
  return database;
}

Stored<std::unique_ptr<Database>> open_reader(const SqliteOptions& options,
                                              std::span<const Migration> steps) {
  // Read-write for SQLite, since a reader of a WAL takes locks in shared memory; query_only keeps it from
  // writing.
  auto database = open_unchanged(options);
  if (!database) return database;
  const auto found = schema_of(**database, steps);
  if (!found) return Fail{found.error()};
  if (found->blank) {
    return Fail{(*database)->fault(StoreFaultCode::kForeign,
                                   "is not set up for this program yet; start chiplocd on it first")};
  }
  if (found->version < found->newest) return Fail{older_schema(**database, *found)};
  const auto done = (*database)->execute("PRAGMA query_only = ON;");
  if (!done) return Fail{done.error()};
  return database;
}

}  // namespace chiploc
