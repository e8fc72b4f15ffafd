#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "server/policy/schedule_rules.hpp"
#include "server/registry/registry.hpp"

namespace chiploc {

/// "standard", "raised", "high"
[[nodiscard]] std::string_view name_of(RiskTier tier);

enum class TierReason : std::uint8_t {
  kWatchList,  ///< somebody of its order, licence or site is watched
  kTransshipment,  ///< it went to a country through which chips are passed on, or somebody of its order sits in one
  kNewSite,        ///< it was delivered lately
  kRecentChange  ///< its record, or what it is held for, changed lately
};
/// "watch_list", "transshipment", "new_site", "recent_change"
[[nodiscard]] std::string_view name_of(TierReason reason);

struct TierOf {
  RiskTier tier = RiskTier::kStandard;
  std::vector<TierReason> reasons;  ///< in the order of TierReason, each once
};
/// High: watched, or for two reasons. Raised: for one. `changed`: when the chip changed last, if that is known.
/// Pure; what the registry does not state is no reason.
[[nodiscard]] TierOf tier_of(const Registry& registry, const ChipRecord& chip, const TierRules& rules,
                             std::optional<WallTime> changed, WallTime now);

}  // namespace chiploc
