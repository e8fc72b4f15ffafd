#pragma once
// Opening and owning the database file. Private to this folder.

#include <memory>
#include <span>

#include "server/storage/migrations.hpp"
#include "server/storage/sqlite/database.hpp"
#include "server/storage/sqlite/store.hpp"

namespace chiploc {

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
/// A connection, and nothing done with it yet.
[[nodiscard]] Stored<std::unique_ptr<Database>> open_unchanged(const SqliteOptions& options);
/// Sets what a connection that writes needs; the first thing that changes the file.
[[nodiscard]] Stored<Done> prepare_writing(Database& db, const SqliteOptions& options);
/// A blank file is given the schema; one of an older schema is refused as it is (kOlderSchema).
[[nodiscard]] Stored<std::unique_ptr<Database>> open_writer(const SqliteOptions& options,
                                                            std::span<const Migration> steps);
[[nodiscard]] Stored<std::unique_ptr<Database>> open_reader(const SqliteOptions& options,
                                                            std::span<const Migration> steps);

}  // namespace chiploc
