#pragma once
// Dice without a state: what falls is a function of what is asked for, so that any thread may throw them in any order.

#include <cstdint>

#include "proto/base/split_mix.hpp"

namespace chiploc::fleet {

/// Uniform in (0, 1]: never 0, so that nothing which cannot happen does.
[[nodiscard]] constexpr double to_unit(std::uint64_t bits) {
  return static_cast<double>((bits >> 11U) + 1U) * 0x1.0p-53;
}

/// All dice of one round of one chip.
class RoundDice {
 public:
  /// `chip_bits` is chip_bits() of the run's seed and the chip's number.
  constexpr RoundDice(std::uint64_t chip_bits, std::uint64_t round)
      : base_{split_mix(chip_bits ^ split_mix(round))} {}
  [[nodiscard]] static constexpr std::uint64_t chip_bits(std::uint64_t seed, std::uint64_t chip) {
    return split_mix(split_mix(seed) ^ split_mix(~chip));
  }
  /// When in its period the round begins, as a share of it.
  [[nodiscard]] constexpr double moment() const { return to_unit(split_mix(base_)); }
  /// Whether the round is one of those that are judged again.
  [[nodiscard]] constexpr double checked() const { return to_unit(split_mix(base_ + 1)); }
  /// What this one of the round's anchors hears: see PingLaw.
  [[nodiscard]] constexpr double survival(std::uint64_t anchor) const {
    return to_unit(split_mix(base_ + 2 + anchor));
  }

 private:
  std::uint64_t base_;
};

}  // namespace chiploc::fleet
