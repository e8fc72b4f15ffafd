#include "server/rounds/claim.hpp"

#include <algorithm>

namespace chiploc {
namespace {

void resolve(const Registry& registry, const NamedPlaces& places, std::vector<CountryCode>& countries,
             std::vector<NamedArea>& areas) {
  countries = places.countries;
  for (const std::string& name : places.territories) {
    const TerritoryRecord* territory = registry.territory(name);
    if (territory == nullptr) continue;
    countries.insert(countries.end(), territory->countries.begin(), territory->countries.end());
    if (territory->area) areas.push_back({territory->name, territory->area, territory->geojson_sha256});
  }
  std::sort(countries.begin(), countries.end());
  countries.erase(std::unique(countries.begin(), countries.end()), countries.end());
}

}  // namespace

Claim claim_of(const Registry& registry, const LicenceRecord& licence, WallTime now) {
  Claim claim;
  claim.licence = licence.id;
  claim.in_force = valid_at(licence, now);
  resolve(registry, licence.places, claim.licensed, claim.licensed_areas);
  resolve(registry, registry.prohibited(), claim.prohibited, claim.prohibited_areas);
  return claim;
}

std::string site_of(const Claim& claim) {
  return claim.licensed.empty() && claim.licensed_areas.size() == 1 ? claim.licensed_areas.front().name
                                                                    : std::string{};
}

}  // namespace chiploc
