#pragma once
// Dice without a state: what falls is a function of what is asked for, so that any thread may throw them in any order.

#include <cstdint>

namespace chiploc::fleet {

/// SplitMix64's finaliser (Steele, Lea, Flood 2014): every input bit reaches every output bit.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31U);
}
/// Uniform in (0, 1]: never 0, so that nothing which cannot happen does.
[[nodiscard]] constexpr double to_unit(std::uint64_t bits) {
  return static_cast<double>((bits >> 11U) + 1U) * 0x1.0p-53;
}

/// All dice of one round of one chip.
class RoundDice {
 public:
  /// `chip_bits` is chip_bits() of the run's seed and the chip's number.
  constexpr RoundDice(std::uint64_t chip_bits, std::uint64_t round) : base_{mix(chip_bits ^ mix(round))} {}
  [[nodiscard]] static constexpr std::uint64_t chip_bits(std::uint64_t seed, std::uint64_t chip) {
    return mix(mix(seed) ^ mix(~chip));
  }
  /// When in its period the round begins, as a share of it.
  [[nodiscard]] constexpr double moment() const { return to_unit(mix(base_)); }
  /// Whether the round is one of those that are judged again.
  [[nodiscard]] constexpr double checked() const { return to_unit(mix(base_ + 1)); }
  /// What this one of the round's anchors hears: see PingLaw.
  [[nodiscard]] constexpr double survival(std::uint64_t anchor) const {
    return to_unit(mix(base_ + 2 + anchor));
  }

 private:
  std::uint64_t base_;
};

}  // namespace chiploc::fleet
