#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "server/notices/notice.hpp"
#include "server/orders/order_story.hpp"
#include "server/registry/import.hpp"
#include "server/registry/registry.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

/// Hands on what other systems are to be told, in the transaction of what it tells of. Empty: nobody is told.
using TellNotices = std::function<Stored<Done>(Store&, std::span<const Notice>)>;

/// Orders' stories in the store: told on, counted anew where they do not fit, handed on.
///
/// Owns      no state; asks for the rules in force whenever something happens.
/// Threads   the store's.
class OrderDesk {
 public:
  OrderDesk(std::function<OrderRules()> rules, TellNotices tell)
      : rules_{std::move(rules)}, tell_{std::move(tell)} {}

  [[nodiscard]] OrderRules rules() const { return rules_(); }
  /// What happened to an order, in order of time. `quiet`: of before, nobody has to hear of it today.
  [[nodiscard]] Stored<Done> happened(Store& store, const Registry& registry, const std::string& order,
                                      std::span<const OrderEvent> events, bool quiet) const;
  /// What a person did. kConflict with why it may not be.
  [[nodiscard]] Stored<Done> said(Store& store, const Registry& registry, const std::string& order,
                                  const OrderEvent& event) const;
  /// Tells on the orders that time alone has changed; how many.
  [[nodiscard]] Stored<std::size_t> tell_on(Store& store, const Registry& registry, WallTime now,
                                            std::size_t limit) const;
  /// As it is kept, or counted anew where it cannot be read; nullopt: it has not begun.
  [[nodiscard]] Stored<std::optional<OrderStory>> story(StoreReader& store, const Registry& registry,
                                                        const std::string& order) const;

 private:
  /// The order's chips as the store has them, in place of what the story counts.
  Stored<Done> count_anew(OrderStoryReader& reader, const std::string& order, OrderStory& story) const;
  Stored<Done> keep(Store& store, const Registry& registry, const std::string& order,
                    const OrderStory& before, const OrderStory& story,
                    const std::vector<OrderChange>& changes, bool quiet) const;

  std::function<OrderRules()> rules_;
  TellNotices tell_;
};

/// Who buys and uses what is ordered; empty of an order that is not registered.
[[nodiscard]] OrderParties parties_of(const Registry& registry, const std::string& order);

/// Who asks whether an order is on hold, of a store of their own.
[[nodiscard]] std::function<std::optional<OrderHold>(std::string_view)> holds_in(StoreReader& reader,
                                                                                 OrderRules rules);

}  // namespace chiploc
