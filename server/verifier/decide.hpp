#pragma once
// From a round's context and evidence to its state. Nothing else gives a round a state, and nothing changes
// one afterwards.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/region.hpp"
#include "proto/crypto/cose.hpp"
#include "server/verifier/context.hpp"
#include "server/verifier/key_holders.hpp"
#include "server/verifier/proof_certificate.hpp"
#include "server/verifier/round_evidence.hpp"

namespace chiploc {

/// What was proved, and by what: the part of a verdict that stands in court.
struct Finding {
  VerdictState state = VerdictState::kUnresolved;
  std::vector<Reason> reasons{};  ///< the first one is the reason for the state
  Realm realm = Realm::kMeasured;
  KmPerSecond speed = kLightInVacuum;
  std::string speed_name{};
  Proof proof{};
  std::vector<std::string> licensed{};  ///< codes, then the names of areas
  std::vector<std::string> prohibited{};
  std::vector<std::pair<std::string, Digest>> areas{};  ///< of those names, with their drawings' digests
  std::string software_version{};
  std::string borders_version{};
  std::string policy_version{};
};

/// What tells where anchors stand and how far the chip is from each: not for every reader.
struct Sealed {
  std::vector<AnchorFinding> anchors{};  ///< one for each ticket
  std::vector<Kilometers> bounds{};      ///< beside `anchors`: radius of each used one's disk, else 0
  std::optional<Region> region{};        ///< absent when nothing was measured
  std::vector<KeyHolder> holders{};      ///< where two holders of the key showed; empty for explained_by 0
};

struct Decision {
  Finding finding;
  Sealed sealed;
  EvidenceIndex judged;
  WallTime decided;
  WallTime expires;
  std::optional<Statement> statement{};  ///< the accepted one: its counters are the chip's last
  std::optional<Sighting> sighting{};    ///< what is proved of where the key was

  // What explain() goes on from.
  TerritoryJudgement judgement{};  ///< of the region; kNothingExcluded where nothing was measured
  std::optional<TerritoryFinding> with_fewer{};  ///< as in JudgedRegion
  std::vector<ProvedBound> proved{};
  std::vector<std::size_t> proved_by{};      ///< beside `proved`: which of sealed.anchors
  std::vector<std::string> would_resolve{};  ///< of evidence, certificate and travel
};

/// A pure function of a round's context and evidence, and of the borders that the context names.
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
/// where the policy asks more of a kind of state (faults_to_accuse, faults_to_clear), by judge_by_kind():
///
///     accused, but not under faults_to_accuse    what the larger region says, if that accuses too or is open
///     accused, and cleared under faults_to_accuse    UNRESOLVED  finding_withheld
///     cleared, but not under faults_to_clear    what the larger region says
///     open by that alone                UNRESOLVED  beside its own reason: holds_with_fewer_faults
///
/// and where the key cannot have come from where it was proved to be before, VERIFIED and CLEARED become
/// UNRESOLVED, impossible_travel (sighting.hpp).
///
/// Region     the places that contradict at most finding.proof.fault_budget perspectives, dilated by the borders'
///            own ambiguity. Territory codes that the borders do not draw make a claim nothing can satisfy:
///            import refuses them.
/// Never      uses an estimate, nor what the chip says about itself, for the state. The linker sees to the
///            former: this library is linked without geo/estimate (tests/layers).
[[nodiscard]] Decision decide(const RoundContext& context, const RoundEvidence& evidence,
                              const Borders& borders, WallTime now);

/// Evidence that somebody else has checked, on: for forecasts and benchmarks. Whatever of the context was
/// used to check evidence is not looked at again.
[[nodiscard]] Decision decide_checked(const CheckedEvidence& evidence, const RoundContext& context,
                                      const Borders& borders, WallTime now);

/// On contested land no round trip decides: who holds or claims some of these places, and whether anchors
/// could exclude any of them at all.
struct Contest {
  std::vector<CountryCode> claimants{};
  bool anchors_help = true;
};
[[nodiscard]] Contest contest_at(const std::vector<LatLon>& places, const Borders& borders);

}  // namespace chiploc
