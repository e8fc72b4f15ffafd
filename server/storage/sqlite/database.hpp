#pragma once
// SQLite's C API behind two small owners. Private to this folder.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/storage/store.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace chiploc {

/// A prepared statement in use. Binds parameters from left to right; what goes wrong is remembered and told
/// by failed(), so that callers ask once. Goes back to the Database's cache, reset, when it ends. Two Queries
/// with the same text may not be in use at once.
class Query {
 public:
  explicit Query(sqlite3_stmt* statement) : statement_{statement} {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;

  Query& bind(std::int64_t value);
  Query& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }  // two's complement
  Query& bind(std::uint32_t value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(double value);
  Query& bind(bool value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(std::string_view text);
  Query& bind(Bytes blob);
  Query& bind(WallTime time) { return bind(std::int64_t{time.since_epoch.count()}); }
  Query& bind_null();
  template <class Tag, std::size_t N>
  Query& bind(const Id<Tag, N>& id) {
    return bind(Bytes{id.bytes});
  }
  /// An anchor's spool number: NULL for 0, so that it meets no unique index.
  Query& bind_spool(std::uint64_t spool_id) { return spool_id == 0 ? bind_null() : bind(spool_id); }

  /// True: there is a row. False: the end, or failed().
  bool next();
  /// For statements without rows. False: failed().
  bool run();
  [[nodiscard]] bool failed() const { return failed_; }

  // Columns of the row, from 0.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::uint64_t count(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  [[nodiscard]] std::uint32_t small(int column) const { return static_cast<std::uint32_t>(integer(column)); }
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] ByteVector blob(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] WallTime time(int column) const { return {Nanoseconds{integer(column)}}; }
  /// All zero if the column has another size: the schema's CHECKs make that impossible for what we wrote.
  template <class SomeId>
  [[nodiscard]] SomeId id(int column) const {
    return SomeId::from_bytes(blob(column)).value_or(SomeId{});
  }

 private:
  sqlite3_stmt* statement_;
  int parameter_ = 0;
  bool failed_ = false;
};

/// One connection. One thread at a time.
class Database {
 public:
  /// `flags` are sqlite3_open_v2's.
  [[nodiscard]] static Stored<std::unique_ptr<Database>> open(const std::string& path, int flags,
                                                              int busy_timeout_ms);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Prepared once for each text and kept.
  [[nodiscard]] Query query(std::string_view sql);
  /// One or more statements without parameters or rows.
  [[nodiscard]] Stored<Done> execute(const char* sql);
  /// The first column of the first row; 0 if there is none.
  [[nodiscard]] Stored<std::int64_t> integer(std::string_view sql);

  /// What SQLite said last, as a fault; `what` is a verb phrase such as "save the import".
  [[nodiscard]] StoreFault fault(std::string_view what) const;
  [[nodiscard]] StoreFault fault(StoreFaultCode code, std::string text) const {
    return {code, path_ + ": " + std::move(text)};
  }
  /// False while a transaction is open.
  [[nodiscard]] bool autocommit() const;
  [[nodiscard]] std::int64_t last_row() const;
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  Database(std::string path, sqlite3* handle) : path_{std::move(path)}, handle_{handle} {}
  std::string path_;
  sqlite3* handle_;
  std::unordered_map<std::string, sqlite3_stmt*, TextHash, std::equal_to<>> statements_;
};

}  // namespace chiploc
