#include "server/registry/importer.hpp"

namespace chiploc {

void Importer::check_anchors() {
  for (const auto& anchor : plan_.anchors) {
    const Place place = place_of(ImportKind::kAnchors, anchor->name);
    for (const auto& [other_name, other] : next_.anchors()) {
      if (other_name == anchor->name) continue;
      if (other->id == anchor->id)
        fault(place, "public_key",
              "is the key of anchor " + shown(other_name) + " too; every anchor has a key of its own");
      if (other->endpoint == anchor->endpoint)
        fault(place, "address",
              to_text(anchor->endpoint) + " is the address of anchor " + shown(other_name) + " too");
    }
  }
}

void Importer::check_sizes() {
  const auto check = [&](ImportKind kind, std::size_t size, std::size_t limit, const char* what) {
    if (size <= limit) return;
    for (std::size_t f = 0; f < files_.size(); ++f) {
      if (files_[f].kind == kind)
        return fault({f, 0}, "",
                     "makes " + std::to_string(size) + " " + what + "; the registry holds at most " +
                         std::to_string(limit));
    }
  };
  const RegistryLimits& limits = options_.limits.registry;
  check(ImportKind::kMakers, next_.makers().size(), limits.makers, "makers");
  check(ImportKind::kChips, next_.chips().size(), limits.chips, "chips");
  check(ImportKind::kLicences, next_.licences().size(), limits.licences, "licences");
  check(ImportKind::kAnchors, next_.anchors().size(), limits.anchors, "anchors");
  check(ImportKind::kTerritories, next_.territories().size(), limits.territories, "territories");
  check(ImportKind::kModels, next_.models().size(), limits.models, "models");
  check(ImportKind::kEntities, next_.entities().size(), limits.entities, "entities");
  check(ImportKind::kSites, next_.sites().size(), limits.sites, "sites");
  check(ImportKind::kConditions, next_.conditions().size(), limits.conditions, "conditions");
  check(ImportKind::kOrders, next_.orders().size(), limits.orders, "orders");
  check(ImportKind::kDeliveries, next_.deliveries().size(), limits.deliveries, "deliveries");
  std::size_t area_bytes = 0;
  for (const auto& [name, territory] : next_.territories()) area_bytes += territory->geojson.size();
  check(ImportKind::kTerritories, area_bytes, limits.area_bytes, "bytes of areas' GeoJSON");
}

}  // namespace chiploc
