#pragma once
#include <cstdint>

#include "proto/base/split_mix.hpp"

namespace chiploc {

/// The number with index `at` in the sequence of `seed`. Choices that have to be fair and the same on every machine are made
/// with it, never with the standard's distributions.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t seed, std::uint64_t at) {
  return split_mix_final(split_mix(seed) + (at + 1) * kSplitMixStep);
}

}  // namespace chiploc
