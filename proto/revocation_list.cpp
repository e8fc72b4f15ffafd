#include <algorithm>

#include "proto/certificate.hpp"
#include "proto/openssl_handles.hpp"

namespace chiploc {
namespace {

using Code = CertificateFault::Code;
constexpr const char* kPemLabel = "X509 CRL";

using NumberPtr = OpensslPtr<ASN1_INTEGER, ASN1_INTEGER_free>;

Fail<CertificateFault> malformed(std::string what) {
  return Fail{CertificateFault{Code::kMalformed, std::move(what)}};
}

NumberPtr number_of(const X509_CRL* crl) {
  return NumberPtr{static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl, NID_crl_number, nullptr, nullptr))};
}

}  // namespace

Result<RevocationList, CertificateFault> RevocationList::from_der(Bytes der) {
  if (der.empty() || der.size() > kSizeMax) return malformed("a revocation list of an impossible size");
  const std::uint8_t* at = der.data();
  std::shared_ptr<X509_CRL> crl{d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())), X509_CRL_free};
  if (crl == nullptr) return malformed("not a revocation list in DER: " + take_openssl_reason());
  if (at != der.data() + der.size()) return malformed("something follows the revocation list");
  const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl.get());
  if (!wall_time_of(X509_CRL_get0_lastUpdate(crl.get())) || (next != nullptr && !wall_time_of(next))) {
    return malformed("the revocation list's validity is not a time");
  }
  return RevocationList{std::move(crl)};
}

Result<RevocationList, CertificateFault> RevocationList::from_pem(std::string_view pem) {
  const auto blocks = read_pem(pem, kPemLabel, /*prose=*/true);
  if (blocks.size() != 1) return malformed("not exactly one PEM block \"BEGIN X509 CRL\"");
  return from_der(blocks.front());
}

ByteVector RevocationList::der() const {
  std::uint8_t* data = nullptr;
  const int size = i2d_X509_CRL(crl_.get(), &data);
  ByteVector out;
  if (size > 0) out.assign(data, data + size);
  OPENSSL_free(data);
  return out;
}

std::string RevocationList::pem() const { return write_pem(der(), kPemLabel); }

std::string RevocationList::issuer() const {
  const BioPtr bio{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(bio.get(), X509_CRL_get_issuer(crl_.get()), 0, XN_FLAG_RFC2253);
  return text_of(*bio);
}

WallTime RevocationList::this_update() const {
  return wall_time_of(X509_CRL_get0_lastUpdate(crl_.get())).value_or(WallTime{});
}

std::optional<WallTime> RevocationList::next_update() const {
  return wall_time_of(X509_CRL_get0_nextUpdate(crl_.get()));
}

bool RevocationList::signed_by(const Certificate& authority) const {
  X509* ca = authority.native();
  if (X509_NAME_cmp(X509_CRL_get_issuer(crl_.get()), X509_get_subject_name(ca)) != 0) return false;
  // All ones where the extension is absent.
  if ((X509_get_key_usage(ca) & KU_CRL_SIGN) == 0) return false;
  switch (X509_CRL_get_signature_nid(crl_.get())) {
    case NID_ED25519:
    case NID_ecdsa_with_SHA256:
    case NID_ecdsa_with_SHA384:
    case NID_ecdsa_with_SHA512:
      break;
    default:
      return false;
  }
  const bool genuine = X509_CRL_verify(crl_.get(), X509_get0_pubkey(ca)) == 1;
  ERR_clear_error();
  return genuine;
}

bool RevocationList::is_partial() const {
  return X509_CRL_get_ext_by_critical(crl_.get(), /*crit=*/1, -1) >= 0;
}

bool RevocationList::older_than(const RevocationList& other) const {
  const NumberPtr mine = number_of(crl_.get());
  const NumberPtr theirs = number_of(other.crl_.get());
  if (mine && theirs) {
    const int order = ASN1_INTEGER_cmp(mine.get(), theirs.get());
    if (order != 0) return order < 0;
  }
  return this_update() < other.this_update();
}

bool operator==(const RevocationList& a, const RevocationList& b) {
  return a.crl_ == b.crl_ || a.der() == b.der();
}

}  // namespace chiploc
