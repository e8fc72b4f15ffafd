#pragma once
// One case: a target measured by its anchors -> region, verdicts, estimate, and how far they are from the
// truth.

#include <limits>
#include <optional>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/estimate/mesh.hpp"
#include "geo/estimate/place_estimator.hpp"
#include "proto/base/ids.hpp"
#include "server/eval/claims.hpp"
#include "server/eval/rtt_set.hpp"
#include "server/verifier/territory_judgement.hpp"

namespace chiploc {

struct FixOptions {
  KmPerSecond speed = kLightInVacuum;
  unsigned faults = 0;                  ///< each anchor is a perspective of its own
  Kilometers anchor_uncertainty{0.0};   ///< of every anchor that states no larger one
  double added_ms = 0.0;                ///< to every round trip: what a relay or a stalling chip adds
  bool weigh_relay = false;             ///< of each case too, outside fix_us
  std::vector<CountryCode> prohibited;  ///< as the borders draw them
};

/// What became of one claim. The probability is the estimate's for the licensed country; 0 without an
/// estimate.
struct ClaimOutcome {
  VerdictState state = VerdictState::kUnresolved;
  double probability = 0.0;
  bool estimated = false;
};

struct CaseOutcome {
  std::size_t target = 0;
  unsigned draw = 0;
  unsigned anchors = 0;                ///< that measured the target
  bool region_contains_truth = false;  ///< or a place within the target's uncertainty
  std::vector<CountryCode> met;        ///< countries the region meets; empty when it excludes nothing
  ClaimOutcome true_claim;
  bool own_open = false;  ///< nobody knows whether the true claim is true: TargetClaims::own_open
  std::vector<ClaimOutcome> false_claims;                     ///< in the order of TargetClaims::others
  double error_km = std::numeric_limits<double>::infinity();  ///< infinite without an estimate
  std::optional<CountryCode> judged;                          ///< country_judged() of the estimate
  bool credible95_covers = false;
  double credible_level = 1.0;            ///< the least level whose credible region holds the truth
  double common_delay_ms = 0.0;           ///< the estimate's
  std::optional<RelaySuspicion> relay{};  ///< if asked for
  double border_km = 0.0;
  double fix_us = 0.0;  ///< region, countries met, one state, estimate; not the calibration
  Digest digest;        ///< of the quantised results, see digest.hpp
};

/// How far a node may stand from its place: what it states, or what is stated for all, whichever is more.
[[nodiscard]] Kilometers uncertainty_of(const EvalNode& node, const FixOptions& options);

/// The anchors' round trips among themselves: what an estimator learns from. `anchors` are numbers of nodes.
[[nodiscard]] RttMesh mesh_of(const RttSet& set, const std::vector<std::size_t>& anchors);

/// Runs the hard region, the verdict's own rules and the estimate on one case. Only anchor -> target round
/// trips are looked at.
///
/// Proof     Region of path_bound() per measured anchor, state by TerritoryJudge. No slew is allowed for: the
///           files hold ping's own round trips, minima over many, not differences of two clock stamps.
/// Estimate  Restricted to the region, unless it is empty: then some anchor lies, and the estimate goes
///           without it.
[[nodiscard]] CaseOutcome run_case(const RttSet& set, const std::vector<std::size_t>& anchors,
                                   std::size_t target, const TargetClaims& claims,
                                   const PlaceEstimator& estimator, const Borders& borders,
                                   const FixOptions& options);

}  // namespace chiploc
