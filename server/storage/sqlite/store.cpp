#include "server/storage/sqlite/store.hpp"

#include "server/storage/sqlite/store_impl.hpp"

namespace chiploc {

Stored<std::unique_ptr<Store>> open_sqlite_store(const SqliteOptions& options) {
  auto lock = WriterLock::take(options.path);
  if (!lock) return Fail{lock.error()};
  const auto file = prepare_file(options.path, /*create=*/true);
  if (!file) return Fail{file.error()};
  auto db = open_writer(options, migrations());
  if (!db) return Fail{db.error()};
  return std::unique_ptr<Store>{std::make_unique<SqliteStore>(std::move(*lock), std::move(*db))};
}

Stored<std::unique_ptr<StoreReader>> open_sqlite_reader(const SqliteOptions& options) {
  const auto file = prepare_file(options.path, /*create=*/false);
  if (!file) return Fail{file.error()};
  auto db = open_reader(options, migrations());
  if (!db) return Fail{db.error()};
  return std::unique_ptr<StoreReader>{std::make_unique<SqliteReads<StoreReader>>(std::move(*db))};
}

SqliteStore::~SqliteStore() {
  if (in_batch_) roll_back_batch();
}

Stored<Done> SqliteStore::begin_batch() {
  if (in_batch_)
    return Fail{StoreFault{StoreFaultCode::kInvalid, "a batch is open already; commit it first"}};
  auto begun = db().execute("BEGIN IMMEDIATE");
  in_batch_ = begun.has_value();
  batch_lost_.reset();
  return begun;
}

Stored<Done> SqliteStore::commit_batch() {
  if (!in_batch_) return Fail{StoreFault{StoreFaultCode::kInvalid, "no batch is open; begin one first"}};
  in_batch_ = false;
  if (batch_lost_) {
    if (!db().autocommit()) (void)db().execute("ROLLBACK");
    return Fail{*std::exchange(batch_lost_, std::nullopt)};
  }
  auto committed = db().execute("COMMIT");
  if (!committed && !db().autocommit()) (void)db().execute("ROLLBACK");
  return committed;
}

void SqliteStore::roll_back_batch() {
  in_batch_ = false;
  batch_lost_.reset();
  if (!db().autocommit()) (void)db().execute("ROLLBACK");
}

Stored<Done> SqliteStore::begin_unit() {
  if (!in_batch_) return db().execute("BEGIN IMMEDIATE");
  if (batch_lost_) return Fail{*batch_lost_};
  // Prepared once: parsing it would cost as much as a report's row.
  if (!db().query("SAVEPOINT unit").run()) return Fail{db().fault("begin a unit of the batch")};
  return Done{};
}

Stored<Done> SqliteStore::end_unit(const StoreFault* failure) {
  if (!in_batch_) {
    auto ended = db().execute(failure == nullptr ? "COMMIT" : "ROLLBACK");
    if (!ended && !db().autocommit()) (void)db().execute("ROLLBACK");
    return ended;
  }
  // Some failures (a full disk, a failing one) make SQLite roll the whole transaction back by itself. Then
  // the works before this one are gone too, and their owners must hear of it at the commit.
  if (db().autocommit()) {
    batch_lost_ = failure != nullptr ? *failure : db().fault("go on with the batch");
    batch_lost_->text += " (the whole batch was undone)";
    return Fail{*batch_lost_};
  }
  if (failure == nullptr) {
    if (!db().query("RELEASE unit").run()) return Fail{db().fault("end a unit of the batch")};
    return Done{};
  }
  auto undone = db().execute("ROLLBACK TO unit; RELEASE unit");
  if (!undone) batch_lost_ = undone.error();
  return undone;
}

Stored<bool> SqliteStore::seen(std::string_view sql, const SpoolRef& from) {
  if (from.spool_id == 0) return false;
  auto row = db().query(sql);
  row.bind(from.anchor).bind(from.spool_id);
  const bool found = row.next();
  if (row.failed()) return Fail{db().fault("look up a delivery")};
  return found;
}

}  // namespace chiploc
