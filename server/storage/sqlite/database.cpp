#include "server/storage/sqlite/database.hpp"

#include <sqlite3.h>

#include <utility>

#include "proto/base/free_space.hpp"

namespace chiploc {
namespace {

StoreFaultCode code_of(int primary) {
  switch (primary) {
    case SQLITE_FULL:
      return StoreFaultCode::kFull;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return StoreFaultCode::kBusy;
    case SQLITE_CORRUPT:
      return StoreFaultCode::kCorrupt;
    case SQLITE_NOTADB:
      return StoreFaultCode::kForeign;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return StoreFaultCode::kPermission;
    case SQLITE_CONSTRAINT:
      return StoreFaultCode::kConflict;
    case SQLITE_TOOBIG:
    case SQLITE_RANGE:
    case SQLITE_MISUSE:
      return StoreFaultCode::kInvalid;
    default:
      return StoreFaultCode::kInputOutput;
  }
}

const char* remedy_of(StoreFaultCode code) {
  switch (code) {
    case StoreFaultCode::kFull:
      return "; make room on the disk, then try again: nothing was lost and nothing was added";
    case StoreFaultCode::kBusy:
      return "; another process holds the database, stop it or wait";
    case StoreFaultCode::kCorrupt:
      return "; the database is damaged, restore it from a backup";
    case StoreFaultCode::kForeign:
      return "; this is no chiploc database, name another file";
    case StoreFaultCode::kPermission:
      return "; check that the folder exists and this user may write there";
    case StoreFaultCode::kInputOutput:
      return "; check the disk";
    case StoreFaultCode::kOlderSchema:
    case StoreFaultCode::kNewerSchema:
    case StoreFaultCode::kNotFound:
    case StoreFaultCode::kConflict:
    case StoreFaultCode::kAmbiguous:
    case StoreFaultCode::kInvalid:
      return "";
  }
  return "";
}

// SQLite binds NULL for a null pointer, also where the size is 0; an empty value must stay a value.
const char* not_null(const void* data) { return data == nullptr ? "" : static_cast<const char*>(data); }

}  // namespace

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Query::Query(Query&& other) noexcept
    : statement_{std::exchange(other.statement_, nullptr)},
      parameter_{other.parameter_},
      failed_{other.failed_} {}

Query& Query::bind(std::int64_t value) {
  failed_ |= sqlite3_bind_int64(statement_, ++parameter_, value) != SQLITE_OK;
  return *this;
}
Query& Query::bind(double value) {
  failed_ |= sqlite3_bind_double(statement_, ++parameter_, value) != SQLITE_OK;
  return *this;
}
// SQLITE_TRANSIENT is a C cast of -1; nullptr (SQLITE_STATIC) would need the value to outlive the statement,
// which callers that bind temporaries do not promise. So the copying destructor is spelled out here once.
static sqlite3_destructor_type copy_it() { return reinterpret_cast<sqlite3_destructor_type>(-1); }  // NOLINT

Query& Query::bind(std::string_view text) {
  failed_ |= sqlite3_bind_text64(statement_, ++parameter_, not_null(text.data()), text.size(), copy_it(),
                                 SQLITE_UTF8) != SQLITE_OK;
  return *this;
}
Query& Query::bind(Bytes blob) {
  failed_ |= sqlite3_bind_blob64(statement_, ++parameter_, not_null(blob.data()), blob.size(), copy_it()) !=
             SQLITE_OK;
  return *this;
}
Query& Query::bind_null() {
  failed_ |= sqlite3_bind_null(statement_, ++parameter_) != SQLITE_OK;
  return *this;
}

bool Query::next() {
  if (statement_ == nullptr || failed_) {
    failed_ = true;
    return false;
  }
  const int outcome = sqlite3_step(statement_);
  if (outcome == SQLITE_ROW) return true;
  failed_ = outcome != SQLITE_DONE;
  return false;
}

bool Query::run() {
  while (next()) {
  }
  return !failed_;
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Query::real(int column) const { return sqlite3_column_double(statement_, column); }
bool Query::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::string Query::text(int column) const {
  const ByteVector raw = blob(column);
  return string_of(raw);
}

ByteVector Query::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data == nullptr ? ByteVector{} : ByteVector{data, data + size};
}

Stored<std::unique_ptr<Database>> Database::open(const std::string& path, int flags, int busy_timeout_ms) {
  sqlite3* handle = nullptr;
  const int outcome = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<Database> database{new Database{path, handle}};
  if (outcome != SQLITE_OK) return Fail{database->fault("open the database")};
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  // A damaged or planted file must not be able to run code of its own choice.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return database;
}

Database::~Database() {
  for (const auto& [text, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

Query Database::query(std::string_view sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return Query{known->second};
  sqlite3_stmt* statement = nullptr;
  const int outcome = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (outcome != SQLITE_OK) return Query{nullptr};  // its next() fails, and fault() knows why
  statements_.emplace(sql, statement);
  return Query{statement};
}

Stored<Done> Database::execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return Fail{fault("run a statement")};
  return Done{};
}

Stored<std::int64_t> Database::integer(std::string_view sql) {
  auto query = this->query(sql);
  const bool row = query.next();
  if (query.failed()) return Fail{fault("read the database")};
  return row ? query.integer(0) : 0;
}

StoreFault Database::fault(std::string_view what) const {
  const int extended = sqlite3_extended_errcode(handle_);
  const StoreFaultCode code = code_of(extended & 0xFF);
  std::string text =
      path_ + ": cannot " + std::string{what} + ": " + sqlite3_errmsg(handle_) + remedy_of(code);
  if (code == StoreFaultCode::kFull) {
    if (const std::string free = free_space_text(path_); !free.empty()) text += " (" + free + ")";
  }
  return {code, std::move(text)};
}

bool Database::autocommit() const { return sqlite3_get_autocommit(handle_) != 0; }
std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(handle_); }
std::int64_t Database::changes() const { return sqlite3_changes64(handle_); }

}  // namespace chiploc
