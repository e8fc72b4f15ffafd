#pragma once
// The coordinator's gRPC port, from outside: what has no certificate of its authority gets nothing at all,
// and what has one gets no further than its role and its name.

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "tests/adversary/outsider.hpp"

namespace chiploc::adversary {

/// Attempts, by kind; how each was refused; and the one that was not, if any.
struct StreamCounts {
  std::map<std::string, std::map<std::string, std::uint64_t>> refused;  ///< kind -> status -> how often
  std::string let_in;                                                   ///< kind: what it got; empty: none
};

/// Tries one kind after another until `stop`, each attempt on a connection of its own, at most 20 a second.
/// Blocks; run it on a thread.
[[nodiscard]] StreamCounts attack_streams(const Outsider& known, std::uint64_t seed,
                                          const std::atomic<bool>& stop);

}  // namespace chiploc::adversary
