#pragma once
// Two holders of one key: where each of them was proved to be.

#include <optional>
#include <string>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/region.hpp"
#include "server/verifier/evidence.hpp"

namespace chiploc {

struct Decision;
struct RoundContext;

/// One of them.
struct KeyHolder {
  RoundId round;                             ///< the one it answered
  std::optional<Digest> statement_sha256{};  ///< of cloned_key: which of the statements is its own
  std::uint64_t boot_count = 0;              ///< as it says in there
  std::uint64_t round_counter = 0;
  std::vector<AnchorFinding> anchors{};   ///< those of this round whose round trips count for it
  std::vector<Kilometers> bounds{};       ///< beside `anchors`
  std::optional<Region> region{};         ///< under the policy's faults_to_accuse; absent for another round
  std::optional<Region::Extent> place{};  ///< absent: nothing is excluded, or the round trips contradict
  std::vector<CountryCode> countries{};   ///< that the region meets
  WallTime from;                          ///< its round began
  WallTime to;                            ///< and was judged
};

/// Those of a round that two holders answered (cloned_key): in the order in which they signed.
[[nodiscard]] std::vector<KeyHolder> holders_of(const CheckedEvidence& evidence, const RoundContext& context,
                                                const Borders& borders, WallTime now);

/// Those of impossible travel: the one that answered this round, and the one that was seen before.
[[nodiscard]] std::vector<KeyHolder> travelled_holders(const Decision& decision, const RoundContext& context);

}  // namespace chiploc
