#pragma once
// What a real round weighs: a few rounds of the production engine, protocol and store in simulated time, looked at.

#include <cstddef>
#include <filesystem>

#include "geo/borders/borders.hpp"
#include "proto/base/result.hpp"

namespace chiploc::fleet {

/// Means over the rounds that were measured.
struct RoundSizes {
  std::size_t rounds = 0;       ///< that were measured
  double evidence_bytes = 0.0;  ///< tickets, close order, reports, statements
  double context_bytes = 0.0;   ///< what it is judged by, frozen with the intent
  double verdict_bytes = 0.0;
  double rows = 0.0;               ///< intent, tickets, reports, statements, verdict: a row each
  double store_bytes = 0.0;        ///< by which the database's file grew, indexes included
  double session_datagrams = 0.0;  ///< between an anchor and the chip, both ways
  double session_bytes = 0.0;      ///< of these, with 28 bytes of IPv4 and UDP header each
};

/// Runs rounds of chips that are reached inbound, with so many anchors and pings, in a store that it makes in `folder`.
/// Fails with a sentence.
[[nodiscard]] Result<RoundSizes, std::string> measure_round_sizes(std::size_t anchors, unsigned pings,
                                                                  const Borders& borders,
                                                                  const std::filesystem::path& folder);

}  // namespace chiploc::fleet
