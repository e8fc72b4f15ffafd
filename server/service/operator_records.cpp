// The use cases about orders and what belongs to them: ListRecords, GetOrder and ListRegistryChanges.
#include <algorithm>
#include <map>
#include <utility>

#include "proto/base/joined.hpp"
#include "server/registry/fields.hpp"
#include "server/service/chip_choice.hpp"
#include "server/service/name_lookup.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/record_views.hpp"
#include "server/service/views.hpp"

namespace chiploc {
namespace {

Fail<ApiFault> bad_filter(std::string text) {
  return Fail{ApiFault{ApiFaultCode::kBadField, std::move(text)}};
}

/// Which records a list has; names as the registry has them, empty or null: any.
struct RecordWish {
  std::string after;
  std::uint32_t size = 0;
  bool count = false;
  std::string name, maker;
  const LicenceRecord* licence = nullptr;
  const OrderRecord* order = nullptr;
  const SiteRecord* site = nullptr;
  const EntityRecord* entity = nullptr;
  bool watched = false, unmet = false;
  std::optional<Date> due_before{};
};

/// The filters that each kind has, beside its name.
bool has_filter(ImportKind kind, std::string_view filter) {
  static const std::map<ImportKind, std::vector<std::string_view>> kFilters{
      {ImportKind::kModels, {"maker"}},
      {ImportKind::kEntities, {"watched"}},
      {ImportKind::kSites, {"entity"}},
      {ImportKind::kOrders, {"licence", "entity", "watched"}},
      {ImportKind::kDeliveries, {"licence", "order", "site", "entity"}},
      {ImportKind::kConditions, {"licence", "due_before", "unmet"}}};
  const auto& known = kFilters.at(kind);
  return std::find(known.begin(), known.end(), filter) != known.end();
}

Answer<Done> check_filters(const v1::ListRecordsRequest& request, ImportKind kind) {
  const std::pair<std::string_view, bool> given[] = {
      {"maker", !request.maker().empty()},           {"licence", !request.licence().empty()},
      {"order", !request.order().empty()},           {"site", !request.site().empty()},
      {"entity", !request.entity().empty()},         {"watched", request.watched()},
      {"due_before", !request.due_before().empty()}, {"unmet", request.unmet()}};
  for (const auto& [filter, wanted] : given) {
    if (wanted && !has_filter(kind, filter))
      return bad_filter(std::string{filter} + ": a list of this kind (" + std::string{word_of(kind)} +
                        ") has no such filter; leave it out");
  }
  return Done{};
}

Answer<RecordWish> record_wish_of(const v1::ListRecordsRequest& request, ImportKind kind,
                                  const Registry& registry, const ApiLimits& limits) {
  if (const auto good = check_filters(request, kind); !good) return Fail{good.error()};
  RecordWish wish;
  const auto size = check_page_size(request.page_size(), limits.records_page, limits.records_page);
  if (!size) return Fail{size.error()};
  const auto after = read_key_token(request.page_token());
  if (!after) return Fail{after.error()};
  wish.size = *size;
  wish.after = *after;
  wish.count = request.with_total();
  wish.watched = request.watched();
  wish.unmet = request.unmet();
  std::optional<ApiFault> fault;
  /// A name that was given, looked up; `otherwise` if none was.
  const auto found = [&](const char* field, const std::string& text, auto otherwise, const auto& find) {
    if (fault || text.empty()) return otherwise;
    const auto checked = check_text(field, text, limits);
    if (!checked) {
      fault = checked.error();
      return otherwise;
    }
    auto answer = find(registry, *checked);
    if (answer) return decltype(otherwise){*answer};
    fault = answer.error();
    return otherwise;
  };
  wish.name = found("name", request.name(), std::string{},
                    [&](const Registry& in, const std::string& text) { return find_key(in, kind, text); });
  const Maker* maker = nullptr;
  maker = found("maker", request.maker(), maker, find_maker);
  if (maker != nullptr) wish.maker = maker->name;
  wish.licence = found("licence", request.licence(), wish.licence, find_licence);
  wish.order = found("order", request.order(), wish.order, find_order);
  wish.site = found("site", request.site(), wish.site, find_site);
  wish.entity = found("entity", request.entity(), wish.entity, find_entity);
  if (fault) return Fail{*std::move(fault)};
  if (!request.due_before().empty()) {
    const auto day = parse_date(request.due_before());
    if (!day) return bad_filter("due_before: " + day.error());
    wish.due_before = *day;
  }
  return wish;
}

/// Keys as far as an index narrows them down; nullopt: the whole table.
using Narrowed = std::optional<Registry::Keys>;

Registry::Keys deliveries_of(const Registry& registry, const Registry::Keys& orders) {
  Registry::Keys out;
  for (const std::string& order : orders) {
    const Registry::Keys& more = registry.order_deliveries(order);
    out.insert(more.begin(), more.end());
  }
  return out;
}

Narrowed narrowed(const Registry& registry, ImportKind kind, const RecordWish& wish) {
  if (!wish.name.empty()) return Registry::Keys{wish.name};
  if (kind == ImportKind::kConditions && wish.licence != nullptr)
    return registry.licence_conditions(wish.licence->id);
  if (kind == ImportKind::kSites && wish.entity != nullptr) return registry.entity_sites(wish.entity->name);
  if (kind == ImportKind::kOrders && wish.entity != nullptr) return registry.entity_orders(wish.entity->name);
  if (kind == ImportKind::kOrders && wish.licence != nullptr)
    return registry.licence_orders(wish.licence->id);
  if (kind != ImportKind::kDeliveries) return std::nullopt;
  if (wish.order != nullptr) return registry.order_deliveries(wish.order->id);
  if (wish.site != nullptr) return registry.site_deliveries(wish.site->name);
  if (wish.licence != nullptr) return deliveries_of(registry, registry.licence_orders(wish.licence->id));
  if (wish.entity != nullptr) return deliveries_of(registry, registry.entity_orders(wish.entity->name));
  return std::nullopt;
}

bool names(const OrderRecord& order, const EntityRecord& entity) {
  return order.exporter == entity.name || order.buyer == entity.name || order.end_user == entity.name ||
         order.operated_by == entity.name;
}

std::vector<const EntityRecord*> watched_in(const OrderRecord& order, const Registry& registry) {
  std::vector<const EntityRecord*> out;
  for (const std::string* name : {&order.exporter, &order.buyer, &order.end_user, &order.operated_by}) {
    const EntityRecord* entity = registry.entity(*name);
    if (entity != nullptr && entity->watch && std::find(out.begin(), out.end(), entity) == out.end())
      out.push_back(entity);
  }
  return out;
}

bool fits(const RecordWish& wish, const Registry&, const ModelRecord& model) {
  return wish.maker.empty() || model.maker == wish.maker;
}
bool fits(const RecordWish& wish, const Registry&, const EntityRecord& entity) {
  return !wish.watched || entity.watch;
}
bool fits(const RecordWish& wish, const Registry&, const SiteRecord& site) {
  return wish.entity == nullptr || site.operated_by == wish.entity->name;
}
bool fits(const RecordWish& wish, const Registry& registry, const OrderRecord& order) {
  return (wish.licence == nullptr || order.licence == wish.licence->id) &&
         (wish.entity == nullptr || names(order, *wish.entity)) &&
         (!wish.watched || !watched_in(order, registry).empty());
}
bool fits(const RecordWish& wish, const Registry& registry, const DeliveryRecord& delivery) {
  if (wish.order != nullptr && delivery.order != wish.order->id) return false;
  if (wish.site != nullptr && delivery.site != wish.site->name) return false;
  if (wish.licence == nullptr && wish.entity == nullptr) return true;
  const OrderRecord* order = registry.order(delivery.order);
  return order != nullptr && (wish.licence == nullptr || order->licence == wish.licence->id) &&
         (wish.entity == nullptr || names(*order, *wish.entity));
}
bool fits(const RecordWish& wish, const Registry&, const ConditionRecord& condition) {
  return (wish.licence == nullptr || condition.licence == wish.licence->id) &&
         (!wish.unmet || !condition.met) && (!wish.due_before || condition.due < *wish.due_before);
}

/// Puts a page of a table into the response: `add` takes each record of it.
template <class Table, class Add>
void add_page(const Table& table, const Narrowed& keys, const Registry& registry, const RecordWish& wish,
              v1::ListRecordsResponse& response, const Add& add) {
  std::uint64_t total = 0;
  std::uint32_t shown = 0;
  std::string last;
  const auto visit = [&](const std::string& key, const auto& record) {  // false: no further
    if (!fits(wish, registry, record)) return true;
    ++total;
    if (!wish.after.empty() && key <= wish.after) return true;
    if (shown == wish.size) {
      response.set_next_page_token(key_token(last));
      return wish.count;
    }
    if (response.next_page_token().empty()) {
      add(record);
      ++shown;
      last = key;
    }
    return true;
  };
  const bool from_begin = wish.count || wish.after.empty();
  if (keys) {
    for (auto at = from_begin ? keys->begin() : keys->upper_bound(wish.after); at != keys->end(); ++at) {
      const auto record = table.find(*at);
      if (record != table.end() && !visit(*at, *record->second)) break;
    }
  } else {
    for (auto at = from_begin ? table.begin() : table.upper_bound(wish.after); at != table.end(); ++at) {
      if (!visit(at->first, *at->second)) break;
    }
  }
  if (wish.count) response.set_total(total);
}

}  // namespace

Answer<v1::ListRecordsResponse> OperatorUseCases::list_records(const v1::ListRecordsRequest& request,
                                                               const Caller& caller) {
  const auto kind = check_kind("kind", request.kind());
  if (!kind) return Fail{kind.error()};
  if (*kind < ImportKind::kModels)
    return bad_filter(
        "kind: has a list of its own; give models, entities, sites, orders, deliveries or conditions");
  const Registry::Snapshot registry = registry_for(caller);
  const auto wish = record_wish_of(request, *kind, *registry, parts_.limits);
  if (!wish) return Fail{wish.error()};
  const Narrowed keys = narrowed(*registry, *kind, *wish);
  v1::ListRecordsResponse response;
  const auto page = [&](const auto& table, const auto& add) {
    add_page(table, keys, *registry, *wish, response, add);
  };
  switch (*kind) {
    case ImportKind::kModels:
      page(registry->models(), [&](const auto& record) { *response.add_models() = view_of(record); });
      break;
    case ImportKind::kEntities:
      page(registry->entities(), [&](const EntityRecord& record) {
        auto& shown = *response.add_entities() = view_of(record, *registry);
        if (!wish->name.empty()) shown.set_chips(registry->entity_chips(record.name).size());
      });
      break;
    case ImportKind::kSites:
      page(registry->sites(),
           [&](const auto& record) { *response.add_sites() = view_of(record, *registry); });
      break;
    case ImportKind::kOrders:
      page(registry->orders(),
           [&](const auto& record) { *response.add_orders() = view_of(record, *registry); });
      break;
    case ImportKind::kDeliveries:
      page(registry->deliveries(),
           [&](const auto& record) { *response.add_deliveries() = view_of(record, *registry); });
      break;
    default:
      page(registry->conditions(), [&](const auto& record) { *response.add_conditions() = view_of(record); });
  }
  return response;
}

Answer<v1::GetOrderResponse> OperatorUseCases::get_order(const v1::GetOrderRequest& request,
                                                         const Caller& caller) {
  const auto text = check_text("order", request.order(), parts_.limits);
  if (!text) return Fail{text.error()};
  const Registry::Snapshot registry = registry_for(caller);
  const auto order = find_order(*registry, *text);
  if (!order) return Fail{order.error()};
  v1::GetOrderResponse response;
  *response.mutable_order() = view_of(**order, *registry);
  std::map<std::string, v1::DeliveredAt> sites;
  std::map<std::string, std::map<std::uint32_t, std::uint64_t>> states;
  for (const std::string& id : registry->order_deliveries((*order)->id)) {
    const DeliveryRecord& delivery = *registry->delivery(id);
    v1::DeliveredAt& at = sites[delivery.site];
    at.set_site(delivery.site);
    at.set_deliveries(at.deliveries() + 1);
    at.set_quantity(at.quantity() + delivery.quantity);
    at.set_chips(at.chips() + registry->delivery_chips(id).size());
  }
  ChipWish of_order;
  of_order.only = registry->order_chips((*order)->id);
  const auto counted =
      each_standing(*registry, parts_.reader.verdicts(), of_order, [&](const StandingBrief& brief) {
        const ChipRecord& chip = *registry->chip(brief.chip);
        ++states[registry->delivery(chip.delivery)->site][brief.state];
      });
  if (!counted) return Fail{fault_of(counted.error())};
  for (auto& [site, at] : sites) {
    add_states(states[site], *at.mutable_chips_by_state());
    *response.add_sites() = std::move(at);
  }
  for (const EntityRecord* entity : watched_in(**order, *registry))
    *response.add_watched() = view_of(*entity, *registry);
  if (const auto held = add_hold((*order)->id, caller, response); !held) return Fail{held.error()};
  return response;
}

namespace {

/// One that is gone has its past all the same. `unknown`: that none is called so today.
Answer<std::string> key_of_past(RegistryReader& store, ImportKind kind, const std::string& name,
                                const ApiFault& unknown) {
  auto keys = store.past_keys(kind, name);
  if (!keys) return Fail{fault_of(keys.error())};
  if (keys->size() == 1) return std::move(keys->front());
  if (keys->empty()) return Fail{unknown};
  return bad_filter("name: several had it: " + first_joined(*keys, ", ", 4) + "; name one of these");
}

}  // namespace

Answer<v1::ListRegistryChangesResponse> OperatorUseCases::list_registry_changes(
    const v1::ListRegistryChangesRequest& request, const Caller&) {
  const ApiLimits& limits = parts_.limits;
  ChangeQuery query;
  const auto size = check_page_size(request.page_size(), limits.records_page, limits.records_page);
  if (!size) return Fail{size.error()};
  query.limit = *size;
  auto after = read_change_token(request.page_token());
  if (!after) return Fail{after.error()};
  query.after = *after;
  const auto since = check_time("since_unix_ns", request.since_unix_ns());
  if (!since) return Fail{since.error()};
  query.since = *since;
  const auto name = check_text("name", request.name(), limits);
  if (!name) return Fail{name.error()};
  if (request.kind() != v1::IMPORT_KIND_UNSPECIFIED) {
    const auto kind = check_kind("kind", request.kind());
    if (!kind) return Fail{kind.error()};
    query.kind = *kind;
  } else if (!name->empty()) {
    return bad_filter("name: of which kind? Give it with a kind");
  }
  if (!name->empty()) {
    auto key = find_key(*parts_.registry.get(), *query.kind, *name);
    if (!key && key.error().code == ApiFaultCode::kNotFound)
      key = key_of_past(parts_.reader.registry(), *query.kind, *name, key.error());
    if (!key) return Fail{key.error()};
    query.key = *std::move(key);
  }
  const auto page = parts_.reader.registry().changes(query);
  if (!page) return Fail{fault_of(page.error())};
  v1::ListRegistryChangesResponse response;
  for (const RegistryChange& change : page->rows) *response.add_changes() = view_of(change);
  if (page->next) response.set_next_page_token(change_token(*page->next));
  return response;
}

}  // namespace chiploc
