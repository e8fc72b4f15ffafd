#pragma once
// The false-flag budget: how often in a year an honest chip may be held for drifted, prohibited or tampered, and how often
// a single verdict may therefore be wrong. Pure.

#include <optional>

#include "proto/base/time.hpp"

namespace chiploc {

/// By what a chip is accused: so many accusing verdicts within the window, where it is measured once in each cadence.
struct FlagLaw {
  Nanoseconds cadence{};
  unsigned confirmations = 2;
  Nanoseconds window{};
};

/// At most so many false accusations a chip-year, if each verdict is false with the probability `share`, independently of
/// the others: the union bound over all sets of `confirmations` verdicts that lie within one window,
///
///     rounds a year * C(rounds within the window - 1, confirmations - 1) * share^confirmations.
///
/// What makes a path wrong for days makes its verdicts wrong together: against that stands the fault budget, and no number
/// of confirmations. nullopt: no cadence, so no rate.
[[nodiscard]] std::optional<double> false_flags_per_year(const FlagLaw& law, double share);

/// The largest share that keeps the budget, 0 to 1. nullopt: no cadence, or no confirmations.
[[nodiscard]] std::optional<double> share_within_budget(const FlagLaw& law, double flags_per_chip_year);

}  // namespace chiploc
