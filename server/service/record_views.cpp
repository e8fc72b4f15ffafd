#include "server/service/record_views.hpp"

#include "proto/base/bytes.hpp"

namespace chiploc {

v1::Model view_of(const ModelRecord& model) {
  v1::Model out;
  out.set_model(model.name);
  out.set_maker(model.maker);
  out.set_eccn(model.eccn);
  out.set_note(model.note);
  return out;
}

v1::Entity view_of(const EntityRecord& entity, const Registry& registry) {
  constexpr int kSitesShown = 100;
  v1::Entity out;
  out.set_entity(entity.name);
  for (const EntityRole role : entity.roles) out.add_roles(to_text(role));
  if (entity.country) out.set_country(entity.country->text());
  if (entity.watch) {
    out.set_watch_since(to_text(entity.watch->since));
    out.set_watch_reason(entity.watch->reason);
  }
  out.set_orders(registry.entity_orders(entity.name).size());
  out.set_licences(registry.entity_licences(entity.name).size());
  for (const std::string& site : registry.entity_sites(entity.name)) {
    if (out.sites_size() < kSitesShown) out.add_sites(site);
  }
  return out;
}

v1::Site view_of(const SiteRecord& site, const Registry& registry) {
  v1::Site out;
  out.set_site(site.name);
  out.set_operated_by(site.operated_by);
  out.set_place(to_text(site.place));
  out.set_address(site.address);
  const Registry::Keys& deliveries = registry.site_deliveries(site.name);
  std::uint64_t chips = 0;
  for (const std::string& id : deliveries) chips += registry.delivery_chips(id).size();
  out.set_deliveries(deliveries.size());
  out.set_chips(chips);
  return out;
}

v1::Order view_of(const OrderRecord& order, const Registry& registry) {
  v1::Order out;
  out.set_order(order.id);
  out.set_licence(order.licence);
  out.set_exporter(order.exporter);
  out.set_buyer(order.buyer);
  out.set_end_user(order.end_user);
  out.set_operated_by(order.operated_by);
  out.set_quantity(order.quantity);
  out.set_placed(to_text(order.placed));
  std::uint64_t delivered = 0;
  for (const std::string& id : registry.order_deliveries(order.id))
    delivered += registry.delivery(id)->quantity;
  out.set_delivered(delivered);
  out.set_chips(registry.chips_of_order(order.id));
  return out;
}

v1::Delivery view_of(const DeliveryRecord& delivery, const Registry& registry) {
  v1::Delivery out;
  out.set_delivery(delivery.id);
  out.set_order(delivery.order);
  out.set_site(delivery.site);
  out.set_date(to_text(delivery.date));
  out.set_quantity(delivery.quantity);
  out.set_override_reason(delivery.override_reason);
  out.set_chips(registry.delivery_chips(delivery.id).size());
  return out;
}

v1::Condition view_of(const ConditionRecord& condition) {
  v1::Condition out;
  out.set_condition(condition.id);
  out.set_licence(condition.licence);
  out.set_kind(to_text(condition.kind));
  out.set_due(to_text(condition.due));
  out.set_share_percent(condition.share_percent);
  out.set_evidence(condition.evidence);
  if (condition.evidence_sha256) out.set_evidence_sha256(string_of(condition.evidence_sha256->bytes));
  if (condition.met) out.set_met(to_text(*condition.met));
  return out;
}

v1::RegistryChange view_of(const RegistryChange& change) {
  v1::RegistryChange out;
  out.set_version(change.version);
  out.set_at_unix_ns(change.stamp.at.since_epoch.count());
  out.set_by(change.stamp.by);
  if (change.stamp.with) out.set_certificate_sha256(string_of(change.stamp.with->bytes));
  out.set_reason(change.stamp.reason);
  out.set_kind(static_cast<v1::ImportKind>(change.entry.kind));
  out.set_key(change.entry.key);
  out.set_field(change.entry.field);
  out.set_old_value(change.entry.before.value_or(""));
  out.set_new_value(change.entry.after.value_or(""));
  out.set_came(!change.entry.before);
  out.set_gone(!change.entry.after);
  return out;
}

}  // namespace chiploc
