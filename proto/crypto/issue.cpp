#include "proto/crypto/issue.hpp"

#include <algorithm>
#include <ctime>

#include "proto/crypto/digest.hpp"
#include "proto/crypto/openssl_handles.hpp"
#include "proto/crypto/subject_names.hpp"

namespace chiploc {
namespace {

using Code = CertificateFault::Code;
using CrlPtr = OpensslPtr<X509_CRL, X509_CRL_free>;
using IntegerPtr = OpensslPtr<ASN1_INTEGER, ASN1_INTEGER_free>;
using TimePtr = OpensslPtr<ASN1_TIME, ASN1_TIME_free>;
using ExtensionPtr = OpensslPtr<X509_EXTENSION, X509_EXTENSION_free>;
using NamePtr = OpensslPtr<X509_NAME, X509_NAME_free>;

Fail<CertificateFault> not_issued(std::string what) {
  return Fail{CertificateFault{Code::kNotIssued, std::move(what)}};
}

IntegerPtr serial_of(const std::optional<ByteArray<16>>& given) {
  ByteArray<16> bytes = given.value_or(ByteArray<16>{});
  if (!given) random_bytes_or_abort(bytes);
  bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0x3f) | 0x40);  // positive, and always 16 bytes
  const BigNumberPtr number{BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)};
  return IntegerPtr{BN_to_ASN1_INTEGER(number.get(), nullptr)};
}

TimePtr time_after(WallTime from, int days) {
  constexpr std::time_t kSecondsPerDay = 86'400;
  return TimePtr{
      ASN1_TIME_set(nullptr, static_cast<std::time_t>(unix_seconds(from)) + days * kSecondsPerDay)};
}

bool add_name(X509_NAME& name, const char* field, std::string_view value) {
  return value.empty() || X509_NAME_add_entry_by_txt(&name, field, MBSTRING_UTF8, bytes_of(value).data(),
                                                     static_cast<int>(value.size()), -1, 0) == 1;
}

bool add_extension(X509& certificate, X509V3_CTX& context, int nid, const char* value) {
  const ExtensionPtr extension{X509V3_EXT_conf_nid(nullptr, &context, nid, value)};
  return extension != nullptr && X509_add_ext(&certificate, extension.get(), -1) == 1;
}

Result<Done, CertificateFault> add_alternatives(X509& certificate, const IssueRequest& request) {
  if (request.dns_names.empty() && request.ip_addresses.empty()) return Done{};
  const auto names = alternative_names(request.dns_names, request.ip_addresses);
  if (!names) return not_issued(names.error());
  if (X509_add1_ext_i2d(&certificate, NID_subject_alt_name, names->get(), 0, 0) != 1) {
    return not_issued("the alternative names cannot be added: " + take_openssl_reason());
  }
  return Done{};
}

struct Usage {
  const char* constraints;
  const char* key_usage;
  const char* extended;
};
Usage usage_of(CertificatePurpose purpose) {
  constexpr const char* kLeaf = "critical,CA:FALSE";
  constexpr const char* kSigns = "critical,digitalSignature";
  switch (purpose) {
    case CertificatePurpose::kDevice:
      return {kLeaf, kSigns, nullptr};
    case CertificatePurpose::kServer:
      return {kLeaf, kSigns, "serverAuth"};
    case CertificatePurpose::kClient:
      return {kLeaf, kSigns, "clientAuth"};
    case CertificatePurpose::kServerAndClient:
      return {kLeaf, kSigns, "serverAuth,clientAuth"};
    case CertificatePurpose::kIntermediateCa:
      return {"critical,CA:TRUE,pathlen:0", "critical,keyCertSign,cRLSign", nullptr};
  }
  return {kLeaf, kSigns, nullptr};
}
constexpr Usage kRootUsage{"critical,CA:TRUE", "critical,keyCertSign,cRLSign", nullptr};

/// Makes and signs. A null issuer certificate makes it self-signed.
Result<Certificate, CertificateFault> make(const IssueRequest& request, const Usage& usage,
                                           const PublicKey& subject_key, X509* issuer, const Signer& signer) {
  constexpr std::size_t kNameMax = 64;  // X.520's upper bound of these attributes
  for (const auto* text :
       {&request.common_name, &request.organizational_unit, &request.organization, &request.serial_number}) {
    if (text->size() > kNameMax || text->find('\0') != std::string::npos) {
      return not_issued("\"" + *text + "\" does not fit into a subject: at most 64 bytes, no zero");
    }
  }
  if (request.common_name.empty()) return not_issued("a certificate needs a common name");
  if (request.days < 1) return not_issued("a certificate needs at least one day of validity");

  const X509Ptr certificate{X509_new()};
  const NamePtr name{X509_NAME_new()};
  const IntegerPtr serial = serial_of(request.certificate_serial);
  const TimePtr from = time_after(request.from, 0);
  const TimePtr until = time_after(request.from, request.days);
  constexpr long kVersion3 = 2;
  if (!certificate || !name || !serial || !from || !until ||
      X509_set_version(certificate.get(), kVersion3) != 1 ||
      X509_set_serialNumber(certificate.get(), serial.get()) != 1 ||
      X509_set1_notBefore(certificate.get(), from.get()) != 1 ||
      X509_set1_notAfter(certificate.get(), until.get()) != 1 ||
      !add_name(*name, "O", request.organization) || !add_name(*name, "CN", request.common_name) ||
      !add_name(*name, "OU", request.organizational_unit) ||
      !add_name(*name, "serialNumber", request.serial_number) ||
      X509_set_subject_name(certificate.get(), name.get()) != 1 ||
      X509_set_issuer_name(certificate.get(),
                           issuer != nullptr ? X509_get_subject_name(issuer) : name.get()) != 1 ||
      X509_set_pubkey(certificate.get(), subject_key.native()) != 1) {
    return not_issued("the certificate for \"" + request.common_name +
                      "\" cannot be made: " + take_openssl_reason());
  }
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer != nullptr ? issuer : certificate.get(), certificate.get(), nullptr,
                 nullptr, 0);
  if (!add_extension(*certificate, context, NID_basic_constraints, usage.constraints) ||
      !add_extension(*certificate, context, NID_key_usage, usage.key_usage) ||
      (usage.extended != nullptr &&
       !add_extension(*certificate, context, NID_ext_key_usage, usage.extended)) ||
      !add_extension(*certificate, context, NID_subject_key_identifier, "hash") ||
      !add_extension(*certificate, context, NID_authority_key_identifier, "keyid:always")) {
    return not_issued("the extensions for \"" + request.common_name +
                      "\" cannot be made: " + take_openssl_reason());
  }
  if (auto added = add_alternatives(*certificate, request); !added) return Fail{added.error()};
  const DigestContextPtr signing{signer.start_signing()};
  if (signing == nullptr || X509_sign_ctx(certificate.get(), signing.get()) <= 0) {
    return not_issued("the CA cannot sign: " + take_openssl_reason());
  }
  std::uint8_t* data = nullptr;
  const int size = i2d_X509(certificate.get(), &data);
  ByteVector der;
  if (size > 0) der.assign(data, data + size);
  OPENSSL_free(data);
  return Certificate::from_der(der);
}

}  // namespace

Result<CertificateAuthority, CertificateFault> CertificateAuthority::create(std::string_view common_name,
                                                                            SignatureAlgorithm algorithm,
                                                                            WallTime from, int days) {
  IssueRequest request;
  request.common_name = common_name;
  request.from = from;
  request.days = days;
  return create(request, generate_key(algorithm));
}

Result<CertificateAuthority, CertificateFault> CertificateAuthority::create(const IssueRequest& request,
                                                                            std::unique_ptr<Signer> key) {
  auto certificate = make(request, kRootUsage, key->public_key(), nullptr, *key);
  if (!certificate) return Fail{certificate.error()};
  return CertificateAuthority{*std::move(certificate), std::move(key)};
}

Result<CertificateAuthority, CertificateFault> CertificateAuthority::from(Certificate certificate,
                                                                          std::unique_ptr<Signer> key) {
  const auto public_key = certificate.public_key();
  if (!public_key) return Fail{CertificateFault{Code::kUnsupportedKey, public_key.error().text}};
  if (!(*public_key == key->public_key())) {
    return Fail{CertificateFault{Code::kUntrusted, "the CA's key and certificate do not belong together"}};
  }
  return CertificateAuthority{std::move(certificate), std::move(key)};
}

Result<Certificate, CertificateFault> CertificateAuthority::issue(const IssueRequest& request,
                                                                  const PublicKey& subject_key) const {
  return make(request, usage_of(request.purpose), subject_key, certificate_.native(), *key_);
}

namespace {

bool add_entry(X509_CRL& crl, const RevokedCertificate& revoked) {
  BIGNUM* number = nullptr;
  const bool is_hex = !revoked.serial.empty() &&
                      BN_hex2bn(&number, revoked.serial.c_str()) == static_cast<int>(revoked.serial.size());
  const BigNumberPtr owned{number};
  const IntegerPtr serial{is_hex ? BN_to_ASN1_INTEGER(number, nullptr) : nullptr};
  const TimePtr at = time_after(revoked.at, 0);
  X509_REVOKED* entry = X509_REVOKED_new();
  bool good = serial != nullptr && at != nullptr && entry != nullptr &&
              X509_REVOKED_set_serialNumber(entry, serial.get()) == 1 &&
              X509_REVOKED_set_revocationDate(entry, at.get()) == 1;
  if (good && revoked.reason != RevocationReason::kUnspecified) {  // RFC 5280, 5.3.1: absent then
    const OpensslPtr<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason{ASN1_ENUMERATED_new()};
    good = reason != nullptr && ASN1_ENUMERATED_set(reason.get(), static_cast<long>(revoked.reason)) == 1 &&
           X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason.get(), 0, 0) == 1;
  }
  if (good && X509_CRL_add0_revoked(&crl, entry) == 1) return true;
  X509_REVOKED_free(entry);
  return false;
}

}  // namespace

Result<RevocationList, CertificateFault> CertificateAuthority::revoke(
    std::span<const Certificate> certificates, WallTime from, int days) const {
  std::vector<RevokedCertificate> revoked;
  for (const Certificate& certificate : certificates) revoked.push_back({certificate.serial(), from});
  return sign_list(revoked, {.from = from, .days = days});
}

Result<RevocationList, CertificateFault> CertificateAuthority::sign_list(
    std::span<const RevokedCertificate> revoked, const ListDates& dates) const {
  const CrlPtr crl{X509_CRL_new()};
  const TimePtr last = time_after(dates.from, 0);
  const TimePtr next = time_after(dates.from, dates.days);
  constexpr long kVersion2 = 1;
  if (!crl || !last || !next || X509_CRL_set_version(crl.get(), kVersion2) != 1 ||
      X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(certificate_.native())) != 1 ||
      X509_CRL_set1_lastUpdate(crl.get(), last.get()) != 1 ||
      X509_CRL_set1_nextUpdate(crl.get(), next.get()) != 1) {
    return not_issued("the revocation list cannot be made: " + take_openssl_reason());
  }
  for (const RevokedCertificate& entry : revoked) {
    if (!add_entry(*crl, entry)) {
      return not_issued("the revocation list cannot be filled: " + take_openssl_reason());
    }
  }
  X509_CRL_sort(crl.get());
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate_.native(), nullptr, nullptr, crl.get(), 0);
  const ExtensionPtr authority{
      X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always")};
  const IntegerPtr number{ASN1_INTEGER_new()};
  const DigestContextPtr signing{key_->start_signing()};
  if (!authority || !number || !signing || X509_CRL_add_ext(crl.get(), authority.get(), -1) != 1 ||
      ASN1_INTEGER_set_uint64(number.get(), dates.number.value_or(unix_seconds(dates.from))) != 1 ||
      X509_CRL_add1_ext_i2d(crl.get(), NID_crl_number, number.get(), 0, 0) != 1 ||
      X509_CRL_sign_ctx(crl.get(), signing.get()) <= 0) {
    return not_issued("the revocation list cannot be signed: " + take_openssl_reason());
  }
  std::uint8_t* data = nullptr;
  const int size = i2d_X509_CRL(crl.get(), &data);
  ByteVector der;
  if (size > 0) der.assign(data, data + size);
  OPENSSL_free(data);
  return RevocationList::from_der(der);
}

}  // namespace chiploc
