#include <openssl/rsa.h>

#include <algorithm>
#include <array>

#include "proto/crypto/certificate.hpp"
#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {
namespace {

using Code = CertificateFault::Code;
constexpr const char* kPemLabel = "X509 CRL";

using CrlPtr = OpensslPtr<X509_CRL, X509_CRL_free>;
using NumberPtr = OpensslPtr<ASN1_INTEGER, ASN1_INTEGER_free>;
using PointPtr = OpensslPtr<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free>;
using PointsPtr = OpensslPtr<CRL_DIST_POINTS, CRL_DIST_POINTS_free>;
using PssPtr = OpensslPtr<RSA_PSS_PARAMS, RSA_PSS_PARAMS_free>;

Fail<CertificateFault> malformed(std::string what) {
  return Fail{CertificateFault{Code::kMalformed, std::move(what)}};
}

NumberPtr number_of(const X509_CRL* crl) {
  return NumberPtr{static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl, NID_crl_number, nullptr, nullptr))};
}

/// The places that a distribution point names, in DER.
std::vector<ByteVector> names_of(DIST_POINT_NAME* point, const X509_NAME* issuer) {
  std::vector<ByteVector> names;
  const auto add = [&](GENERAL_NAME* name) {
    std::uint8_t* data = nullptr;
    const int size = i2d_GENERAL_NAME(name, &data);
    if (size > 0) names.emplace_back(data, data + size);
    OPENSSL_free(data);
  };
  if (point == nullptr) return names;
  if (point->type == 0) {
    for (int i = 0; i < sk_GENERAL_NAME_num(point->name.fullname); ++i)
      add(sk_GENERAL_NAME_value(point->name.fullname, i));
  } else if (DIST_POINT_set_dpname(point, issuer) == 1) {
    GENERAL_NAME relative{};
    relative.type = GEN_DIRNAME;
    relative.d.directoryName = point->dpname;
    add(&relative);
  }
  ERR_clear_error();
  return names;
}

bool share_one(const std::vector<ByteVector>& a, const std::vector<ByteVector>& b) {
  return std::find_first_of(a.begin(), a.end(), b.begin(), b.end()) != a.end();
}

std::string text_of_name(const ByteVector& der) {
  const std::uint8_t* at = der.data();
  GENERAL_NAME* name = d2i_GENERAL_NAME(nullptr, &at, static_cast<long>(der.size()));
  const BioPtr bio{BIO_new(BIO_s_mem())};
  if (name != nullptr) GENERAL_NAME_print(bio.get(), name);
  GENERAL_NAME_free(name);
  return text_of(*bio);
}

std::string oid_of(X509_EXTENSION* extension) {
  std::array<char, 128> text{};
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), X509_EXTENSION_get_object(extension), 1);
  return text.data();
}

/// What a list speaks about, and what forbids its use.
struct Scope {
  std::string unusable;
  bool devices = true;
  bool authorities = true;
  std::vector<ByteVector> points;
};

void read_point(X509_CRL* crl, Scope& scope) {
  int critical = 0;
  const PointPtr point{static_cast<ISSUING_DIST_POINT*>(
      X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &critical, nullptr))};
  ERR_clear_error();
  constexpr int kAbsent = -1;
  if (point == nullptr) {
    if (critical != kAbsent) scope.unusable = "has a distribution point that cannot be read";
    return;
  }
  const bool users = point->onlyuser > 0;
  const bool authorities = point->onlyCA > 0;
  if (point->indirectCRL > 0) scope.unusable = "speaks of other issuers' certificates (indirectCRL)";
  if (point->onlysomereasons != nullptr)
    scope.unusable = "leaves revocations for some reasons out (onlySomeReasons)";
  if (point->onlyattr > 0) scope.unusable = "is for attribute certificates alone";
  if (users && authorities) scope.unusable = "is for devices only and for authorities only, so for nobody";
  scope.devices = !authorities;
  scope.authorities = !users;
  scope.points = names_of(point->distpoint, X509_CRL_get_issuer(crl));
}

Scope scope_of(X509_CRL* crl) {
  Scope scope;
  read_point(crl, scope);
  if (X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0)
    scope.unusable = "is a delta: it has the changes only";
  for (int at = X509_CRL_get_ext_by_critical(crl, 1, -1); at >= 0;
       at = X509_CRL_get_ext_by_critical(crl, 1, at)) {
    X509_EXTENSION* extension = X509_CRL_get_ext(crl, at);
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    if (nid == NID_issuing_distribution_point || nid == NID_delta_crl ||
        nid == NID_authority_key_identifier || nid == NID_crl_number)
      continue;
    scope.unusable = "has the critical extension " + oid_of(extension) + ", which is not known here";
  }
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    const int at = X509_REVOKED_get_ext_by_critical(entry, 1, -1);
    if (at < 0) continue;
    scope.unusable = "has an entry with the critical extension " + oid_of(X509_REVOKED_get_ext(entry, at));
    break;
  }
  return scope;
}

bool is_sha2(int nid) { return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512; }

/// With SHA-2: whatever else OpenSSL still verifies is forged for money.
bool signed_today(const X509_CRL& crl) {
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(&crl, nullptr, &algorithm);
  const int nid = X509_CRL_get_signature_nid(&crl);
  if (nid == NID_ED25519) return true;
  if (nid != NID_rsassaPss) {
    int digest = NID_undef;
    int key = NID_undef;
    return OBJ_find_sigid_algs(nid, &digest, &key) == 1 && is_sha2(digest) &&
           (key == NID_X9_62_id_ecPublicKey || key == NID_rsaEncryption);
  }
  int type = 0;
  const void* value = nullptr;
  X509_ALGOR_get0(nullptr, &type, &value, algorithm);
  if (type != V_ASN1_SEQUENCE) return false;
  const auto* sequence = static_cast<const ASN1_STRING*>(value);
  const std::uint8_t* at = ASN1_STRING_get0_data(sequence);
  const PssPtr pss{d2i_RSA_PSS_PARAMS(nullptr, &at, ASN1_STRING_length(sequence))};
  ERR_clear_error();
  if (pss == nullptr || pss->hashAlgorithm == nullptr) return false;  // absent: SHA-1
  const ASN1_OBJECT* digest = nullptr;
  X509_ALGOR_get0(&digest, nullptr, nullptr, pss->hashAlgorithm);
  return is_sha2(OBJ_obj2nid(digest));
}

}  // namespace

std::span<const RevocationReason> revocation_reasons() {
  static constexpr std::array kAll{
      RevocationReason::kUnspecified,          RevocationReason::kKeyCompromise,
      RevocationReason::kAffiliationChanged,   RevocationReason::kSuperseded,
      RevocationReason::kCessationOfOperation, RevocationReason::kPrivilegeWithdrawn};
  return kAll;
}

std::string_view name_of(RevocationReason reason) {
  switch (reason) {
    case RevocationReason::kUnspecified:
      return "unspecified";
    case RevocationReason::kKeyCompromise:
      return "key-compromise";
    case RevocationReason::kAffiliationChanged:
      return "affiliation-changed";
    case RevocationReason::kSuperseded:
      return "superseded";
    case RevocationReason::kCessationOfOperation:
      return "cessation-of-operation";
    case RevocationReason::kPrivilegeWithdrawn:
      return "privilege-withdrawn";
  }
  return "unspecified";
}

std::optional<RevocationReason> revocation_reason_of(std::string_view name) {
  for (const RevocationReason reason : revocation_reasons()) {
    if (name_of(reason) == name) return reason;
  }
  return std::nullopt;
}

struct RevocationList::Parsed {
  CrlPtr crl;
  Scope scope;
};

Result<RevocationList, CertificateFault> RevocationList::from_der(Bytes der) {
  if (der.empty() || der.size() > kSizeMax) return malformed("a revocation list of an impossible size");
  const std::uint8_t* at = der.data();
  CrlPtr crl{d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size()))};
  if (crl == nullptr) return malformed("not a revocation list in DER: " + take_openssl_reason());
  if (at != der.data() + der.size()) return malformed("something follows the revocation list");
  const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl.get());
  if (!wall_time_of(X509_CRL_get0_lastUpdate(crl.get())) || (next != nullptr && !wall_time_of(next))) {
    return malformed("the revocation list's validity is not a time");
  }
  Scope scope = scope_of(crl.get());
  return RevocationList{std::make_shared<const Parsed>(Parsed{std::move(crl), std::move(scope)})};
}

Result<RevocationList, CertificateFault> RevocationList::from_pem(std::string_view pem) {
  const auto blocks = read_pem(pem, kPemLabel, /*prose=*/true);
  if (blocks.size() != 1) return malformed("not exactly one PEM block \"BEGIN X509 CRL\"");
  return from_der(blocks.front());
}

ByteVector RevocationList::der() const {
  std::uint8_t* data = nullptr;
  const int size = i2d_X509_CRL(parsed_->crl.get(), &data);
  ByteVector out;
  if (size > 0) out.assign(data, data + size);
  OPENSSL_free(data);
  return out;
}

std::string RevocationList::pem() const { return write_pem(der(), kPemLabel); }

std::string RevocationList::issuer() const {
  const BioPtr bio{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(bio.get(), X509_CRL_get_issuer(parsed_->crl.get()), 0, XN_FLAG_RFC2253);
  return text_of(*bio);
}

WallTime RevocationList::this_update() const {
  return wall_time_of(X509_CRL_get0_lastUpdate(parsed_->crl.get())).value_or(WallTime{});
}

std::optional<WallTime> RevocationList::next_update() const {
  return wall_time_of(X509_CRL_get0_nextUpdate(parsed_->crl.get()));
}

namespace {

/// All ones where the extension is absent.
bool may_sign_lists(X509* ca) { return (X509_get_key_usage(ca) & KU_CRL_SIGN) != 0; }

bool is_signature_of(X509_CRL* crl, X509* ca) {
  if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(ca)) != 0) return false;
  if (!signed_today(*crl)) return false;
  const bool genuine = X509_CRL_verify(crl, X509_get0_pubkey(ca)) == 1;
  ERR_clear_error();
  return genuine;
}

}  // namespace

bool RevocationList::signed_by(const Certificate& authority) const {
  return may_sign_lists(authority.native()) && is_signature_of(parsed_->crl.get(), authority.native());
}

bool RevocationList::signed_without_right_by(const Certificate& authority) const {
  return !may_sign_lists(authority.native()) && is_signature_of(parsed_->crl.get(), authority.native());
}

std::string RevocationList::number() const {
  const NumberPtr number = number_of(parsed_->crl.get());
  if (!number) return {};
  BIGNUM* value = ASN1_INTEGER_to_BN(number.get(), nullptr);
  char* text = value == nullptr ? nullptr : BN_bn2dec(value);
  std::string out = text == nullptr ? "" : text;
  OPENSSL_free(text);
  BN_free(value);
  ERR_clear_error();
  return out;
}

const std::string& RevocationList::unusable() const { return parsed_->scope.unusable; }

bool RevocationList::covers(const Certificate& certificate) const {
  const Scope& scope = parsed_->scope;
  if (!scope.unusable.empty()) return false;
  if (certificate.is_authority() ? !scope.authorities : !scope.devices) return false;
  if (scope.points.empty()) return true;
  int critical = 0;
  const PointsPtr points{static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate.native_without_key(), NID_crl_distribution_points, &critical, nullptr))};
  ERR_clear_error();
  constexpr int kAbsent = -1;
  if (points == nullptr) return critical == kAbsent;  // it names no place, so no other list is meant
  for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    if (point->reasons != nullptr) continue;
    const auto names = names_of(point->distpoint, X509_get_issuer_name(certificate.native_without_key()));
    if (share_one(names, scope.points)) return true;
  }
  return false;
}

bool RevocationList::revokes(const Certificate& certificate) const {
  X509_REVOKED* entry = nullptr;
  constexpr int kRevoked = 1;  // 2: taken off again
  return X509_CRL_get0_by_cert(parsed_->crl.get(), &entry, certificate.native_without_key()) == kRevoked;
}

std::optional<RevokedCertificate> RevocationList::entry_of(const Certificate& certificate) const {
  X509_REVOKED* entry = nullptr;
  constexpr int kRevoked = 1;
  if (X509_CRL_get0_by_cert(parsed_->crl.get(), &entry, certificate.native_without_key()) != kRevoked)
    return std::nullopt;
  RevokedCertificate out{serial_text(X509_REVOKED_get0_serialNumber(entry)),
                         wall_time_of(X509_REVOKED_get0_revocationDate(entry)).value_or(WallTime{})};
  const OpensslPtr<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason{
      static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nullptr, nullptr))};
  ERR_clear_error();
  const long code = reason ? ASN1_ENUMERATED_get(reason.get()) : 0;
  for (const RevocationReason known : revocation_reasons()) {
    if (static_cast<long>(known) == code) out.reason = known;
  }
  return out;
}

std::size_t RevocationList::size() const {
  const int count = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(parsed_->crl.get()));
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

bool RevocationList::overlaps(const RevocationList& other) const {
  const Scope& a = parsed_->scope;
  const Scope& b = other.parsed_->scope;
  if (!(a.devices && b.devices) && !(a.authorities && b.authorities)) return false;
  return a.points.empty() || b.points.empty() || share_one(a.points, b.points);
}

bool RevocationList::revokes_all_of(const RevocationList& other) const {
  STACK_OF(X509_REVOKED)* theirs = X509_CRL_get_REVOKED(other.parsed_->crl.get());
  for (int i = 0; i < sk_X509_REVOKED_num(theirs); ++i) {
    X509_REVOKED* mine = nullptr;
    const ASN1_INTEGER* serial = X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(theirs, i));
    if (X509_CRL_get0_by_serial(parsed_->crl.get(), &mine, serial) != 1) return false;
  }
  return true;
}

std::string RevocationList::scope() const {
  const Scope& scope = parsed_->scope;
  std::string out = "all";
  if (!scope.authorities) out = "devices only";
  if (!scope.devices) out = "authorities only";
  for (const ByteVector& point : scope.points) out += ", published at " + text_of_name(point);
  return out;
}

bool RevocationList::older_than(const RevocationList& other) const {
  const NumberPtr mine = number_of(parsed_->crl.get());
  const NumberPtr theirs = number_of(other.parsed_->crl.get());
  if (mine && theirs) {
    const int order = ASN1_INTEGER_cmp(mine.get(), theirs.get());
    if (order != 0) return order < 0;
  }
  return this_update() < other.this_update();
}

X509_crl_st* RevocationList::native() const { return parsed_->crl.get(); }

bool operator==(const RevocationList& a, const RevocationList& b) {
  return a.parsed_ == b.parsed_ || a.der() == b.der();
}

}  // namespace chiploc
