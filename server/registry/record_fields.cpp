#include "server/registry/record_fields.hpp"

#include <algorithm>
#include <cstdio>

#include "geo/area/area.hpp"
#include "proto/base/joined.hpp"
#include "proto/crypto/certificate.hpp"
#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

/// As the CLI writes it: three digits, whole numbers from 1000 on.
std::string km2_text(double km2) {
  char text[40];
  std::snprintf(text, sizeof text, km2 < 999.5 ? "%.3g" : "%.0f", km2);
  return text;
}

std::string digest_of(std::string_view text, std::size_t digits) {
  return "sha256 " + sha256(bytes_of(text)).hex().substr(0, digits);
}

std::vector<std::string> names_in(const NamedPlaces& places) {
  std::vector<std::string> out;
  for (const CountryCode code : places.countries) out.push_back(code.text());
  out.insert(out.end(), places.territories.begin(), places.territories.end());
  return out;
}

}  // namespace

Fields fields_of(const Maker& maker, std::size_t digits) {
  std::string all;
  for (const std::string& pem : maker.ca_certificates) all += pem;
  return {{"ca_pem",
           std::to_string(maker.ca_certificates.size()) + " certificate(s), " + digest_of(all, digits)}};
}

Fields fields_of(const MakerRevocations& record, std::size_t digits) {
  std::string all;
  for (const RevocationList& list : record.lists) all += list.pem();
  return {{"crl_pem", std::to_string(record.lists.size()) + " list(s), " + digest_of(all, digits)}};
}

Fields fields_of(const ChipRecord& chip, std::size_t digits) {
  std::string certificate = "sha256 " + sha256(chip.certificate).hex().substr(0, digits);
  for (const ByteVector& issuer : chip.issuers)
    certificate += ", device CA " + sha256(issuer).hex().substr(0, digits);
  return {{"serial", chip.serial},    {"maker", chip.maker},          {"model", chip.model},
          {"licence", chip.licence},  {"reach", to_text(chip.reach)}, {"certificate_pem", certificate},
          {"delivery", chip.delivery}};
}

Fields fields_of(const LicenceRecord& licence) {
  return {{"holder", licence.holder},
          {"countries", to_text(licence.places)},
          {"valid_from", to_text(licence.valid_from)},
          {"valid_to", to_text(licence.valid_to)},
          {"end_user", licence.end_user},
          {"quantity", licence.quantity == 0 ? "" : std::to_string(licence.quantity)}};
}

Fields fields_of(const TerritoryRecord& territory, std::size_t digits) {
  Fields out{{"countries", joined(territory.countries, " ")}, {"geojson", ""}};
  if (territory.area) {
    const std::string size = territory.unreadable.empty() ? km2_text(territory.area->area_km2()) + " km2"
                                                          : "cannot be read any more";
    out.back().second = size + ", sha256 " + territory.geojson_sha256.hex().substr(0, digits);
  }
  return out;
}

Fields fields_of(const AnchorRecord& anchor) {
  return {{"public_key", to_hex(anchor.public_key)}, {"lat", number(anchor.place.lat)},
          {"lon", number(anchor.place.lon)},         {"uncertainty_km", number(anchor.uncertainty.km())},
          {"operator", anchor.operator_name},        {"network", anchor.network},
          {"address", to_text(anchor.endpoint)},     {"rendezvous", anchor.rendezvous ? "yes" : "no"}};
}

Fields fields_of(const ModelRecord& model) {
  return {{"maker", model.maker}, {"eccn", model.eccn}, {"note", model.note}};
}

Fields fields_of(const EntityRecord& entity) {
  return {{"roles", to_text(entity.roles)},
          {"country", entity.country ? entity.country->text() : ""},
          {"watch_reason", entity.watch ? entity.watch->reason : ""},
          {"watch_since", entity.watch ? to_text(entity.watch->since) : ""}};
}

Fields fields_of(const SiteRecord& site) {
  return {{"operator", site.operated_by}, {"place", to_text(site.place)}, {"address", site.address}};
}

Fields fields_of(const ConditionRecord& condition) {
  return {{"licence", condition.licence},
          {"kind", to_text(condition.kind)},
          {"due", to_text(condition.due)},
          {"share_percent", condition.share_percent > 0.0 ? number(condition.share_percent) : ""},
          {"evidence", condition.evidence},
          {"evidence_sha256", condition.evidence_sha256 ? condition.evidence_sha256->hex() : ""},
          {"met", condition.met ? to_text(*condition.met) : ""}};
}

Fields fields_of(const OrderRecord& order) {
  return {{"licence", order.licence},       {"exporter", order.exporter},
          {"buyer", order.buyer},           {"end_user", order.end_user},
          {"operator", order.operated_by},  {"quantity", std::to_string(order.quantity)},
          {"placed", to_text(order.placed)}};
}

Fields fields_of(const DeliveryRecord& delivery) {
  return {{"order", delivery.order},
          {"site", delivery.site},
          {"date", to_text(delivery.date)},
          {"quantity", std::to_string(delivery.quantity)},
          {"override_reason", delivery.override_reason}};
}

PlaceChanges changes_between(const NamedPlaces& before, const NamedPlaces& after) {
  const auto had = names_in(before);
  const auto has = names_in(after);
  const auto without = [](const std::vector<std::string>& list, const std::vector<std::string>& others) {
    std::vector<std::string> out;
    for (const std::string& name : list) {
      if (std::find(others.begin(), others.end(), name) == others.end()) out.push_back(name);
    }
    return out;
  };
  return {without(had, has), without(has, had)};
}

std::string cut(std::string text, std::size_t most) {
  if (text.size() > most) {
    text.resize(most - 3);
    // Not within a character of several bytes.
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80U) != 0) text.pop_back();
    text += "...";
  }
  return text;
}

}  // namespace chiploc
