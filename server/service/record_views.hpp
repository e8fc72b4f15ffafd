#pragma once
#include "proto/v1/operator_service.pb.h"
#include "server/registry/registry.hpp"
#include "server/storage/registry_store.hpp"

namespace chiploc {

// Models, entities, sites, orders, deliveries and conditions as messages of the API, with what the registry counts
// of each by its indexes. As in views.hpp: no rules, no redaction.

[[nodiscard]] v1::Model view_of(const ModelRecord& model);
/// Without its chips, which take a look at each.
[[nodiscard]] v1::Entity view_of(const EntityRecord& entity, const Registry& registry);
[[nodiscard]] v1::Site view_of(const SiteRecord& site, const Registry& registry);
[[nodiscard]] v1::Order view_of(const OrderRecord& order, const Registry& registry);
[[nodiscard]] v1::Delivery view_of(const DeliveryRecord& delivery, const Registry& registry);
[[nodiscard]] v1::Condition view_of(const ConditionRecord& condition);
[[nodiscard]] v1::RegistryChange view_of(const RegistryChange& change);

}  // namespace chiploc
