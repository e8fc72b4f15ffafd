#pragma once
// Mesh and knocks in SQLite. Private to this folder.

#include "server/storage/mesh_store.hpp"
#include "server/storage/sqlite/connection.hpp"

namespace chiploc {

// The questions, inside a read transaction.
Stored<std::vector<MeshPairRow>> read_mesh_pairs(Database& db, WallTime since, std::size_t limit);
Stored<std::optional<WallTime>> read_last_knock(Database& db, const ChipId& chip);

/// Base is MeshReader or MeshStore.
template <class Base>
class SqliteMeshReads : public Base {
 public:
  explicit SqliteMeshReads(Connection& connection) : connection_{connection} {}

  Stored<std::optional<WallTime>> last_knock(const ChipId& chip) override {
    return connection_.read(read_last_knock, chip);
  }
  Stored<std::vector<MeshPairRow>> mesh_pairs(WallTime since, std::size_t limit) override {
    return connection_.read(read_mesh_pairs, since, limit);
  }

 private:
  Connection& connection_;
};

class SqliteMesh final : public SqliteMeshReads<MeshStore> {
 public:
  explicit SqliteMesh(WriterConnection& writer) : SqliteMeshReads{writer}, writer_{writer} {}

  Stored<Appended> append_mesh(const MeshRecord& mesh) override;
  Stored<Appended> append_knock(const StoredKnock& knock, std::uint64_t spool_id) override;
  Stored<Pruned> prune_some(const PruneOrder& order) override;
  Stored<std::uint64_t> prune_mesh(WallTime before) override;
  Stored<std::uint64_t> prune_knocks(WallTime before) override;

 private:
  Database& db() { return writer_.db(); }
  // One step of pruning; false after a failure of the database.
  bool prune_mesh_step(const PruneOrder& order, std::size_t& rows, Pruned& out);
  bool prune_knocks_step(const PruneOrder& order, std::size_t& rows, Pruned& out);
  bool prune_events_step(const PruneOrder& order, std::size_t& rows, Pruned& out);
  /// What `sql` asks for: one number, 0 where there are no rows; nullopt after a failure of the database.
  std::optional<std::int64_t> first_integer(std::string_view sql);

  WriterConnection& writer_;
};

}  // namespace chiploc
