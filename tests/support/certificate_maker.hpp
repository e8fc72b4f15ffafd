#pragma once
// Certificates and revocation lists as makers issue them, which CertificateAuthority would never make: other
// keys, other extensions, two authorities of one name. By OpenSSL, for tests only.
#include <openssl/conf.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proto/crypto/certificate.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

using SharedKey = std::shared_ptr<EVP_PKEY>;

inline SharedKey ec_key(const char* curve) {
  return {EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve), EVP_PKEY_free};
}
inline SharedKey rsa_key(unsigned bits) { return {EVP_RSA_gen(bits), EVP_PKEY_free}; }

/// An extension in the words of OpenSSL's configuration (x509v3_config), e.g. {"keyUsage",
/// "critical,keyCertSign"}, or
/// {"2.23.133.5.4.1", "critical,DER:30:00"}.
using Extensions = std::vector<std::pair<std::string, std::string>>;

inline const Extensions kCaExtensions{{"basicConstraints", "critical,CA:TRUE"},
                                      {"keyUsage", "critical,keyCertSign,cRLSign,digitalSignature"}};
inline const Extensions kDeviceExtensions{{"keyUsage", "critical,digitalSignature"}};

struct MadeCertificate {
  Certificate certificate;
  SharedKey key;
};

struct CertificateOrder {
  std::string common_name;
  std::string serial_number{};  ///< of the subject; empty: none
  SharedKey key{};              ///< null: a new P-256 key
  Extensions extensions = kDeviceExtensions;
  WallTime from = wall_from_unix_seconds(1'700'000'000);
  WallTime to = wall_from_unix_seconds(2'500'000'000);
  bool pss = false;  ///< sign with RSA-PSS
};

namespace made_detail {

inline void set_time(ASN1_TIME* time, WallTime at) {
  ASN1_TIME_set(time, static_cast<std::time_t>(unix_seconds(at)));
}

/// `sections` is the text that names may refer to with @.
inline X509_EXTENSION* extension_of(X509V3_CTX& context, const std::string& name, const std::string& value,
                                    const std::string& sections) {
  CONF* conf = NCONF_new(nullptr);
  BIO* text = BIO_new_mem_buf(sections.data(), static_cast<int>(sections.size()));
  long line = 0;
  if (!sections.empty()) REQUIRE(NCONF_load_bio(conf, text, &line) == 1);
  X509V3_set_nconf(&context, conf);
  X509_EXTENSION* extension = X509V3_EXT_nconf(conf, &context, name.c_str(), value.c_str());
  BIO_free(text);
  NCONF_free(conf);
  INFO(name << " = " << value);
  REQUIRE(extension != nullptr);
  return extension;
}

inline const EVP_MD* digest_for(EVP_PKEY* key) {
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
}

}  // namespace made_detail

/// Signed by `issuer`, or by itself.
inline MadeCertificate make_certificate(CertificateOrder order, const MadeCertificate* issuer = nullptr) {
  using namespace made_detail;
  static long number = 1000;
  if (!order.key) order.key = ec_key("P-256");
  const std::unique_ptr<X509, decltype(&X509_free)> made{X509_new(), X509_free};
  REQUIRE(X509_set_version(made.get(), 2) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++number);
  set_time(X509_getm_notBefore(made.get()), order.from);
  set_time(X509_getm_notAfter(made.get()), order.to);
  X509_NAME* name = X509_get_subject_name(made.get());
  const auto add = [&](const char* field, const std::string& value) {
    const auto* text = reinterpret_cast<const unsigned char*>(value.c_str());
    if (!value.empty()) REQUIRE(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, text, -1, -1, 0) == 1);
  };
  add("CN", order.common_name);
  add("serialNumber", order.serial_number);
  X509* above = issuer == nullptr ? made.get() : issuer->certificate.native();
  REQUIRE(X509_set_issuer_name(made.get(), X509_get_subject_name(above)) == 1);
  REQUIRE(X509_set_pubkey(made.get(), order.key.get()) == 1);
  X509V3_CTX context{};
  X509V3_set_ctx(&context, above, made.get(), nullptr, nullptr, 0);
  for (const auto& [extension_name, value] : order.extensions) {
    const std::string sections =
        extension_name == "crlDistributionPoints" ? "[dp]\nfullname=" + value + "\n" : std::string{};
    X509_EXTENSION* extension =
        extension_of(context, extension_name, sections.empty() ? value : "dp", sections);
    REQUIRE(X509_add_ext(made.get(), extension, -1) == 1);
    X509_EXTENSION_free(extension);
  }
  EVP_PKEY* signer = issuer == nullptr ? order.key.get() : issuer->key.get();
  if (order.pss) {
    EVP_MD_CTX* digest = EVP_MD_CTX_new();
    EVP_PKEY_CTX* parameters = nullptr;
    REQUIRE(EVP_DigestSignInit(digest, &parameters, EVP_sha256(), nullptr, signer) == 1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1);
    REQUIRE(X509_sign_ctx(made.get(), digest) > 0);
    EVP_MD_CTX_free(digest);
  } else {
    REQUIRE(X509_sign(made.get(), signer, digest_for(signer)) > 0);
  }
  std::uint8_t* data = nullptr;
  const int size = i2d_X509(made.get(), &data);
  REQUIRE(size > 0);
  auto parsed = Certificate::from_der(Bytes{data, static_cast<std::size_t>(size)});
  OPENSSL_free(data);
  REQUIRE(parsed);
  return {*std::move(parsed), order.key};
}

inline MadeCertificate make_ca(const std::string& name, SharedKey key = {},
                               const MadeCertificate* issuer = nullptr) {
  CertificateOrder order;
  order.common_name = name;
  order.key = std::move(key);
  order.extensions = kCaExtensions;
  return make_certificate(std::move(order), issuer);
}

struct ListOrder {
  std::vector<Certificate> revoked{};
  long number = 1;  ///< CRL number; 0: none
  /// Of the issuing distribution point, one setting a line, e.g. "fullname=URI:http://crl.example/1.crl" or
  /// "onlyuser=TRUE"; empty: no such extension.
  std::string point{};
  bool point_critical = true;
  Extensions extensions{};
  bool critical_entry = false;  ///< the first entry gets a critical extension that nobody knows
  WallTime from = wall_from_unix_seconds(1'750'000'000);
  WallTime to = wall_from_unix_seconds(2'400'000'000);
};

inline RevocationList make_list(const MadeCertificate& issuer, const ListOrder& order) {
  using namespace made_detail;
  const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> made{X509_CRL_new(), X509_CRL_free};
  REQUIRE(X509_CRL_set_version(made.get(), 1) == 1);
  REQUIRE(X509_CRL_set_issuer_name(made.get(), X509_get_subject_name(issuer.certificate.native())) == 1);
  ASN1_TIME* time = ASN1_TIME_new();
  set_time(time, order.from);
  REQUIRE(X509_CRL_set1_lastUpdate(made.get(), time) == 1);
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer.certificate.native(), nullptr, nullptr, made.get(), 0);
  bool first = true;
  for (const Certificate& certificate : order.revoked) {
    X509_REVOKED* entry = X509_REVOKED_new();
    REQUIRE(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate.native())) == 1);
    REQUIRE(X509_REVOKED_set_revocationDate(entry, time) == 1);
    if (first && order.critical_entry) {
      X509_EXTENSION* strange = extension_of(context, "1.2.3.4.5", "critical,DER:05:00", "");
      REQUIRE(X509_REVOKED_add_ext(entry, strange, -1) == 1);
      X509_EXTENSION_free(strange);
    }
    first = false;
    REQUIRE(X509_CRL_add0_revoked(made.get(), entry) == 1);
  }
  set_time(time, order.to);
  REQUIRE(X509_CRL_set1_nextUpdate(made.get(), time) == 1);
  ASN1_TIME_free(time);
  if (order.number > 0) {
    ASN1_INTEGER* number = ASN1_INTEGER_new();
    ASN1_INTEGER_set(number, order.number);
    REQUIRE(X509_CRL_add1_ext_i2d(made.get(), NID_crl_number, number, 0, 0) == 1);
    ASN1_INTEGER_free(number);
  }
  Extensions extensions = order.extensions;
  if (!order.point.empty())
    extensions.emplace_back("issuingDistributionPoint", order.point_critical ? "critical,@idp" : "@idp");
  for (const auto& [name, value] : extensions) {
    X509_EXTENSION* extension = extension_of(context, name, value, "[idp]\n" + order.point + "\n");
    REQUIRE(X509_CRL_add_ext(made.get(), extension, -1) == 1);
    X509_EXTENSION_free(extension);
  }
  X509_CRL_sort(made.get());
  REQUIRE(X509_CRL_sign(made.get(), issuer.key.get(), digest_for(issuer.key.get())) > 0);
  std::uint8_t* data = nullptr;
  const int size = i2d_X509_CRL(made.get(), &data);
  REQUIRE(size > 0);
  auto parsed = RevocationList::from_der(Bytes{data, static_cast<std::size_t>(size)});
  OPENSSL_free(data);
  REQUIRE(parsed);
  return *std::move(parsed);
}

}  // namespace chiploc::test
