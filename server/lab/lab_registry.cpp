#include "server/lab/lab_registry.hpp"

#include <nlohmann/json.hpp>
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

json licences_of(const LabFile& file) {
  json out = json::array();
  for (const LabLicence& licence : file.licences) {
    out.push_back({{"id", licence.id},
                   {"holder", licence.holder},
                   {"countries", names_of(licence.places)},
                   {"valid_from", "2020-01-01"},
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
  json out = json::array();
  for (std::size_t i = 0; i < plan.file.chips.size(); ++i) {
    const LabChip& chip = plan.file.chips[i];
    const LabAgent* agent = plan.agent_of(i);
    out.push_back(
        {{"id", plan.chip_ids[i].hex()},
         {"serial", chip.serial},
         {"maker", kLabMaker},
         {"model", kLabModel},
         {"licence", chip.licence},
         {"reach", chip.inbound && agent != nullptr ? "inbound " + agent->endpoint.front.text() : "knock"},
         {"certificate_pem", identities.chip_certificates[i]}});
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

std::vector<LabRegistryFile> registry_files(const LabPlan& plan, const LabIdentities& identities) {
  std::vector<LabRegistryFile> out;
  const auto add = [&](Kind kind, const json& rows) {
    out.push_back({.kind = kind, .name = file_name(kind), .content = rows.dump(1) + "\n"});
  };
  add(Kind::kMakers, json::array({{{"name", kLabMaker}, {"ca_pem", identities.maker_ca}}}));
  if (!plan.file.territories.empty()) add(Kind::kTerritories, territories_of(plan.file));
  add(Kind::kLicences, licences_of(plan.file));
  add(Kind::kAnchors, anchors_of(plan, identities));
  add(Kind::kChips, chips_of(plan, identities));
  add(Kind::kProhibited, prohibited_of(plan.file));
  return out;
}

}  // namespace chiploc
