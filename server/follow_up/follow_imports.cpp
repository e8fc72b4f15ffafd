// What imports and removals change for orders and cases.
#include <algorithm>
#include <map>
#include <set>

#include "server/follow_up/follow_up.hpp"
#include "server/follow_up/followed.hpp"
#include "server/follow_up/transshipment.hpp"
#include "server/status/story_record.hpp"

namespace chiploc {
namespace {

bool counts_against(const FollowedChip& chip) {
  const ChipState state = state_of(chip);
  return accuses(state) || state == ChipState::kDisputed || state == ChipState::kSilent ||
         state == ChipState::kUnproven;
}

/// In an order in which no hold comes up, or ends, that the whole of the import does not bring: what is held against an
/// order goes first and comes last.
struct OrderMoves {
  std::vector<OrderEvent> accused_left, joined, changed, accused_joined, left;
  [[nodiscard]] std::vector<OrderEvent> all() const {
    std::vector<OrderEvent> out;
    for (const auto* part : {&accused_left, &joined, &changed, &accused_joined, &left})
      out.insert(out.end(), part->begin(), part->end());
    return out;
  }
};

/// The chips whose place an import may change: those in it, and those of deliveries in it.
std::set<ChipId> chips_of(const ImportPlan& plan) {
  std::set<ChipId> out;
  for (const auto& chip : plan.chips) out.insert(chip->id);
  for (const auto& delivery : plan.deliveries) {
    const Registry::ChipIds& brought = plan.registry->delivery_chips(delivery->id);
    out.insert(brought.begin(), brought.end());
  }
  return out;
}

/// Deliveries that bring more than the base has, or chips that it does not have.
std::set<std::string> deliveries_that_bring(const ImportPlan& plan, const Registry& base) {
  std::set<std::string> out;
  for (const auto& delivery : plan.deliveries) {
    const DeliveryRecord* known = base.delivery(delivery->id);
    if (known == nullptr || known->order != delivery->order || known->quantity < delivery->quantity)
      out.insert(delivery->id);
  }
  for (const auto& chip : plan.chips) {
    const ChipRecord* known = base.chip(chip->id);
    if (!chip->delivery.empty() && (known == nullptr || known->delivery != chip->delivery))
      out.insert(chip->delivery);
  }
  return out;
}

/// Orders that name an entity that came onto the watch list or left it, or sits elsewhere now; those with deliveries to a site
/// that is elsewhere now; and those of other parties.
std::set<std::string> orders_weighed_anew(const ImportPlan& plan, const Registry& base) {
  std::set<std::string> out;
  for (const auto& entity : plan.entities) {
    const EntityRecord* known = base.entity(entity->name);
    const bool watched = known != nullptr && known->watch.has_value();
    const auto country = known == nullptr ? std::nullopt : known->country;
    if (watched == entity->watch.has_value() && country == entity->country) continue;
    const Registry::Keys& orders = plan.registry->entity_orders(entity->name);
    out.insert(orders.begin(), orders.end());
  }
  for (const auto& site : plan.sites) {
    const SiteRecord* known = base.site(site->name);
    if (known != nullptr && known->place == site->place) continue;
    for (const std::string& name : plan.registry->site_deliveries(site->name)) {
      if (const DeliveryRecord* delivery = plan.registry->delivery(name)) out.insert(delivery->order);
    }
  }
  for (const auto& order : plan.orders) out.insert(order->id);
  return out;
}

}  // namespace

Stored<Done> FollowUp::imported(Store& store, const ImportPlan& plan, const ImportStamp& stamp) const {
  static const Registry kEmpty;
  const Registry& base = plan.base ? *plan.base : kEmpty;
  const Registry& registry = *plan.registry;
  if (plan.removed && plan.removed->kind == ImportKind::kChips) {
    const auto id = DeviceId::from_text(plan.removed->name);
    return id ? chip_removed(store, registry, id->chip_id(), stamp.at) : Stored<Done>{Done{}};
  }
  // What comes in under an order that is on hold.
  for (const std::string& name : deliveries_that_bring(plan, base)) {
    const DeliveryRecord* delivery = registry.delivery(name);
    if (delivery == nullptr) continue;
    const auto story = orders_.story(store, registry, delivery->order);
    if (!story) return Fail{story.error()};
    if (!*story || delivery_refusal(**story, name).empty()) continue;
    if (delivery->override_reason.empty()) {
      return Fail{StoreFault{StoreFaultCode::kConflict,
                             "delivery " + name + ": " + delivery_refusal(**story, name) +
                                 "; nothing was imported, look at: chiploc order show " + delivery->order}};
    }
    const auto overridden =
        orders_.said(store, registry, delivery->order,
                     {stamp.at, HoldOverridden{name, delivery->override_reason, stamp.by}});
    if (!overridden) return overridden;
  }
  std::map<std::string, OrderMoves> moves;
  std::set<std::string> weighed = orders_weighed_anew(plan, base);
  for (const ChipId& chip : chips_of(plan)) {
    const auto row = store.order_stories().followed(chip);
    if (!row) return Fail{row.error()};
    FollowedChip is = place_of(registry, chip);
    if (!*row) {
      const auto status = store.statuses().status(chip);
      if (!status) return Fail{status.error()};
      const auto story =
          *status ? parse_story((*status)->story) : Result<ChipStory, std::string>{Fail{std::string{}}};
      if (story) {  // of before chips were followed
        const auto begun = begin(store, registry, is, *story);
        if (!begun) return begun;
        continue;
      }
    } else {
      is.state = (*row)->state;
      is.measured = (*row)->measured;
      if (is == **row) continue;
    }
    const auto kept = store.order_stories().put_followed(is);
    if (!kept) return kept;
    const std::string before = *row ? (*row)->order : std::string{};
    if (*row && before == is.order) {
      if (!is.order.empty())
        moves[is.order].changed.push_back({stamp.at, OrderChipChanged{chip, part_of(**row), part_of(is)}});
      continue;
    }
    if (!before.empty()) {
      auto& into = counts_against(is) ? moves[before].accused_left : moves[before].left;
      into.push_back({stamp.at, OrderChipLeft{chip, part_of(**row)}});
      weighed.insert(before);
    }
    if (!is.order.empty()) {
      auto& into = counts_against(is) ? moves[is.order].accused_joined : moves[is.order].joined;
      into.push_back({stamp.at, OrderChipJoined{chip, part_of(is)}});
      weighed.insert(is.order);
    }
  }
  for (const auto& order : plan.orders) {
    const auto story = orders_.story(store, registry, order->id);
    if (!story) return Fail{story.error()};
    const OrderParties parties = parties_of(registry, order->id);
    if (*story && !((*story)->parties == parties)) moves[order->id].changed.push_back({stamp.at, parties});
  }
  for (const auto& [order, moved] : moves) {
    const auto counted = orders_.happened(store, registry, order, moved.all(), false);
    if (!counted) return counted;
  }
  for (const std::string& order : weighed) {
    const auto weights = weights_of(store.cases(), registry, order, {}, {});
    if (!weights) return Fail{weights.error()};
    const auto weights_at = [&](const std::string& site) {
      CaseWeights out = *weights;
      out.transshipment = transshipment_of(registry, order, {}, site, rules_().transshipment);
      return out;
    };
    const auto done = cases_.weigh(store, order, weights_at, stamp.at);
    if (!done) return done;
  }
  return Done{};
}

Stored<Done> FollowUp::chip_removed(Store& store, const Registry& registry, const ChipId& chip,
                                    WallTime at) const {
  const auto row = store.order_stories().followed(chip);
  if (!row) return Fail{row.error()};
  if (!*row) return Done{};
  const auto subject = subject_of(store.cases(), registry, **row);
  if (!subject) return Fail{subject.error()};
  CaseDesk::Shelf shelf;
  const auto read = cases_.read_shelf(store.cases(), store.order_stories(), *subject, {}, shelf);
  if (!read) return read;
  std::vector<CaseStep> steps;
  for (const auto& ref : shelf.shelf.stands_in) {
    if (ref)
      steps.push_back({*ref, (*row)->licence, {at, ChipCleared{chip, "It was taken out of the registry."}}});
  }
  const auto cleared = cases_.take(store, chip, steps, false);
  if (!cleared) return cleared;
  const auto forgotten = store.cases().forget_chip(chip);
  if (!forgotten) return forgotten;
  const auto gone = store.order_stories().forget_followed(chip);
  if (!gone || (*row)->order.empty()) return gone;
  const OrderEvent left{at, OrderChipLeft{chip, part_of(**row)}};
  return orders_.happened(store, registry, (*row)->order, {&left, 1}, false);
}

}  // namespace chiploc
