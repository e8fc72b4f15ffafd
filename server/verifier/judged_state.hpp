#pragma once
// The rules that give a measured round its state: decide() words and certifies what follows from them, a
// policy's trial only counts it.

#include <optional>
#include <string_view>
#include <vector>

#include "geo/region.hpp"
#include "proto/base/time.hpp"
#include "server/policy/policy.hpp"
#include "server/verifier/sighting.hpp"
#include "server/verifier/territory_judgement.hpp"

namespace chiploc {

/// The code of the reason for the state that follows from it.
[[nodiscard]] std::string_view reason_code_of(TerritoryFinding finding);

/// How far the key was from an anchor at most, whose smallest round trip this is. nullopt: no bound follows.
[[nodiscard]] std::optional<Kilometers> proved_radius(Nanoseconds rtt_min, const Policy& policy);

/// VERIFIED and CLEARED: what two holders of the key make worthless.
[[nodiscard]] bool trusts_the_key(VerdictState state);

/// OUTSIDE and PROHIBITED, which say it of a place, and INVALID.
[[nodiscard]] bool accuses(VerdictState state);

/// How many perspectives may be wrong, by the policy, and such a state stands.
[[nodiscard]] unsigned faults_asked(VerdictState state, const Policy& policy);

/// A region under the fault budget that its state is asked for.
struct JudgedRegion {
  unsigned fault_budget = 0;
  Region region;
  TerritoryJudgement judgement;  ///< of `region`, but for kWithheld
  /// Where more was asked than policy.fault_budget: what that alone would have proved.
  std::optional<TerritoryFinding> with_fewer{};
};
/// First by the region under policy.fault_budget. Where that accuses or clears and the policy asks more of it
/// (faults_to_accuse, faults_to_clear), all follows from the region under that instead. The larger region may have a
/// weaker state (OUTSIDE for PROHIBITED, CLEARED for VERIFIED, or an open one); of an accusation it never makes a
/// clearance, nor the other way round: kWithheld. So an accusation is one under faults_to_accuse, too, and a
/// clearance one under faults_to_clear.
[[nodiscard]] JudgedRegion judge_by_kind(const std::vector<AnchorBound>& bounds, const Policy& policy,
                                         const TerritoryJudge& judge);

/// Of a round whose evidence held.
struct MeasuredRound {
  std::vector<AnchorBound> bounds;  ///< radius as proved_radius() has it
  WallTime began;
  WallTime decided;
  std::optional<Sighting> seen_before{};
};
struct JudgedState {
  VerdictState state = VerdictState::kUnresolved;
  std::string_view reason;  ///< code of the first one
};
/// The state of decide(), for a tenth of its cost: no certificate of the proof, no words.
[[nodiscard]] JudgedState judge_state(const MeasuredRound& round, const Policy& policy,
                                      const TerritoryJudge& judge);

}  // namespace chiploc
