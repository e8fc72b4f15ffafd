#pragma once
#include <cmath>
#include <cstdint>

namespace chiploc {

/// SplitMix64 (Steele, Lea, Flood 2014): the standard's distributions may differ between libraries.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_{seed * 0xD1342543DE82EF95ULL + 0x2545F4914F6CDD1DULL} {}
  std::uint64_t bits() {
    std::uint64_t x = (state_ += 0x9E3779B97F4A7C15ULL);
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31U);
  }
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
