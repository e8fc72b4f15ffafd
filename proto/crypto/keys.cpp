#include "proto/crypto/keys.hpp"

#include <utility>

#include "proto/crypto/digest.hpp"

namespace chiploc {

std::string_view name_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kEd25519:
      return "EdDSA";
    case SignatureAlgorithm::kEs256:
      return "ES256";
    case SignatureAlgorithm::kEs384:
      return "ES384";
  }
  return "unknown";
}

std::int64_t cose_id_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kEd25519:
      return -8;
    case SignatureAlgorithm::kEs256:
      return -7;
    case SignatureAlgorithm::kEs384:
      return -35;
  }
  return 0;
}

std::optional<SignatureAlgorithm> algorithm_from_cose_id(std::int64_t id) {
  switch (id) {
    case -8:
      return SignatureAlgorithm::kEd25519;
    case -7:
      return SignatureAlgorithm::kEs256;
    case -35:
      return SignatureAlgorithm::kEs384;
    default:
      return std::nullopt;
  }
}

std::size_t signature_size_of(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::kEs384 ? 96 : 64;
}

std::string_view name_of(KeyFault::Code code) {
  switch (code) {
    case KeyFault::Code::kMalformed:
      return "malformed";
    case KeyFault::Code::kTrailingData:
      return "trailing-data";
    case KeyFault::Code::kUnsupportedAlgorithm:
      return "unsupported-algorithm";
    case KeyFault::Code::kPointOffCurve:
      return "point-off-curve";
    case KeyFault::Code::kSmallOrder:
      return "small-order";
    case KeyFault::Code::kNonCanonical:
      return "non-canonical";
    case KeyFault::Code::kUnreadable:
      return "unreadable";
    case KeyFault::Code::kPermissions:
      return "permissions";
    case KeyFault::Code::kNoPrivateKey:
      return "no-private-key";
    case KeyFault::Code::kBadPin:
      return "bad-pin";
    case KeyFault::Code::kProvider:
      return "provider";
    case KeyFault::Code::kSigningFailed:
      return "signing-failed";
    case KeyFault::Code::kWrongAlgorithm:
      return "wrong-algorithm";
    case KeyFault::Code::kNotWritable:
      return "not-writable";
  }
  return "unknown";
}

namespace {

KeyFault not_ed25519(const PublicKey& key) {
  return {KeyFault::Code::kWrongAlgorithm,
          "an Ed25519 key is needed here, this one is for " + std::string{name_of(key.algorithm())}};
}

}  // namespace

Result<AnchorId, KeyFault> anchor_id_of(const PublicKey& key) {
  const auto raw = key.raw_ed25519();
  if (!raw) return Fail{not_ed25519(key)};
  return anchor_id_of(*raw);
}

Result<CoordinatorId, KeyFault> coordinator_id_of(const PublicKey& key) {
  const auto raw = key.raw_ed25519();
  if (!raw) return Fail{not_ed25519(key)};
  return coordinator_id_of(*raw);
}

}  // namespace chiploc
