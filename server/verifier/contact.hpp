#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "proto/base/time.hpp"

namespace chiploc {

/// How a chip is reached, and what was known of its knocks when a round began. No finding follows from it.
struct Contact {
  bool knocks = false;           ///< else tickets go to its registered address
  Nanoseconds wait{0};           ///< the round waits so long for its knock
  Nanoseconds limit{0};          ///< the policy's most
  Nanoseconds every{0};          ///< median of its last gaps; 0: not known
  WallTime last_knock{};         ///< unsigned; the epoch: none since the coordinator's start
  WallTime last_proof{};         ///< of its key; the epoch: none is kept
  std::uint32_t rendezvous = 0;  ///< anchors that are told of the round
  friend bool operator==(const Contact&, const Contact&) = default;
};

/// What came to the coordinator beside the evidence while a round ran: unsigned, but for the proofs. The
/// record of a silent round is the only place that keeps it.
struct Heard {
  std::uint32_t knocks = 0;
  std::uint32_t elsewhere = 0;  ///< knocks that named another anchor than they came to
  std::uint32_t proofs = 0;
  std::uint32_t proofs_refused = 0;
  WallTime last_knock{};
  WallTime last_proof{};
  /// Of the round, or told of it: two processes with its name and key took each other's place. By name, sorted;
  /// certain, unlike the rest: both have shown the anchor's certificate.
  std::vector<std::string> anchors_twice{};
};

}  // namespace chiploc
