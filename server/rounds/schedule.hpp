#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "server/policy/schedule_rules.hpp"
#include "server/rounds/scheduler.hpp"

namespace chiploc {

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
  /// From now on by these: periods that they change are to be laid out again. The secrets stay, so that a chip whose
  /// cadence is the same keeps its time and is measured no second time in its period.
  void adopt(ScheduleRules rules);
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
  std::array<ByteArray<32>, kRiskTiers> secrets_;
  std::array<Scheduler, kRiskTiers> plans_;
  std::multimap<WallTime, Due> again_;  ///< by when it is tried
  Missed missed_{};
};

}  // namespace chiploc
