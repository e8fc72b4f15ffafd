// The registry's licences, and what came under them: entities, sites, orders, deliveries, conditions.
#include <algorithm>

#include "server/registry/registry.hpp"
#include "server/registry/registry_index.hpp"

namespace chiploc {
namespace {

template <class Index>
const auto& members_of(const Index& index, std::string_view key) {
  static const typename Index::mapped_type kNone;
  const auto at = index.find(key);
  return at == index.end() ? kNone : at->second;
}

template <class Index>
void note_in(Index& index, const std::string& key, const std::string& member) {
  if (!key.empty()) index[key].insert(member);
}

/// Every entity that an order names, once for each time.
template <class Each>
void each_entity_of(const OrderRecord& order, const Each& each) {
  for (const std::string* name : {&order.exporter, &order.buyer, &order.end_user, &order.operated_by}) {
    if (!name->empty()) each(*name);
  }
}

void append(std::vector<ChipId>& out, const Registry::ChipIds& ids) {
  out.insert(out.end(), ids.begin(), ids.end());
}

std::vector<ChipId> sorted(std::vector<ChipId> ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace

const LicenceRecord* Registry::licence(std::string_view id) const { return find_in(licences_, id); }
const ModelRecord* Registry::model(std::string_view name) const { return find_in(models_, name); }
const EntityRecord* Registry::entity(std::string_view name) const { return find_in(entities_, name); }
const SiteRecord* Registry::site(std::string_view name) const { return find_in(sites_, name); }
const ConditionRecord* Registry::condition(std::string_view id) const { return find_in(conditions_, id); }
const OrderRecord* Registry::order(std::string_view id) const { return find_in(orders_, id); }
const DeliveryRecord* Registry::delivery(std::string_view id) const { return find_in(deliveries_, id); }

const OrderRecord* Registry::order_of(const ChipRecord& chip) const {
  const DeliveryRecord* brought = delivery(chip.delivery);
  return brought == nullptr ? nullptr : order(brought->order);
}

const Registry::ChipIds& Registry::licence_chips(std::string_view id) const {
  return members_of(licence_chips_, id);
}
const Registry::ChipIds& Registry::delivery_chips(std::string_view id) const {
  return members_of(delivery_chips_, id);
}
const Registry::Keys& Registry::holder_licences(std::string_view name) const {
  return members_of(holder_licences_, name);
}
const Registry::Keys& Registry::licence_conditions(std::string_view id) const {
  return members_of(licence_conditions_, id);
}
const Registry::Keys& Registry::licence_orders(std::string_view id) const {
  return members_of(licence_orders_, id);
}
const Registry::Keys& Registry::order_deliveries(std::string_view id) const {
  return members_of(order_deliveries_, id);
}
const Registry::Keys& Registry::site_deliveries(std::string_view name) const {
  return members_of(site_deliveries_, name);
}
const Registry::Keys& Registry::entity_orders(std::string_view name) const {
  return members_of(entity_orders_, name);
}
const Registry::Keys& Registry::entity_licences(std::string_view name) const {
  return members_of(entity_licences_, name);
}
const Registry::Keys& Registry::entity_sites(std::string_view name) const {
  return members_of(entity_sites_, name);
}

std::vector<ChipId> Registry::holder_chips(std::string_view name) const {
  std::vector<ChipId> out;
  for (const std::string& licence : holder_licences(name)) append(out, licence_chips(licence));
  return sorted(std::move(out));
}

std::size_t Registry::chips_of_holder(std::string_view name) const {
  std::size_t sum = 0;  // a chip has one licence
  for (const std::string& licence : holder_licences(name)) sum += chips_of_licence(licence);
  return sum;
}

std::vector<ChipId> Registry::order_chips(std::string_view id) const {
  std::vector<ChipId> out;
  for (const std::string& delivery : order_deliveries(id)) append(out, delivery_chips(delivery));
  return sorted(std::move(out));
}

std::vector<ChipId> Registry::site_chips(std::string_view name) const {
  std::vector<ChipId> out;
  for (const std::string& delivery : site_deliveries(name)) append(out, delivery_chips(delivery));
  return sorted(std::move(out));
}

std::vector<ChipId> Registry::entity_chips(std::string_view name) const {
  std::vector<ChipId> out;
  for (const std::string& order : entity_orders(name)) {
    for (const std::string& delivery : order_deliveries(order)) append(out, delivery_chips(delivery));
  }
  for (const std::string& licence : entity_licences(name)) append(out, licence_chips(licence));
  for (const std::string& site : entity_sites(name)) {
    for (const std::string& delivery : site_deliveries(site)) append(out, delivery_chips(delivery));
  }
  return sorted(std::move(out));
}

std::size_t Registry::chips_of_order(std::string_view id) const {
  std::size_t sum = 0;  // a chip has one delivery
  for (const std::string& delivery : order_deliveries(id)) sum += delivery_chips(delivery).size();
  return sum;
}

/// What hangs on the licences that `out` has.
void Registry::add_parts_to(Registry& out) const {
  const auto add_entity = [&](const std::string& name) {
    const EntityRecord* known = entity(name);
    if (known == nullptr || out.entity(name) != nullptr) return;
    out.put(EntityRecord{known->name, known->roles, known->country, {}});
  };
  const auto add_site = [&](const std::string& name) {
    const auto at = sites_.find(name);
    if (at == sites_.end() || out.site(name) != nullptr) return;
    out.put(at->second);
    add_entity(at->second->operated_by);
    for (const std::string& place : at->second->place.territories) {
      if (const auto territory = territories_.find(place); territory != territories_.end())
        out.put(territory->second);
    }
  };
  std::vector<ChipId> chips;
  for (const auto& [id, licence] : out.licences_) append(chips, licence_chips(id));
  out.chips_by_serial_.reserve(chips.size());
  for (const ChipId& chip : sorted(std::move(chips))) out.put(chips_.at(chip));
  for (const auto& [id, licence] : out.licences_) {
    add_entity(licence->end_user);
    for (const std::string& condition : licence_conditions(id)) out.put(conditions_.find(condition)->second);
    for (const std::string& key : licence_orders(id)) {
      const auto order = orders_.find(key)->second;
      out.put(order);
      each_entity_of(*order, add_entity);
      for (const std::string& delivery : order_deliveries(key)) {
        const auto brought = deliveries_.find(delivery)->second;
        out.put(brought);
        add_site(brought->site);
      }
    }
  }
}

void Registry::put(std::shared_ptr<const LicenceRecord> licence) {
  auto& place = licences_[licence->id];
  if (place) forget_in(entity_licences_, place->end_user, place->id);
  if (place) forget_in(holder_licences_, place->holder, place->id);
  note_in(holder_licences_, licence->holder, licence->id);
  note_in(entity_licences_, licence->end_user, licence->id);
  place = std::move(licence);
}

void Registry::put(std::shared_ptr<const ModelRecord> model) {
  models_.insert_or_assign(model->name, std::move(model));
}

void Registry::put(std::shared_ptr<const EntityRecord> entity) {
  entities_.insert_or_assign(entity->name, std::move(entity));
}

void Registry::put(std::shared_ptr<const SiteRecord> site) {
  auto& place = sites_[site->name];
  if (place) forget_in(entity_sites_, place->operated_by, place->name);
  note_in(entity_sites_, site->operated_by, site->name);
  place = std::move(site);
}

void Registry::put(std::shared_ptr<const ConditionRecord> condition) {
  auto& place = conditions_[condition->id];
  if (place) forget_in(licence_conditions_, place->licence, place->id);
  note_in(licence_conditions_, condition->licence, condition->id);
  place = std::move(condition);
}

void Registry::put(std::shared_ptr<const OrderRecord> order) {
  remove_order(order->id);
  note_in(licence_orders_, order->licence, order->id);
  each_entity_of(*order, [&](const std::string& name) { note_in(entity_orders_, name, order->id); });
  orders_.insert_or_assign(order->id, std::move(order));
}

void Registry::put(std::shared_ptr<const DeliveryRecord> delivery) {
  remove_delivery(delivery->id);
  note_in(order_deliveries_, delivery->order, delivery->id);
  note_in(site_deliveries_, delivery->site, delivery->id);
  deliveries_.insert_or_assign(delivery->id, std::move(delivery));
}

void Registry::remove_licence(std::string_view id) {
  const auto at = licences_.find(id);
  if (at == licences_.end()) return;
  forget_in(entity_licences_, at->second->end_user, at->first);
  forget_in(holder_licences_, at->second->holder, at->first);
  licences_.erase(at);
}
void Registry::remove_model(std::string_view name) { erase_from(models_, name); }
void Registry::remove_entity(std::string_view name) { erase_from(entities_, name); }

void Registry::remove_site(std::string_view name) {
  const auto at = sites_.find(name);
  if (at == sites_.end()) return;
  forget_in(entity_sites_, at->second->operated_by, at->first);
  sites_.erase(at);
}

void Registry::remove_condition(std::string_view id) {
  const auto at = conditions_.find(id);
  if (at == conditions_.end()) return;
  forget_in(licence_conditions_, at->second->licence, at->first);
  conditions_.erase(at);
}

void Registry::remove_order(std::string_view id) {
  const auto at = orders_.find(id);
  if (at == orders_.end()) return;
  forget_in(licence_orders_, at->second->licence, at->first);
  each_entity_of(*at->second, [&](const std::string& name) { forget_in(entity_orders_, name, at->first); });
  orders_.erase(at);
}

void Registry::remove_delivery(std::string_view id) {
  const auto at = deliveries_.find(id);
  if (at == deliveries_.end()) return;
  forget_in(order_deliveries_, at->second->order, at->first);
  forget_in(site_deliveries_, at->second->site, at->first);
  deliveries_.erase(at);
}

}  // namespace chiploc
