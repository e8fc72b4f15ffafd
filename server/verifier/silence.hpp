#pragma once
// Why a chip may be silent. Most of what it is told from can be forged by anybody: for people, after the
// state is decided, and without a way back to it.

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proto/wire/datagram.hpp"
#include "server/verifier/contact.hpp"
#include "server/verifier/context.hpp"
#include "server/verifier/reason.hpp"
#include "server/verifier/round_evidence.hpp"

namespace chiploc::v1 {
class Silence;
}

namespace chiploc {

struct Decision;

/// All that is known of a round without an answer.
struct SilenceSeen {
  Contact contact;
  Heard heard;
  unsigned anchors = 0;   ///< that were given tickets
  unsigned reported = 0;  ///< whose signed report came
  // Sums over the reports, and of what was heard beside them.
  std::uint32_t knocks = 0;
  std::uint32_t proofs = 0;
  std::uint32_t proofs_refused = 0;
  std::uint32_t tickets_sent = 0;
  std::uint32_t opens = 0;
  std::uint32_t sessions = 0;
  std::uint32_t pings = 0;
  std::uint32_t answers = 0;
  unsigned finished = 0;  ///< sessions
  std::map<RejectReason, std::uint32_t> by_chip;
  std::map<RejectReason, std::uint32_t> by_anchors;
  bool close_order = false;
  bool answered_before = false;  ///< a statement under this key was accepted once
  std::optional<CertificateFault> certificate_fault;
  std::string coordinator_key;  ///< hex, as it stands in an agent's configuration
  unsigned explained_by = kExplained;
  [[nodiscard]] WallTime last_knock() const { return std::max(contact.last_knock, heard.last_knock); }
  [[nodiscard]] WallTime last_proof() const { return std::max(contact.last_proof, heard.last_proof); }
};

/// The last step that is known to have been taken, in their order.
enum class SilenceStep : std::uint8_t {
  kTickets,    ///< anchors have their tickets; nothing of the chip came
  kKnock,      ///< it knocked
  kDelivered,  ///< tickets went out to who proved its key, or something answered them
  kOpen,       ///< an OPEN came, good or not
  kPings,      ///< pings were answered
  kClose       ///< it was asked for its statement
};
/// "tickets", "knock", "delivered", "open", "pings", "close".
[[nodiscard]] std::string_view name_of(SilenceStep step);
[[nodiscard]] SilenceStep reached(const SilenceSeen& seen);

inline constexpr std::size_t kCausesShown = 3;
/// The likeliest causes, the likeliest first; three. Each says in a sentence what is the matter, and in
/// another what to look at. The rule:
///
/// 1. What the chip's side said in REJECTs, since it knows best: coordinator_unknown, clock,
///    protocol_version, other_chip, table_full.
/// 2. What anchors refused: other_key, and clock where it was an anchor that found the ticket's time wrong.
/// 3. An anchor that runs twice: known for certain, and what comes to it may reach the wrong one of the two.
/// 4. By the step that was reached, and whether the chip was ever heard before (silence.cpp).
/// 5. A knock by another anchor's key (rendezvous_key) stands second at the latest, whatever step was reached.
/// 6. A certificate that nobody vouches for stands second at the latest, or third behind such a knock: it is
///    known for certain, but seldom the reason by itself.
[[nodiscard]] std::vector<Reason> likely_causes(const SilenceSeen& seen);

/// Reads reports whose signature is right, and of each anchor the first one, as checking them does.
[[nodiscard]] SilenceSeen see_silence(const RoundContext& context, const RoundEvidence& evidence,
                                      const Heard& heard);

struct Silence {
  SilenceSeen seen;
  SilenceStep step{};
  std::vector<Reason> causes;
};
/// nullopt: the chip is not silent, or its context is of before contacts were kept.
[[nodiscard]] std::optional<Silence> explain_silence(const Decision& decision, const RoundContext& context,
                                                     const RoundEvidence& evidence, const Heard& heard);

/// For record and API.
[[nodiscard]] v1::Silence to_record(const Silence& silence);

}  // namespace chiploc
