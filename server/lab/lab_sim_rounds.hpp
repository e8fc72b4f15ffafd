#pragma once
// What a simulated run has stored: named by a digest, and judged again.

#include <cstdint>
#include <string>

#include "geo/borders/borders.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace chiploc {

class Store;

struct SimRounds {
  std::uint64_t rounds = 0;  ///< that have a verdict
  /// SHA-256 over each of them in the order in which they were begun: context, tickets, close order, reports, statements
  /// and record, each by its length and bytes. Two runs with one digest had the same evidence and judged it the same.
  Digest sha256{};
  std::uint64_t same = 0;       ///< of those judged again: the same record follows, to the byte
  std::uint64_t otherwise = 0;  ///< anything else follows
  std::string first{};          ///< what does, of the first of these
};

/// Reads every round of the store. With `judge_again` each goes through replay(), as `chiploc verdict replay` does.
/// Fails where the store does.
[[nodiscard]] Result<SimRounds, std::string> rounds_of_simulation(Store& store, bool judge_again);

}  // namespace chiploc
