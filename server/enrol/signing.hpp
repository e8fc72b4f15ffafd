#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "server/pki/authority.hpp"
#include "server/storage/enrolment_store.hpp"

namespace chiploc {

/// The authority that newcomers' certificates are signed by: server/pki's folder, on the coordinator's machine.
struct EnrolAuthority {
  std::filesystem::path folder;
  std::filesystem::path passphrase_file{};  ///< of its key; empty: it has none
  int days = 365;                           ///< that a certificate is valid
};

/// Why nobody can be enrolled so; empty: nothing stands in the way. `tls_ca` is what callers' certificates are held against:
/// one of another authority would let nobody in.
[[nodiscard]] std::string enrol_fault(const EnrolAuthority& authority, const std::string& tls_ca);

/// The certificate for a token that was used up with this request's key. The role, the name and the holder are the token's; a
/// request for others is refused. The same key again gives the same certificate. Refused: a name that has another one in
/// force, a key whose certificate was revoked.
/// Blocks: files, a lock that `chiploc pki` may have.
[[nodiscard]] PkiResult<Issued> sign_newcomer(const EnrolAuthority& authority, const Enrolment& enrolment,
                                              const CertificateRequest& request, WallTime now);

/// Of one name a certificate an hour: who asks again gets the last one.
inline constexpr std::chrono::hours kRenewedAtMostEvery{1};
/// A newer certificate for the holder of `old`, who has shown that it has its key: the same role, name, hosts and holder, the
/// request's key. kNotFound: `old` is none of this authority's, was revoked or is over.
[[nodiscard]] PkiResult<Issued> sign_renewal(const EnrolAuthority& authority, const Certificate& old,
                                             const CertificateRequest& request, WallTime now);

}  // namespace chiploc
