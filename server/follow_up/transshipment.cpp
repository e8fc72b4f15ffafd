#include "server/follow_up/transshipment.hpp"

#include <algorithm>

namespace chiploc {

std::string transshipment_of(const Registry& registry, const std::string& order, const std::string& licence,
                             const std::string& site, const std::vector<CountryCode>& countries) {
  const auto listed = [&](CountryCode code) {
    return std::binary_search(countries.begin(), countries.end(), code);
  };
  if (const SiteRecord* record = registry.site(site)) {
    const auto& of = record->place.countries;
    const auto found = std::find_if(of.begin(), of.end(), listed);
    if (found != of.end()) return "the site is in " + std::string{found->text()};
  }
  const auto seated = [&](const std::string& name, const std::string& as) -> std::string {
    const EntityRecord* entity = registry.entity(name);
    if (entity == nullptr || !entity->country || !listed(*entity->country)) return {};
    return "the " + as + " is in " + std::string{entity->country->text()};
  };
  if (const OrderRecord* record = registry.order(order)) {
    const std::string buyer = seated(record->buyer, "buyer");
    return buyer.empty() ? seated(record->end_user, "end user") : buyer;
  }
  const LicenceRecord* record = registry.licence(licence);
  return record == nullptr ? std::string{} : seated(record->end_user, "end user");
}

}  // namespace chiploc
