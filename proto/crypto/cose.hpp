#pragma once
#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/eat.hpp"
#include "proto/crypto/keys.hpp"
#include "proto/wire/datagram.hpp"

namespace chiploc {

/// The close statement as it travels: COSE_Sign1 (RFC 9052), tagged, strictly
///
///     d2 84 | bstr{ {1: alg, 34: [-16, SHA-256 of the device certificate]} } | a0 | bstr claims | bstr
///     signature
///
/// Deterministic (RFC 8949, 4.2.1): one statement has one encoding, so flipping any bit makes it invalid. The
/// unprotected map is always empty: nothing in the message is outside the signature. External AAD is empty.

/// Fails with kSigningFailed, or kMalformed when a claim is out of range or the result larger than
/// kStatementMax.
[[nodiscard]] Result<ByteVector, KeyFault> sign_statement(const Statement& statement,
                                                          const Digest& certificate_digest,
                                                          const Signer& signer);

/// The statement, if this key signed it for this certificate. The header's algorithm has to be the key's own.
[[nodiscard]] Result<Statement, StatementFault> check_statement(Bytes cose, const PublicKey& key,
                                                                const Digest& certificate_digest);

/// What stands in a statement, before anybody has looked at the signature. The spans borrow from the input.
struct UncheckedStatement {
  SignatureAlgorithm algorithm{};
  Digest certificate;
  Bytes protected_header;  ///< the encoded header map, inside its byte string
  Bytes claims;            ///< the encoded claims, inside their byte string
  Bytes signature;
  Statement statement;
};
/// Everything but the comparison with a key, a certificate and the signature: for finding the certificate by
/// its digest, and for fuzzing.
[[nodiscard]] Result<UncheckedStatement, StatementFault> parse_unchecked_statement(Bytes cose);

/// The Sig_structure of a COSE_Sign1 (RFC 9052, 4.4) without external AAD: ["Signature1", header, h'',
/// payload].
[[nodiscard]] ByteVector sig_structure(Bytes protected_header, Bytes payload);

/// The Sig_structure of a statement: the bytes that the device key signs. With the empty unprotected map it
/// is
///
///     84 6a "Signature1" | cose[2, 2+p) | 40 | cose[2+p+1, size-s)
///
/// where p and s are the sizes of the encoded byte strings of header and signature: head and tail and any
/// signature tool can check a statement.
[[nodiscard]] Result<ByteVector, StatementFault> statement_to_be_signed(Bytes cose);

}  // namespace chiploc
