#pragma once
// Opening, owning and migrating the database file. Private to this folder.

#include <memory>
#include <span>

#include "server/storage/migrations.hpp"
#include "server/storage/sqlite/database.hpp"
#include "server/storage/sqlite/store.hpp"

namespace chiploc {

/// "CHLC": PRAGMA application_id of our files.
inline constexpr std::int64_t kApplicationId = 0x43484C43;

/// Keeps other processes from writing: an advisory lock on PATH.lock for as long as this lives. Apart from
/// the database file, whose POSIX locks would be lost if anybody closed a descriptor of it.
class WriterLock {
 public:
  [[nodiscard]] static Stored<std::unique_ptr<WriterLock>> take(const std::string& database_path);
  ~WriterLock();
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  explicit WriterLock(int descriptor) : descriptor_{descriptor} {}
  int descriptor_;
};

/// Makes the file (0600) if there is none; refuses one that others may read.
[[nodiscard]] Stored<Done> prepare_file(const std::string& path, bool create);
/// Opens and sets what every connection needs. The writer also migrates.
[[nodiscard]] Stored<std::unique_ptr<Database>> open_writer(const SqliteOptions& options,
                                                            std::span<const Migration> steps);
[[nodiscard]] Stored<std::unique_ptr<Database>> open_reader(const SqliteOptions& options,
                                                            std::span<const Migration> steps);

/// Brings the schema up to the last step, each step in a transaction of its own. A step that fails leaves the
/// version before it, whole.
[[nodiscard]] Stored<Done> migrate(Database& database, std::span<const Migration> steps);

}  // namespace chiploc
