#include "server/rounds/risk_tier.hpp"

#include <algorithm>

namespace chiploc {
namespace {

WallTime start_of(const Date& day) {
  const std::chrono::sys_time<Nanoseconds> at = std::chrono::sys_days{day};
  return WallTime{at.time_since_epoch()};
}

bool lately(WallTime since, Nanoseconds lasting, WallTime now) {
  return now >= since && now - since < lasting;
}

/// Who has to do with a chip, and where it went: what the registry states of it, nothing else.
struct Surrounding {
  std::vector<const EntityRecord*> entities;
  const SiteRecord* site = nullptr;
  const DeliveryRecord* delivery = nullptr;

  Surrounding(const Registry& registry, const ChipRecord& chip) {
    const auto add = [&](const std::string& name) {
      if (const EntityRecord* entity = registry.entity(name)) entities.push_back(entity);
    };
    if (const LicenceRecord* licence = registry.licence(chip.licence)) add(licence->end_user);
    delivery = registry.delivery(chip.delivery);
    if (delivery != nullptr) site = registry.site(delivery->site);
    if (site != nullptr) add(site->operated_by);
    if (const OrderRecord* order = registry.order_of(chip)) {
      for (const std::string* name : {&order->exporter, &order->buyer, &order->end_user, &order->operated_by})
        add(*name);
    }
  }
};

bool is_transshipped(const Surrounding& around, const std::vector<CountryCode>& countries) {
  const auto listed = [&](CountryCode code) {
    return std::binary_search(countries.begin(), countries.end(), code);
  };
  if (around.site != nullptr &&
      std::any_of(around.site->place.countries.begin(), around.site->place.countries.end(), listed))
    return true;
  return std::any_of(around.entities.begin(), around.entities.end(),
                     [&](const EntityRecord* entity) { return entity->country && listed(*entity->country); });
}

}  // namespace

std::string_view name_of(RiskTier tier) {
  switch (tier) {
    case RiskTier::kStandard:
      return "standard";
    case RiskTier::kRaised:
      return "raised";
    case RiskTier::kHigh:
      return "high";
  }
  return "?";
}

std::string_view name_of(TierReason reason) {
  switch (reason) {
    case TierReason::kWatchList:
      return "watch_list";
    case TierReason::kTransshipment:
      return "transshipment";
    case TierReason::kNewSite:
      return "new_site";
    case TierReason::kRecentChange:
      return "recent_change";
  }
  return "?";
}

TierOf tier_of(const Registry& registry, const ChipRecord& chip, const TierRules& rules,
               std::optional<WallTime> changed, WallTime now) {
  const Surrounding around{registry, chip};
  TierOf out;
  if (std::any_of(around.entities.begin(), around.entities.end(), [&](const EntityRecord* entity) {
        return entity->watch && start_of(entity->watch->since) <= now;
      }))
    out.reasons.push_back(TierReason::kWatchList);
  if (is_transshipped(around, rules.transshipment)) out.reasons.push_back(TierReason::kTransshipment);
  if (around.delivery != nullptr && lately(start_of(around.delivery->date), rules.new_site, now))
    out.reasons.push_back(TierReason::kNewSite);
  if (changed && lately(*changed, rules.recent_change, now)) out.reasons.push_back(TierReason::kRecentChange);

  const bool watched = !out.reasons.empty() && out.reasons.front() == TierReason::kWatchList;
  if (watched || out.reasons.size() >= 2) {
    out.tier = RiskTier::kHigh;
  } else if (!out.reasons.empty()) {
    out.tier = RiskTier::kRaised;
  }
  return out;
}

}  // namespace chiploc
