#pragma once
// What another policy would have said of stored rounds: states alone, fast enough for a fleet's months.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "proto/v1/records.pb.h"
#include "server/verifier/judged_state.hpp"
#include "server/verifier/replay.hpp"

namespace chiploc {

struct TrialOutcome {
  enum class Kind {
    kJudged,         ///< `was` and `is` are states
    kNeedsEvidence,  ///< the record does not tell enough: replay() does
    kCannotBeJudged  ///< `why`
  };
  Kind kind = Kind::kCannotBeJudged;
  VerdictState was = VerdictState::kUnresolved;  ///< as stored
  VerdictState is = VerdictState::kUnresolved;   ///< by the policy on trial
  std::string reason{};                          ///< code of the first reason for `is`
  std::string why{};                             ///< the same for all rounds of that kind
};

/// One policy, on trial over any number of rounds.
///
/// Takes     a round's context and record as stored. What its evidence came to, it believes of the record:
///           signatures are not verified again (replay.hpp does, at ten to thirty times the cost).
/// Gives     the state that replay() would give with that policy, or says that only replay() can tell: where
///           the fault budget decides whether the evidence itself holds.
/// Fails     never: what cannot be read, is of before contexts, or of other borders is an outcome.
/// Memory    Areas and claims are kept for the rounds that follow, a bounded number of each.
/// Threads   One. `areas` is asked while it judges.
class PolicyTrial {
 public:
  /// The GeoJSON with this SHA-256; nullopt: it is not at hand.
  using AreaSource = std::function<std::optional<std::string>(const Digest&)>;

  PolicyTrial(Policy policy, const ReplayBorders& borders, AreaSource areas);

  [[nodiscard]] TrialOutcome judge(Bytes context, Bytes record);

  /// What a replay with this policy came to, as an outcome of the trial.
  [[nodiscard]] static TrialOutcome outcome_of(Bytes record, const ReplayOutcome& replayed);

  [[nodiscard]] const Policy& policy() const { return policy_; }

 private:
  [[nodiscard]] TrialOutcome judge_measured(TrialOutcome out, const v1::RoundContext& context,
                                            const v1::VerdictRecord& record);
  [[nodiscard]] const TerritoryJudge* judge_of(const v1::RoundContext::Claim& claim, std::string& why);
  [[nodiscard]] std::shared_ptr<const Area> area(const Digest& digest);

  Policy policy_;
  ReplayBorders borders_;
  AreaSource sources_;
  std::unordered_map<std::string, std::shared_ptr<const Area>> areas_;  ///< by digest
  std::unordered_map<std::string, TerritoryJudge> judges_;              ///< by the claim's bytes
};

}  // namespace chiploc
