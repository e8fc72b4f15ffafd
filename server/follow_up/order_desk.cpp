#include "server/follow_up/order_desk.hpp"

#include <algorithm>
#include <utility>

#include "server/follow_up/notices_of.hpp"
#include "server/orders/order_record.hpp"
#include "server/orders/order_words.hpp"

namespace chiploc {
namespace {

std::uint32_t number_of_state(OrderState state) { return static_cast<std::uint32_t>(state); }
constexpr std::uint32_t kUnresolvedStates[] = {0, 1};  // CaseState::kOpen, kDisputed

/// Of this order, the most urgent that is not resolved; empty: none.
Stored<std::string> case_behind(CaseReader& cases, const std::string& order) {
  CaseQuery query;
  query.states.assign(std::begin(kUnresolvedStates), std::end(kUnresolvedStates));
  query.order = order;
  query.limit = 1;
  const auto page = cases.list_cases(query);
  if (!page) return Fail{page.error()};
  return page->rows.empty() ? std::string{} : case_name(page->rows.front().number);
}

std::uint64_t to_come(const Registry& registry, const OrderRecord& order) {
  std::uint64_t delivered = 0;
  for (const std::string& id : registry.order_deliveries(order.id)) {
    if (const DeliveryRecord* delivery = registry.delivery(id)) delivered += delivery->quantity;
  }
  return order.quantity - std::min<std::uint64_t>(delivered, order.quantity);
}

}  // namespace

OrderParties parties_of(const Registry& registry, const std::string& order) {
  const OrderRecord* record = registry.order(order);
  return record == nullptr ? OrderParties{} : OrderParties{record->buyer, record->end_user};
}

Stored<Done> OrderDesk::count_anew(OrderStoryReader& reader, const std::string& order,
                                   OrderStory& story) const {
  constexpr std::size_t kAtOnce = 1'000;
  story.tally = {};
  story.accused.clear();
  story.unanswered.clear();
  story.misfits = 0;
  const OrderRules in_force = rules();
  std::optional<ChipId> after;
  for (;;) {
    const auto chips = reader.followed_of(order, after, kAtOnce);
    if (!chips) return Fail{chips.error()};
    for (const FollowedChip& chip : *chips) {
      const auto state = static_cast<ChipState>(std::min<std::uint32_t>(chip.state, kChipStates - 1));
      if (!add(story.tally, {state, chip.measured || state == ChipState::kCompliant, chip.site})) continue;
      const bool accused = accuses(state) || state == ChipState::kDisputed;
      std::vector<ChipId>& shown = accused ? story.accused : story.unanswered;
      if ((accused || is_unanswered(state, in_force)) && shown.size() < kOrderChipsShown)
        shown.push_back(chip.chip);
    }
    if (chips->size() < kAtOnce) return Done{};
    after = chips->back().chip;
  }
}

Stored<std::optional<OrderStory>> OrderDesk::story(StoreReader& store, const Registry& registry,
                                                   const std::string& order) const {
  const auto kept = store.order_stories().order_story(order);
  if (!kept) return Fail{kept.error()};
  if (!*kept) return std::optional<OrderStory>{};
  auto story = order_from((*kept)->story);
  if (story) return std::optional{std::move(*story)};
  // Damaged: what its chips are is known all the same. A lift and who was proposed are lost; they stand in its changes.
  OrderStory anew = begin_order((*kept)->since, parties_of(registry, order));
  const auto counted = count_anew(store.order_stories(), order, anew);
  if (!counted) return Fail{counted.error()};
  static_cast<void>(apply(anew, {anew.told, anew.parties}, rules()));  // what follows from the figures
  anew.misfits = 1;  // what happens to it next may be counted already
  return std::optional{std::move(anew)};
}

Stored<Done> OrderDesk::keep(Store& store, const Registry& registry, const std::string& order,
                             const OrderStory& before, const OrderStory& story,
                             const std::vector<OrderChange>& changes, bool quiet) const {
  std::vector<OrderChangeRecord> records;
  for (const OrderChange& change : changes) {
    records.push_back({order, 0, change.at, static_cast<std::uint32_t>(change.kind),
                       number_of_state(change.from), number_of_state(change.to), change.rests_on, change.more,
                       change.who, change.why});
  }
  const auto next = outlook(story, rules());
  const auto last =
      store.order_stories().put_order({order, number_of_state(story.state), story.since,
                                       next ? std::optional{next->at} : std::nullopt, order_bytes(story)},
                                      records);
  if (!last) return Fail{last.error()};
  const OrderRecord* record = registry.order(order);
  if (!tell_ || quiet || changes.empty() || record == nullptr) return Done{};
  const auto behind = case_behind(store.cases(), order);
  if (!behind) return Fail{behind.error()};
  OrderTold told{order, record->licence, to_come(registry, *record), *behind, before.since};
  std::vector<Notice> notices;
  std::uint64_t number = *last;
  for (const OrderChange& change : changes) {
    auto notice = notice_of(told, story, change, ++number, rules());
    if (change.kind == OrderChangeKind::kHeld) told.held = change.at;
    if (notice) notices.push_back(std::move(*notice));
  }
  return notices.empty() ? Stored<Done>{Done{}} : tell_(store, notices);
}

Stored<Done> OrderDesk::happened(Store& store, const Registry& registry, const std::string& order,
                                 std::span<const OrderEvent> events, bool quiet) const {
  if (events.empty()) return Done{};
  auto kept = story(store, registry, order);
  if (!kept) return Fail{kept.error()};
  if (!*kept) *kept = begin_order(events.front().at, parties_of(registry, order));
  OrderStory& now = **kept;
  const OrderStory before = now;
  std::vector<OrderChange> changes;
  const auto take = [&](const OrderEvent& event) {
    auto more = apply(now, event, rules());
    changes.insert(changes.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  for (const OrderEvent& event : events) take(event);
  if (now.misfits > 0) {
    const auto counted = count_anew(store.order_stories(), order, now);
    if (!counted) return counted;
    take({events.back().at, now.parties});  // what follows from the figures as they are
  }
  return keep(store, registry, order, before, now, changes, quiet);
}

Stored<Done> OrderDesk::said(Store& store, const Registry& registry, const std::string& order,
                             const OrderEvent& event) const {
  auto kept = story(store, registry, order);
  if (!kept) return Fail{kept.error()};
  OrderStory now = *kept ? **kept : begin_order(event.at, parties_of(registry, order));
  advance(now, event.at, rules());
  if (const std::string why = refusal_of(event, now, rules()); !why.empty())
    return Fail{
        StoreFault{StoreFaultCode::kConflict, "order " + order + ": " + why + "; nothing was changed"}};
  return happened(store, registry, order, {&event, 1}, false);
}

Stored<std::size_t> OrderDesk::tell_on(Store& store, const Registry& registry, WallTime now,
                                       std::size_t limit) const {
  const auto due = store.order_stories().due_orders(now, limit);
  if (!due) return Fail{due.error()};
  for (const OrderStoryRecord& record : *due) {
    const auto told = store.as_one([&]() -> Stored<Done> {
      auto kept = story(store, registry, record.order);
      if (!kept) return Fail{kept.error()};
      const OrderStory before = **kept;
      const auto changes = advance(**kept, now, rules());
      return keep(store, registry, record.order, before, **kept, changes, false);
    });
    if (!told) return Fail{told.error()};
  }
  return due->size();
}

std::function<std::optional<OrderHold>(std::string_view)> holds_in(StoreReader& reader, OrderRules rules) {
  return [&reader, rules](std::string_view order) -> std::optional<OrderHold> {
    const auto kept = reader.order_stories().order_story(order);
    if (!kept) return OrderHold{{}, "what it is held for cannot be read: " + kept.error().text};
    if (!*kept || (*kept)->state != number_of_state(OrderState::kHold)) return std::nullopt;
    const auto story = order_from((*kept)->story);
    if (!story) return OrderHold{(*kept)->since, "its figures are damaged in the store"};
    return OrderHold{story->since, held_against(*story, rules), story->overrides};
  };
}

}  // namespace chiploc
