#include "proto/crypto/certificate.hpp"

#include <openssl/provider.h>

#include <algorithm>
#include <mutex>
#include <new>

#include "proto/crypto/certificate_status.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/openssl_handles.hpp"
#include "proto/crypto/subject_names.hpp"

namespace chiploc {
namespace {

using Code = CertificateFault::Code;

constexpr const char* kPemLabel = "CERTIFICATE";

CertificateFault malformed(std::string what) { return {Code::kMalformed, std::move(what)}; }

/// A library context that has nothing. OpenSSL 3.0 decodes a certificate's key while it reads the certificate, which
/// takes fifteen times as long as all else, and sets up a decoder of its own for each; in here it finds none and goes
/// on. Null: the default one, with all that it costs.
OSSL_LIB_CTX* keyless_library() {
  static OSSL_LIB_CTX* const library = [] {
    OSSL_LIB_CTX* made = OSSL_LIB_CTX_new();  // lives as long as the process, as certificates may
    if (made != nullptr && OSSL_PROVIDER_load(made, "null") == nullptr) {
      OSSL_LIB_CTX_free(made);
      made = nullptr;
    }
    ERR_clear_error();
    return made;
  }();
  return library;
}

/// What d2i_X509 makes of it, and how much it took. `library` is for the key alone; null: the default one.
X509Ptr read_der(Bytes der, OSSL_LIB_CTX* library, std::size_t& taken) {
  const std::uint8_t* at = der.data();
  X509Ptr x509{reinterpret_cast<X509*>(
      ASN1_item_d2i_ex(nullptr, &at, static_cast<long>(der.size()), ASN1_ITEM_rptr(X509), library, nullptr))};
  taken = static_cast<std::size_t>(at - der.data());
  return x509;
}

}  // namespace

struct Certificate::Parsed {
  X509Ptr fields;  ///< all but the key
  ByteVector der;
  Digest fingerprint;
  WallTime not_before;
  WallTime not_after;
  mutable std::once_flag whole_read;
  mutable X509Ptr whole;  ///< with the key, as soon as somebody asks
};

Result<Certificate, CertificateFault> Certificate::from_der(Bytes der) {
  if (der.empty() || der.size() > kSizeMax) {
    return Fail{malformed("a certificate has 1 to " + std::to_string(kSizeMax) + " bytes, this has " +
                          std::to_string(der.size()))};
  }
  std::size_t taken = 0;
  X509Ptr x509 = read_der(der, keyless_library(), taken);
  ERR_clear_error();
  if (x509 == nullptr) {
    x509 = read_der(der, nullptr, taken);  // for its reason
    if (x509 == nullptr) return Fail{malformed("not a certificate in DER: " + take_openssl_reason())};
  }
  if (taken != der.size()) return Fail{malformed("something follows the certificate")};
  // The digest of the DER names the certificate, so one certificate must not have two encodings.
  std::uint8_t* again = nullptr;
  const int size = i2d_X509(x509.get(), &again);
  const bool same = size > 0 && same_bytes(der, Bytes{again, static_cast<std::size_t>(size)});
  OPENSSL_free(again);
  if (!same) return Fail{malformed("the certificate is BER, not DER")};
  const auto not_before = wall_time_of(X509_get0_notBefore(x509.get()));
  const auto not_after = wall_time_of(X509_get0_notAfter(x509.get()));
  if (!not_before || !not_after) return Fail{malformed("the certificate's validity is not a time")};
  const auto parsed = std::make_shared<Parsed>();
  parsed->fields = std::move(x509);
  parsed->der.assign(der.begin(), der.end());
  parsed->fingerprint = sha256(der);
  parsed->not_before = *not_before;
  parsed->not_after = *not_after;
  return Certificate{parsed};
}

Result<Certificate, CertificateFault> Certificate::from_pem(std::string_view pem) {
  const auto blocks = read_pem(pem, kPemLabel, /*prose=*/true);
  if (blocks.size() != 1) return Fail{malformed("not exactly one PEM block \"BEGIN CERTIFICATE\"")};
  return from_der(blocks.front());
}

Result<std::vector<Certificate>, CertificateFault> Certificate::chain_from_pem(std::string_view pem) {
  const auto blocks = read_pem(pem, kPemLabel, /*prose=*/true);
  if (blocks.empty() || blocks.size() > kChainMax) {
    return Fail{malformed("not 1 to " + std::to_string(kChainMax) + " PEM blocks \"BEGIN CERTIFICATE\"")};
  }
  std::vector<Certificate> chain;
  for (const auto& block : blocks) {
    auto certificate = from_der(block);
    if (!certificate) {
      return Fail{
          malformed("certificate " + std::to_string(chain.size() + 1) + ": " + certificate.error().text)};
    }
    chain.push_back(*std::move(certificate));
  }
  return chain;
}

Bytes Certificate::der() const { return parsed_->der; }
std::string Certificate::pem() const { return write_pem(parsed_->der, kPemLabel); }
const Digest& Certificate::fingerprint() const { return parsed_->fingerprint; }
std::optional<DeviceId> Certificate::device_id() const {
  return DeviceId::from_text(only_value(X509_get_subject_name(parsed_->fields.get()), NID_serialNumber));
}
std::optional<ChipId> Certificate::chip_id() const {
  const auto id = device_id();
  return id ? std::optional{id->chip_id()} : std::nullopt;
}
std::string Certificate::subject() const {
  return text_of_name(X509_get_subject_name(parsed_->fields.get()));
}
std::string Certificate::issuer() const { return text_of_name(X509_get_issuer_name(parsed_->fields.get())); }
bool Certificate::issued_by(const Certificate& issuer) const { return has_issued(issuer, *this); }
bool Certificate::is_authority() const {
  // Of one that names itself as its issuer the key is looked at too: OpenSSL takes old roots for authorities.
  const bool by_itself = (X509_get_extension_flags(parsed_->fields.get()) & EXFLAG_SI) != 0;
  return X509_check_ca(by_itself ? native() : parsed_->fields.get()) != 0;
}
std::string Certificate::common_name() const {
  return only_value(X509_get_subject_name(parsed_->fields.get()), NID_commonName);
}
std::string Certificate::organizational_unit() const {
  return only_value(X509_get_subject_name(parsed_->fields.get()), NID_organizationalUnitName);
}
std::vector<std::string> Certificate::organizations() const {
  std::vector<std::string> out;
  const X509_NAME* name = X509_get_subject_name(parsed_->fields.get());
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_organizationName, at)) >= 0;) {
    std::string text = text_of_entry(name, at);
    out.push_back(text.empty() ? "?:" : std::move(text));
  }
  return out;
}
Result<PublicKey, KeyFault> Certificate::public_key() const {
  return key_of(X509_get_X509_PUBKEY(parsed_->fields.get()));
}
std::vector<std::string> Certificate::hosts() const {
  const NamesPtr names{static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(parsed_->fields.get(), NID_subject_alt_name, nullptr, nullptr))};
  ERR_clear_error();
  return hosts_of(names.get());
}
std::string Certificate::serial() const { return serial_text(X509_get0_serialNumber(parsed_->fields.get())); }
WallTime Certificate::not_before() const { return parsed_->not_before; }
WallTime Certificate::not_after() const { return parsed_->not_after; }
x509_st* Certificate::native() const {
  std::call_once(parsed_->whole_read, [this] {
    std::size_t taken = 0;
    parsed_->whole = read_der(parsed_->der, nullptr, taken);
    ERR_clear_error();
  });
  if (parsed_->whole == nullptr) throw std::bad_alloc{};  // its bytes were read before
  return parsed_->whole.get();
}
x509_st* Certificate::native_without_key() const { return parsed_->fields.get(); }

ByteVector join_der(std::span<const ByteVector> certificates) {
  ByteVector joined;
  for (const ByteVector& one : certificates) joined.insert(joined.end(), one.begin(), one.end());
  return joined;
}

std::optional<std::vector<ByteVector>> split_der(Bytes joined) {
  std::vector<ByteVector> parts;
  while (!joined.empty()) {
    constexpr std::uint8_t kSequence = 0x30;
    constexpr std::uint8_t kLong = 0x80;
    if (joined.size() < 2 || joined[0] != kSequence) return std::nullopt;
    std::size_t header = 2;
    std::size_t length = joined[1];
    if (length >= kLong) {
      const std::size_t digits = length - kLong;
      if (digits == 0 || digits > 3 || joined.size() < header + digits) return std::nullopt;
      length = 0;
      for (std::size_t i = 0; i < digits; ++i) length = length * 256 + joined[header + i];
      header += digits;
    }
    if (joined.size() - header < length) return std::nullopt;
    const Bytes part = joined.first(header + length);
    parts.emplace_back(part.begin(), part.end());
    joined = joined.subspan(part.size());
  }
  return parts;
}

std::string_view name_of(CertificateFault::Code code) {
  switch (code) {
    case Code::kMalformed:
      return "malformed";
    case Code::kUnsupportedKey:
      return "unsupported-key";
    case Code::kUntrusted:
      return "untrusted";
    case Code::kBadSignature:
      return "bad-signature";
    case Code::kNotYetValid:
      return "not-yet-valid";
    case Code::kExpired:
      return "expired";
    case Code::kWrongPurpose:
      return "wrong-purpose";
    case Code::kNotACa:
      return "not-a-ca";
    case Code::kRevoked:
      return "revoked";
    case Code::kCrlUnusable:
      return "crl-unusable";
    case Code::kCrlStale:
      return "crl-stale";
    case Code::kNoChipId:
      return "no-chip-id";
    case Code::kNotIssued:
      return "not-issued";
  }
  return "unknown";
}

std::optional<CertificateFault::Code> certificate_fault_of(std::string_view name) {
  for (auto code = Code::kMalformed; code <= Code::kNotIssued;
       code = static_cast<Code>(static_cast<std::uint8_t>(code) + 1)) {
    if (name_of(code) == name) return code;
  }
  return std::nullopt;
}

}  // namespace chiploc
