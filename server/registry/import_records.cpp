#include <algorithm>

#include "proto/crypto/digest.hpp"
#include "proto/crypto/keys.hpp"
#include "server/registry/importer.hpp"
#include "server/registry/importer_references.hpp"

namespace chiploc {

void Importer::take_maker(std::size_t f, const Row& row) {
  const auto before = logs_[f].total();
  Maker maker;
  maker.name = text(f, row, "name");
  maker.ca_certificates =
      checked(f, row, "ca_pem", std::vector<std::string>{}, [](std::string_view t) { return split_pem(t); });
  std::vector<Certificate> authorities = parse_authorities({f, row["ca_pem"].line}, maker);
  if (!maker.name.empty() && !first_with_key(f, row, maker.name)) return;
  if (logs_[f].total() != before) return;
  authorities_[maker.name] = std::move(authorities);
  const Maker* known = base_.maker(maker.name);
  merge(std::move(maker), known, plan_.makers);
}

std::vector<Certificate> Importer::parse_authorities(Place place, Maker& maker) {
  std::vector<Certificate> authorities;
  if (maker.ca_certificates.size() > options_.limits.authorities) {
    fault(place, "ca_pem",
          "has " + std::to_string(maker.ca_certificates.size()) + " certificates; a maker has at most " +
              std::to_string(options_.limits.authorities));
    return authorities;
  }
  std::vector<std::string> distinct;  // bundles joined from several repeat themselves
  std::set<Digest> seen;
  for (std::size_t i = 0; i < maker.ca_certificates.size(); ++i) {
    auto certificate = Certificate::from_pem(maker.ca_certificates[i]);
    if (!certificate) {
      fault(place, "ca_pem",
            "certificate " + std::to_string(i + 1) + " cannot be used: " + certificate.error().text);
    } else if (seen.insert(certificate->fingerprint()).second) {
      distinct.push_back(std::move(maker.ca_certificates[i]));
      authorities.push_back(*std::move(certificate));
    }
  }
  maker.ca_certificates = std::move(distinct);
  return authorities;
}

void Importer::take_licence(std::size_t f, const Row& row) {
  const auto before = logs_[f].total();
  LicenceRecord licence;
  licence.id = typed_name(f, row, "id");
  licence.holder = text(f, row, "holder");
  licence.places = checked(f, row, "countries", NamedPlaces{},
                           [&](std::string_view t) { return parse_places(t, options_.known_country); });
  check_named(f, row, "countries", licence.places);
  licence.valid_from = checked(f, row, "valid_from", Date{}, parse_date);
  licence.valid_to = checked(f, row, "valid_to", Date{}, parse_date);
  if (licence.valid_from.ok() && licence.valid_to.ok() && licence.valid_to < licence.valid_from) {
    fault(f, row, "valid_to",
          to_text(licence.valid_to) + " is before valid_from, " + to_text(licence.valid_from) +
              "; give the last day that is licensed");
  }
  const LicenceRecord* known = base_.licence(licence.id);
  licence.end_user =
      optional(f, row, "end_user", known == nullptr ? std::string{} : known->end_user, parse_text);
  check_entity(f, row, "end_user", EntityRole::kEndUser, licence.end_user);
  licence.quantity = optional(f, row, "quantity", known == nullptr ? 0U : known->quantity, parse_quantity);
  check_id_loss(f, row, licence.id, base_.licences());
  if (!licence.id.empty() && !first_with_key(f, row, licence.id)) return;
  if (logs_[f].total() != before && !readable({"id", "end_user", "quantity"})) return;
  merge(std::move(licence), known, plan_.licences);
}

void Importer::take_anchor(std::size_t f, const Row& row) {
  const auto before = logs_[f].total();
  AnchorRecord anchor;
  anchor.name = name(f, row, "name");
  anchor.public_key = checked(f, row, "public_key", ByteArray<32>{}, parse_public_key);
  if (logs_[f].total() == before) {
    const auto key = PublicKey::from_raw_ed25519(anchor.public_key);
    if (!key) fault(f, row, "public_key", "is no Ed25519 key that can be trusted: " + key.error().text);
  }
  anchor.id = anchor_id_of(anchor.public_key);
  anchor.place.lat = checked(f, row, "lat", 0.0, [](std::string_view t) {
    auto lat = parse_number(t, -90.0, 90.0);
    if (lat || !parse_number(t, -180.0, 180.0)) return lat;
    return Field<double>{Fail{lat.error() + "; does longitude stand where latitude should?"}};
  });
  anchor.place.lon =
      checked(f, row, "lon", 0.0, [](std::string_view t) { return parse_number(t, -180.0, 180.0); });
  anchor.uncertainty = Kilometers{checked(f, row, "uncertainty_km", 0.0, [](std::string_view t) {
    return parse_number(t, 0.0, kUncertaintyMaxKm);
  })};
  anchor.operator_name = text(f, row, "operator");
  anchor.network = text(f, row, "network");
  anchor.endpoint = checked(f, row, "address", Endpoint{}, parse_address);
  anchor.rendezvous = checked(f, row, "rendezvous", false, parse_yes_no);
  if (!anchor.name.empty() && !first_with_key(f, row, anchor.name)) return;
  if (logs_[f].total() != before && !readable({"name", "public_key", "address"})) return;
  const AnchorRecord* known = base_.anchor(anchor.name);
  merge(std::move(anchor), known, plan_.anchors);
}

void Importer::take_territory(std::size_t f, const Row& row) {
  const auto before = logs_[f].total();
  TerritoryRecord territory;
  territory.name = checked(f, row, "name", std::string{}, parse_territory_name);
  const bool group = !row["countries"].text.empty();
  if (group == !row["geojson"].text.empty()) {
    fault({f, row.line}, "",
          group ? "has countries and geojson; a territory is a group of countries or an area, not both"
                : "has neither countries nor geojson; give one of the two");
  } else if (group) {
    territory.countries = checked(f, row, "countries", std::vector<CountryCode>{}, [&](std::string_view t) {
      return parse_countries(t, options_.known_country);
    });
  } else {
    territory = checked(f, row, "geojson", territory,
                        [&](std::string_view t) { return area_territory(territory.name, std::string{t}); });
  }
  if (!territory.name.empty() && !first_with_key(f, row, territory.name)) return;
  if (logs_[f].total() != before) return;
  const TerritoryRecord* known = base_.territory(territory.name);
  merge(std::move(territory), known, plan_.territories);
}

void Importer::check_named(std::size_t f, const Row& row, std::string_view column,
                           const NamedPlaces& places) {
  for (const std::string& name : places.territories) {
    // One with a fault of its own is not missing.
    if (base_.territory(name) != nullptr || is_named(ImportKind::kTerritories, name)) continue;
    if (unread_.count(ImportKind::kTerritories) > 0) continue;  // it may stand there
    fault(f, row, column,
          shown(name) +
              " is neither a country's code (two capitals of ISO 3166-1, e.g. DE) nor a territory that is "
              "registered or in this import");
  }
}

void Importer::take_prohibited(std::size_t f, const Row& row) {
  const auto before = logs_[f].total();
  const auto places = checked(f, row, "country", NamedPlaces{},
                              [&](std::string_view t) { return parse_places(t, options_.known_country); });
  if (places.countries.size() + places.territories.size() > 1)
    fault(f, row, "country", "names several places; give each a row of its own");
  check_named(f, row, "country", places);
  if (logs_[f].total() != before || !first_with_key(f, row, to_text(places))) return;
  const NamedPlaces& old = base_.prohibited();
  const auto in = [](const auto& sorted, const auto& one) {
    return std::binary_search(sorted.begin(), sorted.end(), one);
  };
  for (const CountryCode code : places.countries) {
    prohibited_.insert(code);
    ++(in(old.countries, code) ? plan_.unchanged : plan_.added);
  }
  for (const std::string& name : places.territories) {
    prohibited_territories_.insert(name);
    ++(in(old.territories, name) ? plan_.unchanged : plan_.added);
  }
}

void Importer::finish_prohibited() {
  const bool given = std::any_of(files_.begin(), files_.end(), [](const ImportFile& file) {
    return file.kind == ImportKind::kProhibitedTerritories;
  });
  if (!given) return;
  const NamedPlaces& old = base_.prohibited();
  for (const CountryCode code : old.countries) plan_.changed += prohibited_.count(code) == 0 ? 1U : 0U;
  for (const std::string& name : old.territories)
    plan_.changed += prohibited_territories_.count(name) == 0 ? 1U : 0U;
  NamedPlaces places{{prohibited_.begin(), prohibited_.end()},
                     {prohibited_territories_.begin(), prohibited_territories_.end()}};
  plan_.prohibited_differs = places != old;
  next_.set_prohibited(std::move(places));
}

const std::vector<Certificate>* Importer::authorities_of(const std::string& maker_name) {
  if (const auto at = authorities_.find(maker_name); at != authorities_.end()) return &at->second;
  if (const auto at = base_authorities_.find(maker_name); at != base_authorities_.end()) return &at->second;
  const Maker* maker = !is_named(ImportKind::kMakers, maker_name) ? base_.maker(maker_name) : nullptr;
  if (maker == nullptr) return nullptr;
  return &base_authorities_.emplace(maker_name, parse_all(*maker)).first->second;
}

std::vector<Certificate> Importer::parse_all(const Maker& maker) {
  std::vector<Certificate> parsed;
  for (const std::string& pem : maker.ca_certificates) {
    auto certificate = Certificate::from_pem(pem);
    if (certificate) parsed.push_back(*certificate);
  }
  return parsed;
}

}  // namespace chiploc
