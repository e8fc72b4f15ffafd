#pragma once
// For the crypto target's own sources only.
#include <span>

#include "proto/crypto/certificate.hpp"
#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {

/// Whether the certificate's issuer has the name of this one.
bool names_issuer(const X509* certificate, const X509* issuer);
bool names_issuer(const Certificate& certificate, const Certificate& issuer);
/// The same, and its key verifies the certificate's signature. Key identifiers are not looked at.
bool has_issued(X509* issuer, X509* certificate);
bool has_issued(const Certificate& issuer, const Certificate& certificate);

/// Whether the lists clear every certificate of a path, as verify_device() demands it.
///
///     device <- ... <- trusted CA     each needs a current list of its issuer's key that covers it and does
///                                     not name it, except what the device's own CA issued
///     trusted CA                      of one of the other trusted CAs that issued it and are valid now, if
///                                     any did
///
/// Takes     A path that is good in every other way: names, keys and times fit.
/// Fails     kRevoked; kCrlUnusable without a covering list; kCrlStale if none of those is current. The
///           certificate nearest to the device comes first.
[[nodiscard]] Result<Done, CertificateFault> check_revocation(std::span<const Certificate> path,
                                                              std::span<const Certificate> trusted,
                                                              std::span<const RevocationList> lists,
                                                              WallTime now);

}  // namespace chiploc
