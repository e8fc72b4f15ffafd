#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/device_id.hpp"
#include "proto/crypto/keys.hpp"

struct x509_st;
struct X509_crl_st;

namespace chiploc {

/// Why a certificate was refused, and for people a sentence that names the certificate.
struct CertificateFault {
  enum class Code : std::uint8_t {
    kMalformed,       ///< not a certificate (or CRL), or a certificate and then something else
    kUnsupportedKey,  ///< not Ed25519, P-256 or P-384 of a device; of an authority: authority_key.hpp
    kUntrusted,       ///< no path to a trusted CA, or a critical extension that is not known here
    kBadSignature,    ///< a certificate whose signature is wrong
    kNotYetValid,
    kExpired,
    kWrongPurpose,  ///< key usage or extended key usage does not allow digital signatures; or a CA as device
    kNotACa,        ///< an issuer that may not issue, or a chain longer than two intermediates
    kRevoked,
    kCrlUnusable,  ///< no CRL of an issuer of the chain covers what it issued
    kCrlStale,     ///< a CRL whose next update is over, or that is from the future
    kNoChipId,     ///< the subject's serialNumber is not 32 to 64 hex digits
    kNotIssued,    ///< (issue.hpp) a field that cannot be put into a certificate
  };
  Code code{};
  std::string text;
};
[[nodiscard]] std::string_view name_of(CertificateFault::Code code);
/// The code of that name, as a record has it; nullopt if there is none.
[[nodiscard]] std::optional<CertificateFault::Code> certificate_fault_of(std::string_view name);

/// An X.509 certificate. Cheap to copy (shared, immutable), safe to read from any thread.
class Certificate {
 public:
  /// Exactly one certificate, at most kSizeMax bytes of DER.
  [[nodiscard]] static Result<Certificate, CertificateFault> from_der(Bytes der);
  /// Exactly one PEM block.
  [[nodiscard]] static Result<Certificate, CertificateFault> from_pem(std::string_view pem);
  /// One or more PEM blocks in their order: a device certificate and its intermediates, or a CA bundle.
  [[nodiscard]] static Result<std::vector<Certificate>, CertificateFault> chain_from_pem(
      std::string_view pem);
  static constexpr std::size_t kSizeMax = 16'384;
  static constexpr std::size_t kChainMax = 256;

  [[nodiscard]] Bytes der() const;
  [[nodiscard]] std::string pem() const;
  /// SHA-256 of the DER: what the statement's x5t names.
  [[nodiscard]] const Digest& fingerprint() const;
  /// The subject's serialNumber, if it is an id of 16 to 32 bytes in hex.
  [[nodiscard]] std::optional<DeviceId> device_id() const;
  /// The same as the name on the wire.
  [[nodiscard]] std::optional<ChipId> chip_id() const;
  /// The whole subject, and the issuer's, for people (RFC 2253).
  [[nodiscard]] std::string subject() const;
  [[nodiscard]] std::string issuer() const;
  [[nodiscard]] bool is_authority() const;  ///< its basic constraints make it a CA
  /// Whether it names this one as its issuer and this one's key verifies its signature; nothing else is
  /// asked.
  [[nodiscard]] bool issued_by(const Certificate& issuer) const;
  /// The subject's only CN or OU; empty if there is none, or more than one.
  [[nodiscard]] std::string common_name() const;
  [[nodiscard]] std::string organizational_unit() const;
  /// Every O of the subject, in its order; "?:" stands for one that is empty or no text.
  [[nodiscard]] std::vector<std::string> organizations() const;
  [[nodiscard]] Result<PublicKey, KeyFault> public_key() const;
  /// Its subject alternative names, as far as they are DNS names and IP addresses, in their order.
  [[nodiscard]] std::vector<std::string> hosts() const;
  /// Its serial number in lower-case hex, two digits a byte.
  [[nodiscard]] std::string serial() const;
  [[nodiscard]] WallTime not_before() const;
  [[nodiscard]] WallTime not_after() const;

  /// Borrowed, for the crypto target only. Decodes its key on the first call, some 0.1 to 0.2 ms.
  [[nodiscard]] x509_st* native() const;
  /// The same without that: X509_get0_pubkey() fails, and of one that names itself as its issuer nobody can tell
  /// whether it signed itself. All else is as it is there.
  [[nodiscard]] x509_st* native_without_key() const;

 private:
  struct Parsed;
  explicit Certificate(std::shared_ptr<const Parsed> parsed) : parsed_{std::move(parsed)} {}
  std::shared_ptr<const Parsed> parsed_;
};

/// Certificates in DER, one behind the other, as stores keep a chain.
[[nodiscard]] ByteVector join_der(std::span<const ByteVector> certificates);
/// Undoes that, by the lengths that DER gives; what the parts hold is not looked at. nullopt if they do not
/// fit.
[[nodiscard]] std::optional<std::vector<ByteVector>> split_der(Bytes joined);

/// Why a certificate was revoked; the numbers are those of RFC 5280, 5.3.1.
enum class RevocationReason : std::uint8_t {
  kUnspecified = 0,
  kKeyCompromise = 1,
  kAffiliationChanged = 3,
  kSuperseded = 4,
  kCessationOfOperation = 5,
  kPrivilegeWithdrawn = 9,
};
/// "unspecified", "key-compromise", "affiliation-changed", "superseded", "cessation-of-operation",
/// "privilege-withdrawn".
[[nodiscard]] std::string_view name_of(RevocationReason reason);
[[nodiscard]] std::optional<RevocationReason> revocation_reason_of(std::string_view name);
/// All of them.
[[nodiscard]] std::span<const RevocationReason> revocation_reasons();

/// One certificate on a list.
struct RevokedCertificate {
  std::string serial;  ///< as Certificate::serial()
  WallTime at;
  RevocationReason reason = RevocationReason::kUnspecified;  ///< also one that has no name above
};

/// A certificate revocation list. Cheap to copy (shared, immutable), safe to read from any thread.
///
/// Scope     An issuing distribution point (RFC 5280, 5.2.5) that only says where the list is published
///           limits nothing. One for devices or for authorities alone covers those. With a name in it, it
///           covers the certificates that name one of these places as theirs, and those that name none; RFC
///           5280's 6.3.3 would have it cover the former only, and OpenSSL then takes the list and uses it
///           for nobody.
class RevocationList {
 public:
  [[nodiscard]] static Result<RevocationList, CertificateFault> from_der(Bytes der);
  [[nodiscard]] static Result<RevocationList, CertificateFault> from_pem(std::string_view pem);
  static constexpr std::size_t kSizeMax = 64U << 20U;  ///< a million entries of a large fleet
  [[nodiscard]] ByteVector der() const;
  [[nodiscard]] std::string pem() const;
  /// The issuer's distinguished name, for people (RFC 2253).
  [[nodiscard]] std::string issuer() const;
  [[nodiscard]] WallTime this_update() const;
  /// nullopt: the list promises no successor, so nobody can tell when it is stale.
  [[nodiscard]] std::optional<WallTime> next_update() const;
  /// Whether this CA signed the list and may: its name, its key usage, a signature of today (Ed25519, ECDSA
  /// or RSA, with SHA-2). The key decides, never a key identifier. Hashes the whole list.
  [[nodiscard]] bool signed_by(const Certificate& authority) const;
  /// Whether all of that holds but the key usage: it may not sign lists.
  [[nodiscard]] bool signed_without_right_by(const Certificate& authority) const;
  /// Its CRL number in decimal; empty if it has none.
  [[nodiscard]] std::string number() const;
  /// Why nobody can be cleared by this list, as the end of a sentence; empty for a usable one. A delta, one
  /// for some reasons, of other issuers' certificates or for attribute certificates, one with a critical
  /// extension (its own or an entry's) that is not known here.
  [[nodiscard]] const std::string& unusable() const;
  /// Whether a certificate of the list's issuer is within its scope. Never for an unusable list.
  [[nodiscard]] bool covers(const Certificate& certificate) const;
  /// Whether it names this certificate of its issuer as revoked.
  [[nodiscard]] bool revokes(const Certificate& certificate) const;
  /// What it says of that certificate; nullopt where it does not revoke it.
  [[nodiscard]] std::optional<RevokedCertificate> entry_of(const Certificate& certificate) const;
  /// Certificates on it.
  [[nodiscard]] std::size_t size() const;
  /// Whether both may cover one certificate, if one issuer gave both.
  [[nodiscard]] bool overlaps(const RevocationList& other) const;
  /// Whether everything that `other` revokes, this one revokes too (by serial number).
  [[nodiscard]] bool revokes_all_of(const RevocationList& other) const;
  /// For people: "all", or "devices only, published at URI:http://...".
  [[nodiscard]] std::string scope() const;
  /// Whether this one was issued before another of the same issuer: by CRL number where both have one and
  /// they differ, else by the time of issue.
  [[nodiscard]] bool older_than(const RevocationList& other) const;
  friend bool operator==(const RevocationList& a, const RevocationList& b);
  /// Borrowed, for the crypto target and tests.
  [[nodiscard]] X509_crl_st* native() const;

 private:
  struct Parsed;
  explicit RevocationList(std::shared_ptr<const Parsed> parsed) : parsed_{std::move(parsed)} {}
  std::shared_ptr<const Parsed> parsed_;
};

/// Whether a maker's CA vouches for this device at this time: path validation of RFC 5280, over every path.
///
/// Path      From the device up, every certificate whose name fits is tried *by its key*: two authorities of
///           one name (a key renewed, one key certified twice) are both tried, key identifiers decide
///           nothing. Each path found is checked alone (X509_verify_cert); one that holds is enough. Where
///           none does the fault is that of the path that came furthest; "nobody can say" comes before
///           "revoked" and "over".
/// Takes     At most two intermediates between device and trusted CA. Trusted are exactly the CAs given,
///           which need not be self-signed.
/// Demands   Device: Ed25519, P-256 or P-384; no CA; key usage, if present, has digitalSignature; extended
///           key usage, if present, is not only for servers, code, mail or time stamps; a subject
///           serialNumber that is an id. An intermediate that has an id there as well is a device's own CA
///           and has this id. Authorities: a key that check_authority_key takes, basic constraints that make
///           it a CA.
/// Extensions Critical ones are those that OpenSSL processes and known_critical_extensions(); any other is a
///           fault that names it.
/// Revocation Empty `revoked`: not checked. Otherwise each issuer of the path must have a current CRL there
///           that covers what it issued: a missing one is a fault, so that leaving a CRL out hides nothing.
///           Two exceptions: a device's own CA publishes no list (the one above it revokes it), and a trusted
///           CA that no other trusted and valid CA issued is taken as it is.
/// Time      Comes from outside; no clock is read.
[[nodiscard]] Result<Done, CertificateFault> verify_device(const Certificate& device,
                                                           std::span<const Certificate> intermediates,
                                                           std::span<const Certificate> trusted, WallTime now,
                                                           std::span<const RevocationList> revoked = {});

/// The extensions that may be critical beside those of RFC 5280: they say what firmware runs or which device
/// it is, and nothing about who may sign. Object identifiers; sources in certificate_extensions.cpp.
[[nodiscard]] std::span<const std::string_view> known_critical_extensions();

}  // namespace chiploc
