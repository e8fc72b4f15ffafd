#include "server/storage/sqlite/connection.hpp"

namespace chiploc {

WriterConnection::~WriterConnection() {
  if (in_batch_) roll_back_batch();
}

Stored<Done> WriterConnection::begin_batch() {
  if (in_batch_ || units_ > 0)
    return Fail{StoreFault{StoreFaultCode::kInvalid, "a batch is open already; commit it first"}};
  auto begun = db().execute("BEGIN IMMEDIATE");
  in_batch_ = begun.has_value();
  lost_.reset();
  return begun;
}

Stored<Done> WriterConnection::commit_batch() {
  if (units_ > 0)
    return Fail{StoreFault{StoreFaultCode::kInvalid, "a step of a transaction cannot end the transaction"}};
  if (!in_batch_) return Fail{StoreFault{StoreFaultCode::kInvalid, "no batch is open; begin one first"}};
  in_batch_ = false;
  if (lost_) {
    if (!db().autocommit()) (void)db().execute("ROLLBACK");
    return Fail{*std::exchange(lost_, std::nullopt)};
  }
  auto committed = db().execute("COMMIT");
  if (!committed && !db().autocommit()) (void)db().execute("ROLLBACK");
  return committed;
}

void WriterConnection::roll_back_batch() {
  if (units_ > 0) {
    // From inside a unit: whoever began the batch has to hear of it, and nothing more may be written.
    lost_ = StoreFault{StoreFaultCode::kInvalid, "a step of a transaction undid the transaction"};
    return;
  }
  in_batch_ = false;
  lost_.reset();
  if (!db().autocommit()) (void)db().execute("ROLLBACK");
}

Stored<Done> WriterConnection::begin_unit() {
  const bool nested = in_batch_ || units_ > 0;
  if (!nested) lost_.reset();
  if (lost_) return Fail{*lost_};
  if (!nested) {
    auto begun = db().execute("BEGIN IMMEDIATE");
    units_ += begun ? 1 : 0;
    return begun;
  }
  // Prepared once: parsing it would cost as much as a report's row.
  if (!db().query("SAVEPOINT unit").run()) return Fail{db().fault("begin a unit of the batch")};
  ++units_;
  return Done{};
}

Stored<Done> WriterConnection::end_unit(const StoreFault* failure) {
  --units_;
  return in_batch_ || units_ > 0 ? end_savepoint(failure) : end_transaction(failure);
}

Stored<Done> WriterConnection::end_transaction(const StoreFault* failure) {
  if (lost_ && failure == nullptr) failure = &*lost_;
  auto ended = db().execute(failure == nullptr ? "COMMIT" : "ROLLBACK");
  if (!ended && !db().autocommit()) (void)db().execute("ROLLBACK");
  if (lost_) return Fail{*std::exchange(lost_, std::nullopt)};
  return ended;
}

Stored<Done> WriterConnection::end_savepoint(const StoreFault* failure) {
  // Some failures (a full disk, a failing one) make SQLite roll the whole transaction back by itself. Then
  // the works before this one are gone too, and their owners must hear of it at the commit.
  if (db().autocommit()) {
    if (lost_) return Fail{*lost_};
    lost_ = failure != nullptr ? *failure : db().fault("go on with the batch");
    lost_->text += " (the whole batch was undone)";
    return Fail{*lost_};
  }
  if (failure == nullptr && !lost_) {
    if (!db().query("RELEASE unit").run()) return Fail{db().fault("end a unit of the batch")};
    return Done{};
  }
  auto undone = db().execute("ROLLBACK TO unit; RELEASE unit");
  if (!undone) lost_ = undone.error();
  if (undone && lost_) return Fail{*lost_};
  return undone;
}

Stored<bool> WriterConnection::seen(std::string_view sql, const SpoolRef& from) {
  if (from.spool_id == 0) return false;
  auto row = db().query(sql);
  row.bind(from.anchor).bind(from.spool_id);
  const bool found = row.next();
  if (row.failed()) return Fail{db().fault("look up a delivery")};
  return found;
}

}  // namespace chiploc
