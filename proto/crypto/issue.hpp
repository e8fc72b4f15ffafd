#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/crypto/certificate.hpp"
#include "proto/crypto/keys.hpp"

namespace chiploc {

/// What a certificate is for; decides key usage and extended key usage.
enum class CertificatePurpose : std::uint8_t {
  kDevice,           ///< digitalSignature
  kServer,           ///< digitalSignature; serverAuth
  kClient,           ///< digitalSignature; clientAuth
  kServerAndClient,  ///< digitalSignature; serverAuth and clientAuth (an anchor, chiplocd)
  kIntermediateCa,   ///< keyCertSign, cRLSign; path length 0
};

struct IssueRequest {
  std::string common_name;          ///< 1 to 64 bytes
  std::string organizational_unit;  ///< may be empty
  std::string serial_number;        ///< subject serialNumber: the chip id in hex; may be empty
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;  ///< IPv4 or IPv6 text
  CertificatePurpose purpose = CertificatePurpose::kDevice;
  WallTime from{};  ///< not before
  int days = 365;
  std::string organization{};  ///< may be empty
  /// Of the certificate; nullopt: random. Simulated worlds give one, so that two runs are one.
  std::optional<ByteArray<16>> certificate_serial{};
};

/// When a revocation list was made and until when it promises to be the newest.
struct ListDates {
  WallTime from{};
  int days = 365;
  /// It only has to grow; nullopt: the time in seconds.
  std::optional<std::uint64_t> number{};
};

/// A certificate authority, its key in memory, a token or a TPM: for TLS, the lab and tests. A maker's real CA
/// lives elsewhere; only its certificate comes here.
class CertificateAuthority {
 public:
  /// A self-signed CA with a key of its own.
  [[nodiscard]] static Result<CertificateAuthority, CertificateFault> create(std::string_view common_name,
                                                                             SignatureAlgorithm algorithm,
                                                                             WallTime from, int days);
  /// The same with a key that is there already; of the request it takes name, time and serial.
  [[nodiscard]] static Result<CertificateAuthority, CertificateFault> create(const IssueRequest& request,
                                                                             std::unique_ptr<Signer> key);
  /// From a CA certificate and its key. Fails with kUntrusted if they do not belong together.
  [[nodiscard]] static Result<CertificateAuthority, CertificateFault> from(Certificate certificate,
                                                                           std::unique_ptr<Signer> key);

  /// Random 128-bit serial number, unless the request has one. Fails with kNotIssued (a name that does not
  /// fit).
  [[nodiscard]] Result<Certificate, CertificateFault> issue(const IssueRequest& request,
                                                            const PublicKey& subject_key) const;
  /// A CRL over these certificates of this CA, valid for `days`.
  [[nodiscard]] Result<RevocationList, CertificateFault> revoke(std::span<const Certificate> certificates,
                                                                WallTime from, int days) const;
  /// The same by serial number, each with its own date and reason.
  [[nodiscard]] Result<RevocationList, CertificateFault> sign_list(
      std::span<const RevokedCertificate> revoked, const ListDates& dates) const;
  [[nodiscard]] const Certificate& certificate() const { return certificate_; }
  [[nodiscard]] const Signer& key() const { return *key_; }

 private:
  CertificateAuthority(Certificate certificate, std::unique_ptr<Signer> key)
      : certificate_{std::move(certificate)}, key_{std::move(key)} {}
  Certificate certificate_;
  std::unique_ptr<Signer> key_;
};

}  // namespace chiploc
