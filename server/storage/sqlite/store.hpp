#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "server/storage/store.hpp"

namespace chiploc {

struct SqliteOptions {
  std::string path;
  int busy_timeout_ms = 2'000;       ///< how long to wait for another process before kBusy
  std::uint32_t page_count_max = 0;  ///< 4 KiB pages; 0: as the disk allows. A quota, and how tests fill it
  /// False: nothing is flushed to the disk (synchronous=OFF), so that a crash of the machine may cost or
  /// damage what was told to be kept. For simulations alone, whose database nobody needs afterwards.
  bool durable = true;
};

/// Opens the database for writing, making it (mode 0600) if there is none.
///
/// One file with its -wal and -shm beside it; WAL, synchronous=FULL, foreign keys on. Holds an exclusive lock
/// file's worth of ownership: a second writer gets kBusy at once, readers do not. A database of an older
/// schema is left as it is: migrate.hpp.
///
/// Fails     kPermission, kForeign, kOlderSchema, kNewerSchema, kCorrupt, kBusy, kFull, kInputOutput; the
///           text names the file.
[[nodiscard]] Stored<std::unique_ptr<Store>> open_sqlite_store(const SqliteOptions& options);

/// Opens a database that a Store has made, for reading only. May be used from any thread: calls take turns
/// behind a lock of its own, so open one per handful of busy threads. Never waits for the writer (WAL).
[[nodiscard]] Stored<std::unique_ptr<StoreReader>> open_sqlite_reader(const SqliteOptions& options);

}  // namespace chiploc
