#pragma once
#include <cmath>
#include <cstdint>

#include "proto/base/split_mix.hpp"

namespace chiploc {

/// SplitMix64 (Steele, Lea, Flood 2014): the standard's distributions may differ between libraries.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_{seed * 0xD1342543DE82EF95ULL + 0x2545F4914F6CDD1DULL} {}
  std::uint64_t bits() { return split_mix_final(state_ += kSplitMixStep); }
  /// In [0, 1).
  double unit() { return static_cast<double>(bits() >> 11U) * 0x1.0p-53; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  /// From `low` to `high` with evenly spread logarithm.
  double logarithmic(double low, double high) { return low * std::exp(unit() * std::log(high / low)); }
  unsigned below(unsigned count) { return static_cast<unsigned>(unit() * count); }
  bool chance(double p) { return unit() < p; }

 private:
  std::uint64_t state_;
};

}  // namespace chiploc
