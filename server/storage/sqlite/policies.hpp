#pragma once
// Policies in SQLite. Private to this folder.

#include "server/storage/policy_store.hpp"
#include "server/storage/sqlite/connection.hpp"

namespace chiploc {

// The question, inside a read transaction.
Stored<std::vector<PolicyActivation>> read_policies(Database& db, std::size_t limit);
/// By its number; nullopt: it is not there, or the database failed.
std::optional<PolicyActivation> read_policy(Database& db, std::int64_t number);

/// Base is PolicyReader or PolicyStore.
template <class Base>
class SqlitePolicyReads : public Base {
 public:
  explicit SqlitePolicyReads(Connection& connection) : connection_{connection} {}
  Stored<std::vector<PolicyActivation>> policies(std::size_t limit) override {
    return connection_.read(read_policies, limit);
  }

 private:
  Connection& connection_;
};

class SqlitePolicies final : public SqlitePolicyReads<PolicyStore> {
 public:
  explicit SqlitePolicies(WriterConnection& writer) : SqlitePolicyReads{writer}, writer_{writer} {}
  Stored<PolicyActivation> activate(const PolicyActivation& activation) override;

 private:
  WriterConnection& writer_;
};

}  // namespace chiploc
