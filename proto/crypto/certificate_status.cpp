#include "proto/crypto/certificate_status.hpp"

#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {
namespace {

using Code = CertificateFault::Code;

Fail<CertificateFault> fail(Code code, const Certificate& certificate, const std::string& what) {
  return Fail{CertificateFault{code, "certificate \"" + certificate.subject() + "\": " + what}};
}

/// What one issuer's lists say of one certificate of his.
Result<Done, CertificateFault> status_by(const Certificate& issuer, const Certificate& certificate,
                                         std::span<const RevocationList> lists, WallTime now) {
  bool signed_any = false;
  bool covered = false;
  bool current = false;
  for (const RevocationList& list : lists) {
    // The scope is asked first: a signature costs a hash over the whole list.
    if (!list.covers(certificate)) {
      signed_any = signed_any || list.signed_by(issuer);
      continue;
    }
    if (!list.signed_by(issuer)) continue;
    covered = true;
    if (now < list.this_update()) continue;
    // That a certificate is not revoked holds until the next update; that it is does not end with the list.
    if (list.revokes(certificate)) return fail(Code::kRevoked, certificate, "its issuer has revoked it");
    const auto next = list.next_update();
    if (next && *next <= now) continue;
    current = true;
  }
  if (current) return Done{};
  if (covered) return fail(Code::kCrlStale, certificate, "the list of its issuer is out of date");
  return fail(Code::kCrlUnusable, certificate,
              signed_any ? "no list of its issuer \"" + issuer.subject() +
                               "\" covers it (scope, or place of publication)"
                         : "there is no list of its issuer \"" + issuer.subject() + "\"");
}

/// A trusted CA that others of the trusted issued. One that signed itself is trusted for what it is.
Result<Done, CertificateFault> status_of_end(const Certificate& end, std::span<const Certificate> trusted,
                                             std::span<const RevocationList> lists, WallTime now) {
  std::optional<CertificateFault> unknown;
  bool cleared = false;
  for (const Certificate& issuer : trusted) {
    if (now < issuer.not_before() || issuer.not_after() < now || !has_issued(issuer, end)) continue;
    const auto status = status_by(issuer, end, lists, now);
    if (status) {
      cleared = true;
    } else if (status.error().code == Code::kRevoked) {
      return status;
    } else {
      unknown = status.error();
    }
  }
  if (cleared || !unknown || has_issued(end, end)) return Done{};
  return Fail{*std::move(unknown)};
}

}  // namespace

bool names_issuer(const X509* certificate, const X509* issuer) {
  return X509_NAME_cmp(X509_get_issuer_name(certificate), X509_get_subject_name(issuer)) == 0;
}

bool names_issuer(const Certificate& certificate, const Certificate& issuer) {
  return names_issuer(certificate.native_without_key(), issuer.native_without_key());
}

bool has_issued(X509* issuer, X509* certificate) {
  if (!names_issuer(certificate, issuer)) return false;
  EVP_PKEY* key = X509_get0_pubkey(issuer);
  const bool genuine = key != nullptr && X509_verify(certificate, key) == 1;
  ERR_clear_error();
  return genuine;
}

bool has_issued(const Certificate& issuer, const Certificate& certificate) {
  return names_issuer(certificate, issuer) && has_issued(issuer.native(), certificate.native_without_key());
}

Result<Done, CertificateFault> check_revocation(std::span<const Certificate> path,
                                                std::span<const Certificate> trusted,
                                                std::span<const RevocationList> lists, WallTime now) {
  const auto id = path.front().device_id();
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const auto status = status_by(path[i + 1], path[i], lists, now);
    if (status) continue;
    const auto owner = path[i + 1].device_id();
    const bool own = i + 2 < path.size() && id && owner && *owner == *id;
    if (own && status.error().code == Code::kCrlUnusable) continue;
    return status;
  }
  return status_of_end(path.back(), trusted, lists, now);
}

}  // namespace chiploc
