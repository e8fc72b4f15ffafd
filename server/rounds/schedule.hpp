#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "server/rounds/risk_tier.hpp"
#include "server/rounds/scheduler.hpp"

namespace chiploc {

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
  [[nodiscard]] Nanoseconds cadence_of(RiskTier tier) const {
    return cadence[static_cast<std::size_t>(tier)];
  }
  /// Whether a chip's tier matters at all.
  [[nodiscard]] bool has_tiers() const {
    return cadence_of(RiskTier::kRaised) > Nanoseconds{0} || cadence_of(RiskTier::kHigh) > Nanoseconds{0};
  }
};

/// Which chips are due, over all tiers, and what becomes of those whose round could not begin: it is tried again, at a
/// time that nobody can foresee, until the period that it was due in has ended. Then it is missed. Pure: times and
/// dice come from outside.
class Schedule {
 public:
  struct Due {
    ChipId chip;
    RiskTier tier{};
    WallTime until;  ///< the end of its period
    /// 0: with the anchors that a round begins with. Else the chip was measured, by fewer, and more may tell more.
    std::size_t anchors = 0;
  };
  using Missed = std::array<std::uint64_t, kRiskTiers>;  ///< rounds, by tier

  Schedule(ScheduleRules rules, const std::array<ByteArray<32>, kRiskTiers>& secrets);

  [[nodiscard]] const ScheduleRules& rules() const { return rules_; }
  /// Whether a period of the tier has begun that is not laid out.
  [[nodiscard]] bool needs_plan(RiskTier tier, WallTime now) const;
  /// Lays it out. kStandard: every chip; else those of the tier.
  void plan(RiskTier tier, const std::vector<ChipId>& chips, WallTime now);
  /// When there is something to do next; nullopt: never.
  [[nodiscard]] std::optional<WallTime> next() const;
  [[nodiscard]] std::optional<Due> take_due(WallTime now);
  /// It is due again soon: its round could not begin, or is to have more anchors. `random`: any number of 64 bits.
  void put_off(const Due& due, WallTime now, std::uint64_t random);
  /// Rounds that could not begin before their period ended, each told once; wider ones are not among them.
  [[nodiscard]] Missed take_missed();

 private:
  [[nodiscard]] WallTime end_of_period(RiskTier tier, WallTime when) const;
  void miss(const Due& due);

  ScheduleRules rules_;
  std::array<Scheduler, kRiskTiers> plans_;
  std::multimap<WallTime, Due> again_;  ///< by when it is tried
  Missed missed_{};
};

}  // namespace chiploc
