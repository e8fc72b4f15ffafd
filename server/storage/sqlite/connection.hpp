#pragma once
// One connection with what its aggregates share: turns of readers, and the writer's transactions. Private to
// this folder.

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "server/storage/sqlite/database.hpp"
#include "server/storage/sqlite/open.hpp"

namespace chiploc {

/// The lock makes a reader usable from any thread; the writer has one thread anyway.
class Connection {
 public:
  explicit Connection(std::unique_ptr<Database> db) : db_{std::move(db)} {}
  [[nodiscard]] Database& db() { return *db_; }

  /// Runs `function(db, arguments...)` inside one read transaction.
  template <class Function, class... Arguments>
  auto read(Function function, const Arguments&... arguments)
      -> decltype(function(std::declval<Database&>(), arguments...)) {
    const std::scoped_lock lock{mutex_};
    // A savepoint outside a transaction begins one; inside a batch it changes nothing.
    if (!db_->query("SAVEPOINT reading").run()) return Fail{db_->fault("begin to read")};
    auto answer = function(*db_, arguments...);
    if (!db_->query("RELEASE reading").run() && answer) return Fail{db_->fault("end a reading")};
    return answer;
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<Database> db_;
};

/// The writer's connection. A unit is what one function does: alone it is a transaction of its own; in a
/// batch, or in another unit, a savepoint.
class WriterConnection : public Connection {
 public:
  WriterConnection(std::unique_ptr<WriterLock> lock, std::unique_ptr<Database> db)
      : Connection{std::move(db)}, lock_{std::move(lock)} {}
  ~WriterConnection();
  WriterConnection(const WriterConnection&) = delete;
  WriterConnection& operator=(const WriterConnection&) = delete;

  Stored<Done> begin_batch();
  Stored<Done> commit_batch();
  void roll_back_batch();

  /// Runs `work` (-> Stored<T>) as one unit. What fails leaves nothing behind.
  template <class Work>
  auto atomically(Work work) -> decltype(work()) {
    const auto begun = begin_unit();
    if (!begun) return Fail{begun.error()};
    auto result = work();
    const auto ended = end_unit(result ? nullptr : &result.error());
    if (result && !ended) return Fail{ended.error()};
    return result;
  }

  /// Whether this anchor's spool number is in a table already, which `sql` asks for; false for number 0.
  Stored<bool> seen(std::string_view sql, const SpoolRef& from);

 private:
  Stored<Done> begin_unit();
  /// Keeps the work, or undoes it after `failure`.
  Stored<Done> end_unit(const StoreFault* failure);
  Stored<Done> end_transaction(const StoreFault* failure);
  Stored<Done> end_savepoint(const StoreFault* failure);

  std::unique_ptr<WriterLock> lock_;
  bool in_batch_ = false;
  int units_ = 0;  ///< that are open, one in the other
  /// SQLite gave the whole transaction up by itself: nothing of it can be kept.
  std::optional<StoreFault> lost_;
};

}  // namespace chiploc
