#pragma once
// Rows of what came with schema 11, between read_registry.cpp, write_registry.cpp and read_orders.cpp,
// write_orders.cpp. Private to this folder.

#include "server/registry/registry.hpp"
#include "server/storage/sqlite/database.hpp"

namespace chiploc {

// Each puts the rows of its table into the registry. In this order: what others name comes first.
Stored<Done> read_models(Database& db, Registry& registry);
Stored<Done> read_entities(Database& db, Registry& registry);
Stored<Done> read_sites(Database& db, Registry& registry);
Stored<Done> read_conditions(Database& db, Registry& registry);
Stored<Done> read_orders(Database& db, Registry& registry);
Stored<Done> read_deliveries(Database& db, Registry& registry);

// Upserts; false: db says why.
bool put(Database& db, const ModelRecord& model);
bool put(Database& db, const EntityRecord& entity);
bool put(Database& db, const SiteRecord& site);
bool put(Database& db, const ConditionRecord& condition);
bool put(Database& db, const OrderRecord& order);
bool put(Database& db, const DeliveryRecord& delivery);

}  // namespace chiploc
