#include "server/service/name_lookup.hpp"

#include <map>

#include "server/registry/fields.hpp"
#include "server/registry/names.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kNearest = 3;
constexpr std::size_t kSerialsCompared = 100'000;

template <class Table>
auto find_named(const Table& table, const char* what, const std::string& text)
    -> Answer<decltype(named_in(table, text))> {
  if (const auto* found = named_in(table, text)) return found;
  NearestNames near{text, kNearest};
  for (const auto& [name, record] : table) near.offer(name);
  return Fail{ApiFault{ApiFaultCode::kNotFound,
                       std::string{"no "} + what + " " + shown(text) + " in the registry" + near.sentence()}};
}

}  // namespace

Answer<const LicenceRecord*> find_licence(const Registry& registry, const std::string& text) {
  return find_named(registry.licences(), "licence", text);
}
Answer<const TerritoryRecord*> find_territory(const Registry& registry, const std::string& text) {
  return find_named(registry.territories(), "territory", text);
}
Answer<const AnchorRecord*> find_anchor(const Registry& registry, const std::string& text) {
  return find_named(registry.anchors(), "anchor", text);
}
Answer<const Maker*> find_maker(const Registry& registry, const std::string& text) {
  return find_named(registry.makers(), "maker", text);
}

Answer<const ModelRecord*> find_model(const Registry& registry, const std::string& text) {
  return find_named(registry.models(), "model", text);
}
Answer<const EntityRecord*> find_entity(const Registry& registry, const std::string& text) {
  return find_named(registry.entities(), "entity", text);
}
Answer<const SiteRecord*> find_site(const Registry& registry, const std::string& text) {
  return find_named(registry.sites(), "site", text);
}
Answer<const OrderRecord*> find_order(const Registry& registry, const std::string& text) {
  return find_named(registry.orders(), "order", text);
}
Answer<const DeliveryRecord*> find_delivery(const Registry& registry, const std::string& text) {
  return find_named(registry.deliveries(), "delivery", text);
}
Answer<const ConditionRecord*> find_condition(const Registry& registry, const std::string& text) {
  return find_named(registry.conditions(), "condition", text);
}

Answer<std::string> find_key(const Registry& registry, ImportKind kind, const std::string& text) {
  const auto key_of = [](const auto& found, auto member) -> Answer<std::string> {
    if (!found) return Fail{found.error()};
    return (*found)->*member;
  };
  switch (kind) {
    case ImportKind::kMakers:
    case ImportKind::kRevocations:
      return key_of(find_maker(registry, text), &Maker::name);
    case ImportKind::kModels:
      return key_of(find_model(registry, text), &ModelRecord::name);
    case ImportKind::kEntities:
      return key_of(find_entity(registry, text), &EntityRecord::name);
    case ImportKind::kSites:
      return key_of(find_site(registry, text), &SiteRecord::name);
    case ImportKind::kLicences:
      return key_of(find_licence(registry, text), &LicenceRecord::id);
    case ImportKind::kConditions:
      return key_of(find_condition(registry, text), &ConditionRecord::id);
    case ImportKind::kOrders:
      return key_of(find_order(registry, text), &OrderRecord::id);
    case ImportKind::kDeliveries:
      return key_of(find_delivery(registry, text), &DeliveryRecord::id);
    case ImportKind::kAnchors:
      return key_of(find_anchor(registry, text), &AnchorRecord::name);
    case ImportKind::kTerritories:
      return key_of(find_territory(registry, text), &TerritoryRecord::name);
    case ImportKind::kChips: {
      const auto chip = registry.find_chip(text);
      if (!chip) return Fail{fault_of(chip.error(), text, registry)};
      return device_id_of(**chip);
    }
    case ImportKind::kProhibitedTerritories:
      break;
  }
  return Fail{ApiFault{ApiFaultCode::kNotFound, "records of this kind have no names"}};
}

Answer<std::string> find_holder(const Registry& registry, const std::string& text) {
  std::map<std::string, std::shared_ptr<const LicenceRecord>, std::less<>> holders;
  for (const auto& [id, licence] : registry.licences()) holders.emplace(licence->holder, licence);
  const auto found = find_named(holders, "holder", text);
  if (!found) return Fail{found.error()};
  return (*found)->holder;
}

std::string nearest_serials(const Registry& registry, std::string_view text) {
  if (registry.chips().size() > kSerialsCompared) return {};
  NearestNames near{text, kNearest};
  for (const auto& [id, chip] : registry.chips()) near.offer(chip->serial);
  return near.sentence();
}

}  // namespace chiploc
