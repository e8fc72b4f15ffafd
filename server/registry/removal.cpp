#include "server/registry/removal.hpp"

#include <algorithm>

#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

class Uses {
 public:
  explicit Uses(std::size_t most) : most_{most} {}
  template <class Text>
  void add(const Text& text) {
    if (out_.first.size() < most_) out_.first.push_back(text());
    ++out_.total;
  }
  RecordUses take() { return std::move(out_); }

 private:
  std::size_t most_;
  RecordUses out_;
};

bool has_name(const NamedPlaces& places, std::string_view territory) {
  return std::find(places.territories.begin(), places.territories.end(), territory) !=
         places.territories.end();
}

}  // namespace

namespace {

void add_chips(const Registry& registry, const Registry::ChipIds& ids, Uses& uses) {
  for (const ChipId& id : ids) uses.add([&] { return "chip " + device_id_of(*registry.chip(id)); });
}

void add_keys(ImportKind kind, const Registry::Keys& keys, Uses& uses) {
  for (const std::string& key : keys) uses.add([&] { return std::string{word_of(kind)} + " " + key; });
}

/// What is not found by an index.
void add_unindexed(const Registry& registry, ImportKind kind, std::string_view name, Uses& uses) {
  if (kind == ImportKind::kTerritories) {
    if (has_name(registry.prohibited(), name)) uses.add([] { return std::string{"the prohibited list"}; });
    for (const auto& [id, licence] : registry.licences()) {
      if (has_name(licence->places, name)) uses.add([&key = id] { return "licence " + key; });
    }
    for (const auto& [id, site] : registry.sites()) {
      if (has_name(site->place, name)) uses.add([&key = id] { return "site " + key; });
    }
  }
  if (kind == ImportKind::kMakers) {
    for (const auto& [id, model] : registry.models()) {
      if (model->maker == name) uses.add([&key = id] { return "model " + key; });
    }
  }
  const ModelRecord* model = kind == ImportKind::kModels ? registry.model(name) : nullptr;
  if (kind != ImportKind::kMakers && model == nullptr) return;
  for (const auto& [id, chip] : registry.chips()) {
    const bool named =
        model == nullptr ? chip->maker == name : chip->maker == model->maker && chip->model == name;
    if (named) uses.add([&one = *chip] { return "chip " + device_id_of(one); });
  }
}

}  // namespace

RecordUses uses_of(const Registry& registry, ImportKind kind, std::string_view name, std::size_t most) {
  Uses uses{most};
  add_unindexed(registry, kind, name, uses);
  if (kind == ImportKind::kLicences) {
    add_chips(registry, registry.licence_chips(name), uses);
    add_keys(ImportKind::kOrders, registry.licence_orders(name), uses);
    add_keys(ImportKind::kConditions, registry.licence_conditions(name), uses);
  }
  if (kind == ImportKind::kOrders) add_keys(ImportKind::kDeliveries, registry.order_deliveries(name), uses);
  if (kind == ImportKind::kDeliveries) add_chips(registry, registry.delivery_chips(name), uses);
  if (kind == ImportKind::kSites) add_keys(ImportKind::kDeliveries, registry.site_deliveries(name), uses);
  if (kind == ImportKind::kEntities) {
    add_keys(ImportKind::kOrders, registry.entity_orders(name), uses);
    add_keys(ImportKind::kLicences, registry.entity_licences(name), uses);
    add_keys(ImportKind::kSites, registry.entity_sites(name), uses);
  }
  return uses.take();
}

bool has_record(const Registry& registry, ImportKind kind, std::string_view name) {
  switch (kind) {
    case ImportKind::kMakers:
      return registry.maker(name) != nullptr;
    case ImportKind::kLicences:
      return registry.licence(name) != nullptr;
    case ImportKind::kAnchors:
      return registry.anchor(name) != nullptr;
    case ImportKind::kTerritories:
      return registry.territory(name) != nullptr;
    case ImportKind::kChips: {
      const auto id = DeviceId::from_text(name);
      const ChipRecord* chip = id ? registry.chip(id->chip_id()) : nullptr;
      return chip != nullptr && device_id_of(*chip) == id->hex();
    }
    case ImportKind::kModels:
      return registry.model(name) != nullptr;
    case ImportKind::kEntities:
      return registry.entity(name) != nullptr;
    case ImportKind::kSites:
      return registry.site(name) != nullptr;
    case ImportKind::kConditions:
      return registry.condition(name) != nullptr;
    case ImportKind::kOrders:
      return registry.order(name) != nullptr;
    case ImportKind::kDeliveries:
      return registry.delivery(name) != nullptr;
    case ImportKind::kProhibitedTerritories:
    case ImportKind::kRevocations:
      return false;
  }
  return false;
}

bool removable(ImportKind kind) {
  return kind != ImportKind::kProhibitedTerritories && kind != ImportKind::kRevocations;
}

ImportPlan plan_removal(const Registry::Snapshot& base, ImportKind kind, const std::string& name) {
  Registry next{*base};
  if (kind == ImportKind::kMakers) next.remove_maker(name);
  if (kind == ImportKind::kLicences) next.remove_licence(name);
  if (kind == ImportKind::kAnchors) next.remove_anchor(name);
  if (kind == ImportKind::kTerritories) next.remove_territory(name);
  if (kind == ImportKind::kChips) {
    if (const auto id = DeviceId::from_text(name)) next.remove_chip(id->chip_id());
  }
  if (kind == ImportKind::kModels) next.remove_model(name);
  if (kind == ImportKind::kEntities) next.remove_entity(name);
  if (kind == ImportKind::kSites) next.remove_site(name);
  if (kind == ImportKind::kConditions) next.remove_condition(name);
  if (kind == ImportKind::kOrders) next.remove_order(name);
  if (kind == ImportKind::kDeliveries) next.remove_delivery(name);
  next.set_version(base->version() + 1);
  ImportPlan plan;
  plan.base_version = base->version();
  plan.base = base;
  plan.removed = RemovedRecord{kind, name};
  plan.files.push_back({kind, name, sha256(Bytes{}), 0});  // the journal says of what
  plan.registry = std::make_shared<const Registry>(std::move(next));
  return plan;
}

}  // namespace chiploc
