#pragma once
#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/keys.hpp"

namespace chiploc {

/// Whether a certificate authority may sign with this key (SubjectPublicKeyInfo, DER): Ed25519, P-256, P-384
/// and P-521 as a named curve with an uncompressed point, and RSA (PKCS #1 or PSS) of 2048 to 4096 bits with
/// an odd exponent of 65537 or more (FIPS 186-5). What a *device* may sign with is narrower: PublicKey. Fails
/// kUnsupportedAlgorithm, and what PublicKey::from_spki_der says.
[[nodiscard]] Result<Done, KeyFault> check_authority_key(Bytes spki_der);

}  // namespace chiploc
