#pragma once
// Which chips are measured without anybody asking, and how often: decided by policy, done by server/rounds.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "geo/borders/country_code.hpp"
#include "proto/base/time.hpp"

namespace chiploc {

/// How often a chip is measured by itself. It says nothing of the chip: no state and no verdict knows it.
enum class RiskTier : std::uint8_t { kStandard, kRaised, kHigh };
inline constexpr std::size_t kRiskTiers = 3;

struct TierRules {
  std::vector<CountryCode> transshipment{};  ///< sorted
  Nanoseconds new_site = std::chrono::hours{24 * 30};
  Nanoseconds recent_change = std::chrono::hours{24 * 7};
  friend bool operator==(const TierRules&, const TierRules&) = default;
};

struct ScheduleRules {
  /// By tier. The standard one is for every chip and the others come on top, so that a chip that leaves its tier is
  /// never measured later than any other. 0: never by this tier.
  std::array<Nanoseconds, kRiskTiers> cadence{};
  TierRules tiers;
  /// A round that could not begin is tried again after at least half of this, and at most all of it.
  Nanoseconds again = std::chrono::seconds{60};
  /// So many anchors measure first, the nearest to what is licensed. Where that leaves the verdict UNRESOLVED the next
  /// round has twice as many, until all have been asked. 0: all at once.
  std::size_t first_anchors = 0;
  /// Seats of an anchor in rounds in flight, beyond which rounds that nobody asked for wait; 0: no bound.
  std::size_t rounds_per_anchor = 0;
  [[nodiscard]] Nanoseconds cadence_of(RiskTier tier) const {
    return cadence[static_cast<std::size_t>(tier)];
  }
  /// Whether a chip's tier matters at all.
  [[nodiscard]] bool has_tiers() const {
    return cadence_of(RiskTier::kRaised) > Nanoseconds{0} || cadence_of(RiskTier::kHigh) > Nanoseconds{0};
  }
  friend bool operator==(const ScheduleRules&, const ScheduleRules&) = default;
};

}  // namespace chiploc
