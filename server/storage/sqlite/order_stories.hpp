#pragma once
// Orders' stories in SQLite. Private to this folder.

#include "server/storage/order_story_store.hpp"
#include "server/storage/sqlite/connection.hpp"

namespace chiploc {

// The questions, inside a read transaction.
Stored<std::optional<OrderStoryRecord>> read_order_story(Database& db, std::string_view order);
Stored<OrderStoryPage> read_order_stories(Database& db, const OrderStoryQuery& query);
Stored<std::vector<OrderStoryRecord>> read_due_orders(Database& db, WallTime now, std::size_t limit);
Stored<std::vector<OrderChangeRecord>> read_order_changes(Database& db, std::string_view order,
                                                          std::size_t limit);
Stored<std::optional<FollowedChip>> read_followed(Database& db, const ChipId& chip);
Stored<std::vector<FollowedChip>> read_followed_of(Database& db, std::string_view order,
                                                   const std::optional<ChipId>& after, std::size_t limit);
Stored<std::vector<ChipId>> read_not_followed(Database& db, std::size_t limit);

/// Base is OrderStoryReader or OrderStoryStore.
template <class Base>
class SqliteOrderStoryReads : public Base {
 public:
  explicit SqliteOrderStoryReads(Connection& connection) : connection_{connection} {}

  Stored<std::optional<OrderStoryRecord>> order_story(std::string_view order) override {
    return connection_.read(read_order_story, order);
  }
  Stored<OrderStoryPage> list_order_stories(const OrderStoryQuery& query) override {
    return connection_.read(read_order_stories, query);
  }
  Stored<std::vector<OrderStoryRecord>> due_orders(WallTime now, std::size_t limit) override {
    return connection_.read(read_due_orders, now, limit);
  }
  Stored<std::vector<OrderChangeRecord>> order_changes(std::string_view order, std::size_t limit) override {
    return connection_.read(read_order_changes, order, limit);
  }
  Stored<std::optional<FollowedChip>> followed(const ChipId& chip) override {
    return connection_.read(read_followed, chip);
  }
  Stored<std::vector<FollowedChip>> followed_of(std::string_view order, const std::optional<ChipId>& after,
                                                std::size_t limit) override {
    return connection_.read(read_followed_of, order, after, limit);
  }
  Stored<std::vector<ChipId>> not_followed(std::size_t limit) override {
    return connection_.read(read_not_followed, limit);
  }

 private:
  Connection& connection_;
};

class SqliteOrderStories final : public SqliteOrderStoryReads<OrderStoryStore> {
 public:
  explicit SqliteOrderStories(WriterConnection& writer) : SqliteOrderStoryReads{writer}, writer_{writer} {}

  Stored<std::uint32_t> put_order(const OrderStoryRecord& order,
                                  std::span<const OrderChangeRecord> changes) override;
  Stored<Done> put_followed(const FollowedChip& chip) override;
  Stored<Done> forget_followed(const ChipId& chip) override;

 private:
  Database& db() { return writer_.db(); }
  /// False after a failure of the database.
  bool save_change(const OrderChangeRecord& change, std::uint32_t number);

  WriterConnection& writer_;
};

}  // namespace chiploc
