#include <algorithm>
#include <map>

#include "server/registry/importer.hpp"

namespace chiploc {

void Importer::check_serials() {
  std::map<std::pair<std::string_view, std::string_view>, ChipId> changed;
  for (const auto& chip : plan_.chips) {
    // Records of the base that this import does not touch, then those of the import among themselves.
    const auto [at, fresh] =
        changed.emplace(std::pair{std::string_view{chip->maker}, std::string_view{chip->serial}}, chip->id);
    const ChipRecord* other =
        fresh ? base_.chip_by_serial(chip->maker, chip->serial) : next_.chip(at->second);
    if (other == nullptr || other->id == chip->id) continue;
    const ChipRecord* now = next_.chip(other->id);
    if (now->serial != chip->serial || now->maker != chip->maker) continue;  // it has another serial by now
    fault(place_of(ImportKind::kChips, chip->id.hex()), "serial",
          shown(chip->serial) + " is the serial number of chip " + other->id.hex() +
              " already; serial numbers are unique within a maker");
  }
}

void Importer::check_anchors() {
  for (const auto& anchor : plan_.anchors) {
    const Place place = place_of(ImportKind::kAnchors, anchor->name);
    for (const auto& [other_name, other] : next_.anchors()) {
      if (other_name == anchor->name) continue;
      if (other->id == anchor->id)
        fault(place, "public_key",
              "is the key of anchor " + shown(other_name) + " too; every anchor has a key of its own");
      if (other->endpoint == anchor->endpoint)
        fault(place, "address",
              to_text(anchor->endpoint) + " is the address of anchor " + shown(other_name) + " too");
    }
  }
}

void Importer::check_dropped_authorities() {
  for (const auto& maker : plan_.makers) {
    const Maker* old = base_.maker(maker->name);
    if (old == nullptr) continue;
    const bool dropped =
        std::any_of(old->ca_certificates.begin(), old->ca_certificates.end(), [&](const std::string& pem) {
          return std::find(maker->ca_certificates.begin(), maker->ca_certificates.end(), pem) ==
                 maker->ca_certificates.end();
        });
    if (!dropped) continue;
    const auto before = parse_all(*old);
    std::size_t orphans = 0;
    std::string example;
    for (const auto& [id, chip] : base_.chips()) {
      if (chip->maker != maker->name || places_[ImportKind::kChips].count(id.hex()) > 0) continue;
      const auto certificate = Certificate::from_der(chip->certificate);
      if (!certificate || verify_device(*certificate, {}, authorities_[maker->name], options_.now)) continue;
      if (!verify_device(*certificate, {}, before, options_.now)) continue;  // was not valid before either
      if (orphans++ == 0) example = id.hex();
    }
    if (orphans == 0) continue;
    fault(place_of(ImportKind::kMakers, maker->name), "ca_pem",
          "leaves " + std::to_string(orphans) + " registered chips without an issuer, e.g. " + example +
              "; keep the old certificate beside the new one, or import those chips with new certificates");
  }
}

void Importer::check_sizes() {
  const auto check = [&](ImportKind kind, std::size_t size, std::size_t limit, const char* what) {
    if (size <= limit) return;
    for (std::size_t f = 0; f < files_.size(); ++f) {
      if (files_[f].kind == kind)
        return fault({f, 0}, "",
                     "makes " + std::to_string(size) + " " + what + "; the registry holds at most " +
                         std::to_string(limit));
    }
  };
  const RegistryLimits& limits = options_.limits.registry;
  check(ImportKind::kMakers, next_.makers().size(), limits.makers, "makers");
  check(ImportKind::kChips, next_.chips().size(), limits.chips, "chips");
  check(ImportKind::kLicences, next_.licences().size(), limits.licences, "licences");
  check(ImportKind::kAnchors, next_.anchors().size(), limits.anchors, "anchors");
  check(ImportKind::kTerritories, next_.territories().size(), limits.territories, "territories");
  std::size_t area_bytes = 0;
  for (const auto& [name, territory] : next_.territories()) area_bytes += territory->geojson.size();
  check(ImportKind::kTerritories, area_bytes, limits.area_bytes, "bytes of areas' GeoJSON");
}

}  // namespace chiploc
