#pragma once
// All that judging takes beside the evidence, as it stood when the round began.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/crypto/certificate.hpp"
#include "server/policy/policy.hpp"
#include "server/verifier/contact.hpp"
#include "server/verifier/evidence.hpp"
#include "server/verifier/realm.hpp"
#include "server/verifier/round_evidence.hpp"
#include "server/verifier/sighting.hpp"
#include "server/verifier/territory_judgement.hpp"

namespace chiploc {

/// What another chip of the site measured last, within the hour before the round began.
struct CohortChip {
  ChipId chip;
  std::vector<std::pair<AnchorId, Nanoseconds>> rtt;  ///< by anchor id
  friend bool operator==(const CohortChip&, const CohortChip&) = default;
};
struct Cohort {
  std::string site{};                ///< the name of the only area that the licence names; empty: no site
  std::vector<CohortChip> others{};  ///< by chip id
  friend bool operator==(const Cohort&, const Cohort&) = default;
};

/// A round's context: what v1::RoundContext holds, checked. Frozen when the round begins and stored before
/// anything is sent; with the evidence, and what is kept by digest, it is all that a verdict follows from.
struct RoundContext {
  Realm realm;  ///< no default: who makes one says which world it is about
  std::string software_version{};
  RoundId round{};
  ChipId chip{};
  WallTime intent{};
  std::string requested_by{};
  PublicKey coordinator_key;

  ByteVector certificate{};  ///< the chip's, DER, as registered
  std::vector<ByteVector> issuers{};
  PublicKey device_key;         ///< of `certificate`
  Digest device_certificate{};  ///< SHA-256 of `certificate`
  /// Why the maker did not vouch for the certificate when the round began; nullopt: it did.
  std::optional<CertificateFault> certificate_fault{};

  std::vector<AnchorFacts> anchors{};  ///< by seat
  Claim claim{};
  Policy policy{};
  Digest policy_sha256{};
  std::string borders_version{};
  Digest borders_sha256{};
  Digest calibration_sha256{};

  std::optional<CounterMark> last_accepted{};
  std::optional<Reason> counters_begun{};
  std::optional<Sighting> seen_before{};  ///< without its basis: whoever made the context looked at that
  Cohort cohort{};
  std::optional<Contact> contact{};  ///< for the explanation of a silence; nullopt: of before there were any

  unsigned explained_by = 0;  ///< the rules of what is told beside the state: kExplainedBefore .. kExplained
  std::string serial{};       ///< of the chip, as registered
  std::string licence_holder{};  ///< of claim.licence
};

/// Rounds are explained as they were when they ran, so that they are judged again to the byte: those of before
/// 2026-12-01; those in which a silence knew of no anchor that runs twice, and a rollback named no remedy; those
/// in which anchors too far to exclude anything were said not to have measured; those of today.
inline constexpr unsigned kExplainedBefore = 0;
inline constexpr unsigned kExplainedFirst = 1;
inline constexpr unsigned kExplainedSecond = 2;
inline constexpr unsigned kExplained = 3;

/// Fills in what follows from the rest and from this program: device_certificate, policy_sha256, the borders'
/// version and digest, software_version, explained_by.
void complete(RoundContext& context, const Borders& borders);

/// SHA-256 of the border table that this program carries: that of Borders::world().
[[nodiscard]] const Digest& borders_digest();

/// Serialised v1::RoundContext: the same bytes for the same context.
[[nodiscard]] ByteVector context_bytes(const RoundContext& context);

/// Finds an area by the SHA-256 of its GeoJSON; nullptr: it is not at hand.
using AreaSource = std::function<std::shared_ptr<const Area>(const std::string& name, const Digest& sha256)>;

inline constexpr std::size_t kContextBytesMax = 8U << 20U;
/// Of each text in it; whoever makes one clips what may be longer.
inline constexpr std::size_t kContextTextMax = 4'096;

/// Reads what context_bytes() wrote. Strict: these bytes come from a disk that anybody may have held.
///
/// Fails     with a phrase that names the field: too large, not a message, another format, a field that this
///           version does not know or would write otherwise, no realm, ids and digests of a wrong size, a
///           certificate without a key, a place that is none, more of anything than there can be, an area
///           that `areas` does not find.
/// Leaves    whether the digests in it are those of what they name: replay.hpp asks that, and says which.
[[nodiscard]] Result<RoundContext, std::string> parse_context(Bytes bytes, const AreaSource& areas);

/// As check_evidence() and refuse_statement() of evidence.hpp take it. Tickets for anchors that the context
/// does not name are left out; whoever made the evidence has seen to it that there are none.
[[nodiscard]] RoundEvidenceBytes evidence_bytes(const RoundContext& context, const RoundEvidence& evidence);

/// Why this statement does not count in the round so far; before there is a close order none counts.
[[nodiscard]] std::optional<Reason> refuse_statement(Bytes raw, const RoundContext& context,
                                                     const std::optional<CloseOrder>& close_order);

}  // namespace chiploc
