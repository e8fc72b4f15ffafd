#pragma once
#include "proto/crypto/certificate.hpp"
#include "server/verifier/evidence.hpp"

namespace chiploc {

/// What becomes of checked evidence when nobody vouched for the chip's certificate as the round began.
///
///     revoked                           INVALID     certificate_revoked
///     a certificate of the path over,   INVALID     certificate_expired, certificate_not_yet_valid
///       or not yet begun
///     no path to the maker, and others  INVALID     certificate_untrusted
///     the maker's list is stale         UNRESOLVED  revocation_list_stale
///     no list of the issuer             UNRESOLVED  revocation_list_missing
///
/// Never    proves a place: a key that may be in other hands says where those hands are, and nothing of the
///          chip. So no disk of the round counts, neither for the chip nor against it, and its counters are
///          not taken over. The reports and the statement stay on record: where a stolen key answered is
///          worth knowing. A list that is missing or stale is nobody's fault but that of whoever imports
///          lists, so it is no accusation at all.
/// Keeps    SILENT and INVALID evidence what it is: no answer is no answer, and what fails with a good
///          certificate fails with a bad one. The reason is added to theirs.
void hold_against_certificate(const CertificateFault& fault, CheckedEvidence& checked);

/// The reason for it, with what would resolve it.
[[nodiscard]] Reason certificate_reason(const CertificateFault& fault);

}  // namespace chiploc
