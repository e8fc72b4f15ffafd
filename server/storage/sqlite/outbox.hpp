#pragma once
// The outbox in SQLite. Private to this folder.

#include "server/storage/outbox_store.hpp"
#include "server/storage/sqlite/connection.hpp"

namespace chiploc {

// The questions, inside a read transaction.
Stored<std::vector<DueDelivery>> read_due(Database& db, const std::string& sink, WallTime now,
                                          std::size_t limit);
Stored<std::optional<WallTime>> read_next_due(Database& db, const std::string& sink);
Stored<std::vector<DueDelivery>> read_dead_letters(Database& db, std::uint64_t after, std::size_t limit);
Stored<std::vector<NumberedLogEntry>> read_delivery_log(Database& db, const DeliveryLogQuery& query);
Stored<std::vector<SinkStanding>> read_sink_standings(Database& db);
Stored<std::optional<OutboxNotice>> read_notice(Database& db, const NoticeId& id);

/// Base is OutboxReader or OutboxStore.
template <class Base>
class SqliteOutboxReads : public Base {
 public:
  explicit SqliteOutboxReads(Connection& connection) : connection_{connection} {}

  Stored<std::vector<DueDelivery>> due(const std::string& sink, WallTime now, std::size_t limit) override {
    return connection_.read(read_due, sink, now, limit);
  }
  Stored<std::optional<WallTime>> next_due(const std::string& sink) override {
    return connection_.read(read_next_due, sink);
  }
  Stored<std::vector<DueDelivery>> dead_letters(std::uint64_t after, std::size_t limit) override {
    return connection_.read(read_dead_letters, after, limit);
  }
  Stored<std::vector<NumberedLogEntry>> delivery_log(const DeliveryLogQuery& query) override {
    return connection_.read(read_delivery_log, query);
  }
  Stored<std::vector<SinkStanding>> sink_standings() override {
    return connection_.read(read_sink_standings);
  }
  Stored<std::optional<OutboxNotice>> notice(const NoticeId& id) override {
    return connection_.read(read_notice, id);
  }

 private:
  Connection& connection_;
};

class SqliteOutbox final : public SqliteOutboxReads<OutboxStore> {
 public:
  explicit SqliteOutbox(WriterConnection& writer) : SqliteOutboxReads{writer}, writer_{writer} {}

  Stored<Appended> append(const OutboxNotice& notice, const std::vector<std::string>& sinks,
                          WallTime now) override;
  Stored<Done> settle(const Settled& settled, WallTime now) override;
  Stored<Done> resend(std::uint64_t number, WallTime now) override;
  Stored<Done> switch_sink(const std::string& sink, const std::optional<std::string>& why_off,
                           WallTime now) override;
  Stored<OutboxPruned> prune_outbox(const OutboxPruneOrder& order) override;

 private:
  Database& db() { return writer_.db(); }
  // Parts of the above; false after a failure of the database.
  bool make_next_due(const std::string& sink, const std::string& stream, WallTime now);
  bool write_log(const DeliveryLogEntry& entry);
  bool write_switch(const std::string& sink, const std::optional<std::string>& why_off, WallTime now);
  bool prune_notices(const OutboxPruneOrder& order, std::size_t& rows, OutboxPruned& out);
  bool prune_log(const OutboxPruneOrder& order, std::size_t& rows, OutboxPruned& out);

  WriterConnection& writer_;
};

}  // namespace chiploc
