#include "server/lab/lab_registry.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace chiploc {
namespace {

using nlohmann::json;
using Kind = LabRegistryFile::Kind;

json names_of(const LabPlaces& places) {
  json out = json::array();
  for (const CountryCode code : places.countries) out.push_back(code.text());
  for (const std::string& name : places.territories) out.push_back(name);
  return out;
}

json territories_of(const LabFile& file) {
  json out = json::array();
  for (const LabTerritory& territory : file.territories) {
    out.push_back({{"name", territory.name},
                   {"countries", names_of({.countries = territory.countries, .territories = {}})},
                   {"geojson", territory.geojson}});
  }
  return out;
}

/// Of licences, orders and deliveries: long ago, so that nothing is new in a lab.
constexpr const char* kLongAgo = "2020-01-01";

json makers_rows(const LabFile& file, const LabIdentities& identities) {
  json out = json::array();
  const auto makers = makers_of(file);
  for (std::size_t i = 0; i < makers.size(); ++i)
    out.push_back({{"name", makers[i]}, {"ca_pem", identities.maker_cas[i]}});
  return out;
}

json models_rows(const LabFile& file) {
  json out = json::array();
  for (const LabModel& model : file.models)
    out.push_back({{"name", model.name}, {"maker", model.maker}, {"eccn", model.eccn}});
  return out;
}

json entities_rows(const LabFile& file) {
  json out = json::array();
  for (const LabEntity& entity : file.entities) {
    out.push_back({{"name", entity.name},
                   {"roles", entity.roles},
                   {"country", entity.country ? std::string{entity.country->text()} : std::string{}}});
  }
  return out;
}

std::string delivery_of(const LabOrder& order) { return order.id + "-D1"; }

/// What the orders with parties have to do with the registry: the places that they were delivered to, themselves, and a
/// delivery each.
struct OrderRows {
  json sites = json::array(), orders = json::array(), deliveries = json::array();
};
OrderRows order_rows(const LabFile& file) {
  OrderRows out;
  std::set<std::string> sites;
  for (const LabOrder& order : file.orders) {
    if (!order.parties) continue;
    const LabChip& chip = file.chips[order.first];
    const LabParties& who = *order.parties;
    if (sites.insert(chip.site_name).second)
      out.sites.push_back({{"name", chip.site_name}, {"place", order.country->text()}});
    out.orders.push_back({{"id", order.id},
                          {"licence", chip.licence},
                          {"exporter", who.exporter},
                          {"buyer", who.buyer},
                          {"end_user", who.end_user},
                          {"operator", who.operator_name},
                          {"quantity", std::to_string(order.quantity)},
                          {"placed", kLongAgo}});
    out.deliveries.push_back({{"id", delivery_of(order)},
                              {"order", order.id},
                              {"site", chip.site_name},
                              {"date", kLongAgo},
                              {"quantity", std::to_string(order.count)}});
  }
  return out;
}

json licences_of(const LabFile& file) {
  json out = json::array();
  for (const LabLicence& licence : file.licences) {
    out.push_back({{"id", licence.id},
                   {"holder", licence.holder},
                   {"countries", names_of(licence.places)},
                   {"end_user", licence.end_user},
                   {"valid_from", kLongAgo},
                   {"valid_to", "2099-12-31"}});
  }
  return out;
}

json anchors_of(const LabPlan& plan, const LabIdentities& identities) {
  json out = json::array();
  for (std::size_t i = 0; i < plan.anchors.size(); ++i) {
    const LabAnchor& anchor = plan.file.anchors[i];
    out.push_back({{"name", anchor.name},
                   {"public_key", identities.anchor_keys[i]},
                   {"lat", anchor.place.lat_deg()},
                   {"lon", anchor.place.lon_deg()},
                   {"uncertainty_km", anchor.uncertainty_km},
                   {"operator", anchor.operator_name},
                   {"network", anchor.network},
                   {"address", plan.anchors[i].front.text()},
                   {"rendezvous", anchor.rendezvous}});
  }
  return out;
}

json chips_of(const LabPlan& plan, const LabIdentities& identities) {
  const auto makers = makers_of(plan.file);
  json out = json::array();
  for (std::size_t i = 0; i < plan.file.chips.size(); ++i) {
    const LabChip& chip = plan.file.chips[i];
    const LabAgent* agent = plan.agent_of(i);
    out.push_back(
        {{"id", plan.chip_ids[i].hex()},
         {"serial", chip.serial},
         {"maker", makers[maker_of(plan.file, chip)]},
         {"model", model_of(chip)},
         {"licence", chip.licence},
         {"reach", chip.inbound && agent != nullptr ? "inbound " + agent->endpoint.front.text() : "knock"},
         {"certificate_pem", identities.chip_certificates[i]}});
    const LabOrder* const order = plan.file.order(chip.order);
    if (order != nullptr && order->parties) out.back()["delivery"] = delivery_of(*order);
  }
  return out;
}

json prohibited_of(const LabFile& file) {
  json out = json::array();
  for (const json& name : names_of(file.prohibited)) out.push_back({{"country", name}});
  return out;
}

}  // namespace

const char* file_name(Kind kind) {
  switch (kind) {
    case Kind::kMakers:
      return "makers.json";
    case Kind::kModels:
      return "models.json";
    case Kind::kEntities:
      return "entities.json";
    case Kind::kSites:
      return "sites.json";
    case Kind::kOrders:
      return "orders.json";
    case Kind::kDeliveries:
      return "deliveries.json";
    case Kind::kTerritories:
      return "territories.json";
    case Kind::kLicences:
      return "licences.json";
    case Kind::kAnchors:
      return "anchors.json";
    case Kind::kChips:
      return "chips.json";
    case Kind::kProhibited:
      break;
  }
  return "prohibited.json";
}

std::vector<std::string> makers_of(const LabFile& file) {
  std::vector<std::string> out = file.makers;
  const bool own = std::any_of(file.chips.begin(), file.chips.end(),
                               [](const LabChip& chip) { return chip.model.empty(); });
  if (own && std::find(out.begin(), out.end(), kLabMaker) == out.end()) out.insert(out.begin(), kLabMaker);
  return out;
}

std::size_t maker_of(const LabFile& file, const LabChip& chip) {
  const auto makers = makers_of(file);
  const std::string maker = chip.model.empty() ? kLabMaker : file.model(chip.model)->maker;
  return static_cast<std::size_t>(std::find(makers.begin(), makers.end(), maker) - makers.begin());
}

std::string model_of(const LabChip& chip) { return chip.model.empty() ? kLabModel : chip.model; }

std::vector<LabRegistryFile> registry_files(const LabPlan& plan, const LabIdentities& identities) {
  std::vector<LabRegistryFile> out;
  const auto add = [&](Kind kind, const json& rows) {
    out.push_back({.kind = kind, .name = file_name(kind), .content = rows.dump(1) + "\n"});
  };
  const auto add_any = [&](Kind kind, const json& rows) {
    if (!rows.empty()) add(kind, rows);
  };
  const OrderRows orders = order_rows(plan.file);
  add(Kind::kMakers, makers_rows(plan.file, identities));
  add_any(Kind::kModels, models_rows(plan.file));
  add_any(Kind::kTerritories, territories_of(plan.file));
  add_any(Kind::kEntities, entities_rows(plan.file));
  add(Kind::kLicences, licences_of(plan.file));
  add_any(Kind::kSites, orders.sites);
  add_any(Kind::kOrders, orders.orders);
  add_any(Kind::kDeliveries, orders.deliveries);
  add(Kind::kAnchors, anchors_of(plan, identities));
  add(Kind::kChips, chips_of(plan, identities));
  add(Kind::kProhibited, prohibited_of(plan.file));
  return out;
}

}  // namespace chiploc
