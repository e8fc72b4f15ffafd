#pragma once
// Stories of an order told in days, chip by chip.

#include <map>

#include "server/orders/order_story.hpp"

namespace chiploc {

inline WallTime day(double d) {
  return WallTime{std::chrono::hours{24 * 365 * 50}} + Nanoseconds{static_cast<std::int64_t>(d * 86'400e9)};
}
inline std::string days_text(WallTime t) {
  std::string out = std::to_string(static_cast<double>((t - day(0)).count()) / 86'400e9);
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out;
}

inline ChipId order_chip(unsigned n) {
  ChipId id;
  for (unsigned i = 0; i < 4; ++i) id.bytes[i] = static_cast<std::uint8_t>(n >> (8 * i));
  return id;
}

class OrderDays {
 public:
  explicit OrderDays(OrderRules rules = {}, OrderParties parties = {"Buyer Ltd", "User GmbH"})
      : rules_{rules}, story_{begin_order(day(0), std::move(parties))} {}

  /// Chips `from` to `to` - 1 are delivered to a site, in this state.
  OrderDays& joined(double d, unsigned from, unsigned to, ChipState state = ChipState::kPending,
                    const std::string& site = "campus") {
    for (unsigned chip = from; chip < to; ++chip) {
      parts_[chip] = {state, state != ChipState::kPending, site};
      event(d, OrderChipJoined{order_chip(chip), parts_[chip]});
    }
    return *this;
  }
  OrderDays& become(double d, unsigned from, unsigned to, ChipState state) {
    for (unsigned chip = from; chip < to; ++chip) {
      const ChipPart before = parts_.at(chip);
      parts_[chip] = {state, true, before.site};
      event(d, OrderChipChanged{order_chip(chip), before, parts_[chip]});
    }
    return *this;
  }
  OrderDays& left(double d, unsigned chip) {
    event(d, OrderChipLeft{order_chip(chip), parts_.at(chip)});
    parts_.erase(chip);
    return *this;
  }
  OrderDays& event(double d, decltype(OrderEvent::what) what) {
    return add_changes(apply(story_, {day(d), std::move(what)}, rules_));
  }
  OrderDays& until(double d) { return add_changes(advance(story_, day(d), rules_)); }

  /// "2 hold, 5 open": every change of state so far.
  [[nodiscard]] std::string told() const {
    std::string out;
    for (const OrderChange& change : changes_) {
      if (change.from == change.to) continue;
      out += (out.empty() ? "" : ", ") + days_text(change.at) + " " + std::string{name_of(change.to)};
    }
    return out;
  }
  /// The newest change of a kind; null: none.
  [[nodiscard]] const OrderChange* newest(OrderChangeKind kind) const {
    for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
      if (change->kind == kind) return &*change;
    }
    return nullptr;
  }
  [[nodiscard]] std::size_t count(OrderChangeKind kind) const {
    std::size_t n = 0;
    for (const OrderChange& change : changes_) n += change.kind == kind ? 1U : 0U;
    return n;
  }
  [[nodiscard]] const std::vector<OrderChange>& changes() const { return changes_; }
  [[nodiscard]] const OrderStory& story() const { return story_; }
  [[nodiscard]] const OrderRules& rules() const { return rules_; }
  [[nodiscard]] OrderState state() const { return story_.state; }
  [[nodiscard]] WatchState watch(WatchParty party) const {
    return story_.watch.at(static_cast<std::size_t>(party)).state;
  }

 private:
  OrderDays& add_changes(std::vector<OrderChange> changes) {
    changes_.insert(changes_.end(), changes.begin(), changes.end());
    return *this;
  }
  OrderRules rules_;
  OrderStory story_;
  std::vector<OrderChange> changes_;
  std::map<unsigned, ChipPart> parts_;
};

}  // namespace chiploc
