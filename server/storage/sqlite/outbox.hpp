#pragma once
// The outbox in SQLite. Private to this folder.

#include "server/storage/outbox_store.hpp"
#include "server/storage/sqlite/connection.hpp"

namespace chiploc {

// The questions, inside a read transaction.
Stored<std::vector<DueDelivery>> read_due(Database& db, const std::string& sink, WallTime now,
                                          std::size_t limit);
Stored<std::optional<WallTime>> read_next_due(Database& db, const std::string& sink);
Stored<std::vector<DueDelivery>> read_dead_letters(Database& db, const DeadLetterQuery& query);
Stored<std::vector<NumberedLogEntry>> read_delivery_log(Database& db, const DeliveryLogQuery& query);
Stored<std::vector<SinkStanding>> read_sink_standings(Database& db);
Stored<std::optional<OutboxNotice>> read_notice(Database& db, const NoticeId& id);
Stored<std::vector<NumberedNotice>> read_notices(Database& db, std::int64_t after,
                                                 std::optional<WallTime> since, std::size_t limit);
Stored<std::vector<OutboxNotice>> read_open_subjects(Database& db);
Stored<std::vector<MuteRow>> read_mutes(Database& db, const MuteQuery& query);

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
  Stored<std::vector<DueDelivery>> dead_letters(const DeadLetterQuery& query) override {
    return connection_.read(read_dead_letters, query);
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
  Stored<std::vector<NumberedNotice>> notices(std::int64_t after, std::optional<WallTime> since,
                                              std::size_t limit) override {
    return connection_.read(read_notices, after, since, limit);
  }
  Stored<std::vector<OutboxNotice>> open_subjects() override { return connection_.read(read_open_subjects); }
  Stored<std::vector<MuteRow>> mutes(const MuteQuery& query) override {
    return connection_.read(read_mutes, query);
  }

 private:
  Connection& connection_;
};

class SqliteOutbox final : public SqliteOutboxReads<OutboxStore> {
 public:
  explicit SqliteOutbox(WriterConnection& writer) : SqliteOutboxReads{writer}, writer_{writer} {}

  Stored<Appended> append(const OutboxNotice& notice, const std::vector<std::string>& sinks,
                          WallTime now) override;
  Stored<Appended> append_muted(const OutboxNotice& notice, const std::vector<std::string>& sinks,
                                const MutedBy& by, WallTime now) override;
  Stored<Done> settle(const Settled& settled, WallTime now) override;
  Stored<std::string> resend(std::uint64_t number, WallTime now) override;
  Stored<Done> switch_sink(const std::string& sink, const std::optional<std::string>& why_off,
                           WallTime now) override;
  Stored<OutboxPruned> prune_outbox(const OutboxPruneOrder& order) override;
  Stored<std::uint64_t> add_mute(const MuteRow& mute) override;
  Stored<Done> end_mute(std::uint64_t number, const std::string& by, WallTime now) override;

 private:
  Database& db() { return writer_.db(); }
  /// Its number; nullopt: it is there already.
  Stored<std::optional<std::int64_t>> keep_notice(const OutboxNotice& notice);
  // Parts of the above; false after a failure of the database.
  bool make_next_due(const std::string& sink, const std::string& stream, WallTime now);
  bool write_log(const DeliveryLogEntry& entry);
  bool write_switch(const std::string& sink, const std::optional<std::string>& why_off, WallTime now);
  bool prune_notices(const OutboxPruneOrder& order, std::size_t& rows, OutboxPruned& out);
  bool remove_notice(std::int64_t number, WallTime now, std::size_t& rows, OutboxPruned& out);
  bool prune_log(const OutboxPruneOrder& order, std::size_t& rows, OutboxPruned& out);

  WriterConnection& writer_;
};

}  // namespace chiploc
