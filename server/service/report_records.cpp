#include "server/service/report_records.hpp"

#include <chrono>

namespace chiploc {

std::string standing_of(const LicenceRecord& licence, WallTime now) {
  if (valid_at(licence, now)) return {};
  const auto today =
      std::chrono::floor<std::chrono::days>(std::chrono::sys_time<Nanoseconds>{now.since_epoch});
  return std::chrono::sys_days{licence.valid_from} > today
             ? "not yet in force: from " + to_text(licence.valid_from)
             : "no longer in force: to " + to_text(licence.valid_to);
}

ReportedLicence reported(const LicenceRecord& licence, const Registry& registry, WallTime now) {
  return {.id = licence.id,
          .holder = licence.holder,
          .end_user = licence.end_user,
          .places = to_text(licence.places),
          .valid_from = to_text(licence.valid_from),
          .valid_to = to_text(licence.valid_to),
          .quantity = licence.quantity,
          .chips = registry.chips_of_licence(licence.id),
          .standing = standing_of(licence, now)};
}

ReportedOrder reported(const OrderRecord& order, const Registry& registry) {
  ReportedOrder out{.id = order.id,
                    .licence = order.licence,
                    .exporter = order.exporter,
                    .buyer = order.buyer,
                    .end_user = order.end_user,
                    .operated_by = order.operated_by,
                    .placed = to_text(order.placed),
                    .quantity = order.quantity,
                    .chips = registry.chips_of_order(order.id)};
  for (const std::string& id : registry.order_deliveries(order.id))
    out.delivered += registry.delivery(id)->quantity;
  return out;
}

ReportedDelivery reported(const DeliveryRecord& delivery, const Registry& registry) {
  return {.id = delivery.id,
          .site = delivery.site,
          .date = to_text(delivery.date),
          .override_reason = delivery.override_reason,
          .quantity = delivery.quantity,
          .chips = registry.delivery_chips(delivery.id).size()};
}

ReportedCondition reported(const ConditionRecord& condition) {
  return {.id = condition.id,
          .licence = condition.licence,
          .kind = to_text(condition.kind),
          .due = to_text(condition.due),
          .met = condition.met ? to_text(*condition.met) : ""};
}

}  // namespace chiploc
