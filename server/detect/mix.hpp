#pragma once
#include <cstdint>

namespace chiploc {

/// SplitMix64's finaliser (Steele, Lea, Flood 2014): every input bit reaches every output bit. Choices that have to be
/// fair and the same on every machine are made with it, never with the standard's distributions.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31U);
}

/// The number with index `at` in the sequence of `seed`.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t seed, std::uint64_t at) {
  return mix64(mix64(seed + 0x9E3779B97F4A7C15ULL) + (at + 1) * 0x9E3779B97F4A7C15ULL);
}

}  // namespace chiploc
