#pragma once
// An order's figures and what is said of them: shared by its story and whoever shows it.

#include <string>

#include "server/orders/order_story.hpp"

namespace chiploc {

/// Chips that may hold an order, among all that were delivered.
struct HeldAgainst {
  std::uint32_t accused = 0, unanswered = 0, total = 0;
  [[nodiscard]] std::uint32_t chips() const { return accused + unanswered; }
};
[[nodiscard]] HeldAgainst held_against_of(const OrderTally& tally, const OrderRules& rules);
/// Silent; unproven where policy says so.
[[nodiscard]] bool is_unanswered(ChipState state, const OrderRules& rules);
/// "The buyer, Example Ltd,"; "The end user, Example Ltd,".
[[nodiscard]] std::string party_text(const OrderParties& parties, WatchParty party);

}  // namespace chiploc
