#pragma once
#include <cassert>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "proto/base/time.hpp"

namespace chiploc {

/// What an item of a TimerHeap carries. Not in a heap: place == kNowhere.
struct TimerHook {
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  SteadyTime due{};
  std::size_t place = kNowhere;
};

/// The items of one owner by the time at which each wants to be looked at. Each item stands in it at most
/// once and can be moved to any other time in O(log n), so that nothing stale piles up: 10,000 rounds are
/// 10,000 entries. Borrows the items; they remove themselves before they go away (remove()).
template <class Item, TimerHook Item::*Hook>
class TimerHeap {
 public:
  /// Puts the item in, or moves it to another time.
  void set(Item& item, SteadyTime due) {
    TimerHook& hook = item.*Hook;
    hook.due = due;
    if (hook.place == TimerHook::kNowhere) {
      hook.place = items_.size();
      items_.push_back(&item);
    }
    settle(hook.place);
  }
  void remove(Item& item) {
    const std::size_t place = (item.*Hook).place;
    if (place == TimerHook::kNowhere) return;
    assert(items_[place] == &item);
    (item.*Hook).place = TimerHook::kNowhere;
    Item* last = items_.back();
    items_.pop_back();
    if (last == &item) return;
    put(place, last);
    settle(place);
  }
  [[nodiscard]] std::optional<SteadyTime> next() const {
    if (items_.empty()) return std::nullopt;
    return (items_.front()->*Hook).due;
  }
  /// The first item if it is due, taken out; else null.
  [[nodiscard]] Item* pop_due(SteadyTime now) {
    if (items_.empty() || (items_.front()->*Hook).due > now) return nullptr;
    Item* first = items_.front();
    remove(*first);
    return first;
  }
  [[nodiscard]] std::size_t size() const { return items_.size(); }

 private:
  [[nodiscard]] bool before(std::size_t a, std::size_t b) const {
    return (items_[a]->*Hook).due < (items_[b]->*Hook).due;
  }
  void put(std::size_t place, Item* item) {
    items_[place] = item;
    (item->*Hook).place = place;
  }
  void swap(std::size_t a, std::size_t b) {
    Item* const first = items_[a];
    put(a, items_[b]);
    put(b, first);
  }
  void settle(std::size_t at) {
    while (at > 0 && before(at, (at - 1) / 2)) {
      swap(at, (at - 1) / 2);
      at = (at - 1) / 2;
    }
    for (;;) {
      std::size_t least = at;
      for (const std::size_t child : {2 * at + 1, 2 * at + 2}) {
        if (child < items_.size() && before(child, least)) least = child;
      }
      if (least == at) return;
      swap(at, least);
      at = least;
    }
  }
  std::vector<Item*> items_;
};

}  // namespace chiploc
