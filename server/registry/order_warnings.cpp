#include "server/registry/order_warnings.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "proto/base/joined.hpp"
#include "server/registry/names.hpp"

namespace chiploc {
namespace {

std::string watched_text(const Watch& watch) {
  return "the watch list (since " + to_text(watch.since) + ": " + watch.reason + ")";
}

void warn_of_models(const Registry& base, const ImportPlan& plan, const WarnOf& warn) {
  for (const auto& model : plan.models) {
    const ModelRecord* was = base.model(model->name);
    if (was != nullptr && was->eccn != model->eccn)
      warn(ImportKind::kModels, model->name,
           "was " + was->eccn + ", is " + model->eccn +
               " from now on: licences for its chips rest on that number");
  }
}

/// Chips name a model by a text. Of a maker who has registered models it is likely one of these.
void warn_of_unknown_models(const ImportPlan& plan, const WarnOf& warn) {
  std::map<std::pair<std::string, std::string>, std::vector<const ChipRecord*>> unknown;
  std::set<std::string> makers;
  for (const auto& [name, model] : plan.registry->models()) makers.insert(model->maker);
  if (makers.empty()) return;
  for (const auto& chip : plan.chips) {
    if (makers.count(chip->maker) == 0) continue;
    const ModelRecord* model = plan.registry->model(chip->model);
    if (model == nullptr || model->maker != chip->maker)
      unknown[{chip->maker, chip->model}].push_back(chip.get());
  }
  for (const auto& [named, chips] : unknown) {
    NearestNames near{named.second, 3};
    for (const auto& [name, model] : plan.registry->models()) {
      if (model->maker == named.first) near.offer(name);
    }
    const std::size_t others = chips.size() - 1;
    warn(ImportKind::kChips, device_id_of(*chips.front()),
         "is of model " + named.second + ", which is none of " + named.first + "'s registered models" +
             near.sentence() + (others == 0 ? "" : " (and " + std::to_string(others) + " more chips)"));
  }
}

void warn_of_entities(const Registry& base, const ImportPlan& plan, const WarnOf& warn) {
  for (const auto& entity : plan.entities) {
    const EntityRecord* was = base.entity(entity->name);
    if (was == nullptr || was->watch == entity->watch) continue;
    const std::size_t orders = plan.registry->entity_orders(entity->name).size();
    const std::string named =
        orders == 0 ? ""
                    : "; " + std::to_string(orders) + (orders == 1 ? " order names it" : " orders name it");
    if (!was->watch) {
      warn(ImportKind::kEntities, entity->name, "comes onto " + watched_text(*entity->watch) + named);
    } else if (!entity->watch) {
      warn(ImportKind::kEntities, entity->name, "leaves " + watched_text(*was->watch) + named);
    }
  }
}

/// Everything that a licence or a group of countries stands for: countries, and areas.
std::set<std::string> meant_by(const Registry& registry, const NamedPlaces& places) {
  std::set<std::string> out;
  for (const CountryCode code : places.countries) out.insert(code.text());
  for (const std::string& name : places.territories) {
    const TerritoryRecord* territory = registry.territory(name);
    if (territory == nullptr || territory->area) {
      out.insert(name);
    } else {
      for (const CountryCode code : territory->countries) out.insert(code.text());
    }
  }
  return out;
}

void warn_of_wider(const Registry& base, const ImportPlan& plan, const LicenceRecord& was,
                   const LicenceRecord& licence, const WarnOf& warn) {
  const auto before = meant_by(base, was.places);
  const auto after = meant_by(*plan.registry, licence.places);
  std::vector<std::string> more;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(more));
  if (!more.empty())
    warn(ImportKind::kLicences, licence.id,
         "licenses " + first_joined(more, " ", 20) + " as well from now on; it was for " +
             to_text(was.places));
}

void warn_of_licences(const Registry& base, const ImportPlan& plan, const WarnOf& warn) {
  std::set<std::string> imported;
  for (const auto& licence : plan.licences) {
    imported.insert(licence->id);
    const LicenceRecord* was = base.licence(licence->id);
    if (was == nullptr) continue;
    warn_of_wider(base, plan, *was, *licence, warn);
    if (!was->end_user.empty() && was->end_user != licence->end_user)
      warn(ImportKind::kLicences, licence->id,
           "was for end user " + was->end_user + ", is for " +
               (licence->end_user.empty() ? "none in particular" : licence->end_user) + " from now on");
    const std::size_t chips = plan.registry->chips_of_licence(licence->id);
    if (licence->quantity != 0 && licence->quantity < chips && licence->quantity != was->quantity)
      warn(ImportKind::kLicences, licence->id,
           "is for " + std::to_string(licence->quantity) + " chips, and has " + std::to_string(chips) +
               " already: no more come in");
  }
  // A territory that grows widens every licence that names it.
  const bool grown =
      std::any_of(plan.territories.begin(), plan.territories.end(),
                  [&](const auto& territory) { return base.territory(territory->name) != nullptr; });
  if (!grown) return;
  for (const auto& [id, licence] : plan.registry->licences()) {
    const LicenceRecord* was = imported.count(id) == 0 ? base.licence(id) : nullptr;
    if (was != nullptr) warn_of_wider(base, plan, *was, *licence, warn);
  }
}

void warn_of_order(const Registry& base, const ImportPlan& plan, const OrderRecord& order,
                   const WarnOf& warn) {
  const OrderRecord* was = base.order(order.id);
  if (was != nullptr && was->end_user != order.end_user)
    warn(ImportKind::kOrders, order.id,
         "was for end user " + was->end_user + ", is for " + order.end_user + " from now on");
  const LicenceRecord* licence = plan.registry->licence(order.licence);
  if (licence != nullptr && !licence->end_user.empty() && licence->end_user != order.end_user)
    warn(ImportKind::kOrders, order.id,
         "is for end user " + order.end_user + ", and its licence " + licence->id + " for " +
             licence->end_user);
  const std::pair<const char*, const std::string*> named[] = {{"exporter", &order.exporter},
                                                              {"buyer", &order.buyer},
                                                              {"end user", &order.end_user},
                                                              {"operator", &order.operated_by}};
  for (const auto& [role, name] : named) {
    const EntityRecord* entity = plan.registry->entity(*name);
    if (entity != nullptr && entity->watch)
      warn(ImportKind::kOrders, order.id,
           "names as " + std::string{role} + " " + *name + ", which is on " + watched_text(*entity->watch));
  }
  const std::size_t chips = plan.registry->chips_of_order(order.id);
  if (was != nullptr && order.quantity < chips)
    warn(
        ImportKind::kOrders, order.id,
        "is for " + std::to_string(order.quantity) + " chips, and has " + std::to_string(chips) + " already");
}

/// Orders of one licence that are for more than it is, together.
void warn_of_ordered(const ImportPlan& plan, const WarnOf& warn) {
  std::set<std::string> licences;
  for (const auto& order : plan.orders) licences.insert(order->licence);
  for (const std::string& id : licences) {
    const LicenceRecord* licence = plan.registry->licence(id);
    if (licence == nullptr || licence->quantity == 0) continue;
    std::uint64_t sum = 0;
    for (const std::string& order : plan.registry->licence_orders(id))
      sum += plan.registry->order(order)->quantity;
    if (sum > licence->quantity)
      warn(ImportKind::kLicences, id,
           "is for " + std::to_string(licence->quantity) + " chips, and its orders are for " +
               std::to_string(sum) + " together");
  }
}

}  // namespace

void warn_of_orders(const Registry& base, const ImportPlan& plan, const WarnOf& warn) {
  warn_of_entities(base, plan, warn);
  warn_of_models(base, plan, warn);
  warn_of_licences(base, plan, warn);
  for (const auto& order : plan.orders) warn_of_order(base, plan, *order, warn);
  warn_of_ordered(plan, warn);
  for (const auto& delivery : plan.deliveries) {
    const std::size_t chips = plan.registry->delivery_chips(delivery->id).size();
    if (delivery->quantity < chips)
      warn(ImportKind::kDeliveries, delivery->id,
           "is of " + std::to_string(delivery->quantity) + " chips, and has " + std::to_string(chips) +
               " already");
  }
  warn_of_unknown_models(plan, warn);
}

}  // namespace chiploc
