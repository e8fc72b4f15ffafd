#pragma once
// What orders are held for: the story of each, every change of it, and as what each chip was counted.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/records.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

/// `state` is the number of OrderState (server/orders).
struct OrderStoryRecord {
  std::string order;
  std::uint32_t state = 0;
  WallTime since;
  std::optional<WallTime> due;  ///< when time alone changes it next; nullopt: it needs an event
  ByteVector story;             ///< v1::OrderStory
};
/// `kind` is the number of OrderChangeKind.
struct OrderChangeRecord {
  std::string order;
  std::uint32_t number = 0;  ///< among those of the order, from 1; the store gives it
  WallTime at;
  std::uint32_t kind = 0, from = 0, to = 0;
  std::vector<ChipId> rests_on{};
  std::uint32_t more = 0;
  std::string who{}, why{};
};

/// Where a chip belongs to, and as what it is counted there: what is told of it next goes from here. `state` is the
/// number of ChipState (server/status).
struct FollowedChip {
  ChipId chip;
  std::string order, licence, site;  ///< empty: none, or not stated
  std::uint32_t state = 0;
  bool measured = false;
  friend bool operator==(const FollowedChip&, const FollowedChip&) = default;
};

/// Orders by id.
struct OrderStoryQuery {
  std::vector<std::uint32_t> states{};                     ///< empty: all
  std::function<bool(const std::string& order)> wanted{};  ///< empty: all
  std::string after{};                                     ///< continue behind this order
  std::size_t limit = 100;         ///< 1 to 10000; others are taken as the nearest of these
  std::size_t scan_max = 100'000;  ///< orders looked at, wanted or not
};
struct OrderStoryPage {
  std::vector<OrderStoryRecord> rows;
  std::optional<std::string> next;  ///< nullopt: this was the last page
};

class OrderStoryReader {
 public:
  OrderStoryReader() = default;
  OrderStoryReader(const OrderStoryReader&) = delete;
  OrderStoryReader& operator=(const OrderStoryReader&) = delete;
  virtual ~OrderStoryReader() = default;

  /// nullopt: its story has not begun, and nothing is held against it.
  virtual Stored<std::optional<OrderStoryRecord>> order_story(std::string_view order) = 0;
  virtual Stored<OrderStoryPage> list_order_stories(const OrderStoryQuery& query) = 0;
  /// Those that time alone has changed by now, the longest due first.
  virtual Stored<std::vector<OrderStoryRecord>> due_orders(WallTime now, std::size_t limit) = 0;
  /// Of this order, newest first.
  virtual Stored<std::vector<OrderChangeRecord>> order_changes(std::string_view order, std::size_t limit) = 0;
  /// nullopt: it is not followed yet.
  virtual Stored<std::optional<FollowedChip>> followed(const ChipId& chip) = 0;
  /// The chips that are counted in this order, by id, behind `after`.
  virtual Stored<std::vector<FollowedChip>> followed_of(std::string_view order,
                                                        const std::optional<ChipId>& after,
                                                        std::size_t limit) = 0;
  /// Chips with a status that are not followed yet, by id.
  virtual Stored<std::vector<ChipId>> not_followed(std::size_t limit) = 0;
};

class OrderStoryStore : public OrderStoryReader {
 public:
  /// The order's story in place of the one before, and what changed. The number of the last change before these.
  virtual Stored<std::uint32_t> put_order(const OrderStoryRecord& order,
                                          std::span<const OrderChangeRecord> changes) = 0;
  virtual Stored<Done> put_followed(const FollowedChip& chip) = 0;
  virtual Stored<Done> forget_followed(const ChipId& chip) = 0;
};

}  // namespace chiploc
