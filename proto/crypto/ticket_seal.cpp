#include "proto/crypto/ticket_seal.hpp"

#include <algorithm>
#include <string>

namespace chiploc {
namespace {

constexpr std::string_view kReportLabel{"chiploc report v1\0", 18};
constexpr std::string_view kMeshReportLabel{"chiploc mesh report v1\0", 23};

Result<Ed25519Signature, KeyFault> sign_ed25519(Bytes input, const Signer& signer) {
  if (signer.algorithm() != SignatureAlgorithm::kEd25519) {
    return Fail{KeyFault{KeyFault::Code::kWrongAlgorithm,
                         "tickets, orders and reports are signed with Ed25519; this key is for " +
                             std::string{name_of(signer.algorithm())}}};
  }
  const auto raw = signer.sign(input);
  if (!raw) return Fail{raw.error()};
  const auto signature = Ed25519Signature::from_bytes(*raw);
  if (!signature) return Fail{KeyFault{KeyFault::Code::kSigningFailed, "the signature has a wrong size"}};
  return *signature;
}

bool verify_ed25519(Bytes input, Bytes signature, const PublicKey& key) {
  return key.algorithm() == SignatureAlgorithm::kEd25519 && key.verify(input, signature);
}

template <class Signed>
Result<Done, KeyFault> seal(Signed& message, const Signer& signer) {
  const auto signature = sign_ed25519(signed_input(message), signer);
  if (!signature) return Fail{signature.error()};
  message.signature = *signature;
  return Done{};
}

ByteVector labelled(std::string_view label, Bytes body) {
  ByteVector input;
  input.reserve(label.size() + body.size());
  input.assign(label.begin(), label.end());
  input.insert(input.end(), body.begin(), body.end());
  return input;
}

}  // namespace

Result<Done, KeyFault> sign(Ticket& ticket, const Signer& coordinator) { return seal(ticket, coordinator); }
bool verify(const Ticket& ticket, const PublicKey& coordinator) {
  return verify_ed25519(signed_input(ticket), ticket.signature.bytes, coordinator);
}

Digest ticket_digest(Bytes ticket) { return sha256(ticket); }
Digest ticket_digest(const Ticket& ticket) { return sha256(bytes_of(ticket)); }

Result<Done, KeyFault> sign(CloseOrder& order, const Signer& coordinator) { return seal(order, coordinator); }
bool verify(const CloseOrder& order, const PublicKey& coordinator) {
  return verify_ed25519(signed_input(order), order.signature.bytes, coordinator);
}

Result<Done, KeyFault> sign(KnockProof& proof, const Signer& chip) {
  const auto signature = chip.sign(proof.proof_input());
  if (!signature) return Fail{signature.error()};
  if (signature->size() > KnockProof::kSignatureMax) {
    return Fail{KeyFault{KeyFault::Code::kSigningFailed, "the signature has a wrong size"}};
  }
  proof.signature = {};
  std::copy(signature->begin(), signature->end(), proof.signature.begin());
  proof.signature_size = static_cast<std::uint16_t>(signature->size());
  return Done{};
}

bool verify(const KnockProof& proof, const PublicKey& chip) {
  return proof.signature_size <= KnockProof::kSignatureMax &&
         chip.verify(proof.proof_input(), proof.signature_bytes());
}

ByteArray<OpeningClaim::kInputSize> OpeningClaim::input() const {
  constexpr std::string_view kLabel{"chiploc open v1\0", 16};
  ByteArray<kInputSize> out{};
  ByteWriter w{out};
  w.bytes(bytes_of(kLabel));
  w.bytes(coordinator.bytes);
  w.bytes(round.bytes);
  w.bytes(chip.bytes);
  w.bytes(agent_public.bytes);
  return out;
}

Result<OpeningSignature, KeyFault> sign(const OpeningClaim& claim, const Signer& chip) {
  const auto raw = chip.sign(claim.input());
  if (!raw) return Fail{raw.error()};
  if (raw->size() != signature_size_of(chip.algorithm()))
    return Fail{KeyFault{KeyFault::Code::kSigningFailed, "the signature has a wrong size"}};
  OpeningSignature out;
  out.size = static_cast<std::uint16_t>(raw->size());
  std::copy(raw->begin(), raw->end(), out.bytes.begin());
  return out;
}

bool verify(const OpeningClaim& claim, Bytes signature, const PublicKey& chip) {
  return chip.verify(claim.input(), signature);
}

ByteVector signed_report_input(Bytes body) { return labelled(kReportLabel, body); }
Result<Ed25519Signature, KeyFault> sign_report(Bytes body, const Signer& anchor) {
  return sign_ed25519(signed_report_input(body), anchor);
}
bool verify_report(Bytes body, Bytes signature, const PublicKey& anchor) {
  return verify_ed25519(signed_report_input(body), signature, anchor);
}

ByteVector signed_mesh_report_input(Bytes body) { return labelled(kMeshReportLabel, body); }
Result<Ed25519Signature, KeyFault> sign_mesh_report(Bytes body, const Signer& anchor) {
  return sign_ed25519(signed_mesh_report_input(body), anchor);
}
bool verify_mesh_report(Bytes body, Bytes signature, const PublicKey& anchor) {
  return verify_ed25519(signed_mesh_report_input(body), signature, anchor);
}

}  // namespace chiploc
