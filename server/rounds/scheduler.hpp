#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"

namespace chiploc {

/// When each chip is measured by itself: once in every period of the cadence, at a time within it that nobody
/// can foresee, so that a chip cannot be brought home for its ping.
///
///     offset = HMAC-SHA-256(secret, chip | period number) mod cadence
///
/// The secret is made at start and never leaves the process; with it the plan needs no state per chip between
/// periods. A chip added within a period is measured from the next one on, and one measured by a person's
/// request is measured again all the same. Pure: time comes from outside.
class Scheduler {
 public:
  /// A cadence of zero: never.
  Scheduler(Nanoseconds cadence, const ByteArray<32>& secret) : cadence_{cadence}, secret_{secret} {}

  /// Lays out the period that holds `now`, without what lies before `now` in it. Call it when needs_plan().
  void plan(const std::vector<ChipId>& chips, WallTime now);
  /// True at first and whenever `now` is in a later period than the plan's.
  [[nodiscard]] bool needs_plan(WallTime now) const;
  /// When something is due next: a chip, or the next period's plan. nullopt with a cadence of zero.
  [[nodiscard]] std::optional<WallTime> next() const;
  /// A chip that is due, taken off the plan; nullopt if none is.
  [[nodiscard]] std::optional<ChipId> take_due(WallTime now);
  [[nodiscard]] std::size_t left() const { return plan_.size() - at_; }

 private:
  struct Slot {
    WallTime when;
    ChipId chip;
  };
  [[nodiscard]] std::int64_t period_of(WallTime now) const { return now.since_epoch / cadence_; }

  Nanoseconds cadence_;
  ByteArray<32> secret_;
  std::optional<std::int64_t> period_;
  std::vector<Slot> plan_;  ///< ascending by time
  std::size_t at_ = 0;
};

}  // namespace chiploc
