#pragma once
// Events in SQLite; triggers of schema 16 write them. Private to this folder.

#include "server/storage/event_store.hpp"
#include "server/storage/sqlite/connection.hpp"

namespace chiploc {

// The questions, inside a read transaction.
Stored<EventsKept> read_events_kept(Database& db);
Stored<std::vector<StoredEvent>> read_events_after(Database& db, std::uint64_t number, std::size_t limit);

class SqliteEvents final : public EventReader {
 public:
  explicit SqliteEvents(Connection& connection) : connection_{connection} {}
  Stored<EventsKept> events_kept() override { return connection_.read(read_events_kept); }
  Stored<std::vector<StoredEvent>> events_after(std::uint64_t number, std::size_t limit) override {
    return connection_.read(read_events_after, number, limit);
  }

 private:
  Connection& connection_;
};

}  // namespace chiploc
