#pragma once
#include "server/service/json_view.hpp"

namespace chiploc {

// As in json_view.hpp: models, entities, sites, orders, deliveries and conditions. What is not stated is null.

[[nodiscard]] Json json_of(const v1::Model& model);
[[nodiscard]] Json json_of(const v1::Entity& entity);
[[nodiscard]] Json json_of(const v1::Site& site);
[[nodiscard]] Json json_of(const v1::Order& order);
[[nodiscard]] Json json_of(const v1::Delivery& delivery);
[[nodiscard]] Json json_of(const v1::Condition& condition);
[[nodiscard]] Json json_of(const v1::DeliveredAt& delivered);

}  // namespace chiploc
