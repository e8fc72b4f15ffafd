#pragma once
// The registry in SQLite. Private to this folder.

#include "server/storage/registry_store.hpp"
#include "server/storage/sqlite/connection.hpp"

namespace chiploc {

// The questions, inside a read transaction.
Stored<Registry::Snapshot> read_registry(Database& db);
Stored<std::vector<ImportJournalEntry>> read_imports(Database& db, std::size_t limit);
/// By its version; nullopt: it is not there, or the database failed.
std::optional<ImportJournalEntry> read_import(Database& db, std::int64_t version);
Stored<ChangePage> read_changes(Database& db, const ChangeQuery& query);
Stored<std::vector<std::string>> read_past_keys(Database& db, ImportKind kind, std::string_view name);

/// Base is RegistryReader or RegistryStore.
template <class Base>
class SqliteRegistryReads : public Base {
 public:
  explicit SqliteRegistryReads(Connection& connection) : connection_{connection} {}

  Stored<Registry::Snapshot> load_registry() override { return connection_.read(read_registry); }
  Stored<std::vector<ImportJournalEntry>> imports(std::size_t limit) override {
    return connection_.read(read_imports, limit);
  }
  Stored<ChangePage> changes(const ChangeQuery& query) override {
    return connection_.read(read_changes, query);
  }
  Stored<std::vector<std::string>> past_keys(ImportKind kind, std::string_view name) override {
    return connection_.read(read_past_keys, kind, name);
  }

 private:
  Connection& connection_;
};

class SqliteRegistry final : public SqliteRegistryReads<RegistryStore> {
 public:
  explicit SqliteRegistry(WriterConnection& writer) : SqliteRegistryReads{writer}, writer_{writer} {}

  Stored<Done> save_import(const ImportPlan& plan, const ImportStamp& stamp) override;

 private:
  Database& db() { return writer_.db(); }
  Stored<Done> save_counter_starts(const ImportPlan& plan, const ImportStamp& stamp);
  Stored<Done> save_records(const ImportPlan& plan);
  Stored<Done> remove_record(const RemovedRecord& record);
  Stored<Done> remove_chip(const std::string& name);
  Stored<Done> save_prohibited(const ImportPlan& plan);
  Stored<Done> save_journal(const ImportPlan& plan, const ImportStamp& stamp);
  Stored<Done> save_changes(const ImportPlan& plan);

  WriterConnection& writer_;
};

}  // namespace chiploc
