// Rows of models, entities, sites, conditions, orders and deliveries.
#include <algorithm>

#include "server/registry/importer.hpp"
#include "server/registry/importer_references.hpp"
#include "server/registry/removal.hpp"

namespace chiploc {
namespace {

/// A sentence as a part of another one.
std::string without_stop(std::string text) {
  if (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

std::string hold_day(WallTime time) {
  return to_text(
      Date{std::chrono::floor<std::chrono::days>(std::chrono::sys_time<Nanoseconds>{time.since_epoch})});
}

}  // namespace

void Importer::check_reference(std::size_t f, const Row& row, std::string_view column, ImportKind kind,
                               const std::string& key) {
  // A column that the file does not have says what is registered.
  if (key.empty() || row[column].line == 0 || is_named(kind, key) || has_record(base_, kind, key)) return;
  if (unread_.count(kind) > 0) return;  // it may stand there
  fault(f, row, column,
        "no " + std::string{word_of(kind)} + " " + shown(key) +
            " is registered or in this import; import it first or with this file");
}

void Importer::check_entity(std::size_t f, const Row& row, std::string_view column, EntityRole role,
                            const std::string& name) {
  check_reference(f, row, column, ImportKind::kEntities, name);
  const EntityRecord* entity = next_.entity(name);
  if (entity == nullptr || row[column].line == 0 || entity->has(role)) return;
  fault(f, row, column,
        shown(name) + " is registered as " + to_text(entity->roles) + ", not as " + to_text(role) +
            "; add the role to the entity");
}

void Importer::check_loss(std::size_t f, const Row& row, std::string_view column,
                          const std::string& registered, const std::string& now) {
  if (registered.empty() || now.empty() || meant_as_it_stands(row[column].text)) return;
  if (auto loss = spreadsheet_loss(registered, now)) fault(f, row, column, *std::move(loss));
}

void Importer::take_model(std::size_t f, const Row& row) {
  const auto before = logs_[f].total();
  ModelRecord model;
  model.name = text(f, row, "name");
  model.maker = text(f, row, "maker");
  check_reference(f, row, "maker", ImportKind::kMakers, model.maker);
  model.eccn = checked(f, row, "eccn", std::string{}, parse_eccn);
  const ModelRecord* known = base_.model(model.name);
  model.note = optional(f, row, "note", known == nullptr ? std::string{} : known->note, parse_text);
  if (known != nullptr && !model.maker.empty() && known->maker != model.maker) {
    fault(
        f, row, "maker",
        "is not " + shown(known->maker) +
            ", whose model of this name is registered; two makers' models need two names (chips name a model "
            "by it alone), or remove that one first");
  }
  if (!model.name.empty() && !first_with_key(f, row, model.name)) return;
  if (logs_[f].total() != before) return;
  merge(std::move(model), known, plan_.models);
}

void Importer::take_entity(std::size_t f, const Row& row) {
  const auto before = logs_[f].total();
  EntityRecord entity;
  entity.name = text(f, row, "name");
  entity.roles = checked(f, row, "roles", std::vector<EntityRole>{}, parse_roles);
  entity.country = optional(f, row, "country", std::optional<CountryCode>{},
                            [&](std::string_view t) { return parse_country(t, options_.known_country); });
  const EntityRecord* known = base_.entity(entity.name);
  const Watch was = known == nullptr ? Watch{} : known->watch.value_or(Watch{});
  Watch watch;
  watch.reason = optional(f, row, "watch_reason", was.reason, parse_text);
  watch.since = optional(f, row, "watch_since", was.since, parse_date);
  const bool dated = watch.since != Date{};
  if (readable({"watch_reason", "watch_since"}) && watch.reason.empty() == dated) {
    fault({f, row.line}, dated ? "watch_reason" : "watch_since",
          dated ? "is empty, although the entity is watched since " + to_text(watch.since) +
                      "; give the reason, or leave both empty for one that is not watched"
                : "is empty, although the entity is watched; give the day from which on, or leave both empty "
                  "for one that is not");
  }
  if (dated) entity.watch = std::move(watch);
  if (!entity.name.empty() && !first_with_key(f, row, entity.name)) return;
  if (logs_[f].total() != before && !readable({"name", "roles"})) return;
  merge(std::move(entity), known, plan_.entities);
}

void Importer::take_site(std::size_t f, const Row& row) {
  const auto before = logs_[f].total();
  SiteRecord site;
  site.name = typed_name(f, row, "name");
  const SiteRecord* known = base_.site(site.name);
  const SiteRecord was = known == nullptr ? SiteRecord{} : *known;
  site.operated_by = optional(f, row, "operator", was.operated_by, parse_text);
  check_entity(f, row, "operator", EntityRole::kOperator, site.operated_by);
  site.place = optional(f, row, "place", was.place,
                        [&](std::string_view t) { return parse_places(t, options_.known_country); });
  if (site.place.countries.size() + site.place.territories.size() > 1)
    fault(f, row, "place", "names several places; a site lies in one: give its country, or one territory");
  if (row["place"].line != 0) check_named(f, row, "place", site.place);
  site.address = optional(f, row, "address", was.address, parse_text);
  check_id_loss(f, row, site.name, base_.sites());
  if (!site.name.empty() && !first_with_key(f, row, site.name)) return;
  if (logs_[f].total() != before && !readable({"name", "operator"})) return;
  merge(std::move(site), known, plan_.sites);
}

void Importer::take_condition(std::size_t f, const Row& row) {
  const auto before = logs_[f].total();
  ConditionRecord condition;
  condition.id = typed_name(f, row, "id");
  const ConditionRecord* known = base_.condition(condition.id);
  const ConditionRecord was = known == nullptr ? ConditionRecord{} : *known;
  condition.licence = typed_name(f, row, "licence");
  check_loss(f, row, "licence", was.licence, condition.licence);
  check_reference(f, row, "licence", ImportKind::kLicences, condition.licence);
  condition.kind = checked(f, row, "kind", ConditionKind{}, parse_condition_kind);
  condition.due = checked(f, row, "due", Date{}, parse_date);
  condition.share_percent = optional(f, row, "share_percent", was.share_percent, parse_share);
  condition.evidence = optional(f, row, "evidence", was.evidence, parse_text);
  condition.evidence_sha256 = optional(f, row, "evidence_sha256", was.evidence_sha256, parse_sha256);
  condition.met = optional(f, row, "met", was.met, parse_date);
  check_condition(f, row, condition);
  check_id_loss(f, row, condition.id, base_.conditions());
  if (!condition.id.empty() && !first_with_key(f, row, condition.id)) return;
  if (logs_[f].total() != before) return;
  merge(std::move(condition), known, plan_.conditions);
}

void Importer::check_condition(std::size_t f, const Row& row, const ConditionRecord& condition) {
  const auto wrong = [&](std::string_view column, std::string problem) {
    fault({f, row.line}, column, std::move(problem));
  };
  const bool capped = condition.kind == ConditionKind::kVolumeCap;
  if (readable({"kind", "share_percent"})) {
    if (capped && condition.share_percent <= 0.0)
      wrong("share_percent", "is empty; a volume cap needs its share of domestic sales in percent");
    if (!capped && condition.share_percent > 0.0)
      wrong("share_percent", "stands only with a volume_cap; leave it empty");
  }
  // One reason is enough for an evidence that is missing.
  if (!readable({"evidence"}) || !condition.evidence.empty()) {
  } else if (condition.met) {
    wrong("met",
          "is a day, and there is no evidence; say what shows that the condition is met, and where it is");
  } else if (condition.evidence_sha256) {
    wrong("evidence_sha256", "is of evidence that is not named; say what it is, and where");
  }
  if (condition.met && to_text(*condition.met) > hold_day(options_.now))
    wrong("met", to_text(*condition.met) + " is still to come; give the day on which the condition was met");
}

void Importer::take_order(std::size_t f, const Row& row) {
  const auto before = logs_[f].total();
  OrderRecord order;
  order.id = typed_name(f, row, "id");
  const OrderRecord* known = base_.order(order.id);
  order.licence = typed_name(f, row, "licence");
  if (known != nullptr) check_loss(f, row, "licence", known->licence, order.licence);
  check_reference(f, row, "licence", ImportKind::kLicences, order.licence);
  order.exporter = text(f, row, "exporter");
  check_entity(f, row, "exporter", EntityRole::kExporter, order.exporter);
  order.buyer = text(f, row, "buyer");
  check_entity(f, row, "buyer", EntityRole::kBuyer, order.buyer);
  order.end_user = text(f, row, "end_user");
  check_entity(f, row, "end_user", EntityRole::kEndUser, order.end_user);
  order.operated_by =
      optional(f, row, "operator", known == nullptr ? std::string{} : known->operated_by, parse_text);
  check_entity(f, row, "operator", EntityRole::kOperator, order.operated_by);
  order.quantity = checked(f, row, "quantity", 0U, parse_quantity);
  order.placed = checked(f, row, "placed", Date{}, parse_date);
  check_id_loss(f, row, order.id, base_.orders());
  if (!order.id.empty() && !first_with_key(f, row, order.id)) return;
  if (logs_[f].total() != before && !readable({"id", "licence", "quantity"})) return;
  merge(std::move(order), known, plan_.orders);
}

void Importer::take_delivery(std::size_t f, const Row& row) {
  const auto before = logs_[f].total();
  DeliveryRecord delivery;
  delivery.id = typed_name(f, row, "id");
  const DeliveryRecord* known = base_.delivery(delivery.id);
  delivery.order = typed_name(f, row, "order");
  check_reference(f, row, "order", ImportKind::kOrders, delivery.order);
  delivery.site = typed_name(f, row, "site");
  check_reference(f, row, "site", ImportKind::kSites, delivery.site);
  if (known != nullptr) {
    check_loss(f, row, "order", known->order, delivery.order);
    check_loss(f, row, "site", known->site, delivery.site);
  }
  delivery.date = checked(f, row, "date", Date{}, parse_date);
  delivery.quantity = checked(f, row, "quantity", 0U, parse_quantity);
  delivery.override_reason = optional(f, row, "override_reason",
                                      known == nullptr ? std::string{} : known->override_reason, parse_text);
  // One that stays as it was, or shrinks, brings nothing.
  const bool more = known == nullptr || known->order != delivery.order || known->quantity < delivery.quantity;
  if (more) check_hold(f, row, "order", delivery, "a delivery");
  check_id_loss(f, row, delivery.id, base_.deliveries());
  if (!delivery.id.empty() && !first_with_key(f, row, delivery.id)) return;
  if (logs_[f].total() != before && !readable({"id", "order", "quantity"})) return;
  merge(std::move(delivery), known, plan_.deliveries);
}

void Importer::check_hold(std::size_t f, const Row& row, std::string_view column,
                          const DeliveryRecord& delivery, const char* what) {
  if (!options_.hold_of || !delivery.override_reason.empty() || delivery.order.empty()) return;
  const auto hold = options_.hold_of(delivery.order);
  if (!hold ||
      std::find(hold->overrides.begin(), hold->overrides.end(), delivery.id) != hold->overrides.end())
    return;
  fault(
      {f, row[column].line == 0 ? row.line : row[column].line}, column,
      "brings " + std::string{what} + " of order " + delivery.order + ", which is on hold since " +
          hold_day(hold->since) + (hold->why.empty() ? "" : " (" + without_stop(hold->why) + ")") +
          "; wait until it is released, have it overridden for this delivery (chiploc order override), or say in the "
          "delivery's override_reason why it comes in all the same");
}

void Importer::check_brought(std::size_t f, const Row& row, const ChipRecord& chip) {
  if (chip.delivery.empty()) return;
  check_reference(f, row, "delivery", ImportKind::kDeliveries, chip.delivery);
  const DeliveryRecord* delivery = next_.delivery(chip.delivery);
  if (delivery == nullptr) return;
  const ChipRecord* known = base_.chip(chip.id);
  if (known == nullptr || known->delivery != chip.delivery)
    check_hold(f, row, "delivery", *delivery, "a chip");
  const OrderRecord* order = next_.order(delivery->order);
  if (order == nullptr || chip.licence.empty() || order->licence == chip.licence) return;
  const bool given = row["delivery"].line != 0;
  fault(f, row, given ? "delivery" : "licence",
        "delivery " + chip.delivery + " is of order " + order->id + ", which is under licence " +
            order->licence + ", not under " + chip.licence + "; a chip has the licence of its order");
}

}  // namespace chiploc
