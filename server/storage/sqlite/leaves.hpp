#pragma once
// Entries of the evidence log in SQLite; triggers of schema 18 write them. Private to this folder.

#include "server/storage/leaf_store.hpp"
#include "server/storage/sqlite/connection.hpp"

namespace chiploc {

// The questions, inside a read transaction.
Stored<std::optional<Digest>> read_leaf_seed(Database& db);
Stored<std::uint64_t> read_leaf_count(Database& db);
Stored<std::vector<StoredLeaf>> read_leaves_from(Database& db, std::uint64_t index, std::size_t limit);
Stored<LeafReader::RoundPlaces> read_leaves_of_round(Database& db, const RoundId& round);

/// Base is LeafReader or LeafStore.
template <class Base>
class SqliteLeafReads : public Base {
 public:
  explicit SqliteLeafReads(Connection& connection) : connection_{connection} {}
  Stored<std::optional<Digest>> leaf_seed() override { return connection_.read(read_leaf_seed); }
  Stored<std::uint64_t> leaf_count() override { return connection_.read(read_leaf_count); }
  Stored<std::vector<StoredLeaf>> leaves_from(std::uint64_t index, std::size_t limit) override {
    return connection_.read(read_leaves_from, index, limit);
  }
  Stored<LeafReader::RoundPlaces> leaves_of_round(const RoundId& round) override {
    return connection_.read(read_leaves_of_round, round);
  }

 private:
  Connection& connection_;
};

class SqliteLeaves final : public SqliteLeafReads<LeafStore> {
 public:
  explicit SqliteLeaves(WriterConnection& writer) : SqliteLeafReads{writer}, writer_{writer} {}
  Stored<Done> begin_log(const Digest& seed, WallTime now) override;

 private:
  WriterConnection& writer_;
};

}  // namespace chiploc
