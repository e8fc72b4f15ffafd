// What shows only when everything has been read: more chips than were licensed, ordered or delivered, chips
// that left the licence of their order, entities that lost a role in which they are named.
#include <algorithm>
#include <map>

#include "server/registry/importer.hpp"

namespace chiploc {
namespace {

/// Something that may hold so many chips, and how many it has.
struct Amount {
  std::string what;  ///< "licence L-1"
  std::uint64_t most = 0;
  std::uint64_t before = 0, after = 0;

  [[nodiscard]] bool exceeded() const { return after > most && after > before; }
  [[nodiscard]] std::string text(const char* unit) const {
    return what + " is for " + std::to_string(most) + " chips" + (most == 1 ? " alone" : "") + ": it has " +
           std::to_string(before) + ", and with " + unit + " it would have " + std::to_string(after) + ", " +
           std::to_string(after - most) + " too many";
  }
};

std::uint64_t delivered(const Registry& registry, const std::string& order) {
  std::uint64_t sum = 0;
  for (const std::string& id : registry.order_deliveries(order)) sum += registry.delivery(id)->quantity;
  return sum;
}

}  // namespace

void Importer::check_chip_amounts() {
  // The last row that brings something: where it overflows is anybody's choice.
  std::map<std::string, Place> licences, deliveries, orders;
  for (const auto& chip : plan_.chips) {
    const ChipRecord* was = base_.chip(chip->id);
    const Place place = place_of(ImportKind::kChips, chip->id.hex());
    if (was == nullptr || was->licence != chip->licence) licences[chip->licence] = place;
    if (chip->delivery.empty() || (was != nullptr && was->delivery == chip->delivery)) continue;
    deliveries[chip->delivery] = place;
    if (const OrderRecord* order = next_.order_of(*chip)) orders[order->id] = place;
  }
  const auto check = [&](Place place, const char* column, const Amount& amount) {
    if (amount.exceeded()) fault(place, column, amount.text("these"));
  };
  for (const auto& [id, place] : licences) {
    const LicenceRecord* licence = next_.licence(id);
    if (licence == nullptr || licence->quantity == 0) continue;
    check(place, "licence",
          {"licence " + id, licence->quantity, base_.chips_of_licence(id), next_.chips_of_licence(id)});
  }
  for (const auto& [id, place] : deliveries) {
    const DeliveryRecord* delivery = next_.delivery(id);
    if (delivery == nullptr) continue;  // its row has a fault, or nothing else knows it
    check(place, "delivery",
          {"delivery " + id, delivery->quantity, base_.delivery_chips(id).size(),
           next_.delivery_chips(id).size()});
  }
  for (const auto& [id, place] : orders) {
    check(place, "delivery",
          {"order " + id, next_.order(id)->quantity, base_.chips_of_order(id), next_.chips_of_order(id)});
  }
}

void Importer::check_delivery_amounts() {
  std::map<std::string, Place> orders;
  for (const auto& delivery : plan_.deliveries)
    orders[delivery->order] = place_of(ImportKind::kDeliveries, delivery->id);
  for (const auto& [id, place] : orders) {
    const OrderRecord* order = next_.order(id);
    if (order == nullptr) continue;
    const Amount amount{"order " + id, order->quantity, delivered(base_, id), delivered(next_, id)};
    if (amount.exceeded()) fault(place, "quantity", amount.text("these deliveries"));
  }
}

void Importer::check_moved_orders() {
  // False after a fault: one for each row is enough.
  const auto fits = [&](Place place, const char* column, const std::string& delivery) {
    const DeliveryRecord* brought = next_.delivery(delivery);
    const OrderRecord* order = brought == nullptr ? nullptr : next_.order(brought->order);
    if (order == nullptr) return true;
    for (const ChipId& id : next_.delivery_chips(delivery)) {
      const ChipRecord* chip = next_.chip(id);
      if (chip->licence == order->licence || is_named(ImportKind::kChips, id.hex())) continue;
      fault(place, column,
            "puts chip " + device_id_of(*chip) + " of delivery " + delivery + " under licence " +
                order->licence + ", and it has " + chip->licence +
                "; import the chips of the order with its licence");
      return false;
    }
    return true;
  };
  for (const auto& order : plan_.orders) {
    const OrderRecord* was = base_.order(order->id);
    if (was == nullptr || was->licence == order->licence) continue;
    for (const std::string& delivery : next_.order_deliveries(order->id)) {
      if (!fits(place_of(ImportKind::kOrders, order->id), "licence", delivery)) break;
    }
  }
  for (const auto& delivery : plan_.deliveries) {
    const DeliveryRecord* was = base_.delivery(delivery->id);
    if (was == nullptr || was->order == delivery->order) continue;
    (void)fits(place_of(ImportKind::kDeliveries, delivery->id), "order", delivery->id);
  }
}

void Importer::check_lost_roles() {
  const auto user_of = [&](const std::string& name, EntityRole role) -> std::string {
    for (const std::string& id : next_.entity_orders(name)) {
      const OrderRecord& order = *next_.order(id);
      const std::string& named = role == EntityRole::kExporter  ? order.exporter
                                 : role == EntityRole::kBuyer   ? order.buyer
                                 : role == EntityRole::kEndUser ? order.end_user
                                                                : order.operated_by;
      if (named == name) return "order " + id;
    }
    if (role == EntityRole::kEndUser && !next_.entity_licences(name).empty())
      return "licence " + *next_.entity_licences(name).begin();
    if (role == EntityRole::kOperator && !next_.entity_sites(name).empty())
      return "site " + *next_.entity_sites(name).begin();
    return {};
  };
  for (const auto& entity : plan_.entities) {
    const EntityRecord* was = base_.entity(entity->name);
    if (was == nullptr) continue;
    for (const EntityRole role : was->roles) {
      if (entity->has(role)) continue;
      if (const std::string user = user_of(entity->name, role); !user.empty()) {
        fault(place_of(ImportKind::kEntities, entity->name), "roles",
              "leaves out " + to_text(role) + ", as which " + user +
                  " names it; keep the role, or change what "
                  "names it in the same import");
      }
    }
  }
}

}  // namespace chiploc
