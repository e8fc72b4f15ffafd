#pragma once
// Records as the fields that people compare. Private to this folder.

#include <string>
#include <utility>
#include <vector>

#include "server/registry/import.hpp"

namespace chiploc {

/// Names as the files have them, values as texts; certificates, lists and drawings stand for themselves by their
/// number and SHA-256. Of one kind always the same names in the same order; the key is none of them.
using Fields = std::vector<std::pair<const char*, std::string>>;
inline constexpr std::size_t kDigestDigits = 16;  ///< for people; a whole one has 64
[[nodiscard]] Fields fields_of(const Maker& maker, std::size_t digits = kDigestDigits);
[[nodiscard]] Fields fields_of(const MakerRevocations& record, std::size_t digits = kDigestDigits);
[[nodiscard]] Fields fields_of(const ChipRecord& chip, std::size_t digits = kDigestDigits);
[[nodiscard]] Fields fields_of(const LicenceRecord& licence);
[[nodiscard]] Fields fields_of(const TerritoryRecord& territory, std::size_t digits = kDigestDigits);
[[nodiscard]] Fields fields_of(const AnchorRecord& anchor);
[[nodiscard]] Fields fields_of(const ModelRecord& model);
[[nodiscard]] Fields fields_of(const EntityRecord& entity);
[[nodiscard]] Fields fields_of(const SiteRecord& site);
[[nodiscard]] Fields fields_of(const ConditionRecord& condition);
[[nodiscard]] Fields fields_of(const OrderRecord& order);
[[nodiscard]] Fields fields_of(const DeliveryRecord& delivery);

/// A record's key as the files have it, and the record of that key in a registry; null: none.
inline const std::string& key_of(const Maker& r) { return r.name; }
inline const std::string& key_of(const MakerRevocations& r) { return r.maker; }
inline std::string key_of(const ChipRecord& r) { return device_id_of(r); }
inline const std::string& key_of(const LicenceRecord& r) { return r.id; }
inline const std::string& key_of(const TerritoryRecord& r) { return r.name; }
inline const std::string& key_of(const AnchorRecord& r) { return r.name; }
inline const std::string& key_of(const ModelRecord& r) { return r.name; }
inline const std::string& key_of(const EntityRecord& r) { return r.name; }
inline const std::string& key_of(const SiteRecord& r) { return r.name; }
inline const std::string& key_of(const ConditionRecord& r) { return r.id; }
inline const std::string& key_of(const OrderRecord& r) { return r.id; }
inline const std::string& key_of(const DeliveryRecord& r) { return r.id; }
inline const Maker* known_in(const Registry& in, const Maker& r) { return in.maker(r.name); }
inline const MakerRevocations* known_in(const Registry& in, const MakerRevocations& r) {
  return in.revocations(r.maker);
}
inline const ChipRecord* known_in(const Registry& in, const ChipRecord& r) { return in.chip(r.id); }
inline const LicenceRecord* known_in(const Registry& in, const LicenceRecord& r) { return in.licence(r.id); }
inline const TerritoryRecord* known_in(const Registry& in, const TerritoryRecord& r) {
  return in.territory(r.name);
}
inline const AnchorRecord* known_in(const Registry& in, const AnchorRecord& r) { return in.anchor(r.name); }
inline const ModelRecord* known_in(const Registry& in, const ModelRecord& r) { return in.model(r.name); }
inline const EntityRecord* known_in(const Registry& in, const EntityRecord& r) { return in.entity(r.name); }
inline const SiteRecord* known_in(const Registry& in, const SiteRecord& r) { return in.site(r.name); }
inline const ConditionRecord* known_in(const Registry& in, const ConditionRecord& r) {
  return in.condition(r.id);
}
inline const OrderRecord* known_in(const Registry& in, const OrderRecord& r) { return in.order(r.id); }
inline const DeliveryRecord* known_in(const Registry& in, const DeliveryRecord& r) {
  return in.delivery(r.id);
}

/// The records that a plan adds or changes, kind by kind.
template <class Each>
void each_table(const ImportPlan& plan, const Each& each) {
  each(ImportKind::kMakers, plan.makers);
  each(ImportKind::kModels, plan.models);
  each(ImportKind::kTerritories, plan.territories);
  each(ImportKind::kEntities, plan.entities);
  each(ImportKind::kSites, plan.sites);
  each(ImportKind::kLicences, plan.licences);
  each(ImportKind::kConditions, plan.conditions);
  each(ImportKind::kOrders, plan.orders);
  each(ImportKind::kDeliveries, plan.deliveries);
  each(ImportKind::kAnchors, plan.anchors);
  each(ImportKind::kRevocations, plan.revocations);
  each(ImportKind::kChips, plan.chips);
}

/// The places that come onto a list and those that leave it, in the list's order.
struct PlaceChanges {
  std::vector<std::string> gone, come;
};
[[nodiscard]] PlaceChanges changes_between(const NamedPlaces& before, const NamedPlaces& after);
/// At most so many bytes, and "..." at the end of one that was longer; no character is cut in two.
[[nodiscard]] std::string cut(std::string text, std::size_t most);

}  // namespace chiploc
