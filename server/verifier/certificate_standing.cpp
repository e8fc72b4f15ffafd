#include "server/verifier/certificate_standing.hpp"

namespace chiploc {
namespace {

using Code = CertificateFault::Code;

struct Effect {
  EvidenceOutcome outcome = EvidenceOutcome::kInvalid;
  std::string code;
  std::string text;
  std::string resolves;
};

const char* const kNewCertificate =
    "A certificate of the maker that is valid, over a key that is in the chip alone, "
    "imported with chiploc import --chips.";
const char* const kNewList =
    "The maker's current revocation lists, imported with chiploc import --revocations; then another round.";

Effect effect_of(const CertificateFault& fault) {
  switch (fault.code) {
    case Code::kRevoked:
      return {EvidenceOutcome::kInvalid, "certificate_revoked",
              "The maker has revoked the chip's certificate: its key may be in other hands, so its answers "
              "prove nothing of the chip",
              kNewCertificate};
    case Code::kExpired:
      return {EvidenceOutcome::kInvalid, "certificate_expired",
              "The chip's certificate, or one of those above it, is no longer "
              "valid: nobody vouches for its key",
              kNewCertificate};
    case Code::kNotYetValid:
      return {
          EvidenceOutcome::kInvalid, "certificate_not_yet_valid",
          "The chip's certificate, or one of those above it, is not valid yet: nobody vouches for its key",
          kNewCertificate};
    case Code::kCrlStale:
      return {EvidenceOutcome::kUnvouched, "revocation_list_stale",
              "The maker's revocation list is out of date: nobody can say whether the "
              "chip's certificate still holds",
              kNewList};
    case Code::kCrlUnusable:
      return {EvidenceOutcome::kUnvouched, "revocation_list_missing",
              "The maker gives revocation lists, but none that covers the chip's certificate: nobody can say "
              "whether it still holds",
              kNewList};
    case Code::kMalformed:
    case Code::kUnsupportedKey:
    case Code::kUntrusted:
    case Code::kBadSignature:
    case Code::kWrongPurpose:
    case Code::kNotACa:
    case Code::kNoChipId:
    case Code::kNotIssued:
      break;
  }
  return {EvidenceOutcome::kInvalid, "certificate_untrusted",
          "None of the maker's authorities vouches for the chip's certificate", kNewCertificate};
}

}  // namespace

Reason certificate_reason(const CertificateFault& fault) {
  const Effect effect = effect_of(fault);
  return {effect.code, effect.text + " (" + fault.text + "). What would resolve it: " + effect.resolves};
}

void hold_against_certificate(const CertificateFault& fault, CheckedEvidence& checked) {
  const Effect effect = effect_of(fault);
  const Reason reason = certificate_reason(fault);
  if (checked.outcome != EvidenceOutcome::kMeasured && checked.outcome != EvidenceOutcome::kUnvouched) {
    checked.reasons.push_back(reason);
    return;
  }
  checked.outcome = effect.outcome;
  checked.reasons.insert(checked.reasons.begin(), reason);
  checked.would_resolve.push_back(effect.resolves);
  checked.statement.reset();
  for (AnchorFinding& anchor : checked.anchors) {
    if (!anchor.used) continue;
    anchor.used = false;
    anchor.note = "left out: nobody vouches for the certificate of the key that answered";
  }
}

}  // namespace chiploc
