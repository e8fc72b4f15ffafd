#pragma once
// The audit log in SQLite. Private to this folder.

#include "server/storage/audit_store.hpp"
#include "server/storage/sqlite/connection.hpp"

namespace chiploc {

// The question, inside a read transaction.
Stored<std::vector<AuditEntry>> read_audit_entries(Database& db, const AuditQuery& query);

/// Base is AuditReader or AuditStore.
template <class Base>
class SqliteAuditReads : public Base {
 public:
  explicit SqliteAuditReads(Connection& connection) : connection_{connection} {}
  Stored<std::vector<AuditEntry>> audit_entries(const AuditQuery& query) override {
    return connection_.read(read_audit_entries, query);
  }

 private:
  Connection& connection_;
};

class SqliteAudits final : public SqliteAuditReads<AuditStore> {
 public:
  explicit SqliteAudits(WriterConnection& writer) : SqliteAuditReads{writer}, writer_{writer} {}
  Stored<std::uint64_t> note(const AuditEntry& entry) override;

 private:
  WriterConnection& writer_;
};

}  // namespace chiploc
