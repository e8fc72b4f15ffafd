#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "geo/lat_lon.hpp"
#include "geo/units.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/certificate.hpp"
#include "proto/crypto/cose.hpp"
#include "proto/crypto/keys.hpp"
#include "proto/wire/ticket.hpp"
#include "server/verifier/realm.hpp"
#include "server/verifier/reason.hpp"

namespace chiploc {

/// What the coordinator knows of an anchor from its registry, fixed when the round began.
struct AnchorFacts {
  std::string name;
  AnchorId id;
  PublicKey report_key;
  LatLon place;
  Kilometers uncertainty{0.0};
  std::string operator_name;
  std::string network;
};

struct IssuedTicket {
  Ticket ticket;
  AnchorFacts anchor;
};

/// The counters of the last statement that was accepted from a chip.
struct CounterMark {
  std::uint64_t boot_count = 0;
  std::uint64_t round_counter = 0;
};

/// Everything a round left behind, before anybody has judged it, with that of its context which checking
/// takes (context.hpp makes it of the two). Bytes are as they came from outside.
struct RoundEvidenceBytes {
  RoundId round;
  ChipId chip;
  CoordinatorId coordinator;
  PublicKey device_key;       ///< of the registered certificate
  Digest device_certificate;  ///< its fingerprint
  std::vector<IssuedTicket> tickets;
  std::optional<CloseOrder> close_order;
  std::vector<std::pair<AnchorId, ByteVector>>
      reports;                               ///< v1::SignedReport; by which anchor's stream it came
  std::vector<ByteVector> statements;        ///< COSE_Sign1
  std::optional<CounterMark> last_accepted;  ///< under device_key
  /// Why there is none although the chip was measured before: a new key, or a restart. nullopt: neither.
  std::optional<Reason> counters_begun{};
  unsigned fault_budget =
      1;  ///< perspectives whose reports may be at odds with the statement, and others count
  unsigned faults_to_accuse = 0;  ///< and without INVALID following; never fewer than fault_budget
  /// Why the maker did not vouch for the certificate when the round began; nullopt: it did.
  std::optional<CertificateFault> certificate_fault{};
  Realm realm = Realm::kMeasured;  ///< a sample of another one is no sample
  bool first_words = false;        ///< reasons in the words of kExplainedFirst and before

  /// Perspectives that may be wrong and nothing is held against the chip by what only they say.
  [[nodiscard]] unsigned accused_beyond() const { return std::max(fault_budget, faults_to_accuse); }
};

/// What one anchor contributed, after checking.
struct AnchorFinding {
  AnchorFacts anchor;
  std::uint32_t perspective = 0;  ///< anchors of one operator or one network share it
  bool reported = false;
  bool answered = false;  ///< some session finished
  bool used = false;      ///< its transcript is the one that the chip signed: rtt_min counts
  unsigned samples = 0;
  Nanoseconds rtt_min{0};  ///< of the anchor's own stamps: the least that another sample bears out
  StampSource source{};    ///< of that sample
  // What stands beside it, for the record: none of it proves anything.
  std::uint32_t counted_sequence = 0;  ///< of the sample that counts
  Nanoseconds rtt_least{0};            ///< the least of all, which may stand alone
  Nanoseconds rtt_next{0};             ///< the next one after rtt_min, as long or longer; 0: none
  std::string note;                    ///< why it is not used
};

enum class EvidenceOutcome {
  kMeasured,
  kSilent,
  kInvalid,
  kUnvouched  ///< nobody can say whether the certificate still holds (certificate_standing.hpp), the chip names
              ///< another one over its key than is registered, or too many contradict its statement for a
              ///< measurement and too few for an accusation
};

/// What one of two holders of the chip's key signed in the round, and what the anchors saw of it.
struct HolderEvidence {
  Digest statement_sha256;
  std::uint64_t boot_count = 0;  ///< as it says
  std::uint64_t round_counter = 0;
  std::vector<AnchorFinding> anchors;  ///< beside CheckedEvidence::anchors; used: it signed that session
};

struct CheckedEvidence {
  EvidenceOutcome outcome = EvidenceOutcome::kSilent;
  std::vector<Reason> reasons;         ///< why it is silent or invalid; for measured ones what was left out
  std::vector<AnchorFinding> anchors;  ///< one for each ticket, in its order
  std::optional<Statement> statement;  ///< the accepted one
  std::vector<std::string> would_resolve;
  /// Where cloned_key is the reason: one for each set of session keys, in the order in which they signed.
  std::vector<HolderEvidence> holders{};
};

/// Judges signatures, digests, identities and counters of one round, by the table in PROTOCOL.md section 6.
///
/// Counts     of each anchor's samples the least that another one bears out (counted_samples.hpp), under the
///            pause budget: at most one pause of all the anchor's clocks from the first ping of a session to
///            its last answer. An anchor of which no two samples bear each other out is not used.
/// Never      looks at what the chip says of its own processing time, and never lets one anchor's fault (a
///            bad signature, a foreign ticket, a transcript that the chip did not sign) condemn the chip:
///            such a report is left out. More of them than fault_budget leave nothing that counts, and only more
///            than faults_to_accuse make the round invalid.
/// Fails      never; a hostile report or statement becomes a reason. Pure: no clock, no I/O.
[[nodiscard]] CheckedEvidence check_evidence(const RoundEvidenceBytes& evidence);

/// Why this statement does not count in the round, or nullopt if it does: what check_evidence() does with
/// each of `evidence.statements`. Before there is a close order none counts.
[[nodiscard]] std::optional<Reason> refuse_statement(Bytes raw, const RoundEvidenceBytes& evidence);

/// Whose an anchor is, and in which network it stands.
struct Affiliation {
  std::string_view operator_name;
  std::string_view network;
};

/// Numbers perspectives 0, 1, ...: anchors that share an operator or a network, directly or through others,
/// have one. Empty names are shared with nobody.
[[nodiscard]] std::vector<std::uint32_t> number_perspectives(const std::vector<Affiliation>& anchors);
[[nodiscard]] std::vector<std::uint32_t> number_perspectives(const std::vector<const AnchorFacts*>& anchors);

}  // namespace chiploc
