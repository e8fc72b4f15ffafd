#pragma once
#include "proto/base/bytes.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/keys.hpp"
#include "proto/wire/datagram.hpp"
#include "proto/wire/ticket.hpp"

namespace chiploc {

// Signing fails with kWrongAlgorithm (tickets, orders and reports are Ed25519) or kSigningFailed. Verifying
// does not look at ids and times: the caller chooses the key by the id and judges the times.

[[nodiscard]] Result<Done, KeyFault> sign(Ticket& ticket, const Signer& coordinator);
[[nodiscard]] bool verify(const Ticket& ticket, const PublicKey& coordinator);
/// SHA-256 of the ticket as it travels, signature included.
[[nodiscard]] Digest ticket_digest(Bytes ticket);
[[nodiscard]] Digest ticket_digest(const Ticket& ticket);

[[nodiscard]] Result<Done, KeyFault> sign(CloseOrder& order, const Signer& coordinator);
[[nodiscard]] bool verify(const CloseOrder& order, const PublicKey& coordinator);

/// The device key, of any algorithm, asks for pending tickets.
[[nodiscard]] Result<Done, KeyFault> sign(KnockProof& proof, const Signer& chip);
[[nodiscard]] bool verify(const KnockProof& proof, const PublicKey& chip);

/// What the device key signs once in a round, so that only its holder can open the round's sessions.
struct OpeningClaim {
  CoordinatorId coordinator;
  RoundId round;
  ChipId chip;
  X25519Public agent_public;  ///< fresh for the round; the same towards all its anchors

  static OpeningClaim of(const Ticket& ticket, const X25519Public& agent_public) {
    return {ticket.coordinator, ticket.round, ticket.chip, agent_public};
  }
  static constexpr std::size_t kInputSize = 16 + 16 + 16 + 16 + 32;
  /// "chiploc open v1" 0x00 | coordinator | round | chip | agent_public.
  [[nodiscard]] ByteArray<kInputSize> input() const;
};
/// The signature as it stands in an OPEN, by a device key of any algorithm.
struct OpeningSignature {
  std::uint16_t size = 0;
  ByteArray<Open::kSignatureMax> bytes{};
};
[[nodiscard]] Result<OpeningSignature, KeyFault> sign(const OpeningClaim& claim, const Signer& chip);
[[nodiscard]] bool verify(const OpeningClaim& claim, Bytes signature, const PublicKey& chip);

/// An anchor's report over one session: "chiploc report v1" 0x00 | body, the serialised evidence message.
[[nodiscard]] ByteVector signed_report_input(Bytes body);
[[nodiscard]] Result<Ed25519Signature, KeyFault> sign_report(Bytes body, const Signer& anchor);
[[nodiscard]] bool verify_report(Bytes body, Bytes signature, const PublicKey& anchor);

/// An anchor's report over the mesh: "chiploc mesh report v1" 0x00 | body.
[[nodiscard]] ByteVector signed_mesh_report_input(Bytes body);
[[nodiscard]] Result<Ed25519Signature, KeyFault> sign_mesh_report(Bytes body, const Signer& anchor);
[[nodiscard]] bool verify_mesh_report(Bytes body, Bytes signature, const PublicKey& anchor);

}  // namespace chiploc
