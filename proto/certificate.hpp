#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/bytes.hpp"
#include "proto/ids.hpp"
#include "proto/keys.hpp"
#include "proto/result.hpp"
#include "proto/time.hpp"

struct x509_st;
struct X509_crl_st;

namespace chiploc {

/// Why a certificate was refused, and for people a sentence that names the certificate.
struct CertificateFault {
  enum class Code : std::uint8_t {
    kMalformed,       ///< not a certificate (or CRL), or a certificate and then something else
    kUnsupportedKey,  ///< a key of the chain is not Ed25519, P-256 or P-384
    kUntrusted,       ///< no path to a trusted CA
    kBadSignature,    ///< a certificate whose signature is wrong
    kNotYetValid,     ///<
    kExpired,         ///<
    kWrongPurpose,  ///< key usage or extended key usage does not allow digital signatures; or a CA as device
    kNotACa,        ///< an issuer that may not issue, or a chain longer than two intermediates
    kRevoked,       ///<
    kCrlUnusable,   ///< no CRL for an issuer of the chain, or one that is badly signed or limited
    kCrlStale,      ///< a CRL whose next update is over, or that is from the future
    kNoChipId,      ///< the subject's serialNumber is not 32 hex digits
    kNotIssued,     ///< (issue.hpp) a field that cannot be put into a certificate
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
  /// The subject's serialNumber, if it is a chip id in hex.
  [[nodiscard]] std::optional<ChipId> chip_id() const;
  /// The subject's only CN or OU; empty if there is none, or more than one.
  [[nodiscard]] std::string common_name() const;
  [[nodiscard]] std::string organizational_unit() const;
  [[nodiscard]] Result<PublicKey, KeyFault> public_key() const;
  [[nodiscard]] WallTime not_before() const;
  [[nodiscard]] WallTime not_after() const;

  /// Borrowed, for the crypto target only.
  [[nodiscard]] x509_st* native() const;

 private:
  struct Parsed;
  explicit Certificate(std::shared_ptr<const Parsed> parsed) : parsed_{std::move(parsed)} {}
  std::shared_ptr<const Parsed> parsed_;
};

/// A certificate revocation list. Cheap to copy (shared, immutable), safe to read from any thread.
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
  /// Whether this CA signed the list and may: its name, its key usage, a signature of today (Ed25519 or ECDSA
  /// with SHA-2). Hashes the whole list.
  [[nodiscard]] bool signed_by(const Certificate& authority) const;
  /// Whether a critical extension narrows what the list says: a delta, or a scope that nobody here knows.
  [[nodiscard]] bool is_partial() const;
  /// Whether this one was issued before another of the same issuer: by CRL number where both have one and
  /// they differ, else by the time of issue.
  [[nodiscard]] bool older_than(const RevocationList& other) const;
  friend bool operator==(const RevocationList& a, const RevocationList& b);

  [[nodiscard]] X509_crl_st* native() const { return crl_.get(); }

 private:
  explicit RevocationList(std::shared_ptr<X509_crl_st> crl) : crl_{std::move(crl)} {}
  std::shared_ptr<X509_crl_st> crl_;
};

/// Whether a maker's CA vouches for this device at this time (RFC 5280 path validation by X509_verify_cert).
///
/// Takes     At most two intermediates between device and trusted CA. Trusted are exactly the CAs given,
///           which need not be self-signed.
/// Demands   Ed25519, P-256 or P-384 keys in the whole chain; a device certificate that is no CA, whose key
///           usage, if present, has digitalSignature, whose extended key usage, if present, is not only for
///           servers, code, mail or time stamps, and whose subject serialNumber is a chip id.
/// Revocation Empty `revoked`: not checked. Otherwise each issuer of the chain must have a current CRL there:
///           a missing one is a fault, so that leaving a CRL out hides nothing. A trusted CA that another
///           issued is taken as it is: the list that could name it is its issuer's, whom nobody trusts here.
/// Time      Comes from outside; no clock is read.
[[nodiscard]] Result<Done, CertificateFault> verify_device(const Certificate& device,
                                                           std::span<const Certificate> intermediates,
                                                           std::span<const Certificate> trusted, WallTime now,
                                                           std::span<const RevocationList> revoked = {});

}  // namespace chiploc
