#pragma once
// Numbers that are the same with every compiler and library, for made up worlds and fair choices. Nothing secret.

#include <cstdint>
#include <string_view>

namespace chiploc {

/// From one state of SplitMix64 to the next (Steele, Lea, Flood 2014).
inline constexpr std::uint64_t kSplitMixStep = 0x9E3779B97F4A7C15ULL;

/// Its finaliser: every input bit reaches every output bit.
[[nodiscard]] constexpr std::uint64_t split_mix_final(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31U);
}
/// What it gives in this state.
[[nodiscard]] constexpr std::uint64_t split_mix(std::uint64_t state) {
  return split_mix_final(state + kSplitMixStep);
}
/// A text (by FNV-1a) on top of a hash. std::hash may differ between libraries, and a seed has to mean the same everywhere.
[[nodiscard]] constexpr std::uint64_t split_mix_text(std::uint64_t hash, std::string_view text) {
  hash ^= 0xCBF29CE484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return split_mix(hash ^ text.size());
}

}  // namespace chiploc
