#include "server/registry/export.hpp"

#include <nlohmann/json.hpp>

#include "proto/base/joined.hpp"
#include "server/registry/fields.hpp"

namespace chiploc {
namespace {

using Json = nlohmann::ordered_json;

/// A name as a file must have it to be read as itself; none stays none.
std::string typed(const std::string& name) {
  if (name.empty()) return name;
  const auto read = parse_typed_name(name);
  return read && *read == name ? name : "'" + name;
}

std::string pem_of(const ByteVector& der) {
  const auto certificate = Certificate::from_der(der);
  return certificate ? certificate->pem() : std::string{};
}

Json places_of(const NamedPlaces& places) {
  Json out = Json::array();
  for (const CountryCode code : places.countries) out.push_back(code.text());
  for (const std::string& name : places.territories) out.push_back(name);
  return out;
}

std::string row_of(const Maker& maker) {
  return Json{{"name", maker.name}, {"ca_pem", maker.ca_certificates}}.dump();
}

std::string row_of(const MakerRevocations& revocations) {
  Json lists = Json::array();
  for (const RevocationList& list : revocations.lists) lists.push_back(list.pem());
  return Json{{"maker", revocations.maker}, {"crl_pem", std::move(lists)}}.dump();
}

std::string row_of(const LicenceRecord& licence) {
  return Json{{"id", typed(licence.id)},
              {"holder", licence.holder},
              {"countries", places_of(licence.places)},
              {"valid_from", to_text(licence.valid_from)},
              {"valid_to", to_text(licence.valid_to)},
              {"end_user", licence.end_user},
              {"quantity", licence.quantity == 0 ? Json("") : Json(licence.quantity)}}
      .dump();
}

/// The drawing is spliced in as it was imported: its digest names it in every verdict.
std::string row_of(const TerritoryRecord& territory) {
  Json countries = Json::array();
  for (const CountryCode code : territory.countries) countries.push_back(code.text());
  Json row{{"name", territory.name}, {"countries", std::move(countries)}};
  if (territory.geojson.empty()) {
    row["geojson"] = "";
    return row.dump();
  }
  std::string out = row.dump();
  out.pop_back();
  return out + ",\"geojson\":" + territory.geojson + "}";
}

std::string row_of(const AnchorRecord& anchor) {
  return Json{{"name", anchor.name},
              {"public_key", to_hex(anchor.public_key)},
              {"lat", anchor.place.lat},
              {"lon", anchor.place.lon},
              {"uncertainty_km", anchor.uncertainty.km()},
              {"operator", anchor.operator_name},
              {"network", anchor.network},
              {"address", to_text(anchor.endpoint)},
              {"rendezvous", anchor.rendezvous}}
      .dump();
}

std::string row_of(const ChipRecord& chip) {
  Json certificates = Json::array({pem_of(chip.certificate)});
  for (const ByteVector& issuer : chip.issuers) certificates.push_back(pem_of(issuer));
  return Json{{"id", device_id_of(chip)},
              {"serial", typed(chip.serial)},
              {"maker", chip.maker},
              {"model", chip.model},
              {"licence", typed(chip.licence)},
              {"reach", to_text(chip.reach)},
              {"certificate_pem", std::move(certificates)},
              {"delivery", typed(chip.delivery)}}
      .dump();
}

std::string row_of(const ModelRecord& model) {
  return Json{{"name", model.name}, {"maker", model.maker}, {"eccn", model.eccn}, {"note", model.note}}
      .dump();
}

std::string row_of(const EntityRecord& entity) {
  Json roles = Json::array();
  for (const EntityRole role : entity.roles) roles.push_back(to_text(role));
  return Json{{"name", entity.name},
              {"roles", std::move(roles)},
              {"country", entity.country ? entity.country->text() : ""},
              {"watch_reason", entity.watch ? entity.watch->reason : ""},
              {"watch_since", entity.watch ? to_text(entity.watch->since) : ""}}
      .dump();
}

std::string row_of(const SiteRecord& site) {
  return Json{{"name", typed(site.name)},
              {"operator", site.operated_by},
              {"place", to_text(site.place)},
              {"address", site.address}}
      .dump();
}

std::string row_of(const ConditionRecord& condition) {
  return Json{{"id", typed(condition.id)},
              {"licence", typed(condition.licence)},
              {"kind", to_text(condition.kind)},
              {"due", to_text(condition.due)},
              {"share_percent", condition.share_percent > 0.0 ? Json(condition.share_percent) : Json("")},
              {"evidence", condition.evidence},
              {"evidence_sha256", condition.evidence_sha256 ? condition.evidence_sha256->hex() : ""},
              {"met", condition.met ? to_text(*condition.met) : ""}}
      .dump();
}

std::string row_of(const OrderRecord& order) {
  return Json{{"id", typed(order.id)},           {"licence", typed(order.licence)},
              {"exporter", order.exporter},      {"buyer", order.buyer},
              {"end_user", order.end_user},      {"quantity", order.quantity},
              {"placed", to_text(order.placed)}, {"operator", order.operated_by}}
      .dump();
}

std::string row_of(const DeliveryRecord& delivery) {
  return Json{{"id", typed(delivery.id)},      {"order", typed(delivery.order)},
              {"site", typed(delivery.site)},  {"date", to_text(delivery.date)},
              {"quantity", delivery.quantity}, {"override_reason", delivery.override_reason}}
      .dump();
}

std::string text_of(const std::string& key) { return key; }
std::string text_of(const ChipId& key) { return key.hex(); }

/// `first` is where the page begins.
template <class Table>
ExportPage page_of(const Table& table, typename Table::const_iterator first, std::size_t bytes) {
  ExportPage page;
  std::size_t size = 0;
  for (auto at = first; at != table.end(); ++at) {
    if (size >= bytes) {
      page.next = text_of(std::prev(at)->first);
      return page;
    }
    page.rows.push_back(row_of(*at->second));
    size += page.rows.back().size();
  }
  return page;
}

template <class Table>
ExportPage named_page(const Table& table, const std::string& after, std::size_t bytes) {
  return page_of(table, after.empty() ? table.begin() : table.upper_bound(after), bytes);
}

}  // namespace

ExportPage export_rows(const Registry& registry, ImportKind kind, const std::string& after,
                       std::size_t bytes) {
  switch (kind) {
    case ImportKind::kMakers:
      return named_page(registry.makers(), after, bytes);
    case ImportKind::kLicences:
      return named_page(registry.licences(), after, bytes);
    case ImportKind::kAnchors:
      return named_page(registry.anchors(), after, bytes);
    case ImportKind::kTerritories:
      return named_page(registry.territories(), after, bytes);
    case ImportKind::kRevocations:
      return named_page(registry.revocations(), after, bytes);
    case ImportKind::kChips: {
      const auto id = ChipId::from_hex_text(after);
      return page_of(registry.chips(), id ? registry.chips().upper_bound(*id) : registry.chips().begin(),
                     bytes);
    }
    case ImportKind::kModels:
      return named_page(registry.models(), after, bytes);
    case ImportKind::kEntities:
      return named_page(registry.entities(), after, bytes);
    case ImportKind::kSites:
      return named_page(registry.sites(), after, bytes);
    case ImportKind::kConditions:
      return named_page(registry.conditions(), after, bytes);
    case ImportKind::kOrders:
      return named_page(registry.orders(), after, bytes);
    case ImportKind::kDeliveries:
      return named_page(registry.deliveries(), after, bytes);
    case ImportKind::kProhibitedTerritories: {
      ExportPage page;
      for (const Json& place : places_of(registry.prohibited()))
        page.rows.push_back(Json{{"country", place}}.dump());
      return page;
    }
  }
  return {};
}

}  // namespace chiploc
