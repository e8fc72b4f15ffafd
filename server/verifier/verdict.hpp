#pragma once
#include <optional>
#include <string>
#include <vector>

#include "geo/estimate/delay_model.hpp"
#include "geo/estimate/fit.hpp"
#include "geo/region.hpp"
#include "server/verifier/evidence.hpp"
#include "server/verifier/proof_certificate.hpp"
#include "server/verifier/territory_judgement.hpp"

namespace chiploc {

struct Policy {
  KmPerSecond speed = kLightInVacuum;  ///< the proof's; a slower one is an assumption that the verdict names
  std::string speed_name = "vacuum";
  unsigned fault_budget = 1;                      ///< 1: no single perspective condemns or clears
  Nanoseconds lifetime = std::chrono::hours{24};  ///< nothing stays green because nothing was measured
  std::string version{};
};

struct Verdict {
  VerdictState state = VerdictState::kUnresolved;
  std::vector<Reason> reasons;  ///< the first one is the reason for the state
  Proof proof;
  std::optional<Region> region;  ///< absent when nothing was measured
  std::vector<AnchorFinding> anchors;
  std::vector<Kilometers> bounds;  ///< beside `anchors`: radius of each used one's disk, else 0
  std::optional<FitReport> estimate;
  std::vector<double> residuals_km;  ///< beside `anchors`; NaN where not used in the estimate
  std::vector<std::string> would_resolve;
  WallTime decided;
  WallTime expires;
};

/// The verdict: a pure function of checked evidence, claim, policy, borders and calibration.
///
///     evidence invalid or silent        INVALID, SILENT with the evidence's reasons
///     certificate of unknown standing   UNRESOLVED  revocation_list_stale, revocation_list_missing
///     region leaves nothing out         UNRESOLVED  too_few_perspectives
///     region empty                      UNRESOLVED  evidence_contradicts: who could have lied
///     region holds no drawn land        UNRESOLVED  no_drawn_land, unless one area holds all of it
///     region's land all licensed        VERIFIED    inside_licence (only while the licence is in force)
///     region's land all prohibited, none licensed    PROHIBITED  inside_prohibited (a licence that is not
///                                                    in force, not yet or no more, licenses none here)
///     region meets no licensed land     OUTSIDE     outside_licence
///     region meets no prohibited land   CLEARED     outside_prohibited
///     otherwise                         UNRESOLVED  could_be_prohibited
///
/// Region     the places that contradict at most policy.fault_budget perspectives, dilated by the borders'
/// own
///            ambiguity. Territory codes that the borders do not draw make a claim nothing can satisfy:
///            import refuses them.
/// Never      uses the estimate, nor what the chip says about itself, for the state.
[[nodiscard]] Verdict decide(const CheckedEvidence& evidence, const Claim& claim, const Policy& policy,
                             const Borders& borders, const DelayModel& calibration, WallTime now);

}  // namespace chiploc
